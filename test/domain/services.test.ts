import { describe, expect, it } from 'vitest';
import { catalogue } from '../../domain/catalogue.js';
import type { Role } from '../../domain/inventory.js';
import { bringersOf, partCalled, partName, partRequest, partsOf } from '../../domain/service-parts.js';
import { isNamed, servicesFor } from '../../domain/services.js';
import { aRequest } from './samples.js';

const roles = ['controller', 'compute'] as const;
const names = (verb: 'start' | 'stop' | 'enable' | 'disable', name: string, role: 'controller' | 'compute') =>
  servicesFor(verb, name, role).map(({ id }) => id);

describe('the services that a change is about', () => {
  it('are those of the role, in the order of their starts, and in reverse to stop', () => {
    expect(names('start', 'glance', 'controller')).toEqual(['glance-api', 'glance-registry']);
    expect(names('stop', 'glance', 'controller')).toEqual(['glance-registry', 'glance-api']);
    expect(names('start', 'nova', 'compute')).toEqual(['nova-ssh', 'libvirtd', 'nova-compute']);
  });

  it('have what needs them stopped before them, and nothing else with them', () => {
    expect(names('stop', 'libvirtd', 'compute')).toEqual(['nova-compute', 'libvirtd']);
    expect(names('stop', 'openvswitch', 'compute')).toEqual(['neutron-openvswitch-agent', 'openvswitch']);
    expect(names('stop', 'openvswitch', 'controller')).toEqual([
      'neutron-l3-agent',
      'neutron-dhcp-agent',
      'neutron-openvswitch-agent',
      'openvswitch',
    ]);
    for (const verb of ['start', 'enable', 'disable'] as const)
      expect(names(verb, 'libvirtd', 'compute')).toEqual(['libvirtd']);
  });
});

describe('the parts of an operation on many services', () => {
  const all = (operation: 'start' | 'stop' | 'restart') => partsOf(operation, 'all', roles).map(partName);

  it('are a module and a role each, in the order of starts, and exactly in reverse to stop', () => {
    const starts = all('start');
    expect(starts.indexOf('mysql.controller')).toBeLessThan(starts.indexOf('keystone.controller'));
    expect(starts.indexOf('nova.controller')).toBeLessThan(starts.indexOf('nova.compute'));
    expect(all('stop')).toEqual([...starts].reverse());
    expect(starts.every((name) => !name.endsWith('.mongo'))).toBe(true);
  });

  it('of a restart are modules on controllers, and single services elsewhere', () => {
    const restarts = all('restart');
    expect(restarts).toContain('nova.controller');
    expect(restarts).toContain('libvirtd.compute');
    expect(restarts).not.toContain('nova.compute');
    // Daemons of Ceph are restarted by a procedure of their own, on controllers, too.
    expect(restarts).toContain('ceph-mon.controller');
    expect(partsOf('restart', 'ceph', ['controller', 'ceph-osd']).map(partName)).toEqual([
      'ceph-mon.controller',
      'ceph-osd.ceph-osd',
    ]);
    const [libvirtd, nova] = [
      { target: 'libvirtd', role: 'compute' },
      { target: 'nova-compute', role: 'compute' },
    ] as const;
    expect([bringersOf(nova, [libvirtd]), bringersOf(libvirtd, [nova])]).toEqual([[libvirtd], []]);
  });

  it('are about the one service where one was named', () => {
    expect(partsOf('stop', 'neutron-openvswitch-agent', roles).map(partName)).toEqual([
      'neutron-openvswitch-agent.compute',
      'neutron-openvswitch-agent.controller',
    ]);
  });

  it('are told by their names', () => {
    for (const role of ['controller', 'ceph-osd'] as const)
      expect(partCalled(partName({ target: 'nova-compute', role }))).toEqual({ target: 'nova-compute', role });
    expect([...catalogue.keys()].some((id) => id.includes('.'))).toBe(false);
  });

  it('have the name of a service where the module that was asked for has it', () => {
    const haproxy = { id: 'haproxy' };
    const part = (target: string) =>
      partRequest(aRequest({ operation: 'start', target, each: true }), { target: 'haproxy', role: 'controller' });
    expect(isNamed(part('haproxy'), haproxy)).toBe(true);
    expect(isNamed(part('haproxy'), { id: 'keepalived' })).toBe(false);
    expect(isNamed(part('all'), haproxy)).toBe(false);
  });

  it('end at their first failure instead of waiting for a person, who is asked about the whole', () => {
    const whole = {
      ...{ operation: 'stop' as const, cloud: 'prod', target: 'all', each: true as const, soakMs: 0, maxFailures: 2 },
      ...{ onFailure: 'pause' as const, promote: false, pauseDeadlineMs: 86_400_000, admitDeadlineMs: 60_000 },
      ...{ actor: 'ada', reason: 'OPS-1', expect: 'abcd', agreed: 'plan/prod/1', selection: 'compute-1' },
    };
    const part = partRequest(whole, { target: 'nova', role: 'compute' });
    expect(part).toMatchObject({
      target: 'nova',
      role: 'compute',
      maxFailures: 0,
      onFailure: 'abort',
      selection: 'compute-1',
    });
    expect(Object.keys(part)).not.toEqual(expect.arrayContaining(['each']));
    expect([part.expect, part.agreed]).toEqual([undefined, undefined]);
    const onControllers = partRequest({ ...whole, operation: 'restart' }, { target: 'glance', role: 'controller' });
    expect(onControllers).toMatchObject({ target: 'controllers', controller: { module: 'glance' } });
    const monitors = partRequest(
      { ...whole, operation: 'restart', batch: [5] },
      { target: 'ceph-mon', role: 'controller' },
    );
    expect(monitors).toMatchObject({ target: 'ceph-mon', role: 'controller' });
    expect(monitors.batch).toBeUndefined();
  });

  it('wait for a person, as long as the whole does, where they have something to put back', () => {
    const whole = {
      ...{
        operation: 'restart' as const,
        cloud: 'prod',
        target: 'all',
        each: true as const,
        soakMs: 0,
        maxFailures: 2,
      },
      ...{ onFailure: 'pause' as const, promote: false, pauseDeadlineMs: 86_400_000, admitDeadlineMs: 60_000 },
      ...{ actor: 'ada', reason: 'OPS-1' },
    };
    const patience = (target: string, role: Role) => partRequest(whole, { target, role }).pauseDeadlineMs;
    expect(patience('ceph-osd', 'ceph-osd')).toBe(86_400_000);
    expect(patience('glance', 'controller')).toBe(86_400_000);
    expect(patience('nova-compute', 'compute')).toBeLessThan(60_000);
    expect(partRequest(whole, { target: 'ceph-osd', role: 'ceph-osd' })).toMatchObject({ onFailure: 'abort' });
  });
});
