import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../domain/budget.js';
import type { Admission, AdmitRequest, Inspection } from '../domain/rollout.js';
import { beating } from './beat.js';
import { type Keeper, KeeperSilent } from './keeper.js';

/** How often a run that has no room looks again. Hosts take tens of seconds to come back: no need to hurry. */
const LOOK_AGAIN_MS = 2_000;

/** What a look at the hosts found: the inspection of each of the batch, and who of the role is missing. */
export interface Look<Ticket> {
  hosts: Record<string, Inspection<Ticket>>;
  missing: string[];
}

/**
 * Waits for room in the budget: looks at the hosts, asks the keeper, and does both again until it is granted or the deadline
 * has passed. Asking is idempotent by owner, run and batch, so a retry of the activity is safe. A lease whose owner has ended is given back on the way.
 */
export function admit<Ticket>(
  keeper: Keeper,
  request: AdmitRequest,
  look: (signal: AbortSignal) => Promise<Look<Ticket>>,
): Promise<Admission<Ticket>> {
  const { owner, run, batch, role, actor, reason, maxUnavailable, unresolved } = request;
  const nodes = [...new Set([...request.nodes, ...unresolved])];
  const lease: Lease = { owner, run, batch, role, nodes, actor, reason };
  const deadline = Date.now() + request.deadlineMs;
  return beating(async (signal) => {
    for (;;) {
      const { hosts, missing } = await look(signal);
      try {
        const answer = await keeper.acquire({ ...lease, maxUnavailable, missing, unresolved });
        if (answer.granted) return { admitted: true, hosts };
        const ended = await endedOwners(keeper, answer.holders);
        if (ended.length > 0) {
          for (const holder of ended) await keeper.release(holder);
          continue;
        }
        if (Date.now() > deadline) {
          const held = answer.holders.map(
            (holder) => `${holder.owner} (${holder.actor}: ${holder.reason}) holds ${holder.nodes.join(', ')}`,
          );
          const down = answer.missing.length > 0 ? [`down or unreachable: ${answer.missing.join(', ')}`] : [];
          const why = `with this batch ${answer.unavailable} ${role} hosts would be unavailable and at most ${maxUnavailable} may be`;
          return { admitted: false, silent: false, why: [why, ...held, ...down].join('; ') };
        }
      } catch (error) {
        if (error instanceof KeeperSilent) return { admitted: false, silent: true, why: error.message };
        throw error;
      }
      await sleep(LOOK_AGAIN_MS, undefined, { signal });
    }
  });
}

async function endedOwners<H extends Pick<Lease, 'owner' | 'run'>>(
  keeper: Keeper,
  holders: readonly H[],
): Promise<H[]> {
  const runs = await Promise.all(holders.map((holder) => keeper.ownerRuns(holder)));
  return holders.filter((_, index) => !runs[index]);
}
