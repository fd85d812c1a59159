import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../../domain/audit/check.js';
import { judgeLag, judgeMembers, notReplicated } from '../../../domain/audit/judge-mongodb.js';
import { mongodbLag, mongodbMembers } from '../../../domain/audit/mongodb-checks.js';
import type { MongoMember } from '../../../domain/mongodb.js';

const member = (name: string, state: string, rest: Partial<MongoMember> = {}): MongoMember => ({
  name,
  state,
  isHealthy: true,
  lastWriteMs: 100_000,
  ...rest,
});

const judge = (members: MongoMember[], own = {}) => [
  ...judgeMembers('mongo-1', { set: 'ceilometer', members }, limitsOf(mongodbMembers, own)),
  ...judgeLag('mongo-1', { set: 'ceilometer', members }, limitsOf(mongodbLag, own)),
];

const brief = (members: MongoMember[], own = {}): string[] =>
  judge(members, own).map(({ check, about, severity }) => `${check} ${about ?? ''} ${severity}`);

const healthy = [member('a:1', 'PRIMARY'), member('b:1', 'SECONDARY'), member('c:1', 'SECONDARY')];

describe('a replica set', () => {
  it('is in order with one primary and the others behind it, an arbiter among them', () => {
    expect(judge(healthy)).toEqual([]);
    expect(judge([...healthy.slice(0, 2), { name: 'c:1', state: 'ARBITER', isHealthy: true }])).toEqual([]);
  });

  it.each(['RECOVERING', 'STARTUP2', 'ROLLBACK', 'STARTUP', 'UNKNOWN', 'REMOVED'])('has a member in %s', (state) => {
    expect(brief([...healthy.slice(0, 2), member('c:1', state)])).toEqual(['mongodb c:1 error']);
  });

  it('has a member out of reach, whatever it was last', () => {
    const lost = member('c:1', 'SECONDARY', { isHealthy: false, lastWriteMs: 0 });
    expect(brief([...healthy.slice(0, 2), lost])).toEqual(['mongodb c:1 error']);
  });

  it('has no primary, and then a lag that nobody knows', () => {
    expect(brief([member('a:1', 'SECONDARY'), member('b:1', 'SECONDARY'), member('c:1', 'SECONDARY')])).toEqual([
      'mongodb primary error',
      'mongodb-lag  unknown',
    ]);
  });

  it('has two primaries', () => {
    const [found, lag] = judge([member('a:1', 'PRIMARY'), member('b:1', 'PRIMARY'), member('c:1', 'SECONDARY')]);
    expect(found).toMatchObject({ severity: 'error', what: expect.stringContaining('2 primaries: a:1 and b:1') });
    expect(lag).toMatchObject({ check: 'mongodb-lag', severity: 'unknown' });
  });

  it('is too small, for a site that wants three members', () => {
    expect(brief(healthy.slice(0, 2))).toEqual(['mongodb members warn']);
    expect(brief(healthy.slice(0, 2), { mongodb: { members: 2 } })).toEqual([]);
    expect(notReplicated('mongo-1', { members: 3 })).toMatchObject([{ severity: 'warn', about: 'members' }]);
    expect(notReplicated('mongo-1', { members: 1 })).toEqual([]);
  });

  it('lags beyond the limit and not at it', () => {
    const behind = (ms: number) => [...healthy.slice(0, 2), member('c:1', 'SECONDARY', { lastWriteMs: 100_000 - ms })];
    expect(brief(behind(10_000))).toEqual([]);
    expect(judge(behind(31_000))).toMatchObject([
      { check: 'mongodb-lag', about: 'c:1', severity: 'warn', evidence: [{ value: '31 s' }] },
    ]);
    expect(brief(behind(31_000), { 'mongodb-lag': { warn: 60 } })).toEqual([]);
  });

  it('has a secondary that does not say when it wrote', () => {
    const mute: MongoMember = { name: 'c:1', state: 'SECONDARY', isHealthy: true };
    expect(brief([...healthy.slice(0, 2), mute])).toEqual(['mongodb-lag c:1 unknown']);
  });

  it('is without an error exactly when one member is primary and every other does its part', () => {
    const states = ['PRIMARY', 'SECONDARY', 'ARBITER', 'RECOVERING', 'ROLLBACK'];
    const anyMember = fc.record({
      state: fc.constantFrom(...states),
      isHealthy: fc.boolean(),
      lastWriteMs: fc.integer({ min: 0, max: 200_000 }),
    });
    fc.assert(
      fc.property(fc.array(anyMember, { minLength: 1, maxLength: 7 }), (some) => {
        const members = some.map((one, index) => ({ ...one, name: `${index}:1` }));
        const findings = judge(members);
        const primaries = members.filter(({ state, isHealthy }) => isHealthy && state === 'PRIMARY').length;
        const fit = members.every(({ state, isHealthy }) => isHealthy && states.indexOf(state) < 3);
        expect(findings.some(({ severity }) => severity === 'error')).toBe(primaries !== 1 || !fit);
        const keys = findings.map(({ check, about }) => `${check}/${about}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
