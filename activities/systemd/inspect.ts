import type { CatalogueEntry } from '../../domain/catalogue.js';
import type { Inspection, RestartTicket } from '../../domain/rollout.js';
import { isUp, type Observation } from './observe.js';

/** What stands in the way of a host, or its ticket. */
export function inspect(entry: CatalogueEntry, seen: Observation, again: boolean): Inspection<RestartTicket> {
  if ('unreachable' in seen) return { state: 'unreachable', note: { why: seen.unreachable, next: seen.next } };
  const { unit, needs } = seen.probe;
  if (!unit) return { state: 'skipped', note: { why: `${entry.id} is not installed any more` } };
  if (unit.load === 'masked') return { state: 'skipped', note: { why: `${unit.unit} is masked` } };
  if (unit.load !== 'loaded') return vetoed(`systemd cannot read ${unit.unit} (${unit.load})`);
  const missing = needs.filter((need) => !isUp(need));
  if (missing.length > 0)
    return vetoed(`${missing.map((need) => `${need.unit} is ${need.active}`).join(', ')}, and ${entry.id} needs it`);
  if (isMoving(seen))
    return vetoed(`${unit.unit} is still ${unit.active} (${unit.sub})${unit.jobQueued ? ', with a job queued' : ''}`);
  const ticket = { fence: unit.fence, failedNeeds: unit.failedNeeds };
  if (isUp(unit)) return { ticket: { verb: 'try-restart', ...ticket } };
  if (again) return { ticket: { verb: 'start', ...ticket } };
  return {
    state: 'skipped',
    note: { why: `${unit.unit} is ${unit.active} already, before its turn; it stays as it is` },
  };
}

/** Kept off a host by what was found there. */
export const vetoed = (why: string) => ({
  state: 'vetoed' as const,
  note: { why, next: 'mend that; `ostler retry` with its name gives it another turn while the run lasts' },
});

/** The unit, or one that it needs, is on its way up or down. */
export function isMoving(seen: Observation): boolean {
  if ('unreachable' in seen || !seen.probe.unit) return false;
  return [seen.probe.unit, ...seen.probe.needs].some((one) => one.jobQueued || /^(de)?activating$/.test(one.active));
}
