import { describe, expect, it } from 'vitest';
import type { ClusterView } from '../../domain/cluster.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import type { ClusteredReading } from '../../domain/resource-judgement.js';
import { servicesFor } from '../../domain/services.js';
import type { UnitVerb } from '../../domain/unit-change.js';
import type { ServiceReading } from '../../domain/unit-judgement.js';
import { planUnits } from '../../domain/units-plan.js';
import { aMember, names, stopped, withNode } from './cluster-samples.js';
import { aBan, aCloud, cloneOf, dhcpAgent, readingsOf } from './resource-samples.js';
import { aNode, anInventory, aRequest, sha256 } from './samples.js';
import { up } from './unit-samples.js';

const controllers = names.map((name) => aNode(name, { roles: ['controller'] }));

/** The plan for what Pacemaker runs so; what it does not run is a unit that runs, where it is installed. */
function planned(
  verb: UnitVerb,
  target: string,
  view: ClusterView,
  {
    on = names,
    installed = [],
    but = {},
    seen = {},
    ...more
  }: Partial<RolloutRequest> & {
    on?: string[];
    installed?: string[];
    but?: Record<string, ServiceReading>;
    seen?: Partial<ClusteredReading>;
  } = {},
): Plan {
  const entries = servicesFor(verb, target, 'controller');
  const all = new Map(entries.map(({ id }) => [id, readingsOf(view, id, seen)]));
  const unit = (id: string): ServiceReading =>
    installed.includes(id) ? { state: 'read', unit: { ...up, unit: `${id}.service` } } : { state: 'read' };
  const observed = new Map(
    names.map((node) => [
      node,
      new Map(entries.map(({ id }) => [id, but[node] ?? all.get(id)?.[node] ?? unit(id)] as const)),
    ]),
  );
  const request = aRequest({ operation: verb, target, ...more });
  return planUnits(
    anInventory(controllers),
    { verb, role: 'controller', entries, selected: on, request },
    observed,
    sha256,
  );
}

const ovs = 'neutron-openvswitch-agent';
const everywhere = { maxUnavailable: 3 };

describe('a stop of what Pacemaker runs', () => {
  it('is a ban on one controller, which the plan says stays', () => {
    const { nodes, units } = planned('stop', 'haproxy', aCloud(), { on: ['c1'] });
    expect(nodes).toEqual(['c1']);
    expect(units).toEqual({
      steps: [
        'haproxy on c1 (clone_p_haproxy of Pacemaker, by a ban that stays until `ostler service start haproxy --on c1`)',
      ],
      leftOut: [],
    });
  });

  it('finds it done where a ban keeps it off', () => {
    const view = aCloud({
      resources: cloneOf('haproxy', ['c2', 'c3']),
      constraints: [aBan('clone_p_haproxy', 'c1')],
    });
    expect(() => planned('stop', 'haproxy', view, { on: ['c1'] })).toThrow(
      /there is nothing to stop.*1 already \(c1\)/,
    );
  });

  it('counts the controllers that lack it already', () => {
    const view = aCloud({
      resources: [...cloneOf('haproxy', ['c2', 'c3']), stopped({ id: 'p_haproxy', parent: 'clone_p_haproxy' })],
    });
    expect(() => planned('stop', 'haproxy', view, { on: ['c3'] })).toThrow(/down on 2 of 3.*--max-unavailable 2/);
  });

  it('takes no majority away, whoever runs its members', () => {
    const view = aCloud({ resources: cloneOf('mysql', ['c1', 'c2']) });
    expect(() => planned('stop', 'mysql', view, { on: ['c1'], ...everywhere })).toThrow(
      /Galera would have 1 of 3 without c1, and needs 2/,
    );
    expect(planned('stop', 'mysql', aCloud(), { on: ['c1'], ...everywhere }).maxUnavailable).toBe(1);
  });

  it.each([
    ['in maintenance mode', { properties: { 'maintenance-mode': 'true' } }, /maintenance mode.*maintenance-mode=false/],
    ['without quorum', { quorum: false }, /lost its quorum/],
    ['in which another controller is in standby', withNode('c3', { standby: true }), /c3 is in standby/],
    ['that knows one as lost', withNode('c3', { online: false, unclean: true }), /c3 is lost and not proven off/],
  ])('is refused in a cluster %s', (_what, { resources: _own, ...view }: Partial<ClusterView>, why) => {
    expect(() => planned('stop', ovs, aCloud(view), { on: ['c1'] })).toThrow(why);
  });

  it('is left out where Pacemaker would not obey', () => {
    const unmanaged = aCloud({ resources: cloneOf(ovs).map((one) => ({ ...one, managed: false })) });
    expect(() => planned('stop', ovs, unmanaged, { on: ['c1'] })).toThrow(
      /is not stopped on c1: it is unmanaged: `pcs resource manage clone_p_neutron-openvswitch-agent`/,
    );
  });

  it('is not refused for a standby of that controller itself', () => {
    const nodes = names.map((name) => aMember(name, { standby: name === 'c1' }));
    expect(planned('stop', ovs, aCloud({ nodes }), { on: ['c1'] }).nodes).toEqual(['c1']);
  });

  it('takes HAProxy from under no address while that could be moved', () => {
    expect(() => planned('stop', 'haproxy', aCloud(), { on: ['c2'] })).toThrow(
      /vip is on c2, and goes where HAProxy runs.*`ostler vip move vip --to c1`.*`ostler failover c2`/,
    );
  });

  it('everywhere has the controller with the addresses last, one at a time, and is an outage', () => {
    const { nodes, batches, units } = planned('stop', 'haproxy', aCloud(), { ...everywhere, batch: [3] });
    expect([nodes, batches, units?.outages]).toEqual([['c1', 'c3', 'c2'], [1, 1, 1], ['haproxy']]);
    expect(units?.steps[0]).toContain('vip will be nowhere');
  });

  it('is no outage where Pacemaker says that it runs on a controller that does not answer', () => {
    const but = { c3: { state: 'unreachable', why: 'no answer' } } as const;
    expect(planned('stop', ovs, aCloud(), { on: ['c1', 'c2'], but, ...everywhere }).units?.outages).toBeUndefined();
  });

  it('everywhere needs to be said in numbers', () => {
    expect(() => planned('stop', ovs, aCloud())).toThrow(/down on 3 of 3.*--max-unavailable 3/);
  });

  it.each([
    [
      'the resource',
      { mayNot: 'is run by Pacemaker, as x, which Ostler may not ban' },
      /haproxy is run by Pacemaker, as x, which Ostler may not ban/,
    ],
    ['no controller with quorum', { via: undefined }, /no controller counts itself to a majority/],
  ])('is left out where sudo, or nobody, lets it: %s', (_what, seen, why) => {
    expect(() => planned('stop', 'haproxy', aCloud(), { on: ['c1'], seen: seen as Partial<ClusteredReading> })).toThrow(
      why,
    );
  });

  it('comes before that of the unit that it needs', () => {
    const { units } = planned('stop', 'openvswitch', aCloud({ resources: cloneOf(ovs) }), {
      on: ['c1'],
      installed: ['openvswitch'],
    });
    expect(units?.steps.map((step) => step.split(' ')[0])).toEqual([ovs, 'openvswitch']);
  });

  it('leaves that unit alone where something above it runs there and is not stopped', () => {
    const view = aCloud({ resources: cloneOf(ovs) });
    const seen = { mayNot: 'is not permitted' };
    expect(() => planned('stop', 'openvswitch', view, { on: ['c1'], installed: ['openvswitch'], seen })).toThrow(
      /openvswitch is needed by neutron-openvswitch-agent, which Pacemaker runs there and which is not stopped/,
    );
  });
});

describe('a stop of what there is one of', () => {
  const dhcp = 'neutron-dhcp-agent';

  it('would only move it, and is left out, where another controller could have it', () => {
    for (const on of [['c2'], ['c1', 'c2']])
      expect(() => planned('stop', dhcp, aCloud(), { on, ...everywhere })).toThrow(
        /neutron-dhcp-agent would only move: p_neutron-dhcp-agent runs once, and .*c3 could have it/,
      );
  });

  it('has the controller where it runs last, and is an outage', () => {
    const { nodes, batches, units } = planned('stop', dhcp, aCloud(), everywhere);
    expect([nodes, batches, units?.outages]).toEqual([['c1', 'c3', 'c2'], [1, 1, 1], [dhcp]]);
  });

  it('needs no controller that it is banned from, and every one that does not answer', () => {
    const constraints = [aBan('p_neutron-dhcp-agent', 'c1'), aBan('p_neutron-dhcp-agent', 'c3')];
    expect(planned('stop', dhcp, aCloud({ constraints }), { on: ['c2'] }).nodes).toEqual(['c2']);
    const but = { c3: { state: 'unreachable', why: 'no answer' } } as const;
    expect(() => planned('stop', dhcp, aCloud(), { but, ...everywhere })).toThrow(/c3 could have it/);
  });

  it('knows of members that the inventory does not', () => {
    const nodes = [...names, 'c4'].map((name) => aMember(name));
    expect(() => planned('stop', dhcp, aCloud({ nodes }), everywhere)).toThrow(/and c4 could have it/);
  });

  it('does not keep the rest of its module from being stopped', () => {
    const { nodes, units } = planned('stop', 'neutron', aCloud(), { on: ['c1'] });
    expect(nodes).toEqual(['c1']);
    expect(units?.steps).toEqual([expect.stringMatching(/^neutron-openvswitch-agent on c1 /)]);
    expect(units?.leftOut).toEqual([expect.stringContaining('neutron-dhcp-agent would only move')]);
  });
});

describe('a start of what Pacemaker runs', () => {
  const banned = {
    resources: cloneOf('haproxy', ['c2', 'c3']),
    constraints: [aBan('clone_p_haproxy', 'c1')],
  };

  it('takes the ban away, and says so', () => {
    const { nodes, excluded, units } = planned('start', 'haproxy', aCloud(banned));
    expect([nodes, excluded]).toEqual([['c1'], { already: ['c2', 'c3'] }]);
    expect(units?.steps).toEqual([
      'haproxy on c1 (clone_p_haproxy of Pacemaker: taken away, whoever left it: cli-ban-clone_p_haproxy-on-c1)',
    ]);
  });

  it.each([
    ['nothing that is seen keeps it off', {}, /no ban keeps it off.*crm_simulate -sL/],
    ['a ban of its primitive', { constraints: [aBan('p_haproxy', 'c1')] }, /crm_resource --clear -r p_haproxy -N c1/],
    ['standby', { nodes: names.map((name) => aMember(name, { standby: name === 'c1' })) }, /c1 is in standby/],
    [
      'a failure',
      { failures: [{ resource: 'p_haproxy', task: 'start', node: 'c1', result: 'error' }] },
      /start failed there \(error\).*pcs resource cleanup clone_p_haproxy/,
    ],
    [
      'what an operator has disabled',
      {
        resources: [stopped({ id: 'p_haproxy', parent: 'clone_p_haproxy', disabled: true })],
        constraints: [aBan('clone_p_haproxy', 'c1')],
      },
      /disabled in Pacemaker: `pcs resource enable clone_p_haproxy`/,
    ],
    [
      'a failure of what still has a place there',
      { resources: cloneOf('haproxy').map((one) => ({ ...one, failed: one.nodes.includes('c1') })) },
      /Pacemaker calls it failed: mend that, then `pcs resource cleanup clone_p_haproxy`/,
    ],
    [
      'that it is unmanaged',
      { resources: [stopped({ id: 'p_haproxy', parent: 'clone_p_haproxy', managed: false })] },
      /pcs resource manage clone_p_haproxy/,
    ],
  ])('is left to a person where it is kept off by %s', (_what, view: Partial<ClusterView>, why) => {
    const off = { resources: cloneOf('haproxy', ['c2', 'c3']), ...view };
    expect(() => planned('start', 'haproxy', aCloud(off), { on: ['c1'] })).toThrow(why);
  });

  it('by the name of more than it leaves the ban alone, and names the command that means it', () => {
    const off = aCloud({
      resources: cloneOf(ovs, ['c2', 'c3']),
      constraints: [aBan('clone_p_neutron-openvswitch-agent', 'c1')],
    });
    const why =
      /1 disabled \(c1\).*neutron-openvswitch-agent is kept off c1 by cli-ban-clone_p_neutron-openvswitch-agent-on-c1, and left so: `ostler service start neutron-openvswitch-agent --on c1` means it/;
    expect(() => planned('start', 'neutron', off)).toThrow(why);
    expect(planned('start', ovs, off).nodes).toEqual(['c1']);
    expect(() => planned('start', 'haproxy', aCloud(banned), { unnamed: true })).toThrow(
      /haproxy is kept off c1 .*and left so/,
    );
  });

  it('is refused in maintenance mode', () => {
    const view = aCloud({ ...banned, properties: { 'maintenance-mode': 'true' } });
    expect(() => planned('start', 'haproxy', view)).toThrow(/maintenance mode/);
  });

  it('lets what there is one of back on each controller that it was banned from', () => {
    const constraints = names.map((name) => aBan('p_neutron-dhcp-agent', name));
    const view = aCloud({ resources: [dhcpAgent()], constraints });
    expect(planned('start', 'neutron-dhcp-agent', view).nodes).toEqual(names);
    const once = aCloud({ resources: [dhcpAgent('c1')], constraints: [] });
    expect(() => planned('start', 'neutron-dhcp-agent', once)).toThrow(/3 already/);
  });

  it('of a Galera that runs nowhere is for a person', () => {
    const view = aCloud({
      resources: [stopped({ id: 'p_mysql', parent: 'clone_p_mysql' })],
      constraints: names.map((name) => aBan('clone_p_mysql', name)),
    });
    expect(() => planned('start', 'mysql', view)).toThrow(/no member of Galera runs on c1, c2, c3/);
  });
});

it.each(['enable', 'disable'] as const)('what Pacemaker runs must stay disabled in systemd: %s', (verb) => {
  expect(() => planned(verb, 'haproxy', aCloud())).toThrow(
    /haproxy is run by Pacemaker, as clone_p_haproxy, and must stay disabled in systemd/,
  );
});
