import { describe, expect, it } from 'vitest';
import type { MongoMember, MongoView } from '../../domain/mongodb.js';
import { hasMajority, type MongoSeen, majorityWithout, mongoGates, primariesSeen } from '../../domain/mongodb-gates.js';

const silence = { why: 'it does not say', passes: true as const };

/** What members on `a`, `b`, ... say; those that are named alone say nothing. */
function seen(said: Record<string, Record<string, string> | undefined>, down: readonly string[] = []): MongoSeen {
  const views = Object.entries(said).flatMap(([node, states]): [string, MongoView][] =>
    states ? [[node, { set: 'ceilometer', members: membersOf(states, node) }]] : [],
  );
  const silent = Object.keys(said).filter((node) => !said[node]);
  return {
    said: new Map(views),
    silent: new Map(
      silent.map((node) => [node, { ...silence, ...(down.includes(node) && { isDown: true as const }) }]),
    ),
  };
}

const membersOf = (states: Record<string, string>, self: string): MongoMember[] =>
  Object.entries(states).map(([name, state]) => ({
    ...{ name, state, isHealthy: state !== 'gone', lastWriteMs: 0 },
    ...(name === self && { isSelf: true as const }),
  }));

const well = { a: 'PRIMARY', b: 'SECONDARY', c: 'SECONDARY' };

describe('the primary of a replica set', () => {
  it('is known from the others, too, while it cannot be asked itself', () => {
    const others = seen({ a: undefined, b: well, c: well });
    expect(primariesSeen(others)).toEqual(['a']);
    expect(mongoGates(others, { lagS: 10 })).toEqual([silence]);
  });

  it('is missed only where a majority reaches each other', () => {
    expect(hasMajority(seen({ a: undefined, b: { a: 'gone', b: 'SECONDARY', c: 'SECONDARY' }, c: undefined }))).toBe(
      true,
    );
    expect(hasMajority(seen({ a: undefined, b: { a: 'gone', b: 'SECONDARY' } }))).toBe(false);
  });
});

describe('the members that are left', () => {
  it('are not those on hosts where no mongod listens, whatever the primary still believes', () => {
    expect(majorityWithout(seen({ a: well, b: well, c: undefined }, ['c']), ['b'])).toEqual({
      left: 1,
      needed: 2,
      of: 3,
    });
  });

  it('are also those on no host of ours, such as an arbiter elsewhere', () => {
    const elsewhere = { a: 'PRIMARY', b: 'SECONDARY', x: 'ARBITER' };
    expect(majorityWithout(seen({ a: elsewhere, b: elsewhere }), ['b'])).toEqual({ left: 2, needed: 2, of: 3 });
    expect(majorityWithout(seen({ a: elsewhere, b: undefined }, ['b']), ['a'])).toEqual({ left: 1, needed: 2, of: 3 });
  });
});
