import { describe, expect, it } from 'vitest';
import { ServiceSite } from './site.js';

const each = { each: true as const };
const services = ['memcached', 'mysql', 'glance-api', 'neutron-ovs-cleanup', 'libvirtd', 'nova-compute'];

describe('the plan of an operation on many services', () => {
  it('has a part for each module and role that has something to do, in reverse to stop', async () => {
    const site = await ServiceSite.start({ controllers: 3, computes: 5, services });
    const on = { ...each, selection: 'controller-1,compute-1' };
    expect((await site.plan('stop', 'all', on)).nodes).toEqual([
      'nova.compute',
      'glance.controller',
      'memcached.controller',
      'mysql.controller',
    ]);
    for (const service of ['glance-api', 'memcached']) await site.host('controller-1').stopUnit(service);
    const start = await site.plan('start', 'all', on);
    expect(start.nodes).toEqual(['memcached.controller', 'glance.controller']);
    expect(start.units).toMatchObject({
      steps: ['memcached.controller: memcached on controller-1', 'glance.controller: glance-api on controller-1'],
      leftOut: [expect.stringMatching(/^neutron-ovs-cleanup is left alone: it takes the ports/)],
    });
  });

  it('is refused as a whole where one part would take a majority away', async () => {
    const site = await ServiceSite.start({ controllers: 3, services });
    await expect(site.plan('stop', 'all', { ...each, maxUnavailable: '100%' })).rejects.toMatchObject({
      type: 'PlanRefused',
      message: expect.stringMatching(/^mysql\.controller: Galera would have 0 of 3/),
    });
  });

  it('is refused where nothing is left to do', async () => {
    const site = await ServiceSite.start();
    await expect(site.plan('start', 'all', each)).rejects.toMatchObject({ type: 'NothingToDo' });
  });

  it('of a restart has the modules that run on controllers, and the services that run elsewhere', async () => {
    const site = await ServiceSite.start({ controllers: 1, services });
    await site.host('controller-1').stopUnit('memcached');
    const { nodes } = await site.plan('restart', 'all', each);
    expect(nodes).toEqual(['mysql.controller', 'glance.controller', 'libvirtd.compute']);
  });

  it('is another one when what a part depends on is not as it was', async () => {
    const site = await ServiceSite.start({ computes: 5 });
    const on = { ...each, selection: 'compute-1,compute-2', maxUnavailable: 5 };
    const { hash } = await site.plan('stop', 'nova', on);
    expect((await site.plan('stop', 'nova', on)).hash).toBe(hash);
    await site.host('compute-2').stopUnit('nova-compute');
    expect((await site.plan('stop', 'nova', on)).hash).not.toBe(hash);
  });
});
