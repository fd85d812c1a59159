import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { makeCgroup } from './cgroup.js';
import type { HostPaths } from './layout.js';
import { must } from './process.js';
import { until } from './wait.js';

/** What systemd-nspawn is told about one host. `machine` is unique on this machine, `hostname` within the fleet. */
export interface Machine {
  machine: string;
  hostname: string;
  bridge: string;
  paths: HostPaths;
}

/**
 * Enters each cgroup named before `--`, then runs what follows: nspawn, again each time it ends because its host rebooted.
 * With --keep-unit nspawn leaves that to whoever started it, and says so by this exit code.
 */
const powerSupply = `while [ "$1" != -- ]; do echo $$ >"$1"; shift; done; shift
while "$@"; [ $? = 133 ]; do :; done`;

/** Mount the host's overlay (image below, its own disk above) unless it is mounted already. */
export async function mountDisk(paths: HostPaths, image: string): Promise<void> {
  await Promise.all([paths.root, paths.upper, paths.work].map((dir) => mkdir(dir, { recursive: true })));
  if (await isMounted(paths.root)) return;
  const layers = `lowerdir=${image},upperdir=${paths.upper},workdir=${paths.work}`;
  await must(['mount', '-t', 'overlay', 'overlay', '-o', layers, paths.root]);
}

/** Unmount the host's overlay; does nothing when it is not mounted. */
export async function unmountDisk(paths: HostPaths): Promise<void> {
  await until(`${paths.root} to be unmounted`, 10_000, async () => {
    if (!(await isMounted(paths.root))) return true;
    await must(['umount', paths.root]);
    return false;
  });
}

/**
 * Boot the host in a cgroup of its own, and record the pid of its power supply, which outlives this process and reboots of
 * the host. Does not wait for the boot.
 */
export async function bootMachine({ machine, hostname, bridge, paths }: Machine): Promise<void> {
  const entrances = await makeCgroup(machine);
  const nspawn = [
    'systemd-nspawn',
    ['--quiet', '--boot', '--settings=no', '--keep-unit', '--register=no', '--console=pipe'],
    [`--directory=${paths.root}`, `--machine=${machine}`, `--hostname=${hostname}`, `--network-bridge=${bridge}`],
    ['--link-journal=no', '--resolv-conf=off', '--timezone=off'],
  ].flat();
  const log = await open(paths.log, 'a');
  try {
    const child = spawn('/bin/sh', ['-c', powerSupply, 'sh', ...entrances, '--', ...nspawn], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${hostname}: systemd-nspawn cannot be started`);
    await writeFile(paths.pid, `${child.pid}\n`);
  } finally {
    await log.close();
  }
}

/** Cut the power: SIGKILL of the host's PID 1, after which nspawn removes the cable and exits. The disk stays. */
export async function killMachine(paths: HostPaths): Promise<void> {
  const supply = await powerSupplyOf(paths);
  if (supply !== undefined) {
    const nspawn = await nspawnOf(supply);
    kill((nspawn && (await initOf(nspawn))) ?? nspawn ?? supply);
    await until(`systemd-nspawn of ${paths.dir} to exit`, 20_000, async () => {
      if ((await powerSupplyOf(paths)) === undefined) return true;
      // A host that is only just starting, or starting again, has no PID 1 yet, or got one after we looked.
      const init = await initAt(paths);
      if (init !== undefined) kill(init);
      return false;
    });
  }
  await rm(paths.pid, { force: true });
}

/** Whether the host has power; while it reboots it has no PID 1 for a moment. */
export const hasPower = async (paths: HostPaths): Promise<boolean> => (await powerSupplyOf(paths)) !== undefined;

/** The host's PID 1 as this machine numbers it, or undefined while the host is off or between two boots. */
export async function pidOne(paths: HostPaths): Promise<number | undefined> {
  const init = await initAt(paths);
  // Before it becomes the host's init, it is still nspawn's own, with much of this machine around it.
  return init !== undefined && (await argvOf(init))[0] !== 'systemd-nspawn' ? init : undefined;
}

async function initAt(paths: HostPaths): Promise<number | undefined> {
  const supply = await powerSupplyOf(paths);
  const nspawn = supply && (await nspawnOf(supply));
  return nspawn && initOf(nspawn);
}

/** The recorded power supply, if that pid still is one for this very directory: pids are used again. */
async function powerSupplyOf(paths: HostPaths): Promise<number | undefined> {
  const pid = Number(await readFile(paths.pid, 'utf8').catch(() => ''));
  if (!pid) return undefined;
  const argv = await argvOf(pid);
  return argv.includes('systemd-nspawn') && argv.includes(`--directory=${paths.root}`) ? pid : undefined;
}

/** The only child a power supply ever has, which may not have become nspawn yet; none for a moment between two boots. */
const nspawnOf = async (supply: number): Promise<number | undefined> => (await childrenOf(supply))[0];

async function initOf(nspawn: number): Promise<number | undefined> {
  for (const child of await childrenOf(nspawn)) {
    const status = await readFile(`/proc/${child}/status`, 'utf8').catch(() => '');
    if (/^NSpid:.*\t1$/m.test(status)) return child;
  }
  return undefined;
}

const argvOf = async (pid: number): Promise<string[]> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');

const childrenOf = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')).split(' ').filter(Boolean).map(Number);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went away by itself between the look and the kill.
  }
}

async function isMounted(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[1] === path);
}
