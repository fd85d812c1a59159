import type { Ledger } from '../ledger.js';
import { pause } from '../pause.js';
import type { Journal } from './journal.js';
import type { Job, JobResult, Unit, UnitFile } from './unit.js';

/** systemd's DefaultStartLimitBurst and DefaultStartLimitIntervalSec (systemd-system.conf(5)). */
export const START_LIMIT = { burst: 5, intervalMs: 10_000 };
/** systemd's DefaultRestartSec, the wait before an automatic restart. */
const AUTO_RESTART_MS = 100;
/** A stop takes this part of a restart's time, the start the rest. */
const STOP_PART = 1 / 3;

/** How a unit of this host behaves when it is started; faults are injected here. */
export interface Behaviour {
  /** How long stopping and starting take together, in milliseconds. */
  restartMs: number;
  /** How many of the next starts fail. */
  failingStarts: number;
  /** How long each of the next starts lives, in milliseconds; one entry is used up by each start. */
  lifetimesMs: number[];
}

/** Where a manager lives: what the host keeps across boots, and the signal of this boot's end. */
export interface Machine {
  files: ReadonlyMap<string, UnitFile>;
  journal: Journal;
  ledger: Ledger;
  behaviour: (unit: string) => Behaviour;
  /** Microseconds since this boot. */
  nowUs: () => number;
  powerLost: AbortSignal;
}

/** The life of services' main processes: how they start, stop and die, and what PID 1 writes down about it. */
export class Services {
  private readonly machine: Machine;
  private readonly requestStart: (unit: Unit) => void;
  private nextPid = 300 + Math.floor(Math.random() * 30_000);

  /** @param requestStart queues the start job of an automatic restart */
  constructor(machine: Machine, requestStart: (unit: Unit) => void) {
    this.machine = machine;
    this.requestStart = requestStart;
  }

  /** Gives the unit a new main process, which began at `atUs`. */
  spawn(unit: Unit, atUs: number): void {
    unit.spawn(this.nextPid++, atUs);
  }

  /** Stops the unit's main process, as far as it runs. */
  async stop(unit: Unit, job: Job): Promise<JobResult> {
    const { journal, ledger, behaviour } = this.machine;
    if (unit.mainPid === 0) {
      if (unit.activeState === 'activating') unit.enter('inactive', 'dead');
      return 'done';
    }
    if (unit.activeState !== 'deactivating') {
      ledger.stopped(unit.name, job.by);
      journal.log(unit.name, `Stopping ${unit.name} - ${unit.description}...`);
      unit.enter('deactivating', 'stop-sigterm');
    }
    if (!(await this.passes(behaviour(unit.name).restartMs * STOP_PART, job))) return 'canceled';
    unit.exited(15, true);
    unit.enter('inactive', 'dead');
    journal.log(unit.name, `${unit.name}: Deactivated successfully.`);
    journal.log(unit.name, `Stopped ${unit.name} - ${unit.description}.`);
    return 'done';
  }

  /** Starts the unit's main process, within the start limit; a job interrupted on the way has to look why. */
  async start(unit: Unit, job: Job): Promise<JobResult> {
    const { journal, ledger, nowUs } = this.machine;
    const behaviour = this.machine.behaviour(unit.name);
    const now = Date.now();
    unit.recentStarts = unit.recentStarts.filter((at) => now - at < START_LIMIT.intervalMs);
    if (unit.recentStarts.length >= START_LIMIT.burst) {
      unit.result = 'start-limit-hit';
      unit.enter('failed', 'failed');
      ledger.down(unit.name);
      journal.log(unit.name, `${unit.name}: Start request repeated too quickly.`);
      journal.log(unit.name, `${unit.name}: Failed with result 'start-limit-hit'.`);
      journal.log(unit.name, `Failed to start ${unit.name} - ${unit.description}.`);
      return 'failed';
    }
    unit.recentStarts.push(now);
    this.spawn(unit, nowUs());
    unit.enter('activating', 'start');
    ledger.started(unit.name, job.by);
    ledger.down(unit.name);
    journal.log(unit.name, `Starting ${unit.name} - ${unit.description}...`);
    if (!(await this.passes(behaviour.restartMs * (1 - STOP_PART), job))) return 'done';
    if (behaviour.failingStarts > 0) {
      behaviour.failingStarts--;
      ledger.stopped(unit.name, 'crash');
      this.markFailed(
        unit,
        'CRITICAL nova Unhandled error: ConfigFileValueError: Value for option compute_driver is not valid',
      );
      journal.log(unit.name, `Failed to start ${unit.name} - ${unit.description}.`);
      return 'failed';
    }
    unit.enter('active', 'running');
    unit.activeEnterUs = nowUs();
    ledger.up(unit.name);
    journal.log(unit.name, `Started ${unit.name} - ${unit.description}.`);
    void this.expire(unit, behaviour.lifetimesMs.shift());
    return 'done';
  }

  /** The unit's main process dies by itself with exit status 1. */
  crash(unit: Unit): void {
    if (unit.activeState !== 'active' || unit.job) return;
    this.machine.ledger.stopped(unit.name, 'crash');
    this.markFailed(unit, 'CRITICAL nova Unhandled error: RuntimeError: simulated crash');
    void this.autoRestart(unit);
  }

  /** The unit's main process ends by itself with exit status 0: nothing failed, and nobody stopped it. */
  finish(unit: Unit): void {
    if (unit.activeState !== 'active' || unit.job) return;
    this.machine.ledger.stopped(unit.name, 'crash');
    unit.exited(0);
    unit.enter('inactive', 'dead');
    this.machine.journal.log(unit.name, `${unit.name}: Deactivated successfully.`);
  }

  /** True when the time passed; false when the power went, or the job was cancelled or has to begin anew. */
  private passes(ms: number, job: Job): Promise<boolean> {
    return pause(ms, job.interrupt.signal, this.machine.powerLost);
  }

  private async expire(unit: Unit, lifetimeMs: number | undefined): Promise<void> {
    if (lifetimeMs === undefined) return;
    const { invocationId } = unit;
    const lived = await pause(lifetimeMs, this.machine.powerLost);
    if (lived && unit.invocationId === invocationId) this.crash(unit);
  }

  private markFailed(unit: Unit, lastWords: string): void {
    const identifier = unit.name.replace(/\.service$/, '');
    this.machine.journal.log(unit.name, lastWords, identifier, unit.mainPid);
    unit.exited(1);
    unit.result = 'exit-code';
    unit.enter('failed', 'failed');
    this.logFailure(unit);
  }

  /** Writes what PID 1 says when a main process ended with an error. */
  logFailure(unit: Unit): void {
    const status = `${unit.execMainStatus}${unit.execMainStatus === 1 ? '/FAILURE' : '/n/a'}`;
    this.machine.journal.log(unit.name, `${unit.name}: Main process exited, code=exited, status=${status}`);
    this.machine.journal.log(unit.name, `${unit.name}: Failed with result '${unit.result}'.`);
  }

  /** Restart=on-failure, where the unit file says so. */
  async autoRestart(unit: Unit): Promise<void> {
    if (!this.machine.files.get(unit.name)?.restartOnFailure || unit.result === 'start-limit-hit') return;
    unit.enter('activating', 'auto-restart');
    if (!(await pause(AUTO_RESTART_MS, this.machine.powerLost))) return;
    if (unit.job || unit.subState !== 'auto-restart') return;
    unit.restarts++;
    this.machine.journal.log(unit.name, `${unit.name}: Scheduled restart job, restart counter is at ${unit.restarts}.`);
    this.requestStart(unit);
  }
}
