import { describe, expect, it, vi } from 'vitest';
import { attempt, isAct } from '../systemd/site.js';
import { ServiceSite } from './site.js';

const acted = { state: 'acted', byUs: true };

/** Counts the exec requests of a host that would change something, from now on. */
function countActs(site: ServiceSite): () => number {
  let acts = 0;
  site.host().beforeExec = (command) => {
    if (isAct(command)) acts++;
  };
  return () => acts;
}

describe('a change of services on one host', () => {
  it('stops what needs a service before it, and starts it after it', async () => {
    const site = await ServiceSite.start();
    const stop = await site.order('stop', 'libvirtd');
    expect(stop.ticket.units.map(({ target }) => target)).toEqual(['nova-compute', 'libvirtd']);
    expect(await site.change(stop)).toEqual(acted);
    expect(site.host().ledger.stops.map(({ unit }) => unit)).toEqual(['nova-compute.service', 'libvirtd.service']);
    const start = await site.order('start', 'nova');
    expect(start.ticket.units.map(({ target }) => target)).toEqual(['libvirtd', 'nova-compute']);
    expect(await site.change(start)).toEqual(acted);
    expect([site.stateOf('libvirtd'), site.stateOf('nova-compute')]).toEqual(['active', 'active']);
  });

  it('does not start what needs a service that is down', async () => {
    const site = await ServiceSite.start();
    await site.change(await site.order('stop', 'libvirtd'));
    const result = await site.change(await site.order('start', 'nova-compute'));
    expect(result).toMatchObject({ state: 'vetoed', note: { why: 'nova-compute: a unit it needs is not active' } });
    expect(site.stateOf('nova-compute')).toBe('inactive');
  });

  it('disables and enables without stopping or starting anything', async () => {
    const site = await ServiceSite.start();
    expect(await site.change(await site.order('disable', 'nova-compute'))).toEqual(acted);
    expect([site.isEnabled('nova-compute'), site.stateOf('nova-compute')]).toEqual([false, 'active']);
    expect(await site.change(await site.order('enable', 'nova-compute'))).toEqual(acted);
    expect(site.isEnabled('nova-compute')).toBe(true);
    expect(site.host().ledger.starts).toEqual([]);
  });

  it('leaves disabled what it starts', async () => {
    const site = await ServiceSite.start();
    site.host().enable(false, 'nova-compute');
    await site.host().stopUnit('nova-compute');
    expect(await site.change(await site.order('start', 'nova-compute'))).toEqual(acted);
    expect([site.isEnabled('nova-compute'), site.stateOf('nova-compute')]).toEqual([false, 'active']);
  });

  it('reports a start that failed with its journal, and does not go on to the next', async () => {
    const site = await ServiceSite.start();
    await site.change(await site.order('stop', 'libvirtd'));
    site.host().failNextStart(1, 'libvirtd');
    const result = await site.change(await site.order('start', 'nova'));
    expect(result).toMatchObject({
      state: 'failed',
      note: { why: expect.stringMatching(/^libvirtd: .*not touched: nova-compute/) },
    });
    expect(site.stateOf('nova-compute')).toBe('inactive');
  });

  it('stops a unit that systemd starts again and again', async () => {
    const site = await ServiceSite.start();
    const unit = site.host().manager.unit('nova-compute.service');
    unit?.exited(1);
    unit?.enter('activating', 'auto-restart');
    const order = await site.order('stop', 'nova-compute');
    expect(order.ticket.units).toMatchObject([{ target: 'nova-compute', restless: true }]);
    expect(await site.change(order)).toEqual(acted);
    expect(site.stateOf('nova-compute')).toBe('inactive');
  });

  it('keeps to the unit of a service where a web server with others in it runs beside it', async () => {
    const site = await ServiceSite.start({
      controllers: 1,
      distribution: 'rdo',
      services: ['cinder-api', 'horizon', 'nova-compute'],
    });
    const node = 'controller-1';
    const controller = { role: 'controller' as const, node };
    const stop = await site.order('stop', 'cinder-api', controller);
    expect(await site.change(stop)).toEqual(acted);
    expect(site.host(node).ledger.stops.map(({ unit }) => unit)).toEqual(['openstack-cinder-api.service']);
    const { verb, ticket } = stop;
    const proven = attempt(site.activities.verifyChange, { verb, hosts: [{ node, ticket }], soakMs: 50 });
    expect(await proven).toEqual({});
    expect((await site.admitted('stop', 'cinder-api', [node], 'controller'))[node]).toMatchObject({ state: 'skipped' });
    expect(await site.change(await site.order('start', 'cinder-api', controller))).toEqual(acted);
    expect([site.stateOf('cinder-api', node), site.stateOf('horizon', node)]).toEqual(['active', 'active']);
  });

  it('has failed where what it started does not run', async () => {
    const site = await ServiceSite.start();
    await site.host().stopUnit('nova-compute');
    const order = await site.order('start', 'nova-compute');
    await site.host().startUnit('nova-compute');
    await site.host().stopUnit('nova-compute');
    expect(await site.change(order)).toMatchObject({
      state: 'failed',
      note: { why: expect.stringMatching(/^nova-compute: it does not run after its start/) },
    });
  });

  it('keeps off a unit that is on its way up', async () => {
    const site = await ServiceSite.start();
    site.host().manager.unit('nova-compute.service')?.enter('activating', 'start');
    expect((await site.admitted('stop', 'nova-compute', ['compute-1']))['compute-1']).toMatchObject({
      state: 'vetoed',
      note: { why: 'nova-compute.service is still activating (start)' },
    });
  });
});

describe('a change whose answer is lost', () => {
  it.each(['stop', 'disable', 'start'] as const)(
    'by its connection is found done, and %s is sent once',
    async (verb) => {
      const site = await ServiceSite.start();
      if (verb === 'start') await site.host().stopUnit('nova-compute');
      const order = await site.order(verb, 'nova-compute');
      const acts = countActs(site);
      site.host().dropReplyOfNextExec('connection', 'systemd-run');
      expect(await site.change(order)).toMatchObject({ state: 'acted' });
      expect(acts()).toBe(1);
    },
  );

  it('is found done by the next attempt, and nothing is stopped again', async () => {
    const site = await ServiceSite.start();
    const order = await site.order('stop', 'libvirtd');
    site.host().dropReplyOfNextExec('connection', 'systemd-run');
    const lost = new AbortController();
    const first = site.change(order, { cancelled: lost.signal });
    await vi.waitFor(() => expect(site.stateOf('nova-compute')).toBe('inactive'), { timeout: 20_000 });
    lost.abort();
    await first.catch(() => undefined);
    expect(await site.change(order, { attempt: 2 })).toMatchObject({ state: 'acted' });
    expect(site.host().ledger.stops.map(({ unit }) => unit)).toEqual(['nova-compute.service', 'libvirtd.service']);
  });

  it('does not stop what another hand has started again since', async () => {
    const site = await ServiceSite.start();
    const order = await site.order('stop', 'nova-compute');
    expect(await site.change(order)).toEqual(acted);
    await site.host().startUnit('nova-compute');
    const acts = countActs(site);
    expect(await site.change(order, { attempt: 2 })).toMatchObject({
      state: 'failed',
      note: { why: expect.stringContaining('is active again since') },
    });
    expect([acts(), site.stateOf('nova-compute')]).toEqual([0, 'active']);
  });

  it('does not stop what was restarted between the look and the act', async () => {
    const site = await ServiceSite.start();
    const order = await site.order('stop', 'nova-compute');
    await site.host().restartByAnotherHand('nova-compute');
    expect(await site.change(order)).toMatchObject({
      state: 'vetoed',
      note: { why: expect.stringContaining('another hand has restarted it') },
    });
    expect(site.stateOf('nova-compute')).toBe('active');
  });

  it('does nothing without the lease', async () => {
    const site = await ServiceSite.start();
    const order = await site.order('stop', 'nova-compute');
    site.keeper.state.leases = [];
    expect(await site.change(order)).toMatchObject({ state: 'lease-lost' });
    expect(site.stateOf('nova-compute')).toBe('active');
  });

  it('says which rules are missing where sudo refuses', async () => {
    const site = await ServiceSite.start();
    const order = await site.order('disable', 'nova-compute');
    site.host().refuseSudo();
    expect(await site.change(order)).toMatchObject({
      state: 'failed',
      note: { next: expect.stringContaining('ostler sudoers') },
    });
  });
});
