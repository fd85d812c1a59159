import { randomBytes, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { ExecResult } from 'just-bash';
import type { Role } from '../../domain/inventory.js';
import type { SimCluster } from './cluster/cluster.js';
import { osRelease, unitFile } from './disk.js';
import { type KeyPair, newKey } from './keys.js';
import { type Cause, Ledger } from './ledger.js';
import { type HostPlan, type HostSettings, unitsOf } from './options.js';
import { isInstalled, runArgv, runScript } from './shell.js';
import { SshFront } from './ssh-front.js';
import { Journal } from './systemd/journal.js';
import { Manager } from './systemd/manager.js';
import type { Behaviour } from './systemd/services.js';
import type { UnitFile } from './systemd/unit.js';
import { mangle } from './systemd/unit.js';

/** How long a host of a new fleet has been up: long enough that its units are old. */
const FIRST_UPTIME_MS = 40 * 24 * 3600 * 1000;
/** When after the boot its units had been started, in microseconds. */
const FIRST_START_US = 31_000_000;

/** What is wrong with a host's sshd and sudo at the moment. */
export interface Faults {
  execStallMs: number;
  sudoStallMs: number;
  sudoRefused: boolean;
  /** How the next exec request whose command holds `containing` loses its answer. */
  dropReply?: { closes: 'connection' | 'channel'; containing: string } | undefined;
}

interface Boot {
  id: string;
  at: number;
  manager: Manager;
  power: AbortController;
}

/**
 * One simulated machine: its disk (unit files, journal), its present boot (boot id, PID 1) and its sshd. The methods
 * below `controls` do to it what life does to machines; those that take a unit mean the host's nova-compute (or its
 * first unit) when none is named. Units may be named by catalogue id or by unit name.
 */
export class SimHost {
  readonly name: string;
  readonly role: Role;
  readonly failureDomain: string;
  readonly settings: HostSettings;
  readonly ledger = new Ledger();
  readonly journal = new Journal();
  readonly files = new Map<string, UnitFile>();
  readonly faults: Faults = { execStallMs: 0, sudoStallMs: 0, sudoRefused: false };
  readonly front: SshFront;
  hostKey: KeyPair;
  /** The cluster that it is a member of, as controllers may be. */
  cluster: SimCluster | undefined;
  /** Called with each exec request's command, and awaited, as it arrives: the place for a race in a test. */
  beforeExec: ((command: string) => void | Promise<void>) | undefined;
  private readonly units: Map<string, string>;
  private readonly behaviours = new Map<string, Behaviour>();
  private rules: RegExp[];
  private boot: Boot;

  constructor(plan: HostPlan, hostKey: KeyPair, userKey: string, address: string) {
    this.name = plan.name;
    this.role = plan.role;
    this.failureDomain = plan.failureDomain;
    this.settings = plan.settings;
    this.hostKey = hostKey;
    this.units = unitsOf(plan.role, plan.settings);
    for (const unit of this.units.values()) this.files.set(unit, unitFile(unit, plan.settings));
    this.rules = compile(plan.settings.sudoRules ?? plan.ostlerRules);
    this.boot = this.newBoot(Date.now() - FIRST_UPTIME_MS);
    for (const unit of this.files.keys()) this.boot.manager.assumeRunning(unit, FIRST_START_US);
    this.front = new SshFront(this, userKey, address);
  }

  // What the host's programs and its sshd ask of it.

  get bootId(): string {
    return this.boot.id;
  }
  get manager(): Manager {
    return this.boot.manager;
  }
  /** Aborted when the present boot ends. */
  get powerLost(): AbortSignal {
    return this.boot.power.signal;
  }
  get isOn(): boolean {
    return !this.powerLost.aborted;
  }
  get address(): string {
    return this.front.address;
  }
  get port(): number {
    return this.front.port;
  }

  uptimeMs(): number {
    return Date.now() - this.boot.at;
  }

  newInvocationId(): string {
    return randomBytes(16).toString('hex');
  }

  /** Whether the host has a program of that path or bare name. */
  hasExecutable(path: string): boolean {
    return isInstalled(this, path);
  }

  /** Whether ops may run this command line; /bin and /usr/bin are one directory. */
  sudoAllows(commandLine: string): boolean {
    if (this.faults.sudoRefused) return false;
    const merged = commandLine.replace(/^\/bin\//, '/usr/bin/');
    return this.rules.some((rule) => rule.test(commandLine) || rule.test(merged));
  }

  /** The host's files, as they read at this moment. */
  virtualFiles(): Record<string, string> {
    const seconds = this.uptimeMs() / 1000;
    return {
      '/proc/sys/kernel/random/boot_id': `${this.boot.id}\n`,
      '/proc/uptime': `${seconds.toFixed(2)} ${(seconds * 1.9).toFixed(2)}\n`,
      '/etc/hostname': `${this.name}\n`,
      '/etc/os-release': osRelease(this.settings.distribution),
    };
  }

  /** Runs a command line as user ops, as sshd does with an exec request. */
  run(commandLine: string): Promise<ExecResult> {
    return runScript({ host: this, user: 'ops', cause: 'hand' }, commandLine, this.powerLost);
  }

  /** Runs an argument vector as root; a start it asks for is counted as `cause`. */
  runAsRoot(argv: readonly string[], cause: Cause, signal = this.powerLost): Promise<ExecResult> {
    return runArgv({ host: this, user: 'root', cause }, argv, signal);
  }

  /** Ends the host without a word in its ledger: the end of the fleet, not an event in its life. */
  async discard(): Promise<void> {
    this.boot.power.abort();
    await this.front.close();
    this.front.dropAll();
  }

  // Controls.

  /** The next `times` starts of the unit fail with exit status 1. */
  failNextStart(times = 1, unit?: string): void {
    this.behaviour(this.unitName(unit)).failingStarts = times;
  }

  /** Each of the next `times` successful starts of the unit dies after `ms` milliseconds. */
  dieAfter(ms: number, times = 1, unit?: string): void {
    this.behaviour(this.unitName(unit)).lifetimesMs = Array.from({ length: times }, () => ms);
  }

  /** The unit's main process dies now. */
  crash(unit?: string): void {
    this.manager.crash(this.unitName(unit));
  }

  /** The unit's main process ends by itself now, with exit status 0. */
  endByItself(unit?: string): void {
    this.manager.finish(this.unitName(unit));
  }

  /** A restart of the unit takes `ms` milliseconds from now on. */
  slowRestart(ms: number, unit?: string): void {
    this.behaviour(this.unitName(unit)).restartMs = ms;
  }

  /** The next start of the unit within 10 s fails with start-limit-hit. */
  exhaustStartLimit(unit?: string): void {
    this.manager.exhaustStartLimit(this.unitName(unit));
  }

  /** A person runs `systemctl stop`; resolves when the unit is down. */
  async stopUnit(unit?: string): Promise<void> {
    await this.manager.request('stop', this.unitName(unit), 'hand');
  }

  /** A person runs `systemctl start`; resolves when the start is over. */
  async startUnit(unit?: string): Promise<void> {
    await this.manager.request('start', this.unitName(unit), 'hand');
  }

  /** A person runs `systemctl restart`; resolves when the restart is over. */
  async restartByAnotherHand(unit?: string): Promise<void> {
    await this.manager.request('restart', this.unitName(unit), 'hand');
  }

  /** A person runs `systemctl mask` (and leaves the unit running, as that does) or `unmask`. */
  mask(on = true, unit?: string): void {
    const file = this.files.get(this.unitName(unit));
    if (file) file.masked = on;
  }

  /** A person runs `systemctl disable` or `enable`: whether the unit comes up with the next boot. */
  enable(on: boolean, unit?: string): void {
    const file = this.files.get(this.unitName(unit));
    if (file) file.enabled = on;
  }

  /** The unit's package is removed: stopped, and its unit file gone. */
  async uninstall(unit?: string): Promise<void> {
    const name = this.unitName(unit);
    await this.manager.request('stop', name, 'hand');
    this.files.delete(name);
    this.manager.forget(name);
  }

  /** The power is cut: every connection breaks, nothing listens, every process is gone. */
  async powerOff(): Promise<void> {
    if (!this.isOn) return;
    for (const { unit, by } of this.manager.lostToPower()) this.ledger.stopped(unit, by);
    await this.discard();
    this.cluster?.reconsider();
  }

  /** The power is back: a new boot id, no transient units, enabled units started by the boot. */
  async powerOn(): Promise<void> {
    if (this.isOn) return;
    this.boot = this.newBoot(Date.now());
    for (const { name, enabled, masked } of this.files.values()) {
      if (enabled && !masked) void this.manager.request('start', name, 'boot');
    }
    this.cluster?.reconsider();
    await this.front.open();
  }

  /** New connections are refused, or accepted again; those that exist go on. */
  async refuseConnections(on = true): Promise<void> {
    await (on || !this.isOn ? this.front.close() : this.front.open());
  }

  /** Every present connection is reset; what runs on the host goes on. */
  dropConnections(): void {
    this.front.dropAll();
  }

  /** The next `times` connections are closed before sshd says a word, as MaxStartups does. */
  refuseStartups(times: number): void {
    this.front.startupsToRefuse = times;
  }

  /** Every exec request waits `ms` milliseconds before its shell starts, until set to 0. */
  stallExec(ms: number): void {
    this.faults.execStallMs = ms;
  }

  /** Every sudo waits `ms` milliseconds before it does anything, until set to 0. */
  stallSudo(ms: number): void {
    this.faults.sudoStallMs = ms;
  }

  /** sudo allows ops nothing, or again what the rules say. */
  refuseSudo(on = true): void {
    this.faults.sudoRefused = on;
  }

  /** Replaces the sudo rules: regular expressions of whole command lines with full paths. */
  allowSudo(rules: readonly string[]): void {
    this.rules = compile(rules);
  }

  /**
   * The next exec request is carried out, but its channel or connection closes without an answer. With `containing`
   * it is the next one whose command holds that text, such as `systemd-run`.
   */
  dropReplyOfNextExec(closes: 'connection' | 'channel' = 'connection', containing = ''): void {
    this.faults.dropReply = { closes, containing };
  }

  /** The host answers new connections with a key that is not in known_hosts. */
  changeHostKey(): void {
    this.hostKey = newKey();
  }

  /** The unit's name on this host for a catalogue id or unit name; its main unit when none is given. */
  unitName(unit?: string): string {
    const main = this.units.get('nova-compute') ?? [...this.units.values()][0];
    const name = unit === undefined ? main : (this.units.get(unit) ?? mangle(unit));
    if (name === undefined) throw new Error(`${this.name} has no unit of its own: name one`);
    return name;
  }

  private behaviour(unit: string): Behaviour {
    const known = this.behaviours.get(unit);
    if (known) return known;
    const usual: Behaviour = { restartMs: this.settings.restartMs, failingStarts: 0, lifetimesMs: [] };
    this.behaviours.set(unit, usual);
    return usual;
  }

  private newBoot(at: number): Boot {
    const power = new AbortController();
    setMaxListeners(0, power.signal);
    const manager = new Manager({
      files: this.files,
      journal: this.journal,
      ledger: this.ledger,
      behaviour: (unit) => this.behaviour(unit),
      nowUs: () => Math.round((performance.timeOrigin + performance.now() - at) * 1000),
      powerLost: power.signal,
    });
    return { id: randomUUID(), at, manager, power };
  }
}

const compile = (rules: readonly string[]): RegExp[] => rules.map((rule) => new RegExp(`^(?:${rule})$`));
