import type { Change } from './ledger.js';

/** What several changes come to, by finding: one that came and went again is none. Oldest first, as the changes are. */
export function netChanges(changes: readonly Change[]): Change[] {
  const net = new Map<string, Change>();
  for (const change of changes) {
    const before = net.get(change.key);
    net.delete(change.key);
    const from = before?.from ?? change.from;
    if (from !== change.to) net.set(change.key, { ...change, from });
  }
  return [...net.values()];
}
