import { randomBytes } from 'node:crypto';
import type { Cause } from '../ledger.js';

/** What is written down about a unit on the host's disk: it survives boots. */
export interface UnitFile {
  name: string;
  description: string;
  enabled: boolean;
  masked: boolean;
  requires: readonly string[];
  bindsTo: readonly string[];
  /** Restart=on-failure instead of Restart=no. */
  restartOnFailure: boolean;
}

export type ActiveState = 'active' | 'inactive' | 'failed' | 'activating' | 'deactivating';
export type JobType = 'start' | 'stop' | 'restart';
export type JobResult = 'done' | 'failed' | 'canceled';

/** A queued job of a unit, as PID 1 holds it. */
export interface Job {
  id: number;
  type: JobType;
  by: Cause;
  /** Resolves when the job is over; never after the power is lost. */
  done: Promise<JobResult>;
  settle: (result: JobResult) => void;
  /** Aborted when the job is cancelled, or must begin anew because a restart was merged into it. */
  interrupt: AbortController;
  canceled: boolean;
}

/** A loaded unit's state within one boot. Times are microseconds since the boot; 0 means never. */
export class Unit {
  readonly name: string;
  readonly description: string;
  readonly transient: boolean;
  activeState: ActiveState = 'inactive';
  subState = 'dead';
  result = 'success';
  mainPid = 0;
  execMainPid = 0;
  /** 0 while running or never run, 1 exited, 2 killed (CLD_EXITED, CLD_KILLED of sigaction(2)). */
  execMainCode = 0;
  execMainStatus = 0;
  execMainStartUs = 0;
  execMainExitUs = 0;
  activeEnterUs = 0;
  /** When it last left `active`. */
  activeExitUs = 0;
  invocationId = '';
  restarts = 0;
  job: Job | undefined;
  /** When its last starts were tried, in milliseconds, for the start limit. */
  recentStarts: number[] = [];

  private readonly nowUs: () => number;

  constructor(name: string, description: string, nowUs: () => number, transient = false) {
    this.name = name;
    this.description = description;
    this.nowUs = nowUs;
    this.transient = transient;
  }

  /** A new main process: the fence of the unit changes. */
  spawn(pid: number, nowUs: number): void {
    this.mainPid = pid;
    this.execMainPid = pid;
    this.execMainCode = 0;
    this.execMainStatus = 0;
    this.execMainStartUs = nowUs;
    this.execMainExitUs = 0;
    this.invocationId = randomBytes(16).toString('hex');
    this.result = 'success';
  }

  enter(activeState: ActiveState, subState: string): void {
    if (this.activeState === 'active' && activeState !== 'active') this.activeExitUs = this.nowUs();
    this.activeState = activeState;
    this.subState = subState;
  }

  /** The main process ended: exited with a status, or was killed by a signal. */
  exited(status: number, killed = false): void {
    this.mainPid = 0;
    this.execMainExitUs = this.nowUs();
    this.execMainCode = killed ? 2 : 1;
    this.execMainStatus = status;
  }

  /** Whether the unit's main process runs or is about to. */
  get isUp(): boolean {
    return this.activeState === 'active' || this.activeState === 'activating';
  }
}

/** `systemctl` takes `nova-compute` for `nova-compute.service`. */
export function mangle(name: string): string {
  return /\.(?:service|target|socket|slice|timer|mount|path|scope|device|swap)$/.test(name) ? name : `${name}.service`;
}
