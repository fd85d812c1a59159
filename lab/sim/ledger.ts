/** Who made a unit start: a transient unit (Ostler's intent), a person with systemctl, the boot, or Restart=. */
export type Cause = 'intent' | 'hand' | 'boot' | 'systemd';

/** One start of a unit's main process, successful or not. Times are milliseconds since the epoch. */
export interface Start {
  unit: string;
  at: number;
  boot: boolean;
  by: Cause;
}

/** One end of a unit's main process; `crash` when it died by itself, `power` when the host lost it. */
export interface Stop {
  unit: string;
  at: number;
  by: Cause | 'crash' | 'power';
}

/** A time during which a unit did not serve: from leaving `active` until being `active` again. */
export interface Outage {
  unit: string;
  from: number;
  until?: number;
}

/** One command line that PID 1 ran as a transient unit, under the name of an intent. */
export interface Ran {
  unit: string;
  at: number;
  command: string;
}

/** What really happened on one host, written by its PID 1 and kept across boots: the truth a test compares with. */
export class Ledger {
  readonly starts: Start[] = [];
  readonly stops: Stop[] = [];
  readonly outages: Outage[] = [];
  readonly ran: Ran[] = [];

  /** Notes that a main process was started. */
  started(unit: string, by: Cause): void {
    this.starts.push({ unit, at: Date.now(), boot: by === 'boot', by });
  }

  /** Notes that a main process ended, or began to be stopped, while its unit was not down already. */
  stopped(unit: string, by: Stop['by']): void {
    this.stops.push({ unit, at: Date.now(), by });
    this.down(unit);
  }

  /** Notes that a unit does not serve; a unit that is down already stays down since then. */
  down(unit: string): void {
    if (!this.openOutage(unit)) this.outages.push({ unit, from: Date.now() });
  }

  /** Notes that a unit serves again. */
  up(unit: string): void {
    const outage = this.openOutage(unit);
    if (outage) outage.until = Date.now();
  }

  private openOutage(unit: string): Outage | undefined {
    return this.outages.find((outage) => outage.unit === unit && outage.until === undefined);
  }
}

/**
 * The largest number of outages that were open at one moment. An outage that ends in the same millisecond in which
 * another begins does not overlap it: the clock cannot tell them apart, and PID 1 on one host knows nothing of the other.
 */
export function mostAtOnce(outages: readonly Outage[]): number {
  const changes = outages.flatMap(({ from, until }) => [
    { at: from, by: 1 },
    ...(until === undefined ? [] : [{ at: until, by: -1 }]),
  ]);
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let open = 0;
  let most = 0;
  for (const { by } of changes) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}
