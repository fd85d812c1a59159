import { appendFile, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { readUnitEvents, type StartRecord, startsOutsideBoot, stopsOf, type UnitEvent } from './journal.js';
import type { HostPaths } from './layout.js';
import { bootMachine, hasPower, killMachine, type Machine, pidOne } from './machine.js';
import { type Finished, run } from './process.js';
import { until } from './wait.js';

/** A boot takes 1.5 s alone; dozens at once on two cores were measured at 60 s. */
const bootLimitMs = 120_000;

/** One throwaway host with a real systemd as PID 1. */
export interface LabHost {
  name: string;
  address: string;
  /** Run a command inside the host as root, without SSH: for the harness only. */
  exec(argv: string[], options?: { input?: string; timeoutMs?: number }): Promise<Finished>;
  /** Cut the power: SIGKILL of its PID 1. The disk is kept. Does nothing when it is off. */
  powerOff(): Promise<void>;
  /** Boot again from the same disk and wait until `ops` can log in over SSH. Does nothing when it is on. */
  powerOn(): Promise<void>;
  /** Whether it has power. A host that reboots by itself has, all the time. */
  isOn(): Promise<boolean>;
  /**
   * Starts of `unit` by PID 1 as its persistent journal tells them, over all boots, failed ones included; the start
   * that each boot made itself is left out. Works while the host is off.
   */
  startsByPid1(unit: string): Promise<StartRecord[]>;
  /** Stops of `unit` by PID 1, from the same journal. A unit that died by itself was not stopped. */
  stopsByPid1(unit: string): Promise<StartRecord[]>;
  /** Starts as the stand-in's own ExecStartPre counted them, boots left out: the witness beside the journal. */
  standInStarts(unit: string): Promise<number>;
  /** All that PID 1 said about `unit`, and the moments (microseconds since the epoch) its power was cut. */
  unitHistory(unit: string): Promise<{ events: UnitEvent[]; powerCutsUs: number[] }>;
  /** This machine's view of the host's file system; to read or steer it from outside. */
  paths: HostPaths;
  /** The bridge its cable belongs in. */
  bridge: string;
}

/** What root finds on the host, and nothing of the harness's own environment. */
const environment = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8'];

/** The handle of a host that was set up on disk before; it may be on or off, started by this process or another. */
export function labHost(machine: Machine, address: string): LabHost {
  const { hostname: name, paths, bridge } = machine;

  const exec: LabHost['exec'] = async (argv, options = {}) => {
    const pid = await pidOne(paths);
    if (pid === undefined) throw new Error(`${name} is off or about to boot: cannot run ${argv.join(' ')}`);
    return run(['nsenter', '--target', String(pid), '--all', '--', ...environment, ...argv], options);
  };

  const events = async (unit: string): Promise<UnitEvent[]> => {
    if ((await pidOne(paths)) !== undefined) await exec(['journalctl', '--sync']);
    return readUnitEvents(join(paths.root, 'var/log/journal'), unit);
  };

  return {
    name,
    address,
    paths,
    bridge,
    exec,
    isOn: () => hasPower(paths),
    async powerOff() {
      if (!(await hasPower(paths))) return;
      await appendFile(paths.powerCuts, `${Date.now() * 1000}\n`);
      await killMachine(paths);
    },
    async powerOn() {
      if (await hasPower(paths)) return;
      await bootMachine(machine);
      await untilReachable(name, address, exec).catch(async (cause: Error) => {
        const console = (await readFile(paths.log, 'utf8')).trim().split('\n').slice(-10).join('\n');
        throw new Error(`${name} did not come up: ${cause.message}\nits console (${paths.log}) ends with\n${console}`);
      });
    },
    startsByPid1: async (unit) => startsOutsideBoot(await events(unit)),
    stopsByPid1: async (unit) => stopsOf(await events(unit)),
    async standInStarts(unit) {
      const counted = join(paths.root, 'var/lib/ostler-lab/starts', unit);
      return countOutsideBoot(await readFile(counted, 'utf8').catch(() => ''));
    },
    async unitHistory(unit) {
      const cuts = await readFile(paths.powerCuts, 'utf8').catch(() => '');
      return { events: await events(unit), powerCutsUs: cuts.split('\n').filter(Boolean).map(Number) };
    },
  };
}

/**
 * Count the lines of a stand-in's own log (`BOOT UPTIME booting|running`), without the first of each boot if the host
 * was still booting then.
 */
export function countOutsideBoot(lines: string): number {
  const boots = new Set<string>();
  return lines
    .split('\n')
    .filter(Boolean)
    .filter((line) => {
      const [boot = '', , phase] = line.split(' ');
      const byBoot = !boots.has(boot) && phase === 'booting';
      boots.add(boot);
      return !byBoot;
    }).length;
}

/** sshd greets before systemd lets anybody but root log in: wait for both. */
async function untilReachable(name: string, address: string, exec: LabHost['exec']): Promise<void> {
  await until(`the sshd of ${name} to greet`, bootLimitMs, () => greets(address));
  await until(`${name} to let users log in`, bootLimitMs, async () => {
    return (await exec(['test', '-e', '/run/nologin'])).code === 1;
  });
}

/** Whether an SSH server greets at `address`:22 within a second. */
export function greets(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 1000 });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('data', (greeting) => answer(greeting.toString().startsWith('SSH-')));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
