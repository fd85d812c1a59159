import { cephNames } from '../../domain/ceph-commands.js';
import { nooutOwed } from '../../domain/ceph-daemons.js';
import { formatDuration } from '../../domain/duration.js';
import type { TurnSite } from '../turns.js';
import { readOsdMap } from './ask.js';

/** Several controllers are asked one after the other, and who asks what is left waits for it. */
const LIMIT_MS = 90_000;

/**
 * The noout that is set now, one line for each host, or for all of Ceph, as a run that set it would have noted it; or why Ceph does not say. None where
 * the cloud has no hosts of OSDs. Changes nothing.
 */
export async function nooutLeft(
  { inventory, run }: Pick<TurnSite, 'inventory' | 'run'>,
  signal: AbortSignal,
): Promise<{ found: string[] } | { why: string }> {
  const { nodes } = inventory;
  if (!nodes.some(({ roles }) => roles.includes('ceph-osd'))) return { found: [] };
  const limit = AbortSignal.timeout(LIMIT_MS);
  const seen = await readOsdMap({ inventory, run }, AbortSignal.any([signal, limit])).catch((error: unknown) => {
    if (signal.aborted || !limit.aborted) throw error;
    return { asked: undefined, why: `Ceph did not say within ${formatDuration(LIMIT_MS)}` };
  });
  if (seen.asked === undefined) return { why: seen.why };
  const found = seen.map.flags.flatMap(({ name, on }) => {
    if (name !== 'noout') return [];
    if (on === undefined) return [nooutOwed('', { kind: 'cluster' })];
    // A flag of one OSD, or of a class of disks, is none that a run would set.
    const node = nodes.find((one) => cephNames(one).includes(on));
    return node ? [nooutOwed(node.name, { kind: 'host', host: on })] : [];
  });
  return { found };
}
