import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inventorySchema } from '../../../domain/inventory.schema.js';
import { startSimFleet } from '../../../lab/sim/fleet.js';
import { type RemoteSimFleet, spawnSimFleet } from '../../../lab/sim/remote.js';

let fleet: RemoteSimFleet;
beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ostler-sim-'));
  fleet = await spawnSimFleet({ dir, controllers: 3, computes: 6, restartMs: 20, distribution: ['debian', 'rdo'] });
});
afterAll(() => fleet.stop());

describe('a fleet in a process of its own', () => {
  it('writes an inventory that Ostler reads, and a key that others cannot', async () => {
    const inventory = inventorySchema.parse(parse(await readFile(fleet.inventory, 'utf8')));
    expect(inventory.nodes.map(({ name }) => name)).toEqual(fleet.hosts.map(({ name }) => name));
    expect(inventory.nodes.at(-1)).toMatchObject({ name: 'compute-6', roles: ['compute'], failureDomain: 'rack-3' });
    expect((await stat(join(dirname(fleet.inventory), 'id_ed25519'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(dirname(fleet.inventory), 'known_hosts'), 'utf8')).toContain(
      `[compute-6]:${fleet.host('compute-6').port},[${fleet.host('compute-6').address}]:`,
    );
  });

  it('takes controls and tells the truth', async () => {
    const host = fleet.host('compute-2');
    expect(await host.unitName('nova-compute')).toBe('openstack-nova-compute.service');
    await host.failNextStart();
    await host.restartByAnotherHand();
    await host.startUnit();
    const { starts, outages } = await host.truth();
    expect(starts.map(({ unit, by }) => [unit, by])).toEqual([
      ['openstack-nova-compute.service', 'hand'],
      ['openstack-nova-compute.service', 'hand'],
    ]);
    expect(outages).toMatchObject([{ until: expect.any(Number) }]);
    expect(await fleet.mostDownAtOnce('nova-compute')).toBe(1);
  });

  it('says why a control failed', async () => {
    await expect(fleet.host('compute-1').stopUnit('nope')).rejects.toThrow('Unit nope.service not loaded.');
    await expect(fleet.host('controller-1').unitName()).rejects.toThrow('controller-1 has no unit of its own');
    expect(() => fleet.host('compute-7')).toThrow('no host compute-7');
  });

  it('listens on a port per host where there is one address only', async () => {
    const local = await startSimFleet({ controllers: 0, computes: 3, listen: 'port-per-host', sharedHostKey: true });
    expect(new Set(local.hosts.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
    expect(new Set(local.hosts.map(({ port }) => port)).size).toBe(3);
    const path = await local.writeInventory(await mkdtemp(join(tmpdir(), 'ostler-sim-')));
    const inventory = inventorySchema.parse(parse(await readFile(path, 'utf8')));
    expect(inventory.nodes.map(({ ssh }) => ssh?.port ?? inventory.ssh.port)).toEqual(
      local.hosts.map(({ port }) => port),
    );
    await local.stop();
  });
});
