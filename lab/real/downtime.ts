import type { UnitEvent } from './journal.js';

/** A stretch during which a unit was down on one host; microseconds since the epoch, the end is not part of it. */
export interface Downtime {
  fromUs: number;
  toUs: number;
}

/**
 * When the unit was down on one host: from the moment PID 1 began to stop it, it ended by itself or the power was cut,
 * until it was started again. A unit still down at the end of `events` is down for ever.
 */
export function downtimes(events: readonly UnitEvent[], powerCutsUs: readonly number[]): Downtime[] {
  const turns = [
    ...events.filter((e) => e.kind === 'started').map((e) => ({ atUs: e.atRealtimeUs, up: true })),
    ...events
      .filter((e) => e.kind === 'stopping' || e.kind === 'ended' || e.kind === 'start-failed')
      .map((e) => ({ atUs: e.atRealtimeUs, up: false })),
    ...powerCutsUs.map((atUs) => ({ atUs, up: false })),
  ].sort((a, b) => a.atUs - b.atUs);
  const found: Downtime[] = [];
  let downSince: number | undefined;
  for (const { atUs, up } of turns) {
    if (!up) downSince ??= atUs;
    else if (downSince !== undefined) {
      found.push({ fromUs: downSince, toUs: atUs });
      downSince = undefined;
    }
  }
  if (downSince !== undefined) found.push({ fromUs: downSince, toUs: Number.POSITIVE_INFINITY });
  return found;
}

/** The largest number of hosts that were down at one moment at or after `sinceUs`; `perHost` has one list per host. */
export function mostOverlapping(perHost: readonly (readonly Downtime[])[], sinceUs: number): number {
  const edges = perHost
    .flat()
    .filter(({ toUs }) => toUs > sinceUs)
    .flatMap(({ fromUs, toUs }) => [
      { atUs: Math.max(fromUs, sinceUs), change: 1 },
      { atUs: toUs, change: -1 },
    ])
    .sort((a, b) => a.atUs - b.atUs || a.change - b.change);
  let now = 0;
  let most = 0;
  for (const { change } of edges) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
