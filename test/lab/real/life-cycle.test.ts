import { spawn } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { openRealFleet, takeDown, upRealFleet } from '../../../lab/real/index.js';
import { fleetDir } from '../../../lab/real/layout.js';
import { run } from '../../../lab/real/process.js';
import { until } from '../../../lab/real/wait.js';

const name = 'lab-life-test';
afterEach(() => takeDown(name));

/** Everything of fleet `name` this machine still has: processes, mounts, cgroups, interfaces, files. */
async function remains(): Promise<string[]> {
  const dir = fleetDir(name);
  const commands = await Promise.all(
    (await readdir('/proc')).filter(Number).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  const links = await run(['ip', '-details', 'link']);
  const cgroups = await run(['find', '/sys/fs/cgroup', '-maxdepth', '3', '-name', `${name}-*`]);
  return [
    ...commands.filter((command) => command.includes(`${dir}/`)),
    ...(await readFile('/proc/self/mounts', 'utf8')).split('\n').filter((line) => line.includes(`${dir}/`)),
    ...links.stdout.split('\n').filter((line) => line.includes(dir)),
    ...cgroups.stdout.split('\n').filter(Boolean),
    ...(await access(dir).then(
      () => [dir],
      () => [],
    )),
  ];
}

it('leaves nothing behind when it goes down, however often it is told to', async () => {
  const fleet = await upRealFleet({ name, computes: 2 });
  await fleet.host('compute-2').powerOff();
  expect(await remains()).not.toEqual([]);
  await fleet.down();
  expect(await remains()).toEqual([]);
  await fleet.down();
  expect(await openRealFleet(name)).toBeUndefined();
});

it('mixes distributions, types of node and kinds of start in one fleet', async () => {
  const rdo = 'openstack-nova-compute.service';
  const fleet = await upRealFleet({
    name,
    computes: 2,
    controllers: 1,
    standIns: {
      unitName: (node) => (node === 'compute-2' ? rdo : 'nova-compute.service'),
      type: 'notify',
      restart: 'on-failure',
    },
  });
  const units = async (node: string) => {
    const listing = await fleet.host(node).exec(['systemctl', 'list-unit-files', '--no-legend', '*nova*', 'libvirtd*']);
    return listing.stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
  };
  expect(await units('compute-1')).toEqual(['libvirtd.service', 'nova-compute.service']);
  expect(await units('compute-2')).toEqual(['libvirtd.service', rdo]);
  expect(await units('controller-1')).toEqual([]);
  const shown = await fleet.host('compute-2').exec(['systemctl', 'show', '-p', 'Type,Restart,ActiveState', rdo]);
  expect(shown.stdout.trim().split('\n').sort()).toEqual(['ActiveState=active', 'Restart=on-failure', 'Type=notify']);
});

it("rejects sudoers that do not parse, in visudo's words, and leaves nothing behind", async () => {
  await expect(upRealFleet({ name, computes: 1, sudoers: 'ops ALL=(root NOPASSWD: /bin/true\n' })).rejects.toThrow(
    /syntax error/,
  );
  expect(await remains()).toEqual([]);
});

it('refuses a fleet that another process uses, and cleans up after one that was killed', async () => {
  const entry = fileURLToPath(new URL('../../../lab/real/index.ts', import.meta.url));
  const script = `import(${JSON.stringify(entry)}).then(async (lab) => {
    await lab.upRealFleet({ name: '${name}', computes: 1 });
    console.log('up');
    setInterval(() => undefined, 1000);
  })`;
  const other = spawn(process.execPath, ['--import', 'tsx', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    other.stdout.once('data', resolve);
    other.once('exit', () => reject(new Error('the other process ended before its fleet was up')));
  });
  await expect(upRealFleet({ name, computes: 1 })).rejects.toThrow(`in use by process ${other.pid}`);
  const ended = new Promise((resolve) => other.once('close', resolve));
  other.kill('SIGKILL');
  await ended;
  const left = await openRealFleet(name);
  expect(await left?.host('compute-1').isOn()).toBe(true);
  const fleet = await upRealFleet({ name, computes: 1 });
  await until('the new host to run', 20_000, () => fleet.host('compute-1').isOn());
  await fleet.down();
  expect(await remains()).toEqual([]);
});
