import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { check } from '../../../cli/commands/check.impl.js';
import type { CheckFlags } from '../../../cli/commands/check.js';
import type { CheckedNode } from '../../../cli/commands/check-findings.js';
import { UsageError } from '../../../cli/exit.js';
import { loadInventory } from '../../../inventory/load.js';
import { type SimFleet, startSimFleet } from '../../../lab/sim/fleet.js';
import { type Recorded, record } from './context.js';

const everything =
  '/usr/bin/systemd-run --unit ostler-[0-9a-f]{16} --remain-after-exit /bin/systemctl [a-z-]+ [a-z-]+.service';

let folder: string;
let fleet: SimFleet;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostler-check-'));
  fleet = await startSimFleet({
    controllers: 1,
    computes: 4,
    hosts: {
      'compute-1': { sudoRules: [everything] },
      'compute-2': { sudoRules: [] },
      'compute-3': { sudoRules: [everything], journalAccess: false, systemdVersion: 219 },
    },
  });
  file = await fleet.writeInventory(folder);
  await fleet.host('compute-4').discard();
});
afterAll(async () => {
  await fleet.stop();
  await rm(folder, { recursive: true });
});

async function run(flags: CheckFlags, confirm?: boolean, inventory = file): Promise<Recorded> {
  const recorded = record({ inventory: await loadInventory(inventory), ...(confirm !== undefined && { confirm }) });
  await check.call(recorded.context, flags);
  return recorded;
}

async function nodesOf(flags: CheckFlags): Promise<Map<string, CheckedNode>> {
  const { nodes } = (await run({ ...flags, json: true })).json() as { nodes: CheckedNode[] };
  return new Map(nodes.map((node) => [node.node, node]));
}

describe('ostler check', () => {
  it('finds the units, their distribution and every permission of a host that is well', async () => {
    const recorded = await run({ on: 'compute-1', json: true });
    expect(recorded.exitCode()).toBe(0);
    expect(recorded.json()).toEqual({
      cloud: 'sim',
      severity: 'ok',
      nodes: [
        {
          node: 'compute-1',
          address: fleet.host('compute-1').address,
          severity: 'ok',
          systemd: 252,
          journal: true,
          units: [
            expect.objectContaining({ id: 'libvirtd', unit: 'libvirtd.service', permitted: true }),
            {
              id: 'nova-compute',
              unit: 'nova-compute.service',
              distribution: 'debian',
              active: 'active',
              permitted: true,
            },
          ],
          findings: [],
        },
      ],
    });
  });

  it('asks hosts without a catalogue entry for what every host needs', async () => {
    const node = (await nodesOf({ on: 'controller-1' })).get('controller-1');
    expect(node).toMatchObject({ severity: 'ok', systemd: 252, units: [] });
  });

  it('names the fragment to install where sudo refuses', async () => {
    const node = (await nodesOf({ on: 'compute-2' })).get('compute-2');
    expect(node?.severity).toBe('error');
    expect(node?.findings).toContainEqual({
      severity: 'error',
      what: expect.stringMatching(/^sudo does not let ops restart nova-compute\.service/),
      next: 'install what `ostler sudoers --role compute --user ops` prints',
    });
  });

  it('warns where the journal cannot be read, and knows old hosts', async () => {
    const recorded = await run({ on: 'compute-3', json: true });
    expect(recorded.exitCode()).toBe(3);
    expect(recorded.json()).toMatchObject({
      severity: 'warn',
      nodes: [{ systemd: 219, journal: false, findings: [{ next: 'usermod -a -G systemd-journal ops' }] }],
    });
  });

  it('shows trouble first, each with what to do, and ends with 4', async () => {
    const recorded = await run({});
    expect(recorded.exitCode()).toBe(4);
    const rows = recorded.out().split('\n');
    const rowOf = (name: string): number => rows.findIndex((row) => row.includes(`  ${name}  `));
    expect(rowOf('compute-4')).toBeLessThan(rowOf('compute-3'));
    expect(rowOf('compute-3')).toBeLessThan(rowOf('compute-1'));
    expect(recorded.out()).toContain('→ install what `ostler sudoers --role compute --user ops` prints');
    expect(recorded.out()).toContain('sim: 5 hosts, 2 ok, 1 with warnings, 2 with errors');
  });

  it('says that an unknown node is unknown and which one was meant', async () => {
    const failure = await run({ on: 'compute-l' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(failure).toMatchObject({ what: 'the node compute-l is not in the inventory' });
  });

  it('restarts nothing', () => {
    expect(fleet.mostDownAtOnce('nova-compute')).toBe(0);
  });
});

describe('ostler check --learn-host-keys', () => {
  const forget = async (name: string): Promise<string> => {
    const path = join(folder, 'known_hosts');
    const before = await readFile(path, 'utf8');
    const kept = before.split('\n').filter((line) => !line.includes(name));
    await writeFile(path, kept.join('\n'));
    return path;
  };

  it('adds the keys that a person has compared, and the check then passes', async () => {
    const path = await forget('compute-1');
    expect((await nodesOf({ on: 'compute-1' })).get('compute-1')?.severity).toBe('error');
    const recorded = await run({ on: 'compute-1', learnHostKeys: true }, true);
    expect(recorded.err()).toMatch(/compute-1 .*\n {2}ssh-ed25519 {2}SHA256:/);
    expect(recorded.exitCode()).toBe(0);
    expect(await readFile(path, 'utf8')).toContain(fleet.host('compute-1').hostKey.public);
  });

  it('adds nothing when the person says no', async () => {
    const path = await forget('compute-1');
    const before = await readFile(path, 'utf8');
    const recorded = await run({ on: 'compute-1', learnHostKeys: true }, false);
    expect(recorded.exitCode()).toBe(4);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('is refused without a terminal', async () => {
    await forget('compute-1');
    const failure = await run({ on: 'compute-1', learnHostKeys: true }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 2, what: expect.stringContaining('there is no terminal') });
  });

  it('never replaces a key that is known', async () => {
    const path = join(folder, 'known_hosts');
    const host = fleet.host('compute-3');
    const wrong = `[${host.name}]:${host.port} ${fleet.host('compute-2').hostKey.public}\n`;
    await forget('compute-3');
    await writeFile(path, wrong, { flag: 'a' });
    const before = await readFile(path, 'utf8');
    const recorded = await run({ on: 'compute-3', learnHostKeys: true }, true);
    expect(recorded.exitCode()).toBe(4);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('says of each host that showed no key why not', async () => {
    await forget('compute-1');
    await forget('compute-4');
    const recorded = await run({ on: 'compute-1,compute-4', learnHostKeys: true }, true);
    expect(recorded.err()).toMatch(/^No key of compute-4: compute-4 \(ops@\S+\) refused the connection$/m);
    expect(recorded.err()).toContain('Added the keys of 1 host.');
  });

  describe('through a bastion', () => {
    /** An inventory whose computes are behind controller-1, in a folder of its own where no host is known. */
    async function behindController(name: string): Promise<{ inventory: string; knownHosts: string }> {
      const own = join(folder, name);
      const inventory = await fleet.writeInventory(own);
      const site = parse(await readFile(inventory, 'utf8'));
      const { address, port } = fleet.host('controller-1');
      site.ssh.proxyJump = { address, port };
      await writeFile(inventory, stringify(site));
      const knownHosts = join(own, 'known_hosts');
      await writeFile(knownHosts, '');
      return { inventory, knownHosts };
    }

    it('learns the bastion first and then the hosts behind it', async () => {
      const { inventory, knownHosts } = await behindController('unknown');
      const recorded = await run({ on: 'compute-1', learnHostKeys: true }, true, inventory);
      expect(recorded.err()).toMatch(/Added the keys of 1 bastion\.\n.*Added the keys of 1 host\./s);
      expect(recorded.exitCode()).toBe(0);
      const known = await readFile(knownHosts, 'utf8');
      for (const name of ['controller-1', 'compute-1']) expect(known).toContain(fleet.host(name).hostKey.public);
    });

    it('asks about a bastion once, whoever is behind it', async () => {
      const { inventory } = await behindController('twice');
      const recorded = await run({ on: 'compute-1,compute-3', learnHostKeys: true }, true, inventory);
      expect(recorded.err()).toContain('Added the keys of 1 bastion.');
      expect(recorded.err()).toContain('Added the keys of 2 hosts.');
    });

    it('does not ask the hosts behind a bastion that the person does not trust', async () => {
      const { inventory, knownHosts } = await behindController('declined');
      const recorded = await run({ on: 'compute-1,compute-3', learnHostKeys: true }, false, inventory);
      expect(recorded.err()).toContain(
        'Not asked for a key: compute-1, compute-3, as that of the bastion is not known\n',
      );
      expect(recorded.exitCode()).toBe(4);
      expect(await readFile(knownHosts, 'utf8')).toBe('');
    });

    it('tells once what keeps the hosts behind a bastion from being asked', async () => {
      const { inventory, knownHosts } = await behindController('changed');
      const { address, port } = fleet.host('controller-1');
      await writeFile(knownHosts, `[${address}]:${port} ${fleet.host('compute-2').hostKey.public}\n`);
      const recorded = await run({ on: 'compute-1,compute-3', learnHostKeys: true }, true, inventory);
      expect(recorded.err()).toMatch(
        /^No key of compute-1, compute-3: .* showed the ssh-ed25519 host key SHA256:.*, but /m,
      );
    });
  });
});
