import { describe, expect, it } from 'vitest';
import type { ClusterView } from '../../domain/cluster.js';
import { shutSince } from '../../domain/resource-gates.js';
import type { ResourceInCluster } from '../../domain/resource-judgement.js';
import { aMember, names, withNode } from './cluster-samples.js';
import { aBan, aCloud, cloneOf, readingsOf } from './resource-samples.js';

const ovs = 'neutron-openvswitch-agent';

/** What is seen of a service on a controller right before its change is sent. */
const seen = (id: string, node: string, view: Partial<ClusterView> = {}): ResourceInCluster =>
  readingsOf(aCloud(view), id)[node] as unknown as ResourceInCluster;

describe('a change that was decided before', () => {
  it.each([
    ['maintenance mode', { properties: { 'maintenance-mode': 'true' } }, /maintenance mode/],
    ['a lost quorum', { quorum: false }, /lost its quorum/],
    ['a member that is lost', withNode('c3', { online: false, unclean: true }), /c3 is lost and not proven off/],
  ])('is not sent into %s', (_what, { resources: _own, ...view }: Partial<ClusterView>, why) => {
    for (const verb of ['stop', 'start'] as const)
      expect(shutSince({ verb, id: ovs, node: 'c1' }, seen(ovs, 'c1', view))).toMatch(why);
  });

  it('is not sent where Pacemaker would not follow it', () => {
    const unmanaged = { resources: cloneOf(ovs).map((one) => ({ ...one, managed: false })) };
    expect(shutSince({ verb: 'stop', id: ovs, node: 'c1' }, seen(ovs, 'c1', unmanaged))).toMatch(
      /neutron-openvswitch-agent is not stopped on c1: it is unmanaged/,
    );
    const off = {
      nodes: names.map((name) => aMember(name, { standby: name === 'c1' })),
      resources: cloneOf(ovs, ['c2', 'c3']),
      constraints: [aBan(`clone_p_${ovs}`, 'c1')],
    };
    expect(shutSince({ verb: 'start', id: ovs, node: 'c1' }, seen(ovs, 'c1', off))).toMatch(/c1 is in standby/);
  });

  it('is no stop while another controller is in standby', () => {
    const { resources: _own, ...view } = withNode('c3', { standby: true });
    expect(shutSince({ verb: 'stop', id: ovs, node: 'c1' }, seen(ovs, 'c1', view))).toMatch(/c3 is in standby/);
    expect(shutSince({ verb: 'start', id: ovs, node: 'c1' }, seen(ovs, 'c1', view))).toBeUndefined();
  });

  it('takes HAProxy from under no address that has come since and could move', () => {
    const stop = { verb: 'stop', id: 'haproxy', node: 'c2' } as const;
    expect(shutSince(stop, seen('haproxy', 'c2'))).toMatch(/vip is on c2, and goes where HAProxy runs/);
    expect(shutSince({ ...stop, vips: ['vip'] }, seen('haproxy', 'c2'))).toBeUndefined();
    expect(shutSince({ ...stop, node: 'c1' }, seen('haproxy', 'c1'))).toBeUndefined();
    const { resources } = aCloud();
    const last = resources.map((one) =>
      one.id === 'p_haproxy' && !one.nodes.includes('c2') ? { ...one, nodes: [] } : one,
    );
    expect(shutSince(stop, seen('haproxy', 'c2', { resources: last }))).toBeUndefined();
  });
});
