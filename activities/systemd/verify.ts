import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogueEntry } from '../../domain/catalogue.js';
import { formatDuration } from '../../domain/duration.js';
import { type Fence, sameFence, type UnitFacts } from '../../domain/intent.js';
import { LOOK_AGAIN, LOOKS_AGAIN } from '../../domain/progress.js';
import type { RestartTicket, Verdicts } from '../../domain/rollout.js';
import { isPassing, nextStep, type RunOnHost, whyNot } from '../hosts.js';
import type { ComputeServices } from '../openstack/compute-services.js';
import { lastLines } from './journal.js';
import { isUp, type Observer } from './observe.js';

/** Between two looks at a host that is not settled; a soak that ends sooner is looked at when it ends. */
const LOOK_AGAIN_MS = 2_000;

/** Timers may fire a millisecond early: enough to be past the end of a soak and not just before it. */
const PAST_SOAK_MS = 5;

export interface VerifyDeps {
  run: RunOnHost;
  observer: Observer;
  /** Only where the site has OpenStack credentials. */
  computeServices?: ComputeServices;
}

export type Verdict = Verdicts[string];

/**
 * Proves that a restarted unit is well: active under a new fence that stayed the same for the whole soak, with nothing failed that
 * it needs and had not failed before; then, where OpenStack can be asked, that its service reports anew. A change of the fence
 * starts the soak anew.
 *
 * The soak is what lies between two looks, by our own clock: a host that was ever suspended takes every unit to have been active
 * for longer than it was. Its clock is believed at the deadline only, when it may have been out of reach until then.
 * @returns undefined when it is well
 */
export async function verifyRestarted(
  { run, observer, computeServices }: VerifyDeps,
  entry: CatalogueEntry,
  { node, ticket, byUs }: { node: string; ticket: RestartTicket; byUs: boolean },
  { soakMs, deadlineMs, signal }: { soakMs: number; deadlineMs: number; signal: AbortSignal },
): Promise<Verdict | undefined> {
  const deadline = Date.now() + deadlineMs;
  const stayWith = observer.namesOn(node, entry)?.unit;
  let steady: { fence: Fence; since: number } | undefined;
  for (;;) {
    let waitMs = LOOK_AGAIN_MS;
    try {
      const askedAt = performance.now();
      const { unit } = await observer.probe(node, entry, { stayWith, signal });
      const bad = unit ? complaint(unit, ticket) : `${entry.id} is not installed any more`;
      if (bad && unit?.active === 'inactive' && !byUs)
        return { state: 'skipped', note: { why: 'another hand restarted and then stopped it; it stays stopped' } };
      if (bad)
        return { state: 'failed', note: { why: bad, journal: await lastLines(run, node, unit?.unit ?? entry.id) } };
      const late = Date.now() > deadline;
      if (unit && isUp(unit)) {
        if (!steady || !sameFence(steady.fence, unit.fence)) steady = { fence: unit.fence, since: performance.now() };
        const soakedMs = late ? unit.activeForMs : Math.max(0, askedAt - steady.since);
        if (soakedMs >= soakMs && !unit.jobQueued) break;
        if (soakedMs < soakMs) waitMs = Math.min(LOOK_AGAIN_MS, soakMs - soakedMs) + PAST_SOAK_MS;
      } else {
        steady = undefined;
      }
      if (late) {
        const why = `not proven well within ${formatDuration(deadlineMs)}: ${unit?.unit} is ${unit?.active} (${unit?.sub}) for ${formatDuration(unit?.activeForMs ?? 0)}${unit?.restarts ? `, restarted ${unit.restarts} times by systemd` : ''}`;
        return { state: 'failed', note: { why, journal: await lastLines(run, node, unit?.unit ?? entry.id) } };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      if (!isPassing(error) || Date.now() > deadline) {
        return { state: 'unknown', note: { why: unproven(whyNot(error)), next: nextStep(error, LOOKS_AGAIN) } };
      }
    }
    await sleep(waitMs, undefined, { signal });
  }
  if (!computeServices || !entry.computeService) return undefined;
  const seen = await computeServices.reportsAnew(node, entry.computeService, { deadline, signal });
  // Only a known outcome may lead to another restart (design, rule 2), and what Nova does not tell is none.
  return seen?.state === 'unknown'
    ? { state: 'unknown', note: { why: unproven(seen.why), next: LOOK_AGAIN } }
    : seen && { state: 'failed', note: { why: seen.why } };
}

const unproven = (why: string): string => `restarted, but not proven well: ${why}`;

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
