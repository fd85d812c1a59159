import { describe, expect, it } from 'vitest';
import { partRequest } from '../../../domain/service-parts.js';
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

  it('does not take the name of a module that has one service for a word about that service', async () => {
    const site = await ServiceSite.start({ controllers: 1, services });
    site.host('controller-1').enable(false, 'memcached');
    for (const service of ['memcached', 'glance-api']) await site.host('controller-1').stopUnit(service);
    const { nodes, units } = await site.plan('start', 'all', each);
    expect(nodes).toEqual(['glance.controller']);
    expect(units?.leftOut).toContainEqual(expect.stringMatching(/^memcached is disabled at boot, and left as it is/));
    const part = partRequest(site.request('start', 'all', each), { target: 'memcached', role: 'controller' });
    expect(part.unnamed).toBe(true);
    const hosts = await site.admitted('start', 'memcached', ['controller-1'], 'controller', { unnamed: true });
    expect(hosts['controller-1']).toMatchObject({ state: 'skipped' });
    expect((await site.plan('start', 'memcached')).nodes).toEqual(['controller-1']);
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

  it('of a restart says where a service is left out because what would bring it does not run', async () => {
    const site = await ServiceSite.start({ computes: 2 });
    await site.host('compute-2').stopUnit('libvirtd');
    const { nodes, units } = await site.plan('restart', 'nova', each);
    expect(nodes).toEqual(['libvirtd.compute']);
    expect(units?.leftOut).toEqual([
      expect.stringMatching(
        /^nova-compute on compute-2 is not restarted, since libvirtd.*`ostler service restart nova-compute --on/,
      ),
    ]);
  });

  it('of a restart leaves out what nobody could use meanwhile, and says which command asks before', async () => {
    const site = await ServiceSite.start();
    site.outageOf = async (target) => (target === 'nova-compute' ? 'nobody has a server meanwhile' : undefined);
    const { nodes, units } = await site.plan('restart', 'nova', each);
    expect(nodes).not.toContain('nova-compute.compute');
    expect(units?.leftOut).toContain(
      'nova-compute is not restarted: nobody has a server meanwhile; `ostler restart nova-compute` does that, and asks before',
    );
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
