import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReplicaSet } from '../../../activities/mongodb/replica-set.js';
import { parseShellJson } from '../../../activities/mongodb/shell-json.js';
import { parsePrinted, statements, statusScript } from '../../../activities/mongodb/status-script.js';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/mongodb/${name}`, import.meta.url), 'utf8');

/** The document that a shell printed between the marks. */
function documentIn(name: string): { status?: unknown; code?: number; error?: string } {
  const printed = parsePrinted(fixture(name));
  if (printed.state !== 'answered') throw new Error(printed.state);
  return parseShellJson(printed.json) as { status?: unknown };
}

describe('the state of a replica set', () => {
  it('is read from what mongosh prints around it, Extended JSON and all', () => {
    expect(parseReplicaSet(documentIn('mongosh-one-down.txt').status)).toEqual({
      set: 'ceilometer',
      members: [
        {
          name: '192.168.0.9:27017',
          state: 'PRIMARY',
          isHealthy: true,
          lastWriteMs: 1_796_025_600_000,
          isSelf: true,
          uptimeS: 100,
        },
        { name: '192.168.0.11:27017', state: 'SECONDARY', isHealthy: true, lastWriteMs: 1_796_025_596_000 },
        { name: '192.168.0.12:27017', state: 'not reachable/healthy', isHealthy: false, lastWriteMs: 0 },
      ],
    });
  });

  it('is read from the legacy shell, by the same statements', () => {
    expect(parseReplicaSet(documentIn('mongo-2.6.txt').status)?.members).toMatchObject([
      { state: 'PRIMARY', lastWriteMs: Date.parse('2015-09-15T03:49:30Z') },
      { state: 'SECONDARY', lastWriteMs: Date.parse('2015-09-15T03:49:30Z') },
      { state: 'SECONDARY', lastWriteMs: Date.parse('2015-09-15T03:49:00Z') },
    ]);
  });

  it('is read with the dates, timestamps and numbers that the legacy shell prints to people', () => {
    expect(parseReplicaSet(parseShellJson(fixture('tojson-2.6.txt')))?.members).toMatchObject([
      { state: 'not reachable/healthy', isHealthy: false },
      { state: 'SECONDARY', isHealthy: true, lastWriteMs: Date.parse('2015-09-15T03:49:30Z') },
      { state: 'ROLLBACK', isHealthy: true },
    ]);
  });

  it('is read from canonical Extended JSON, and by the timestamp where there is no date', () => {
    expect(parseReplicaSet(JSON.parse(fixture('canonical-7.json')))?.members).toEqual([
      { name: '192.168.0.9:27017', state: 'PRIMARY', isHealthy: true, lastWriteMs: 1_796_025_600_000 },
      {
        name: '192.168.0.11:27017',
        state: 'SECONDARY',
        isHealthy: true,
        lastWriteMs: 1_796_025_590_000,
        isSelf: true,
      },
    ]);
    const old = parseShellJson(
      '{"set":"c","members":[{"name":"a:1","health":1,"stateStr":"PRIMARY","optime":Timestamp(7, 2)}]}',
    );
    expect(parseReplicaSet(old)?.members[0]?.lastWriteMs).toBe(7_000);
  });

  it('is nothing but a state of a replica set', () => {
    for (const other of [undefined, null, 7, {}, { set: 'c', members: [] }, { ok: 0, errmsg: 'unauthorized' }])
      expect(parseReplicaSet(other)).toBeUndefined();
  });
});

describe('literals of the shell', () => {
  it('stay what they are within strings', () => {
    expect(
      parseShellJson('{"a":"ISODate(\\"x\\") undefined","b":undefined,"c":ObjectId("5f"),"d":NumberLong(12)}'),
    ).toEqual({ a: 'ISODate("x") undefined', b: null, c: '5f', d: 12 });
  });
});

describe('JSON', () => {
  it('is read as what it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseShellJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('what MongoDB is told', () => {
  it('has the password in the statements of stdin only, whatever it holds', () => {
    const said = statements({ user: 'ceilometer', password: `a'b"c\\d\né\u2028` });
    expect(said).toContain(`auth("ceilometer", "a'b\\"c\\\\d\\n\\u00e9\\u2028")`);
    expect(said).not.toMatch(/[^\x20-\x7e]/);
    expect(statusScript()).not.toContain('ceilometer');
    expect(statements(undefined)).not.toContain('auth(');
  });
});

describe('what a mongo node prints', () => {
  it('tells who does not listen and who has no shell from a shell that fails', () => {
    expect(parsePrinted('-- not listening --\n')).toEqual({ state: 'not-listening' });
    expect(parsePrinted('-- no shell --\n')).toEqual({ state: 'no-shell' });
    expect(parsePrinted('Error: could not connect\n')).toEqual({ state: 'failed', text: 'Error: could not connect' });
    expect(documentIn('mongosh-unauthorized.txt')).toMatchObject({ code: 13 });
    expect(documentIn('mongosh-wrong-password.txt')).toMatchObject({ code: 18 });
    expect(documentIn('mongosh-standalone.txt')).toMatchObject({ code: 76 });
  });
});
