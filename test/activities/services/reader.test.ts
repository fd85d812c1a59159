import { describe, expect, it } from 'vitest';
import type { AskCluster } from '../../../activities/pacemaker/ask.js';
import { unitsScript } from '../../../activities/services/read-script.js';
import { createServiceReader, type HostReading } from '../../../activities/services/reader.js';
import { servicesOn } from '../../../activities/services/services-on.js';
import type { CatalogueEntry } from '../../../domain/catalogue.js';
import { catalogue } from '../../../domain/catalogue.js';
import type { ClusterView } from '../../../domain/cluster.js';
import type { ServiceReading } from '../../../domain/unit-judgement.js';
import type { SiteInventory } from '../../../inventory/load.js';

const haproxy = catalogue.get('haproxy') as CatalogueEntry;
const pcsd = catalogue.get('pcsd') as CatalogueEntry;
const signal = new AbortController().signal;

/** A view of a cluster of these members, which runs HAProxy. */
const viewOf = (...members: string[]): ClusterView =>
  ({
    quorum: true,
    nodes: members.map((name) => ({ name, isRemote: false, online: true })),
    resources: [
      { id: 'p_haproxy', kind: 'clone-instance', parent: 'clone_p_haproxy', role: 'Started', nodes: members },
    ],
    constraints: [],
    properties: {},
    failures: [],
  }) as unknown as ClusterView;

const BLOCK = 'ActiveState=ACTIVE\nSubState=x\nUnitFileState=BOOT';

/** What of a service is seen on controllers, of whose Pacemaker and its unit this is told. */
async function seen(
  told: Record<string, { view?: ClusterView; unit?: 'not-found' | 'active' | 'out of use' | 'silent' }>,
  entry: CatalogueEntry,
): Promise<Record<string, ServiceReading | undefined>> {
  const controllers = Object.keys(told);
  const inventory = {
    nodes: controllers.map((name) => ({ name, roles: ['controller'] })),
    cluster: { resources: ['clone_p_haproxy'] },
    distribution: 'rdo',
    units: {},
  };
  const askCluster: AskCluster = async (controller) => {
    const view = told[controller]?.view;
    return { controller, ...(view ? { state: 'read', view } : { state: 'unread', why: 'sudo refuses', next: '' }) };
  };
  const run = async (node: string, script: string) => {
    expect(script).toBe(unitsScript({ units: ['pacemaker.service'] }));
    const { unit = 'not-found' } = told[node] ?? {};
    if (unit === 'silent') throw new Error('no answer');
    const load = unit === 'not-found' ? 'not-found' : 'loaded';
    const block = BLOCK.replace('ACTIVE', unit === 'active' ? 'active' : 'inactive').replace(
      'BOOT',
      unit === 'active' ? 'enabled' : 'disabled',
    );
    const stdout = `01234567-89ab-cdef-0123-456789abcdef\n100.0 1\nLoadState=${load}\n${block}\n-- failed units --\n-- containers --\n`;
    return { stdout, stderr: '', exitCode: 0, truncated: false };
  };
  const reader = createServiceReader({
    inventory: inventory as unknown as SiteInventory,
    run: run as never,
    askCluster,
  });
  const cluster = await reader.readCluster(controllers, signal);
  const host = { bootId: '', units: new Map(), read: {} } as unknown as HostReading;
  const all = new Map(controllers.map((node) => [node, host]));
  const site = inventory as unknown as SiteInventory;
  return Object.fromEntries(
    controllers.map((node) => [node, servicesOn(node, [entry], all, cluster, site).get(entry.id)]),
  );
}

const clustered = { state: 'clustered', resource: 'clone_p_haproxy' };
const unknown = (why: RegExp) => ({ state: 'unreachable', why: expect.stringMatching(why) });

describe('what Pacemaker runs', () => {
  it('is told by one controller for all members', async () => {
    expect(await seen({ c1: { view: viewOf('c1', 'c2.cloud') }, c2: { unit: 'silent' } }, haproxy)).toMatchObject({
      c1: clustered,
      c2: clustered,
    });
  });

  it("is not known of a controller whose member's name nobody can tell", async () => {
    const view = viewOf('c1', 'node-7');
    expect(await seen({ c1: { view }, c2: { view } }, haproxy)).toMatchObject({
      c1: clustered,
      c2: unknown(/none of its members \(c1, node-7\) can be told to be c2/),
    });
    expect(await seen({ c1: { view }, c2: { unit: 'active' } }, haproxy)).toMatchObject({
      c2: unknown(/sudo refuses/),
    });
    expect(await seen({ c1: { view }, c2: { unit: 'silent' } }, haproxy)).toMatchObject({ c2: unknown(/no answer/) });
  });

  it('is nothing on a controller that has none', async () => {
    const view = viewOf('c1');
    expect(await seen({ c1: { view }, c2: {} }, haproxy)).toMatchObject({ c1: clustered, c2: { state: 'read' } });
    expect(await seen({ c1: { unit: 'out of use' }, c2: {} }, haproxy)).toMatchObject({
      c1: { state: 'read' },
      c2: { state: 'read' },
    });
  });

  it('is not known of any controller while one that runs it does not say', async () => {
    const told = { c1: { unit: 'active' }, c2: { unit: 'out of use' } } as const;
    expect(await seen(told, haproxy)).toEqual({ c1: unknown(/sudo refuses/), c2: unknown(/sudo refuses/) });
    expect(await seen(told, pcsd)).toMatchObject({ c1: { state: 'read' } });
  });

  it('is not known of a controller whose own Pacemaker cannot be looked at, which says nothing of the others', async () => {
    expect(await seen({ c1: { unit: 'silent' }, c2: {} }, haproxy)).toEqual({
      c1: unknown(/no answer/),
      c2: { state: 'read' },
    });
  });
});
