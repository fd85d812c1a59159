import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './wait.js';

/**
 * Every host gets a cgroup of its own. nspawn puts a host's payload under its caller's cgroup; two hosts started from
 * one shell would share `system.slice/X.service`, and restarting X on one kills it on the other (219/CGROUP).
 */
const labCgroup = 'ostler-lab';

/** The trees systemd keeps units in: cgroup v2, and v1's `name=systemd` where the machine still has it. */
async function unitTrees(): Promise<string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type, options]) => type === 'cgroup2' || (type === 'cgroup' && options?.includes('name=systemd')))
    .map(([, path]) => path ?? '');
}

/** Make the cgroup of host `machine` in each tree and return the files a process writes its pid to in order to enter. */
export async function makeCgroup(machine: string): Promise<string[]> {
  const entrances: string[] = [];
  for (const tree of await unitTrees()) {
    const dir = join(tree, labCgroup, machine);
    await mkdir(dir, { recursive: true });
    entrances.push(join(dir, 'cgroup.procs'));
  }
  return entrances;
}

/**
 * SIGKILL whatever still runs in the cgroup of `machine`, then remove it, and the lab's own when it was the last.
 * Does nothing when there is none.
 */
export async function removeCgroup(machine: string): Promise<void> {
  for (const tree of await unitTrees()) {
    const top = join(tree, labCgroup);
    await until(`cgroup ${top}/${machine} to become empty`, 10_000, async () => {
      for (const pid of await members(join(top, machine))) killQuietly(pid);
      return removeTree(join(top, machine));
    });
    await rmdir(top).catch(() => undefined);
  }
}

async function members(dir: string): Promise<number[]> {
  const own = await readFile(join(dir, 'cgroup.procs'), 'utf8').catch(() => '');
  const below = await Promise.all((await subdirectories(dir)).map((child) => members(join(dir, child))));
  // 0 stands for a process outside our PID namespace: not ours to kill.
  return [...own.split('\n').map(Number), ...below.flat()].filter((pid) => pid > 1);
}

/** Remove the cgroups from the leaves up; false while one of them is still busy. */
async function removeTree(dir: string): Promise<boolean> {
  for (const child of await subdirectories(dir)) {
    if (!(await removeTree(join(dir, child)))) return false;
  }
  return rmdir(dir).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

const subdirectories = async (dir: string): Promise<string[]> =>
  (await readdir(dir, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went away by itself between the read and the kill, which is what we want.
  }
}
