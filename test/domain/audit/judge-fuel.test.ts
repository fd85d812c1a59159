import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../../domain/audit/check.js';
import { fuelBackup, fuelSpace } from '../../../domain/audit/fuel-checks.js';
import {
  type FuelBackup,
  judgeBackup,
  judgeClock,
  judgeContainers,
  judgeSpace,
} from '../../../domain/audit/judge-fuel.js';

const NOW = 1_442_288_970;
const DAY = 24 * 3600;
const DIR = '/var/backup/fuel';
const backup = (days: number, bytes = 4e9): FuelBackup => ({
  path: `${DIR}/${days}`,
  bytes,
  writtenAt: NOW - days * DAY,
});
const judge = (...backups: FuelBackup[]) => judgeBackup('fuel-1', { now: NOW, backups }, DIR, limitsOf(fuelBackup));
const severities = (...backups: FuelBackup[]) => judge(...backups).map(({ severity }) => severity);

describe('backups of Fuel', () => {
  it('are as old as the newest', () => {
    expect(severities(backup(3), backup(40))).toEqual([]);
    expect(severities(backup(40), backup(8))).toEqual(['warn']);
    expect(judge(backup(31))).toMatchObject([
      { severity: 'error', evidence: [{ value: '31 d', threshold: 'error above 30 d' }] },
    ]);
  });

  it('must be there, and hold something', () => {
    expect(judge()).toMatchObject([{ severity: 'error', what: expect.stringContaining('no backup') }]);
    expect(judge(backup(1, 0), backup(2))).toMatchObject([
      { severity: 'error', what: expect.stringContaining('empty') },
    ]);
    expect(severities(backup(1), backup(2, 0))).toEqual([]);
  });

  it('written by a clock that was set back since are not old', () => {
    expect(severities(backup(-1))).toEqual([]);
  });

  it('never become better by waiting', () => {
    const rank = { warn: 1, error: 2, unknown: 3 };
    const worst = (days: number): number => Math.max(0, ...severities(backup(days)).map((one) => rank[one]));
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (days, more) => {
        expect(worst(days + more)).toBeGreaterThanOrEqual(worst(days));
      }),
    );
  });
});

describe('a Fuel node', () => {
  it('has every container running', () => {
    const list = [
      { name: 'nailgun', status: 'Stopped', isRunning: false },
      { name: 'astute', status: 'Running', isRunning: true },
    ];
    expect(judgeContainers('fuel-1', list, 'dockerctl list -l')).toMatchObject([
      { about: 'nailgun', severity: 'error' },
    ]);
  });

  it('has a time service that follows a source', () => {
    const command = 'ntpq -pn';
    expect(judgeClock('fuel-1', { active: ['ntpd'], source: '10.20.0.1', command })).toEqual([]);
    expect(judgeClock('fuel-1', { active: ['ntpd'], command })).toMatchObject([{ severity: 'error' }]);
    expect(judgeClock('fuel-1', { active: [], command })).toMatchObject([{ evidence: [{ value: 'none active' }] }]);
  });

  it('has room for a backup', () => {
    const space = (free: number) => judgeSpace('fuel-1', free, DIR, limitsOf(fuelSpace));
    expect(space(11 * 1024 ** 3)).toEqual([]);
    expect(space(11 * 1024 ** 3 - 1)).toMatchObject([{ severity: 'warn' }]);
  });
});
