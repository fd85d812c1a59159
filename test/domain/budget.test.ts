import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acquire, type BudgetState, type Lease, type LeaseRequest, release, renew } from '../../domain/budget.js';

const request = (owner: string, batch: number, nodes: string[], more: Partial<LeaseRequest> = {}): LeaseRequest => ({
  owner,
  run: `${owner}-run`,
  batch,
  role: 'compute',
  nodes,
  actor: 'ada',
  reason: 'TICKET-1',
  maxUnavailable: 2,
  missing: [],
  ...more,
});

const empty = (): BudgetState => ({ leases: [] });

describe('acquire', () => {
  it('admits up to the budget and refuses with the numbers and the holders', () => {
    const state = empty();
    expect(acquire(state, request('restart/a', 0, ['c1', 'c2']))).toEqual({ granted: true });
    expect(acquire(state, request('restart/b', 0, ['c3']))).toEqual({
      granted: false,
      unavailable: 3,
      maxUnavailable: 2,
      holders: [{ owner: 'restart/a', run: 'restart/a-run', actor: 'ada', reason: 'TICKET-1', nodes: ['c1', 'c2'] }],
      missing: [],
    });
  });

  it('counts hosts that are missing, once where they are leased as well', () => {
    expect(acquire(empty(), request('a', 0, ['c1'], { missing: ['c1', 'c2'] }))).toEqual({ granted: true });
    expect(acquire(empty(), request('a', 0, ['c1'], { missing: ['c2', 'c3'] }))).toMatchObject({
      granted: false,
      unavailable: 3,
    });
  });

  it('grants what is held already again', () => {
    const state = empty();
    const once = request('a', 0, ['c1', 'c2']);
    acquire(state, once);
    const before = structuredClone(state);
    expect(acquire(state, once)).toEqual({ granted: true });
    expect(state).toEqual(before);
  });

  it("makes room for a run's next batch by its own earlier one", () => {
    const state = empty();
    acquire(state, request('a', 0, ['c1', 'c2']));
    expect(acquire(state, request('a', 1, ['c3', 'c4']))).toEqual({ granted: true });
    expect(state.leases.map(({ batch, nodes }) => ({ batch, nodes }))).toEqual([{ batch: 1, nodes: ['c3', 'c4'] }]);
  });

  it('keeps the budgets of roles apart', () => {
    const state = empty();
    acquire(state, request('a', 0, ['c1', 'c2']));
    expect(acquire(state, request('b', 0, ['m1'], { role: 'mongo', maxUnavailable: 1 }))).toEqual({ granted: true });
  });

  it('never gives one host to two owners, not even for different roles', () => {
    const state = empty();
    acquire(state, request('a', 0, ['n1'], { role: 'controller' }));
    expect(acquire(state, request('b', 0, ['n1'], { role: 'ceph-osd', maxUnavailable: 9 }))).toMatchObject({
      granted: false,
      holders: [{ owner: 'a' }],
    });
  });

  it('names at most 20 hosts of each holder and of the missing', () => {
    const state = empty();
    const many = Array.from({ length: 30 }, (_, index) => `c${index}`);
    acquire(state, request('a', 0, many, { maxUnavailable: 30 }));
    const answer = acquire(state, request('b', 0, ['x'], { maxUnavailable: 30, missing: many }));
    expect(answer).toMatchObject({ granted: false, unavailable: 31 });
    if (answer.granted) throw new Error('it was granted');
    expect([answer.holders[0]?.nodes.length, answer.missing.length]).toEqual([20, 20]);
  });
});

describe('renew and release', () => {
  it('tells whether exactly this batch of this run is held', () => {
    const state = empty();
    acquire(state, request('a', 1, ['c1']));
    const key = { owner: 'a', run: 'a-run', batch: 1 };
    expect([
      renew(state, key),
      renew(state, { ...key, batch: 0 }),
      renew(state, { ...key, run: 'x' }),
      renew(state, { ...key, owner: 'x' }),
    ]).toEqual([true, false, false, false]);
  });

  it('gives back the leases of one run and is harmless when there are none', () => {
    const state = empty();
    acquire(state, request('a', 0, ['c1']));
    acquire(state, request('b', 0, ['c2']));
    expect([
      release(state, { owner: 'a', run: 'other' }),
      release(state, { owner: 'a', run: 'a-run' }),
      release(state, { owner: 'a', run: 'a-run' }),
    ]).toEqual([0, 1, 0]);
    expect(state.leases.map(({ owner }) => owner)).toEqual(['b']);
  });

  it('grants nothing of a run again that was given back, so a worker that wakes late leaves no lease behind', () => {
    const state = empty();
    acquire(state, request('a', 1, ['c1']));
    release(state, { owner: 'a', run: 'a-run' });
    expect(acquire(state, request('a', 1, ['c1'])).granted).toBe(false);
    expect(acquire(state, request('a', 0, ['c1'])).granted).toBe(false);
    expect(state.leases).toEqual([]);
    expect(acquire(state, { ...request('a', 0, ['c1']), run: 'next' }).granted).toBe(true);
    expect(acquire(state, request('a', 2, ['c2'])).granted).toBe(true);
  });

  it('gives back nothing of a later batch, and nothing of an earlier one can be taken any more', () => {
    const state = empty();
    const key = { owner: 'a', run: 'a-run' };
    acquire(state, request('a', 2, ['c1']));
    expect(release(state, { ...key, batch: 1 })).toBe(0);
    expect(renew(state, { ...key, batch: 2 })).toBe(true);
    expect(release(state, { ...key, batch: 3 })).toBe(1);
    expect(acquire(state, request('a', 3, ['c1'])).granted).toBe(false);
  });

  it('remembers a bounded number of those', () => {
    const state = empty();
    for (let batch = 0; batch < 300; batch++) {
      acquire(state, request('a', batch, ['c1']));
      release(state, { owner: 'a', run: 'a-run' });
    }
    expect(state.givenBack).toHaveLength(200);
    expect(acquire(state, request('a', 299, ['c1'])).granted).toBe(false);
  });
});

describe('a worker that wakes late', () => {
  it('takes nothing from the lease that its run holds by now, though what it saw long ago would not fit', () => {
    const state = empty();
    const lease = request('a', 5, ['c1', 'c2'], { maxUnavailable: 2, missing: [] });
    expect(acquire(state, lease)).toEqual({ granted: true });
    expect(acquire(state, { ...lease, missing: ['c8', 'c9'] }).granted).toBe(false);
    expect(renew(state, lease)).toBe(true);
  });
});

describe('hosts whose outcome is not known', () => {
  it('stay leased when the rest is given back, and are given back with the run', () => {
    const state = empty();
    acquire(state, request('a', 0, ['c1', 'c2'], { maxUnavailable: 2, missing: [] }));
    release(state, { owner: 'a', run: 'a-run', batch: 0, unresolved: ['c2'] });
    expect(state.leases.map(({ nodes }) => nodes)).toEqual([['c2']]);
    expect(renew(state, request('a', 0, ['c1']))).toBe(false);
    expect(acquire(state, request('b', 0, ['c3', 'c4'], { maxUnavailable: 2, missing: [] })).granted).toBe(false);
    release(state, { owner: 'a', run: 'a-run', batch: 0, unresolved: [] });
    expect(state.leases).toEqual([]);
  });

  it('stay leased when their run is refused its next batch, and so do not leave their room to others', () => {
    const state = empty();
    const unresolved = ['c2'];
    acquire(state, request('a', 0, ['c1', 'c2']));
    expect(acquire(state, request('a', 1, ['c2', 'c3'], { missing: ['c9'], unresolved })).granted).toBe(false);
    expect(state.leases.map(({ nodes }) => nodes)).toEqual([['c2']]);
    expect(acquire(state, request('b', 0, ['c4', 'c5'])).granted).toBe(false);
    release(state, { owner: 'a', run: 'a-run', batch: 1, unresolved });
    expect(state.leases.map(({ nodes }) => nodes)).toEqual([['c2']]);
    for (let asks = 0; asks < 300; asks++)
      acquire(state, request('a', 2, ['c2', 'c3'], { missing: ['c9'], unresolved }));
    expect(state.givenBack).toHaveLength(2);
    expect(renew(state, request('a', 0, ['c2']))).toBe(false);
    expect(acquire(state, request('a', 0, ['c2'], { unresolved })).granted).toBe(false);
    expect(acquire(state, request('a', 2, ['c2', 'c3'], { unresolved })).granted).toBe(true);
    expect(state.leases.map(({ nodes }) => nodes)).toEqual([['c2', 'c3']]);
  });
});

describe('the budget of a role, whatever happens in whatever order', () => {
  const hosts = Array.from({ length: 10 }, (_, index) => `c${index}`);
  const some = fc.uniqueArray(fc.constantFrom(...hosts), { maxLength: 5 });
  const owner = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('acquire' as const),
      owner,
      batch: fc.nat(9),
      nodes: some.filter((nodes) => nodes.length > 0),
    }),
    fc.record({ kind: fc.constant('retry' as const), owner }),
    fc.record({ kind: fc.constant('release' as const), owner }),
    fc.record({ kind: fc.constant('weather' as const), missing: some }),
  );

  it('is never exceeded by what is granted, and a retry of a grant changes nothing', () => {
    let grants = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 40 }), (maxUnavailable, steps) => {
        const state = empty();
        const model = new Map<string, Lease>();
        const givenBack = new Map<string, number>();
        let missing: string[] = [];
        for (const one of steps) {
          if (one.kind === 'weather') missing = one.missing;
          else if (one.kind === 'release') {
            const given = model.get(one.owner);
            if (given) givenBack.set(one.owner, Math.max(given.batch, givenBack.get(one.owner) ?? 0));
            expect(release(state, { owner: one.owner, run: `${one.owner}-run` })).toBe(model.delete(one.owner) ? 1 : 0);
          } else {
            const held = model.get(one.owner);
            if (one.kind === 'retry' && !held) continue;
            const asked =
              one.kind === 'retry'
                ? request(one.owner, held?.batch ?? 0, held?.nodes ?? [], { maxUnavailable, missing })
                : request(one.owner, one.batch, one.nodes, { maxUnavailable, missing });
            if ((held && held.batch > asked.batch) || asked.batch <= (givenBack.get(one.owner) ?? -1)) {
              // A worker that wakes late asks for what is long past: nobody loses anything by it.
              const before = structuredClone(state);
              expect(acquire(state, asked).granted).toBe(false);
              expect(state).toEqual(before);
              continue;
            }
            const others = [...model.values()]
              .filter((lease) => lease.owner !== one.owner)
              .flatMap(({ nodes }) => nodes);
            const unavailable = new Set([...asked.nodes, ...others, ...missing]).size;
            const fits = unavailable <= maxUnavailable && !asked.nodes.some((node) => others.includes(node));

            const answer = acquire(state, asked);
            expect(answer.granted).toBe(fits);
            const { missing: _missing, maxUnavailable: _most, ...lease } = asked;
            if (answer.granted) {
              grants++;
              model.set(one.owner, lease);
              const after = structuredClone(state);
              expect(acquire(state, asked)).toEqual({ granted: true });
              expect(state).toEqual(after);
              expect(renew(state, asked)).toBe(true);
              const all = state.leases.flatMap(({ nodes }) => nodes);
              expect(new Set(all).size).toBe(all.length);
              expect(new Set([...all, ...missing]).size).toBeLessThanOrEqual(maxUnavailable);
            } else {
              // Asking is also the barrier: what this run held of earlier batches is given back.
              expect(answer.unavailable).toBe(unavailable);
              if (held && held.batch !== asked.batch) {
                model.delete(one.owner);
                givenBack.set(one.owner, Math.max(held.batch, givenBack.get(one.owner) ?? 0));
              }
            }
          }
          expect([...state.leases].sort((x, y) => (x.owner < y.owner ? -1 : 1))).toEqual(
            [...model.values()].sort((x, y) => (x.owner < y.owner ? -1 : 1)),
          );
        }
      }),
      { numRuns: 400 },
    );
    expect(grants).toBeGreaterThan(50);
  });
});
