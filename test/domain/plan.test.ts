import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { CATALOGUE_VERSION, type CatalogueEntry } from '../../domain/catalogue.js';
import type { Inventory } from '../../domain/inventory.js';
import {
  batchesOf,
  type HostCondition,
  isMissing,
  type Plan,
  PlanRefusal,
  plan,
  type RolloutRequest,
} from '../../domain/plan.js';
import {
  aNode,
  anInventory,
  anyNodes,
  anyShare,
  aRequest,
  computes,
  conditions,
  novaCompute,
  seen,
  sha256,
} from './samples.js';

const planFor = (
  inventory: Inventory,
  request: Partial<RolloutRequest> = {},
  otherwise: Record<string, HostCondition> = {},
): Plan => plan(inventory, novaCompute, seen(inventory.nodes, otherwise), aRequest(request), sha256);

const forty = anInventory(computes(40));

describe('a plan', () => {
  it('works on every host of the role, a canary first and never more than the budget', () => {
    const { nodes, batches, maxUnavailable, population, excluded } = planFor(forty);
    expect({ first: nodes[0], last: nodes.at(-1), count: nodes.length }).toEqual({
      first: 'compute-1',
      last: 'compute-40',
      count: 40,
    });
    expect(batches).toEqual([1, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3]);
    expect({ maxUnavailable, population, excluded }).toEqual({ maxUnavailable: 8, population: 40, excluded: {} });
  });

  it('leaves out hosts that are not active, and lists why', () => {
    const { nodes, excluded } = planFor(
      forty,
      { selection: 'compute-1,compute-2,compute-3,compute-4,compute-5,compute-6' },
      {
        'compute-1': 'down',
        'compute-2': 'disabled',
        'compute-3': 'not-installed',
        'compute-4': 'masked',
        'compute-5': 'unreachable',
      },
    );
    expect(nodes).toEqual(['compute-6']);
    expect(excluded).toEqual({
      down: ['compute-1'],
      disabled: ['compute-2'],
      'not-installed': ['compute-3'],
      masked: ['compute-4'],
      unreachable: ['compute-5'],
    });
  });

  it('takes a host that was not looked at for unreachable', () => {
    const { excluded } = plan(forty, novaCompute, seen(computes(39)), aRequest(), sha256);
    expect(excluded).toEqual({ unreachable: ['compute-40'] });
  });

  it('takes percentages of the selection, hosts that are left out of it included', () => {
    const otherwise = Object.fromEntries(computes(4).map(({ name }) => [name, 'unreachable'] as const));
    const made = planFor(forty, { batch: ['25%'], maxUnavailable: '50%', maxFailures: '10%' }, otherwise);
    expect([made.batches, made.maxFailures]).toEqual([[10, 10, 10, 6], 4]);
    const tenth = planFor(forty, { maxUnavailable: '50%' }, otherwise);
    expect(tenth.batches).toEqual([1, 4, 4, 4, 4, 4, 4, 4, 4, 3]);
  });

  it('asks for no more than what is left of the selection', () => {
    const otherwise = Object.fromEntries(computes(38).map(({ name }) => [name, 'disabled'] as const));
    expect(planFor(forty, { batch: ['50%'] }, otherwise).batches).toEqual([2]);
  });

  it('estimates by batches and soak', () => {
    const { batches, estimateMs } = planFor(forty, { soakMs: 60_000 });
    expect(estimateMs).toBe(batches.length * 68_000);
  });

  it('gives the verification time for two soaks', () => {
    expect(
      [planFor(forty, { soakMs: 10_000 }), planFor(forty, { soakMs: 100_000 })].map((one) => one.verifyDeadlineMs),
    ).toEqual([120_000, 200_000]);
  });

  it('rounds max failures down, to none if need be', () => {
    const maxFailures = (share: RolloutRequest['maxFailures']): number =>
      planFor(forty, { maxFailures: share }).maxFailures;
    expect([maxFailures('2%'), maxFailures('9%'), maxFailures(2)]).toEqual([0, 3, 2]);
  });
});

describe('the budget of a plan', () => {
  it.each([
    [1, 1],
    [4, 1],
    [5, 1],
    [9, 1],
    [10, 2],
    [40, 8],
  ])('is a fifth of %d computes, rounded down, at least 1: %d', (count, most) => {
    expect(planFor(anInventory(computes(count))).maxUnavailable).toBe(most);
  });

  it.each(['controller', 'mongo', 'ceph-osd'] as const)('is one for the role %s', (role) => {
    const inventory = anInventory(Array.from({ length: 30 }, (_, index) => aNode(`n-${index}`, { roles: [role] })));
    const entry: CatalogueEntry = { ...novaCompute, roles: [role] };
    const made = plan(inventory, entry, seen(inventory.nodes), aRequest(), sha256);
    expect([made.maxUnavailable, new Set(made.batches)]).toEqual([1, new Set([1])]);
  });

  it('is what the inventory says, and what the request says before that', () => {
    const inventory = anInventory(computes(40), { maxUnavailable: { compute: '50%', controller: 2 } });
    expect([planFor(inventory).maxUnavailable, planFor(inventory, { maxUnavailable: 3 }).maxUnavailable]).toEqual([
      20, 3,
    ]);
  });

  it('counts the whole role and not the selection', () => {
    expect(planFor(forty, { selection: 'compute-1,compute-2' })).toMatchObject({ maxUnavailable: 8, population: 40 });
  });

  it('clamps the default batches to the room that is left', () => {
    const { batches } = planFor(forty, { maxUnavailable: 3 }, { 'compute-40': 'down' });
    expect(Math.max(...batches)).toBe(2);
  });

  it('counts hosts that are down outside the selection, but not disabled ones and those without the unit', () => {
    const otherwise: Record<string, HostCondition> = {
      'compute-37': 'down',
      'compute-38': 'masked',
      'compute-39': 'disabled',
      'compute-40': 'not-installed',
    };
    expect(Math.max(...planFor(forty, { selection: 'domain=rack-1', maxUnavailable: 3 }, otherwise).batches)).toBe(1);
  });

  it.each([
    ['down', true],
    ['unreachable', true],
    ['masked', true],
    ['active', false],
    ['disabled', false],
    ['not-installed', false],
  ] as const)('a host that is %s is missing: %s', (condition, missing) => expect(isMissing(condition)).toBe(missing));
});

describe('a plan is refused', () => {
  const refused = (make: () => Plan): string => {
    try {
      make();
    } catch (error) {
      if (error instanceof PlanRefusal) return error.message;
      throw error;
    }
    throw new Error('the plan was made');
  };

  it('when a batch that was asked for is over the budget', () => {
    expect(refused(() => planFor(forty, { batch: [1, '25%'] }))).toBe(
      'a batch of 10 is over the budget: at most 8 of 40 compute hosts may be unavailable and 0 are down already',
    );
  });

  it('when a batch that was asked for is over what hosts that are down leave', () => {
    expect(refused(() => planFor(forty, { batch: [8] }, { 'compute-1': 'down' }))).toBe(
      'a batch of 8 is over the budget: at most 8 of 40 compute hosts may be unavailable and 1 are down already',
    );
  });

  it('but not for a step of the ramp that is never reached', () => {
    expect(planFor(forty, { batch: [1, 30], selection: 'compute-1,compute-2' }).batches).toEqual([1, 1]);
  });

  it('when hosts that are down use up the budget', () => {
    const otherwise = Object.fromEntries(
      computes(8).map(({ name }, index) => [name, index % 2 ? 'down' : 'unreachable'] as const),
    );
    expect(refused(() => planFor(forty, {}, otherwise))).toBe(
      '8 of 40 compute hosts are down or unreachable already and at most 8 may be; bring hosts back or raise --max-unavailable',
    );
  });

  it('when a budget of 0 leaves no room', () => {
    expect(refused(() => planFor(forty, { maxUnavailable: 0 }))).toBe(
      '0 of 40 compute hosts are down or unreachable already and at most 0 may be; bring hosts back or raise --max-unavailable',
    );
  });

  it('when none of the selected hosts can be worked on', () => {
    const otherwise = { 'compute-1': 'masked', 'compute-2': 'not-installed' } as const;
    expect(refused(() => planFor(forty, { selection: 'compute-1,compute-2' }, otherwise))).toBe(
      'none of the 2 selected hosts can be worked on: 1 masked (compute-1), 1 not-installed (compute-2)',
    );
  });

  it('when there are more hosts than one run can carry', () => {
    expect(refused(() => planFor(anInventory(computes(15_001))))).toBe(
      '15001 hosts are more than the 15000 of one run; narrow it with --on',
    );
  });

  it('when their names are too long for one payload', () => {
    const long = Array.from({ length: 5_000 }, (_, index) =>
      aNode(`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}-${index}`),
    );
    expect(refused(() => planFor(anInventory(long)))).toMatch(
      /^a plan of 5000 hosts with such long names takes \d{7} bytes, more than the 1000000 of one run; narrow it with --on$/,
    );
  });
});

describe('every plan', () => {
  const anyCase = fc.record({
    nodes: anyNodes,
    states: fc.array(fc.constantFrom(...conditions, ...Array<HostCondition>(20).fill('active')), {
      minLength: 62,
      maxLength: 62,
    }),
    maxUnavailable: fc.option(anyShare, { nil: undefined }),
    batch: fc.option(fc.array(anyShare, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    spread: fc.boolean(),
    order: fc.func(fc.integer()),
  });

  it('has every selected host in exactly one batch or listed as excluded, is never over the budget, and is stable under input order', () => {
    const outcomes = { made: 0 };
    fc.assert(
      fc.property(anyCase, ({ nodes, states, maxUnavailable, batch, spread, order }) => {
        const observed = new Map(nodes.map(({ name }, index) => [name, states[index] ?? 'active']));
        const request = aRequest({
          spread,
          ...(maxUnavailable !== undefined && { maxUnavailable }),
          ...(batch && { batch }),
        });
        const make = (): Plan | PlanRefusal => {
          try {
            return plan(anInventory(nodes), novaCompute, observed, request, sha256);
          } catch (error) {
            if (error instanceof PlanRefusal) return error;
            throw error;
          }
        };
        const made = make();
        const shuffled = [...nodes].sort((a, b) => order(a.name) - order(b.name));
        const again = ((): unknown => {
          try {
            return plan(anInventory(shuffled), novaCompute, observed, request, sha256);
          } catch (error) {
            return error;
          }
        })();
        expect(again).toEqual(made);
        if (made instanceof PlanRefusal) return;
        outcomes.made++;

        const ofRole = nodes.filter(({ roles }) => roles.includes('compute')).map(({ name }) => name);
        const batches = batchesOf(made);
        expect([...batches.flat(), ...Object.values(made.excluded).flat()].sort()).toEqual(ofRole.sort());
        expect(batches.flat()).toEqual(made.nodes);
        const missing = ofRole.filter((name) => isMissing(observed.get(name) ?? 'unreachable')).length;
        for (const one of batches) {
          expect(one.length).toBeGreaterThan(0);
          expect(one.length + missing).toBeLessThanOrEqual(made.maxUnavailable);
        }
      }),
    );
    expect(outcomes.made).toBeGreaterThan(10);
  });

  it('takes at most 64 bytes for each host with names of 50 characters, and 1 MB for 15,000 of them', () => {
    const named = (count: number): Inventory =>
      anInventory(
        Array.from({ length: count }, (_, index) =>
          aNode(`overcloud-novacompute-${10_000 + index}.region1.example.org`),
        ),
      );
    const bytes = (count: number): number => JSON.stringify(planFor(named(count), { batch: [1] })).length;
    expect((bytes(200) - bytes(100)) / 100).toBeLessThanOrEqual(64);
    expect(bytes(15_000)).toBeLessThanOrEqual(1_000_000);
  });
});

describe('the hash of a plan', () => {
  const base = anInventory(computes(12), { maxUnavailable: { compute: 6 } });
  const hash = (
    inventory = base,
    request: Partial<RolloutRequest> = {},
    otherwise: Record<string, HostCondition> = {},
  ): string => planFor(inventory, request, otherwise).hash;
  const [first, ...rest] = base.nodes as [Inventory['nodes'][number], ...Inventory['nodes']];

  it('is a SHA-256', () => expect(hash()).toMatch(/^[0-9a-f]{64}$/));

  it.each<[string, Inventory]>([
    ['an address', { ...base, nodes: [{ ...first, address: '10.9.9.9' }, ...rest] }],
    ['a label', { ...base, nodes: [{ ...first, labels: { gen: '2' } }, ...rest] }],
    ['a failure domain', { ...base, nodes: [{ ...first, failureDomain: 'rack-9' }, ...rest] }],
    ['a node of another role', { ...base, nodes: [...base.nodes, aNode('controller-1', { roles: ['controller'] })] }],
    ['the user', { ...base, ssh: { ...base.ssh, user: 'root' } }],
    ["a site's unit name", { ...base, units: { 'nova-compute': ['x.service'] } }],
    ['a budget', { ...base, maxUnavailable: { compute: 6, controller: 1 } }],
    ['the distribution', { ...base, distribution: 'rdo' }],
  ])('changes with the inventory: %s', (_what, inventory) => expect(hash(inventory)).not.toBe(hash()));

  it.each<[string, Partial<RolloutRequest>]>([
    ['selection', { selection: '*' }],
    ['batch', { batch: [1] }],
    ['spread', { spread: true }],
    ['maxUnavailable', { maxUnavailable: 6 }],
    ['soakMs', { soakMs: 11_000 }],
    ['maxFailures', { maxFailures: 1 }],
    ['onFailure', { onFailure: 'abort' }],
    ['promote', { promote: true }],
    ['untilMs', { untilMs: 1 }],
    ['pauseDeadlineMs', { pauseDeadlineMs: 1 }],
    ['admitDeadlineMs', { admitDeadlineMs: 1 }],
  ])('changes with the request: %s', (_what, request) => expect(hash(base, request)).not.toBe(hash()));

  it('differs between any two conditions of a host, selected or not', () => {
    const selection = '!compute-12';
    for (const name of ['compute-3', 'compute-12']) {
      const hashes = conditions.map((condition) => hash(base, { selection }, { [name]: condition }));
      expect(new Set(hashes).size).toBe(conditions.length);
    }
  });

  it('changes with the version of the catalogue', async () => {
    const now = hash();
    vi.resetModules();
    vi.doMock('../../domain/catalogue.js', async (original) => ({
      ...(await original<object>()),
      CATALOGUE_VERSION: CATALOGUE_VERSION + 1,
    }));
    const later = await import('../../domain/plan.js');
    vi.doUnmock('../../domain/catalogue.js');
    expect(later.plan(base, novaCompute, seen(base.nodes), aRequest(), sha256).hash).not.toBe(now);
  });

  it('does not change with who asks, why, and what hash or plan they have seen', () => {
    expect(hash(base, { actor: 'bob', reason: 'other', expect: 'abcd', agreed: 'plan/prod/1' })).toBe(hash());
  });

  it('does not change with the order of nodes, of keys and of observations', () => {
    const reversed = Object.fromEntries(Object.entries(base).reverse()) as unknown as Inventory;
    const observed = new Map([...seen(base.nodes)].reverse());
    const made = plan({ ...reversed, nodes: [...base.nodes].reverse() }, novaCompute, observed, aRequest(), sha256);
    expect(made.hash).toBe(hash());
  });

  it('does not change with the conditions of other roles, nor with where the file is', () => {
    const mixed = anInventory([...computes(5), aNode('controller-1', { roles: ['controller'] })]);
    expect(hash(mixed, {}, { 'controller-1': 'down' })).toBe(hash(mixed));
    expect(hash({ ...mixed, file: '/etc/ostler/ostler.yaml' } as Inventory)).toBe(hash(mixed));
  });
});
