import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMongodbChecks } from '../../../activities/audit/mongodb.js';
import { SshFailure } from '../../../activities/ssh/types.js';
import type { Finding } from '../../../domain/audit/finding.js';
import { folderWith } from '../../inventory/scratch.js';
import { type Answer, never, siteWith } from './appliance-site.js';

const ALL = ['mongodb', 'mongodb-lag'];
const NODES = ['mongo-1', 'mongo-2', 'mongo-3'].map((name) => `{ name: ${name}, address: ${name}, roles: [mongo] }`);
const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/mongodb/${name}`, import.meta.url), 'utf8');
const SILENT = '-- not listening --\n';

const ask = async (
  answers: Record<string, Answer>,
  wanted = ALL,
): Promise<{ findings: Finding[]; asked: string[] }> => {
  const site = siteWith(NODES, answers);
  const findings = await createMongodbChecks(undefined).find(site, wanted, {}, never);
  return { findings, asked: site.sent.map(({ node }) => node) };
};

describe('the replica set', () => {
  it('is asked of every node, and told by the first that answers where none is the primary', async () => {
    const lost = new SshFailure('unreachable', { host: 'mongo-1', message: 'mongo-1 is gone', hint: 'look' });
    const { findings, asked } = await ask({
      'mongo-1': lost,
      'mongo-2': SILENT,
      'mongo-3': fixture('mongo-2.6.txt'),
    });
    expect(asked).toEqual(['mongo-1', 'mongo-2', 'mongo-3']);
    expect(findings).toMatchObject([
      {
        check: 'mongodb-lag',
        about: '172.16.101.12:27017',
        severity: 'warn',
        evidence: [{ value: '30 s', threshold: 'warn above 10 s', command: 'rs.status() on mongo-3' }],
      },
    ]);
  });

  it('has a member out of reach, by the shell of today', async () => {
    const { findings } = await ask({ 'mongo-1': fixture('mongosh-one-down.txt') });
    expect(findings).toMatchObject([{ check: 'mongodb', about: '192.168.0.12:27017', severity: 'error' }]);
    const lag = await ask({ 'mongo-1': fixture('mongosh-one-down.txt') }, ['mongodb-lag']);
    expect(lag.findings).toEqual([]);
  });

  it('is an error when nobody listens, and unknown when somebody could not be asked', async () => {
    const down = await ask({ 'mongo-1': SILENT, 'mongo-2': SILENT, 'mongo-3': SILENT });
    expect(down.findings).toMatchObject([
      { check: 'mongodb', about: 'primary', severity: 'error' },
      { check: 'mongodb-lag', severity: 'unknown' },
    ]);
    const some = await ask({ 'mongo-1': SILENT, 'mongo-2': SILENT });
    expect(some.findings).toMatchObject([
      { check: 'mongodb', severity: 'unknown', what: expect.stringContaining('mongo-3 cannot be reached') },
      { check: 'mongodb-lag', severity: 'unknown' },
    ]);
  });

  it('of one mongod by itself is a warning, and has no lag', async () => {
    const { findings } = await ask({ 'mongo-1': fixture('mongosh-standalone.txt') });
    expect(findings).toMatchObject([{ check: 'mongodb', about: 'members', severity: 'warn' }]);
  });

  it('that was never initiated is an error, in the words of an old server too', async () => {
    const answer =
      '-- ostler {"status":{"ok":0,"startupStatus":3,"errmsg":"can\'t get local.system.replset config from self or any seed (EMPTYCONFIG)"}} --';
    const unread = await ask({ 'mongo-1': answer, 'mongo-2': answer, 'mongo-3': answer });
    expect(unread.findings[0]).toMatchObject({ severity: 'error', about: 'primary' });
    const today = await ask({ 'mongo-1': '-- ostler {"code":94,"error":"no replset config has been received"} --' });
    expect(today.findings).toMatchObject([{ check: 'mongodb', about: 'primary', severity: 'error' }]);
  });

  it('is told by its primary, and not by a member that is cut off and sees none', async () => {
    const alone = fixture('mongosh-one-down.txt').replaceAll('"PRIMARY"', '"(not reachable/healthy)"');
    const { findings } = await ask({ 'mongo-1': alone, 'mongo-2': fixture('mongosh-one-down.txt') });
    expect(findings.map(({ about }) => about)).toEqual(['192.168.0.12:27017']);
  });

  it('is unknown to an account that may not ask', async () => {
    for (const name of ['mongosh-unauthorized.txt', 'mongosh-wrong-password.txt']) {
      const { findings } = await ask({ 'mongo-1': fixture(name) });
      expect(findings.map(({ severity }) => severity)).toEqual(['unknown', 'unknown']);
      expect(findings[0]?.next).toContain('clusterMonitor');
    }
  });

  it('is not asked for in a cloud without mongo nodes', async () => {
    const site = siteWith(['{ name: c1, address: c1, roles: [controller] }'], {});
    expect(await createMongodbChecks(undefined).find(site, ALL, {}, never)).toEqual([]);
    expect(site.sent).toEqual([]);
  });

  it('ends with the reason of the one who does not want it any more', async () => {
    const site = siteWith(NODES, {});
    const reason = new Error('enough');
    await expect(createMongodbChecks(undefined).find(site, ALL, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('the password of the database', () => {
  it.each(['s3cret-of-mongo', 's3cret"of\\mongo'])(
    'goes by stdin, and is in no command and no finding: %s',
    async (PASSWORD) => {
      const written = JSON.stringify(PASSWORD);
      const folder = await folderWith({ password: PASSWORD });
      const echo = { stdout: `SyntaxError: auth("ceilometer",${written})` };
      const site = siteWith(NODES, { 'mongo-1': echo, 'mongo-2': echo, 'mongo-3': echo });
      const checks = createMongodbChecks({ user: 'ceilometer', password: `file:${folder}/password` });
      const findings = await checks.find(site, ALL, {}, never);
      expect(site.sent[0]?.stdin).toContain(`auth("ceilometer", ${written})`);
      expect(site.sent.map(({ script }) => script).join()).not.toContain(PASSWORD);
      expect(findings.map(({ severity }) => severity)).toEqual(['unknown', 'unknown']);
      expect(JSON.stringify(findings)).not.toContain('s3cret');
    },
  );

  it('that cannot be had keeps the database from being asked', async () => {
    const site = siteWith(NODES, {});
    const checks = createMongodbChecks({ user: 'ceilometer', password: 'env:NOT_SET_ANYWHERE' });
    const findings = await checks.find(site, ALL, {}, never);
    expect(findings).toMatchObject([{ severity: 'unknown' }, { severity: 'unknown' }]);
    expect(findings[0]?.what).toContain('env:NOT_SET_ANYWHERE is not set');
    expect(site.sent).toEqual([]);
  });
});
