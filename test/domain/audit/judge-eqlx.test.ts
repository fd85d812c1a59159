import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../../domain/audit/check.js';
import { eqlxLogin, eqlxPool, eqlxSessions } from '../../../domain/audit/eqlx-checks.js';
import { judgeLogin, judgePool, judgeSessions } from '../../../domain/audit/judge-eqlx.js';

const GB = 1024 ** 3;
const login = (tookMs: number) => judgeLogin('array-1', { isIn: true, tookMs }, 'ssh array', limitsOf(eqlxLogin));
const pool = (free: number, capacity: number) =>
  judgePool('array-1', { pool: 'default', capacity, free }, limitsOf(eqlxPool));
const sessions = (...counts: [volume: number, backup: number][]) =>
  judgeSessions(
    counts.map(([volume, backup], index) => ({ node: `controller-${index + 1}`, volume, backup })),
    'pgrep',
    limitsOf(eqlxSessions),
  );

describe('a login', () => {
  it('may take five seconds', () => {
    expect(login(5_000)).toEqual([]);
    expect(login(5_200)).toMatchObject([
      { severity: 'warn', evidence: [{ value: '5.2 s', threshold: 'warn above 5 s' }] },
    ]);
  });

  it('that fails is an error with its reason', () => {
    const failed = { isIn: false, why: 'array-1 refused the connection', next: 'look at it' } as const;
    expect(judgeLogin('array-1', failed, 'ssh array', limitsOf(eqlxLogin))).toMatchObject([
      { check: 'eqlx-login', node: 'array-1', severity: 'error', what: failed.why, next: failed.next },
    ]);
  });
});

describe('a pool', () => {
  it('needs a part of it free', () => {
    expect(pool(600 * GB, 2560 * GB)).toEqual([]);
    expect(pool(15 * GB, 100 * GB)).toEqual([]);
    expect(pool(14 * GB, 100 * GB)).toMatchObject([
      { about: 'default', severity: 'warn', evidence: [{ value: '14.0 % free (14 GB of 100 GB)' }] },
    ]);
  });

  it('without any room at all is no division by zero', () => {
    expect(pool(0, 0)).toMatchObject([{ severity: 'warn' }]);
  });
});

describe('the sessions of a group', () => {
  it('are one of each process of Cinder, and our own', () => {
    expect(sessions([1, 0], [1, 0], [1, 0])).toEqual([]);
    expect(sessions([2, 0], [2, 0], [1, 0])).toMatchObject([
      { severity: 'warn', evidence: [{ value: '6 sessions, one of them our own' }, {}, {}, {}] },
    ]);
    expect(sessions([2, 0], [2, 0], [2, 0])).toMatchObject([{ severity: 'warn' }]);
    expect(sessions([2, 0], [2, 0], [2, 1])).toMatchObject([
      { severity: 'error', next: expect.stringContaining('stop cinder-backup on controller-3') },
    ]);
  });

  it('are warned of before they are too many, and never found twice', () => {
    const count = fc.tuple(fc.nat(4), fc.nat(2));
    fc.assert(
      fc.property(fc.array(count, { maxLength: 5 }), (counts) => {
        const total = 1 + counts.flat().reduce((sum, one) => sum + one, 0);
        const expected = total > 7 ? ['error'] : total >= 6 ? ['warn'] : [];
        expect(sessions(...counts).map(({ severity }) => severity)).toEqual(expected);
      }),
    );
  });
});
