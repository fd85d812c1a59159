import { describe, expect, it, vi } from 'vitest';
import { HostSilent } from '../../../activities/hosts.js';
import { changeResourceOnce } from '../../../activities/services/change-resource.js';
import type { ChangeDeps } from '../../../activities/services/change-unit.js';
import type { ServiceReader } from '../../../activities/services/reader.js';
import { verifyResources } from '../../../activities/services/verify-resources.js';
import { type CatalogueEntry, catalogue } from '../../../domain/catalogue.js';
import type { ResourceInCluster } from '../../../domain/resource-judgement.js';
import { attempt } from '../systemd/site.js';
import { ServiceSite } from './site.js';

const acted = { state: 'acted', byUs: true };
const on = (node: string) => ({ node, role: 'controller' as const });

/** Three controllers whose Pacemaker runs HAProxy; the addresses are on the first two. */
const clustered = (): Promise<ServiceSite> =>
  ServiceSite.start({ controllers: 3, cluster: true, services: ['haproxy', 'nova-compute'] });

const clusterOf = (site: ServiceSite) => site.host('controller-1').cluster?.truth();
const runsOn = (site: ServiceSite, node: string): boolean =>
  site.host('controller-1').cluster?.member(node)?.haproxy !== undefined;

const haproxy = catalogue.get('haproxy') as CatalogueEntry;
const noAbort = (): AbortSignal => new AbortController().signal;

/** HAProxy on a controller, in a cluster of which nothing is to be said. */
const seenOn = (member: string, facts: Pick<ResourceInCluster, 'isHere' | 'isBanned'>): ResourceInCluster => ({
  ...{ resource: 'clone_p_haproxy', member, isClone: true, isStarted: facts.isHere, ...facts },
  ...{ places: facts.isHere ? [member] : [], isManaged: true, isDisabled: false },
  cluster: { findings: [], vips: [] },
});

/** Counts on every controller what would change the cluster, from now on. */
function countActs(site: ServiceSite): () => number {
  let acts = 0;
  for (const node of ['controller-1', 'controller-2', 'controller-3'])
    site.host(node).beforeExec = (command) => {
      if (command.includes('systemd-run')) acts++;
    };
  return () => acts;
}

describe('what Pacemaker runs', () => {
  it('is stopped on one controller by a ban that stays, and started by taking that away', async () => {
    const site = await clustered();
    expect((await site.plan('stop', 'haproxy', { selection: 'controller-3' })).nodes).toEqual(['controller-3']);
    const stop = await site.order('stop', 'haproxy', on('controller-3'));
    expect(stop.ticket.units).toEqual([
      {
        target: 'haproxy',
        resource: 'clone_p_haproxy',
        member: 'controller-3',
        via: 'controller-1',
        bootId: site.host('controller-1').bootId,
      },
    ]);
    expect(await site.change(stop)).toEqual(acted);
    expect(clusterOf(site)?.constraints).toEqual(['cli-ban-clone_p_haproxy-on-controller-3']);
    expect(['controller-1', 'controller-2', 'controller-3'].map((node) => runsOn(site, node))).toEqual([
      true,
      true,
      false,
    ]);

    await expect(site.plan('start', 'all', { each: true, selection: 'controller-3' })).rejects.toMatchObject({
      message: expect.stringContaining('and left so: `ostler service start haproxy --on controller-3` means it'),
    });
    expect((await site.plan('start', 'haproxy', { each: true })).nodes).toEqual(['haproxy.controller']);
    expect((await site.plan('start', 'haproxy')).nodes).toEqual(['controller-3']);
    expect(await site.change(await site.order('start', 'haproxy', on('controller-3')))).toEqual(acted);
    expect([clusterOf(site)?.constraints, runsOn(site, 'controller-3')]).toEqual([[], true]);
  });

  it('stays where an address is, when planning and when a batch is admitted', async () => {
    const site = await clustered();
    const why = expect.stringContaining('ostler vip move vip__management --to controller-');
    await expect(site.plan('stop', 'haproxy', { selection: 'controller-1' })).rejects.toMatchObject({ message: why });
    const selection = { selection: 'controller-1' };
    expect(await site.admitted('stop', 'haproxy', ['controller-1'], 'controller', selection)).toMatchObject({
      'controller-1': { state: 'vetoed', note: { why } },
    });
    // Of a stop of all, the addresses have nowhere to go.
    expect(await site.admitted('stop', 'haproxy', ['controller-1'], 'controller')).toMatchObject({
      'controller-1': { ticket: { units: [{ resource: 'clone_p_haproxy' }] } },
    });
  });

  it('is not touched once Pacemaker runs it no more under that name', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    const [step] = order.ticket.units;
    const ticket = { units: [{ ...step, resource: 'clone_p_other' }] } as typeof order.ticket;
    expect(await site.change({ ...order, ticket })).toMatchObject({
      state: 'vetoed',
      note: { why: expect.stringContaining('does not run haproxy on controller-3 as clone_p_other any more') },
    });
    expect(clusterOf(site)?.constraints).toEqual([]);
  });

  it('is proven while it stays as it was made, and told when it does not', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    await site.change(order);
    const hosts = [{ node: 'controller-3', ticket: order.ticket }];
    const prove = (verb: 'stop' | 'start', soakMs: number) =>
      attempt(site.activities.verifyChange, { verb, hosts, soakMs });
    expect(await prove('stop', 50)).toEqual({});
    expect(await prove('start', 50)).toMatchObject({
      'controller-3': { state: 'failed', note: { why: expect.stringContaining('does not run on controller-3') } },
    });
    const proven = prove('stop', 20_000);
    const cluster = site.host('controller-1').cluster;
    cluster?.banned.clear();
    cluster?.reconsider();
    expect(await proven).toMatchObject({ 'controller-3': { state: 'failed' } });
  });

  it('is proven for its whole soak, whatever became of the others', async () => {
    const looks = [
      { c1: true, c2: false },
      { c1: false, c2: false },
      { c1: false, c2: true },
    ];
    let look = 0;
    const readResources: ServiceReader['readResources'] = async (asked) => {
      const now = looks[Math.min(look++, looks.length - 1)] as Record<string, boolean>;
      return asked.map(({ node }) => seenOn(node, { isHere: now[node] === true, isBanned: true }));
    };
    const changed = ['c1', 'c2'].map((node) => ({ node, entry: haproxy }));
    const limits = { soakMs: 20_000, deadlineMs: 20_000 };
    const verdicts = await verifyResources({ reader: { readResources } }, 'stop', changed, limits, noAbort());
    expect(verdicts).toMatchObject([
      { state: 'failed', note: { why: expect.stringContaining('clone_p_haproxy runs on c1') } },
      { state: 'failed', note: { why: expect.stringContaining('clone_p_haproxy runs on c2') } },
    ]);
    expect(look).toBe(3);
  });
});

describe('a change that is sent late', () => {
  it('is not sent once another controller is in standby', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    site.host('controller-1').cluster?.member('controller-2')?.attributes.set('standby', 'on');
    const acts = countActs(site);
    const why = expect.stringContaining('controller-2 is in standby');
    expect(await site.change(order)).toMatchObject({ state: 'vetoed', note: { why } });
    expect(await site.change(order, { attempt: 2 })).toMatchObject({ state: 'unknown', note: { why } });
    expect([acts(), clusterOf(site)?.constraints]).toEqual([0, []]);
  });

  it('is not sent once an address has come that could move', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    const cluster = site.host('controller-1').cluster;
    cluster?.preferences.set('vip__management', 'controller-3');
    cluster?.reconsider();
    await vi.waitFor(() => expect(clusterOf(site)?.vips[0]?.holder).toBe('controller-3'), { timeout: 20_000 });
    const why = expect.stringContaining('vip__management is on controller-3, and goes where HAProxy runs');
    expect(await site.change(order)).toMatchObject({ state: 'vetoed', note: { why } });
    expect(clusterOf(site)?.constraints).not.toContain('cli-ban-clone_p_haproxy-on-controller-3');
  });

  it('is sent for an address that the plan leaves nowhere', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-1'));
    expect(order.ticket.units).toMatchObject([{ vips: [expect.stringMatching(/^vip__/)] }]);
    expect(await site.change(order)).toEqual(acted);
  });
});

describe('a controller that is to send a change and does not answer', () => {
  const silent = async (maybeSent: boolean) => {
    const ticket = { ...{ target: 'haproxy', resource: 'clone_p_haproxy', member: 'c3' }, via: 'c1', bootId: 'boot-1' };
    const lease = { owner: 'stop/sim/haproxy', run: 'run-1', batch: 0 };
    const reader = {
      readIntent: () => Promise.reject(new HostSilent('c1: no answer')),
      readResources: async () => [seenOn('c3', { isHere: true, isBanned: false })],
    };
    const deps = { reader } as unknown as ChangeDeps;
    const order = { ...{ node: 'c3', ticket, lease }, verb: 'stop', intent: '0'.repeat(16), deadlineMs: -1 } as const;
    return changeResourceOnce(deps, haproxy, order, { maybeSent, signal: noAbort() });
  };
  const why = 'c1, through which clone_p_haproxy on c3 is changed, does not answer: c1: no answer';

  it('leaves what was not sent to another', async () => {
    expect(await silent(false)).toEqual({ state: 'vetoed', note: { why: expect.stringContaining(why) } });
  });

  it('leaves what may have been sent unknown', async () => {
    expect(await silent(true)).toMatchObject({
      state: 'unknown',
      note: { why: `the stop may have been done; ${why}` },
    });
  });
});

describe('a ban whose answer is lost', () => {
  it('by its connection is found done, and sent once', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    const acts = countActs(site);
    site.host('controller-1').dropReplyOfNextExec('connection', 'systemd-run');
    expect(await site.change(order)).toEqual(acted);
    expect([acts(), clusterOf(site)?.constraints]).toEqual([1, ['cli-ban-clone_p_haproxy-on-controller-3']]);
  });

  it('is found done by the next attempt, and nothing is sent again', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    const acts = countActs(site);
    const lost = new AbortController();
    const first = site.change(order, { cancelled: lost.signal });
    await vi.waitFor(() => expect(clusterOf(site)?.constraints).toHaveLength(1), { timeout: 20_000 });
    lost.abort();
    await first.catch(() => undefined);
    expect(await site.change(order, { attempt: 2 })).toEqual(acted);
    expect(acts()).toBe(1);
  });

  it('is found done by the others where who sent it has lost its power', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    expect(await site.change(order)).toEqual(acted);
    await site.host('controller-1').powerOff();
    expect(await site.change(order, { attempt: 2 })).toEqual(acted);
  });

  it('is not sent once who was to send it has been rebooted', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    await site.host('controller-1').powerOff();
    await site.host('controller-1').powerOn();
    expect(await site.change(order)).toMatchObject({
      state: 'vetoed',
      note: { why: expect.stringContaining('controller-1 has been rebooted') },
    });
    expect(clusterOf(site)?.constraints).toEqual([]);
  });

  it('is not sent again when somebody has taken it away since', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    expect(await site.change(order)).toEqual(acted);
    const cluster = site.host('controller-1').cluster;
    cluster?.banned.clear();
    cluster?.reconsider();
    const acts = countActs(site);
    expect(await site.change(order, { attempt: 2 })).toMatchObject({
      state: 'failed',
      note: { why: expect.stringContaining('is gone since') },
    });
    expect([acts(), runsOn(site, 'controller-3')]).toEqual([0, true]);
  });

  it('does nothing without the lease', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    site.keeper.state.leases = [];
    expect(await site.change(order)).toMatchObject({ state: 'lease-lost' });
    expect(clusterOf(site)?.constraints).toEqual([]);
  });

  it('says which rules are missing where sudo refuses', async () => {
    const site = await clustered();
    const order = await site.order('stop', 'haproxy', on('controller-3'));
    site.host('controller-1').allowSudo(['(?!.*--ban).*']);
    expect(await site.change(order)).toMatchObject({
      state: 'failed',
      note: { next: expect.stringContaining('ostler sudoers --role controller') },
    });
  });
});
