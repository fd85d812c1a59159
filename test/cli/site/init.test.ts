import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOstler } from '../../../cli/app.js';
import { loadInventory } from '../../../inventory/load.js';
import { fixture } from '../../inventory/import/samples.js';
import { record } from './context.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'ostler-init-'));
});
afterEach(async () => {
  await rm(cwd, { recursive: true });
});

const run = async (...argv: string[]) => {
  const recorded = record({ cwd });
  return { code: await runOstler(['init', ...argv], recorded.context), out: recorded.out(), err: recorded.err() };
};
const names = async (): Promise<string[]> =>
  (await loadInventory(join(cwd, 'ostler.yaml'))).nodes.map(({ name }) => name);

describe('ostler init from another inventory', () => {
  it('writes the hosts of a Kolla-ansible inventory, and says what is left out', async () => {
    const { code, out, err } = await run('--from-ansible', fixture('ansible/kolla/multinode'), '--cloud', 'east');
    expect(code).toBe(0);
    expect(out).toContain('ostler.yaml with 43 nodes.');
    expect(err).toContain('network01, network02: left out: no group of it is known as a role of Ostler (network)');
    expect(await names()).toHaveLength(43);
    const text = await readFile(join(cwd, 'ostler.yaml'), 'utf8');
    expect(text).toMatch(/^cloud: east$/m);
    expect(text + out + err).not.toContain('hunter2');
  });

  it('takes several roles from the command line', async () => {
    const roles = ['--role', 'storage=ceph-osd', '--role', 'network=controller'];
    await run('--from-ansible', fixture('ansible/kolla/multinode'), ...roles);
    expect(await names()).toEqual(expect.arrayContaining(['storage01', 'network01', 'network02']));
  });

  it('writes the nodes of a Fuel environment', async () => {
    const { code, err } = await run('--from-astute', fixture('fuel/astute-6.yaml'), '--json');
    expect(code).toBe(0);
    expect(err).toContain('node-11.domain.tld: left out');
    expect((await names()).slice(0, 2)).toEqual(['node-1.domain.tld', 'node-2.domain.tld']);
  });

  it('reads the ssh_config of the user where no other is named', async () => {
    const { code, err } = await run('--from-ssh-config', '--role', 'no-host-of-mine-*=compute');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`${join(homedir(), '.ssh/config')}: `) });
  });

  it('writes the hosts of an ssh_config', async () => {
    expect((await run('--from-ssh-config', fixture('ssh-config/config'), '--role', 'cmp-*=compute')).code).toBe(0);
    expect(await names()).toContain('cmp-a');
  });

  it('leaves a file that is there as it is', async () => {
    await writeFile(join(cwd, 'ostler.yaml'), 'mine');
    const { code, err } = await run('--from-astute', fixture('fuel/astute-6.yaml'));
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('is there already') });
    expect(await readFile(join(cwd, 'ostler.yaml'), 'utf8')).toBe('mine');
  });

  it.each([
    [['--from-ansible', 'a', '--from-astute', 'b'], 'the hosts can come from one file only'],
    [['--role', 'a=compute'], '--role says what the groups of another tool are'],
    [['--from-ansible', 'a', '--role', 'a=computer'], 'must be GROUP=ROLE, where a role is one of controller,'],
    [['--from-ansible', 'nowhere'], '/nowhere: there is no such file'],
    [['--from-ansible', 'x', '--role', 'compute'], 'must be GROUP=ROLE'],
    [['--from-ansible', fixture('fuel/astute-9.yaml')], 'nodes: must be a group'],
  ])('refuses %j, and writes nothing', async (argv, message) => {
    const { code, err } = await run(...argv);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
    expect(await readdir(cwd)).toEqual([]);
  });
});
