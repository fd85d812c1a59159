import { setTimeout as sleep } from 'node:timers/promises';
import type { Refusal } from '../domain/refusal.js';

/** What may pass by itself when a host's turn has come is given this long. */
export const SETTLE_MS = 120_000;

const LOOK_AGAIN_MS = 2_000;

/** Looks again while all that speaks against the deed may pass by itself. */
export async function settled<Look extends { refusals: readonly Refusal[] }>(
  look: () => Promise<Look>,
  { patienceMs, signal }: { patienceMs: number; signal: AbortSignal },
): Promise<Look> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const seen = await look();
    const { refusals } = seen;
    if (refusals.length === 0 || !refusals.every(({ passes }) => passes) || Date.now() > deadline) return seen;
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}
