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

/** Enters each cgroup named before `--`, then becomes what follows. */
const enterAndExec = 'while [ "$1" != -- ]; do echo $$ >"$1"; shift; done; shift; exec "$@"';

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

/** Boot the host in a cgroup of its own, and record nspawn's pid. It outlives this process. Does not wait for the boot. */
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
    const child = spawn('/bin/sh', ['-c', enterAndExec, 'sh', ...entrances, '--', ...nspawn], {
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
  const nspawn = await recordedNspawn(paths);
  if (nspawn !== undefined) {
    process.kill((await initOf(nspawn)) ?? nspawn, 'SIGKILL');
    await until(`systemd-nspawn (pid ${nspawn}) of ${paths.dir} to exit`, 20_000, async () => {
      if ((await recordedNspawn(paths)) === undefined) return true;
      // A host that was only just starting has no PID 1 yet, or got one after we looked.
      const init = await initOf(nspawn);
      if (init !== undefined) process.kill(init, 'SIGKILL');
      return false;
    });
  }
  await rm(paths.pid, { force: true });
}

/** The host's PID 1 as this machine numbers it, or undefined while the host is off. */
export async function pidOne(paths: HostPaths): Promise<number | undefined> {
  const nspawn = await recordedNspawn(paths);
  return nspawn === undefined ? undefined : initOf(nspawn);
}

/** The recorded nspawn, if that pid still is one for this very directory: pids are used again. */
async function recordedNspawn(paths: HostPaths): Promise<number | undefined> {
  const pid = Number(await readFile(paths.pid, 'utf8').catch(() => ''));
  if (!pid) return undefined;
  const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return argv.includes('systemd-nspawn') && argv.includes(`--directory=${paths.root}`) ? pid : undefined;
}

async function initOf(nspawn: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${nspawn}/task/${nspawn}/children`, 'utf8').catch(() => '');
  for (const child of children.trim().split(' ').filter(Boolean)) {
    const status = await readFile(`/proc/${child}/status`, 'utf8').catch(() => '');
    if (/^NSpid:.*\t1$/m.test(status)) return Number(child);
  }
  return undefined;
}

async function isMounted(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[1] === path);
}
