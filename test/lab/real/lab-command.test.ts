import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeDown } from '../../../lab/real/index.js';
import { type Finished, run } from '../../../lab/real/process.js';

const name = 'lab-command-test';
const command = fileURLToPath(new URL('../../../lab/lab.ts', import.meta.url));

/** `npm run lab -- ARGS` without npm. */
const lab = (...args: string[]): Promise<Finished> =>
  run([process.execPath, '--import', 'tsx', command, ...args], { timeoutMs: 600_000 });

describe('npm run lab', () => {
  beforeAll(async () => {
    const up = await lab('up', '--name', name, '--computes', '1', '--with-controllers');
    expect(up).toMatchObject({ code: 0, stdout: expect.stringMatching(/\/ostler\.yaml\n$/) });
    expect(up.stderr).toContain(`npm run lab -- exec --name ${name} controller-1 -- crm_mon -1\n`);
  });
  afterAll(() => takeDown(name));

  const statusOf = async (node: string) => {
    const { stdout } = await lab('status');
    const row = stdout.split('\n').find((line) => line.startsWith(`${name}\t${node}\t`));
    return row?.split('\t')[3];
  };

  it('leaves a fleet running that later commands find', async () => {
    expect(await statusOf('compute-1')).toBe('running');
    expect(await statusOf('controller-1')).toBe('running');
  });

  it('runs a command over SSH as ops and ends with its exit code', async () => {
    const ran = await lab('ssh', '--name', name, 'compute-1', '--', 'id -un; exit 7');
    expect(ran).toMatchObject({ code: 7, stdout: 'ops\n' });
  });

  it('runs a command as root without SSH, so that the cluster can be looked at', async () => {
    const ran = await lab('exec', '--name', name, 'controller-1', '--', 'crm_mon', '-1');
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('controller-1 controller-2 controller-3') });
    expect(await lab('exec', '--name', name, 'compute-1', '--', 'sh', '-c', 'id -un; echo no >&2; exit 7')).toEqual({
      code: 7,
      stdout: 'root\n',
      stderr: 'no\n',
    });
  });

  it('cuts the power of one host and gives it back', async () => {
    expect(await lab('power-off', '--name', name, 'compute-1')).toMatchObject({ code: 0, stderr: 'compute-1: off\n' });
    expect(await statusOf('compute-1')).toBe('off');
    expect(await statusOf('controller-1')).toBe('running');
    expect((await lab('power-on', '--name', name, 'compute-1')).code).toBe(0);
    expect((await lab('ssh', '--name', name, 'compute-1', 'true')).code).toBe(0);
  });

  it('names the hosts there are when asked for another', async () => {
    const wrong = await lab('power-off', '--name', name, 'compute-9');
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toBe(
      `fleet ${name} has no host compute-9; it has controller-1, controller-2, controller-3, compute-1\n`,
    );
  });

  it('boots either the cluster, plain controllers, Ceph or OpenStack', async () => {
    const both = await lab('up', '--name', name, '--with-controllers', '--controllers', '2');
    expect(both).toMatchObject({ code: 1, stderr: '--with-controllers has its own hosts: leave out --controllers\n' });
    const two = await lab('up', '--name', name, '--with-ceph', '--with-openstack');
    expect(two).toMatchObject({ code: 1, stderr: expect.stringMatching(/^--with-ceph and --with-openstack boot /) });
  });

  it('says how to boot a fleet that does not exist', async () => {
    const absent = await lab('ssh', '--name', 'nosuch', 'compute-1');
    expect(absent.code).not.toBe(0);
    expect(absent.stderr).toBe('there is no fleet nosuch: npm run lab -- up --name nosuch\n');
  });

  it('takes the fleet down', async () => {
    expect((await lab('down', '--name', name)).code).toBe(0);
    expect((await lab('status')).stdout).not.toContain(name);
  });
});
