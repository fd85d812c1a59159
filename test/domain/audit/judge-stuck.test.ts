import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeServers, judgeVolumes, type TroubledServer, type Volume } from '../../../domain/audit/judge-stuck.js';

const now = Date.parse('2015-04-28T12:00:00Z');
const patience = { now, hours: 2 };
const ago = (ms: number): string => new Date(now - ms).toISOString();
const HOUR = 3_600_000;

const server = (more: Partial<TroubledServer> = {}): TroubledServer => ({
  id: 's1',
  name: 'web',
  status: 'BUILD',
  host: 'node-5.domain.tld',
  created: '2015-04-28T09:00:00Z',
  ...more,
});

const volume = (more: Partial<Volume> = {}): Volume => ({
  id: 'v1',
  name: '',
  status: 'detaching',
  created: '2014-01-01T00:00:00.000000',
  updated: '2015-04-28T09:00:00.000000',
  ...more,
});

describe('servers', () => {
  it('in BUILD are warnings when they have been for longer than the limit', () => {
    expect(judgeServers([server()], patience)).toMatchObject([
      {
        severity: 'warn',
        about: 'server s1',
        what: 'the server web (s1) has been in BUILD for 3 h on node-5.domain.tld',
        evidence: [{ threshold: 'warn after 2 h', command: 'openstack server show s1' }],
      },
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * HOUR }), (age) => {
        expect(judgeServers([server({ created: ago(age) })], patience)).toHaveLength(age > 2 * HOUR ? 1 : 0);
      }),
    );
  });

  it('in ERROR are errors, however young', () => {
    expect(judgeServers([server({ status: 'ERROR', created: ago(0) })], patience)).toMatchObject([
      { severity: 'error', what: 'the server web (s1) on node-5.domain.tld is in ERROR' },
    ]);
  });

  it('in any other state are not stuck', () => {
    expect(judgeServers([server({ status: 'ACTIVE' }), server({ status: 'UNKNOWN' })], patience)).toEqual([]);
  });

  it('are unknown when nobody tells since when', () => {
    for (const created of ['', 'yesterday', '2015-04-31', '2015-13-28T09:00:00Z'])
      expect(judgeServers([server({ created })], patience)).toMatchObject([{ severity: 'unknown' }]);
  });
});

describe('volumes', () => {
  it('on their way are warnings by the time of their last change, which is UTC without saying so', () => {
    expect(judgeVolumes([volume()], patience)).toMatchObject([
      { severity: 'warn', about: 'volume v1', what: 'the volume v1 has been detaching for 3 h' },
    ]);
    expect(judgeVolumes([volume({ updated: '2015-04-28T11:00:00.123456' })], patience)).toEqual([]);
    expect(judgeVolumes([volume({ updated: '2015-04-28T11:00:00+02:00' })], patience)).toHaveLength(1);
  });

  it('in creation have been so since they were created', () => {
    const creating = volume({ status: 'creating', updated: '', created: '2015-04-28T09:30:00' });
    expect(judgeVolumes([creating], patience)).toMatchObject([{ severity: 'warn' }]);
  });

  it('that were changed nobody knows when are unknown, not stuck since they were created', () => {
    expect(judgeVolumes([volume({ updated: '' })], patience)).toMatchObject([{ severity: 'unknown' }]);
  });

  it('in any state of error are errors', () => {
    for (const status of ['error', 'error_deleting', 'error_backing-up'])
      expect(judgeVolumes([volume({ status, updated: '' })], patience)).toMatchObject([{ severity: 'error' }]);
  });

  it('at rest or in use are not stuck', () => {
    expect(
      judgeVolumes(
        ['available', 'in-use', 'downloading'].map((status) => volume({ status })),
        patience,
      ),
    ).toEqual([]);
  });
});
