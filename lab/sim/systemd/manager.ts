import type { Cause, Stop } from '../ledger.js';
import { type Machine, Services, START_LIMIT } from './services.js';
import { type Job, type JobResult, type JobType, Unit } from './unit.js';

const DONE = Promise.resolve<JobResult>('done');

/** A request that PID 1 refuses outright; `systemctl` adds which verb failed. */
export class Refused extends Error {
  readonly reason: 'not-found' | 'not-loaded' | 'masked' | 'exists';
  constructor(reason: Refused['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * PID 1 of one host for one boot: units, jobs, transient units. Jobs of one unit merge, begin anew or cancel each other
 * as systemd 252 does it (each rule was tried on a real one).
 */
export class Manager {
  private readonly units = new Map<string, Unit>();
  private readonly machine: Machine;
  private readonly services: Services;
  private nextJob = 1;

  constructor(machine: Machine) {
    this.machine = machine;
    this.services = new Services(machine, (unit) => void this.enqueue(unit, 'start', 'systemd'));
  }

  /** The unit's state in this boot, if systemd has it loaded. */
  unit(name: string): Unit | undefined {
    const known = this.units.get(name);
    if (known) return known;
    const file = this.machine.files.get(name);
    if (!file) return undefined;
    const unit = new Unit(name, file.description, this.machine.nowUs);
    this.units.set(name, unit);
    return unit;
  }

  /** Every unit systemd has in memory, transient ones included. */
  loaded(): Unit[] {
    return [...this.units.values()];
  }

  /** A unit that has been running since long before anybody looked: no start of it is counted. */
  assumeRunning(name: string, sinceUs: number): void {
    const unit = this.demand(name, 'not-found');
    this.services.spawn(unit, sinceUs);
    unit.enter('active', 'running');
    unit.activeEnterUs = sinceUs;
  }

  /** Takes a unit out of systemd's memory, as after its package was removed. */
  forget(name: string): void {
    this.units.delete(name);
  }

  /**
   * Queues a job and resolves with its result. `try-restart` of a unit that does not run, or is masked, does nothing.
   * @throws {@link Refused} for a unit that does not exist, or is masked and to be started
   */
  request(verb: JobType | 'try-restart', name: string, by: Cause): Promise<JobResult> {
    const unit = this.demand(name, verb === 'stop' ? 'not-loaded' : 'not-found');
    const masked = this.machine.files.get(name)?.masked ?? false;
    if (verb === 'try-restart') return masked || !unit.isUp ? DONE : this.enqueue(unit, 'restart', by);
    if (masked && verb !== 'stop') throw new Refused('masked', `Unit ${name} is masked.`);
    if (!unit.job && verb === 'start' && unit.activeState === 'active') return DONE;
    if (!unit.job && verb === 'stop' && !unit.isUp) return DONE;
    return this.enqueue(unit, verb, by);
  }

  /** Forgets a failure and the start limit. */
  resetFailed(name: string): void {
    const unit = this.demand(name, 'not-loaded');
    unit.recentStarts = [];
    unit.result = 'success';
    if (unit.activeState === 'failed') unit.enter('inactive', 'dead');
  }

  /** Uses the start limit up, as if the unit had been started too often just now. */
  exhaustStartLimit(name: string): void {
    this.demand(name, 'not-found').recentStarts = Array.from({ length: START_LIMIT.burst }, () => Date.now());
  }

  /** The unit's main process dies by itself with exit status 1. */
  crash(name: string): void {
    this.services.crash(this.demand(name, 'not-found'));
  }

  /** The unit's main process ends by itself with exit status 0, and the unit with it. */
  finish(name: string): void {
    this.services.finish(this.demand(name, 'not-found'));
  }

  /**
   * Links or unlinks a unit for the next boots; what is linked already stays so.
   * @throws {@link Refused} for a unit that does not exist, or is masked
   */
  setEnabled(name: string, enabled: boolean): void {
    const file = this.machine.files.get(name);
    if (!file) throw new Refused('not-found', `Unit file ${name} does not exist.`);
    if (file.masked) throw new Refused('masked', `Unit file ${name} is masked.`);
    file.enabled = enabled;
  }

  /**
   * Starts a transient unit with RemainAfterExit=yes, unless the name is in use, and returns at once.
   * @param run executes the command and resolves with its exit status and what it printed
   * @throws {@link Refused} (`exists`) for a name that is loaded, whatever became of it
   */
  startTransient(
    name: string,
    argv: readonly string[],
    remain: boolean,
    run: () => Promise<{ status: number; output: string }>,
  ): void {
    if (this.unit(name)) throw new Refused('exists', name);
    const unit = new Unit(name, argv.join(' '), this.machine.nowUs, true);
    this.units.set(name, unit);
    this.services.spawn(unit, this.machine.nowUs());
    unit.enter('active', 'running');
    unit.activeEnterUs = unit.execMainStartUs;
    this.machine.journal.log(name, `Started ${name} - ${unit.description}.`);
    this.machine.ledger.ran.push({ unit: name, at: Date.now(), command: unit.description });
    void run().then(({ status, output }) => this.transientEnded(unit, argv, remain, status, output));
  }

  private transientEnded(unit: Unit, argv: readonly string[], remain: boolean, status: number, output: string): void {
    if (this.machine.powerLost.aborted) return;
    const identifier = (argv[0] ?? '').split('/').at(-1) ?? '';
    for (const line of output.split('\n').filter(Boolean)) {
      this.machine.journal.log(unit.name, line, identifier, unit.execMainPid);
    }
    unit.exited(status);
    if (status === 0) {
      unit.enter('active', 'exited');
      if (!remain) this.units.delete(unit.name);
      return;
    }
    unit.result = 'exit-code';
    unit.enter('failed', 'failed');
    this.services.logFailure(unit);
  }

  private demand(name: string, otherwise: 'not-found' | 'not-loaded'): Unit {
    const unit = this.unit(name);
    if (!unit) throw new Refused(otherwise, `Unit ${name} ${otherwise === 'not-found' ? 'not found' : 'not loaded'}.`);
    return unit;
  }

  /** Installs a job beside the unit's present one: merged into it, begun anew, or in its place. */
  private enqueue(unit: Unit, type: JobType, by: Cause): Promise<JobResult> {
    const installed = unit.job;
    if (installed) {
      if (installed.type === type || (installed.type === 'restart' && type === 'start')) return installed.done;
      if (installed.type === 'start' && type === 'restart') {
        installed.type = 'restart';
        installed.interrupt.abort();
        return installed.done;
      }
      installed.canceled = true;
      installed.settle('canceled');
      installed.interrupt.abort();
    }
    const { promise, resolve } = deferred<JobResult>();
    const job: Job = {
      id: this.nextJob++,
      type,
      by,
      done: promise,
      settle: resolve,
      interrupt: new AbortController(),
      canceled: false,
    };
    unit.job = job;
    void this.run(unit, job);
    return promise;
  }

  private async run(unit: Unit, job: Job): Promise<void> {
    let result: JobResult = 'done';
    do {
      job.interrupt = new AbortController();
      if (job.type !== 'start') result = await this.services.stop(unit, job);
      if (result === 'done' && job.type === 'restart') job.type = 'start';
      if (result === 'done' && job.type === 'start') result = await this.services.start(unit, job);
      if (this.machine.powerLost.aborted || job.canceled) return;
      // Only a restart merged into a running start turns the type back.
    } while ((job.type as JobType) === 'restart');
    unit.job = undefined;
    job.settle(result);
    if (result === 'failed') void this.services.autoRestart(unit);
  }

  /** Every unit that serves loses its process with the power: noted by the host, which knows when. */
  lostToPower(): { unit: string; by: Stop['by'] }[] {
    return [...this.units.values()]
      .filter((unit) => !unit.transient && unit.mainPid !== 0)
      .map(({ name }) => ({ unit: name, by: 'power' as const }));
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
