import { describe, expect, it } from 'vitest';
import type { Node } from '../../domain/inventory.js';
import { type Plan, PlanRefusal, type RolloutRequest } from '../../domain/plan.js';
import { servicesFor } from '../../domain/services.js';
import type { UnitReading, UnitVerb } from '../../domain/unit-change.js';
import type { ServiceReading } from '../../domain/unit-judgement.js';
import { planUnits } from '../../domain/units-plan.js';
import { aNode, anInventory, aRequest, computes, sha256 } from './samples.js';

const fence = { bootId: 'boot-1', startedUs: 10, mainPid: 100 };
const runs = (id: string): ServiceReading => ({ state: 'read', unit: reading(id, 'active') });
const isDown = (id: string): ServiceReading => ({ state: 'read', unit: reading(id, 'inactive') });
const reading = (id: string, active: string): UnitReading => ({
  ...{ unit: `${id}.service`, fence, load: 'loaded', active, sub: 'x', result: 'success', jobQueued: false },
  ...{ activeForMs: 1_000, failedNeeds: [], fileState: 'enabled', type: 'simple' },
  ...{ mainCode: 0, mainStatus: 0, mainEndedUs: 0, leftActiveUs: 0 },
});
const unreachable: ServiceReading = { state: 'unreachable', why: 'no answer' };

/** The plan where every installed service of the nodes runs, but for what is said of some. */
function planned(
  verb: UnitVerb,
  target: string,
  nodes: Node[],
  {
    installed,
    but = {},
    on,
    ...more
  }: Partial<RolloutRequest> & {
    installed: string[];
    but?: Record<string, Record<string, ServiceReading>>;
    on?: string[];
  },
): Plan {
  const role = nodes[0]?.roles[0] ?? 'compute';
  const entries = servicesFor(verb, target, role);
  const observed = new Map(
    nodes.map(({ name }) => {
      const seen = entries.map(({ id }): [string, ServiceReading] => [
        id,
        but[name]?.[id] ?? (installed.includes(id) ? runs(id) : { state: 'read' }),
      ]);
      return [name, new Map(seen)];
    }),
  );
  const request = aRequest({ operation: verb, target, ...more });
  const selected = on ?? nodes.map(({ name }) => name);
  return planUnits(anInventory(nodes), { verb, role, entries, selected, request }, observed, sha256);
}

const controllers = ['c1', 'c2', 'c3'].map((name) => aNode(name, { roles: ['controller'] }));

describe('the plan of a change of services', () => {
  it('counts a member of Galera that does not answer among those that are not there', () => {
    const stop = { installed: ['mysql'], on: ['c1'], maxUnavailable: 3 };
    const { nodes, maxUnavailable } = planned('stop', 'mysql', controllers, stop);
    // Several such runs at once have the one member to spare between them.
    expect([nodes, maxUnavailable]).toEqual([['c1'], 1]);
    expect(() => planned('stop', 'mysql', controllers, { ...stop, but: { c3: { mysql: unreachable } } })).toThrow(
      /Galera would have 1 of 3 without c1, and needs 2/,
    );
  });

  it('has several runs share the members that a replica set spares, also one that it may have elsewhere', () => {
    const mongo = (count: number) =>
      ['m1', 'm2', 'm3'].slice(0, count).map((name) => aNode(name, { roles: ['mongo'] }));
    const stop = { installed: ['mongod'], on: ['m1'], maxUnavailable: 3 };
    expect(planned('stop', 'mongod', mongo(3), stop).maxUnavailable).toBe(1);
    expect(planned('stop', 'mongod', mongo(2), stop).maxUnavailable).toBe(1);
  });

  it('starts no member of Galera while nobody knows of one that runs', () => {
    const but = { c1: { mysql: isDown('mysql') }, c2: { mysql: isDown('mysql') }, c3: { mysql: unreachable } };
    expect(() => planned('start', 'mysql', controllers, { installed: ['mysql'], but })).toThrow(
      /no member of Galera runs on c1, c2, c3/,
    );
  });

  it('has batches whose fences fit into one payload, however many units each host has', () => {
    const many = computes(600);
    const stop = { installed: ['libvirtd', 'nova-compute'], maxUnavailable: '100%' as const };
    expect(() => planned('stop', 'libvirtd', many, { ...stop, batch: [300] })).toThrow(
      'a batch of 300 is more than the 250 hosts that one batch can carry',
    );
    expect(planned('stop', 'libvirtd', many, { ...stop, batch: [250] }).batches).toEqual([250, 250, 100]);
    expect(planned('stop', 'nova-compute', many, { ...stop, batch: [300] }).batches).toEqual([300, 300]);
  });

  it('refuses more hosts than one run can carry', () => {
    expect(() => planned('enable', 'nova-compute', computes(15_001), { installed: ['nova-compute'] })).toThrow(
      PlanRefusal,
    );
  });
});
