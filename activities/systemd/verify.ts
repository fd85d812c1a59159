import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogueEntry } from '../../domain/catalogue.js';
import { formatDuration } from '../../domain/duration.js';
import { sameFence, type UnitFacts } from '../../domain/intent.js';
import type { RestartTicket, Verdicts } from '../../domain/rollout.js';
import { isPassing, type RunOnHost, whyNot } from '../hosts.js';
import type { ComputeServices } from '../openstack/compute-services.js';
import { lastLines } from './journal.js';
import { isUp, type Observer } from './observe.js';

/** Between two looks at a host that is not settled; a soak that ends sooner is looked at when it ends. */
const LOOK_AGAIN_MS = 2_000;

/** /proc/uptime counts hundredths of a second: enough to be past the end of a soak and not just before it. */
const PAST_SOAK_MS = 20;

export interface VerifyDeps {
  run: RunOnHost;
  observer: Observer;
  /** Only where the site has OpenStack credentials. */
  computeServices?: ComputeServices;
}

export type Verdict = Verdicts[string];

/**
 * Proves that a restarted unit is well: active under a new fence that stayed the same for the whole soak, by the host's own
 * clock, with nothing failed that it needs and had not failed before; then, where OpenStack can be asked, that its service reports
 * anew. A change of the fence starts the soak anew.
 * @returns undefined when it is well
 */
export async function verifyRestarted(
  { run, observer, computeServices }: VerifyDeps,
  entry: CatalogueEntry,
  { node, ticket, byUs }: { node: string; ticket: RestartTicket; byUs: boolean },
  { soakMs, deadlineMs, signal }: { soakMs: number; deadlineMs: number; signal: AbortSignal },
): Promise<Verdict | undefined> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    let waitMs = LOOK_AGAIN_MS;
    try {
      const { unit } = await observer.probe(node, entry, { signal });
      const bad = unit ? complaint(unit, ticket) : `${entry.id} is not installed any more`;
      if (bad && unit?.active === 'inactive' && !byUs)
        return { state: 'skipped', note: { why: 'another hand restarted and then stopped it; it stays stopped' } };
      if (bad)
        return { state: 'failed', note: { why: bad, journal: await lastLines(run, node, unit?.unit ?? entry.id) } };
      if (unit && isUp(unit) && !unit.jobQueued && unit.activeForMs >= soakMs) break;
      if (unit && isUp(unit)) waitMs = Math.min(LOOK_AGAIN_MS, Math.max(0, soakMs - unit.activeForMs) + PAST_SOAK_MS);
      if (Date.now() > deadline) {
        const why = `not proven well within ${formatDuration(deadlineMs)}: ${unit?.unit} is ${unit?.active} (${unit?.sub}) for ${formatDuration(unit?.activeForMs ?? 0)}${unit?.restarts ? `, restarted ${unit.restarts} times by systemd` : ''}`;
        return { state: 'failed', note: { why, journal: await lastLines(run, node, unit?.unit ?? entry.id) } };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      if (!isPassing(error) || Date.now() > deadline) {
        return {
          state: 'unknown',
          note: {
            why: `restarted, but not proven well: ${whyNot(error)}`,
            next: 'when the host is back, `ostler retry` looks again and sends nothing twice',
          },
        };
      }
    }
    await sleep(waitMs, undefined, { signal });
  }
  if (!computeServices || !entry.computeService) return undefined;
  const why = await computeServices.reportsAnew(node, entry.computeService, { deadline, signal });
  return why === undefined ? undefined : { state: 'failed', note: { why } };
}

/** What is wrong with a unit that should be coming up, as far as no waiting can mend it. */
function complaint(unit: UnitFacts, ticket: RestartTicket): string | undefined {
  const newlyFailed = unit.failedNeeds.filter((need) => !ticket.failedNeeds.includes(need));
  if (newlyFailed.length > 0) return `${newlyFailed.join(', ')}, which it needs, failed with the restart`;
  if (unit.active === 'failed') return `${unit.unit} failed after its restart (${unit.result})`;
  if (unit.active === 'inactive' && !unit.jobQueued)
    return `${unit.unit} is inactive after its restart (${unit.result})`;
  if (isUp(unit) && sameFence(unit.fence, ticket.fence)) return `${unit.unit} is active, but was never restarted`;
  return undefined;
}
