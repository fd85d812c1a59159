import { describe, expect, it } from 'vitest';
import { createEqlxChecks } from '../../../activities/audit/eqlx.js';
import type { EqlxAuditSettings } from '../../../domain/audit/appliance-settings.js';
import { eqlxAuditSchema } from '../../../domain/audit/appliance-settings.schema.js';
import type { Finding } from '../../../domain/audit/finding.js';
import { SimArray } from '../../../lab/sim/eqlx/array.js';
import { type ArrayOnTrial, PASSWORD, startArray } from '../eqlx/array-on-trial.js';
import { type Answer, never, siteWith } from './appliance-site.js';

const ALL = ['eqlx-login', 'eqlx-pool', 'eqlx-sessions'];
const LEGACY = `  2101     1 /usr/bin/python2 /usr/bin/cinder-volume --config-file /etc/cinder/cinder.conf
  2140  2101 /usr/bin/python2 /usr/bin/cinder-volume --config-file /etc/cinder/cinder.conf
  2201     1 /usr/bin/python2 /usr/bin/cinder-scheduler
  2301     1 vim /etc/cinder-volume
-- end --
`;
const KOLLA = `  41    40 /var/lib/kolla/venv/bin/python3 -s /var/lib/kolla/venv/bin/cinder-volume --config-file /etc/cinder.conf
  77     1 cinder-backup: worker
-- end --
`;
const THREE = { 'controller-1': LEGACY, 'controller-2': LEGACY, 'controller-3': LEGACY };

/** What the checks find in a cloud with three controllers and this array. */
async function find(
  { front, folder, ssh }: ArrayOnTrial,
  {
    own = {},
    answers = THREE,
    wanted = ALL,
    limits = {},
    signal = never,
  }: {
    own?: Partial<EqlxAuditSettings>;
    answers?: Record<string, Answer>;
    wanted?: string[];
    limits?: Record<string, Record<string, number>>;
    signal?: AbortSignal;
  } = {},
): Promise<Finding[]> {
  const ours = `ssh: { user: grpadmin, port: ${front.port}, identityFile: ${folder}/id, knownHosts: ${folder}/known_hosts }`;
  const nodes = [
    ...Object.keys(THREE).map((name) => `{ name: ${name}, address: ${name}, roles: [controller] }`),
    `{ name: array-1, address: 127.0.0.1, roles: [eqlx], ${ours} }`,
  ];
  const settings = { ...eqlxAuditSchema.parse({}), ...own };
  return createEqlxChecks(settings).find(siteWith(nodes, answers, ssh), wanted, limits, signal);
}

describe('an array in order', () => {
  it('has nothing to be found, and is logged in to once', async () => {
    const site = await startArray();
    expect(await find(site, { own: { group: 'group0' } })).toEqual([]);
    expect(site.array.ended).toEqual({ byLogout: 1, byConnection: 0 });
  });

  it('is logged in to with the password of audit.eqlx, which no finding holds', async () => {
    const site = await startArray(new SimArray(), { key: undefined as never });
    expect(await find(site, { own: { password: `file:${site.folder}/password` } })).toEqual([]);

    const wrong = await startArray(new SimArray(), { password: 'changed-since' });
    const findings = await find(wrong, { own: { password: `file:${wrong.folder}/password` } });
    expect(findings).toMatchObject([
      { check: 'eqlx-login', node: 'array-1', severity: 'error' },
      { check: 'eqlx-pool', node: 'array-1', severity: 'unknown' },
    ]);
    expect(JSON.stringify(findings)).not.toContain(PASSWORD);
  });

  it('is not asked for what nobody wants to know', async () => {
    const site = await startArray();
    expect(await find(site, { wanted: ['eqlx-sessions'] })).toEqual([]);
    expect(site.array.mostAtOnce).toBe(0);
    expect(await find(site, { wanted: ['eqlx-login'] })).toEqual([]);
    expect(site.array.typed.filter((command) => command.startsWith('pool'))).toEqual([]);
  });

  it('is nothing to ask for in a cloud without one', async () => {
    const site = siteWith(['{ name: c1, address: c1, roles: [controller] }'], {});
    expect(await createEqlxChecks(eqlxAuditSchema.parse({})).find(site, ALL, {}, never)).toEqual([]);
    expect(site.sent).toEqual([]);
  });
});

describe('an array in trouble', () => {
  it('has a pool that is nearly full, and one that it does not know', async () => {
    const pools = [
      { name: 'default', capacity: '2.5TB', free: '100GB', volumes: 2 },
      { name: 'fast', capacity: '1TB', free: '900GB', volumes: 1 },
    ];
    const findings = await find(await startArray(new SimArray('group0', pools)), {
      own: { pools: ['default', 'gone', 'fast'] },
    });
    expect(findings).toMatchObject([
      {
        check: 'eqlx-pool',
        about: 'default',
        severity: 'warn',
        evidence: [{ value: '3.9 % free (100 GB of 2560 GB)', threshold: 'warn below 15 % free' }],
      },
      { check: 'eqlx-pool', about: 'gone', severity: 'unknown', next: 'correct audit.eqlx.pools in ostler.yaml' },
    ]);
  });

  it('has no session left for us', async () => {
    const site = await startArray();
    site.array.heldByOthers = 7;
    expect(await find(site)).toMatchObject([
      { check: 'eqlx-login', severity: 'error', what: expect.stringContaining('lets nobody in: % Error') },
      { check: 'eqlx-pool', severity: 'unknown' },
    ]);
  });

  it('is slow to let us in, by the limit of the site', async () => {
    const site = await startArray();
    site.array.faults.promptAfterMs = 300;
    const findings = await find(site, { limits: { 'eqlx-login': { warn: 0.2 } }, wanted: ['eqlx-login'] });
    expect(findings).toMatchObject([{ check: 'eqlx-login', severity: 'warn' }]);
    expect(findings[0]?.evidence[0]).toMatchObject({ threshold: 'warn above 0.2 s' });
  });

  it('is another one than the one that is meant', async () => {
    const findings = await find(await startArray(), { own: { group: 'group1' } });
    expect(findings[0]).toMatchObject({ severity: 'error', what: 'array-1 is the group group0, and not group1' });
  });

  it('is out of reach, or ours is the trouble', async () => {
    const site = await startArray();
    const missing = await find(site, { own: { password: 'env:NOT_SET_ANYWHERE' }, wanted: ['eqlx-login'] });
    expect(missing).toMatchObject([{ check: 'eqlx-login', severity: 'unknown' }]);
    expect(missing[0]?.what).toContain('env:NOT_SET_ANYWHERE is not set');
    site.front.close();
    expect(await find(site)).toMatchObject([
      { check: 'eqlx-login', severity: 'error', what: expect.stringContaining('refused the connection') },
      { check: 'eqlx-pool', severity: 'unknown' },
    ]);
  });

  it('is left when the audit is cancelled', async () => {
    const site = await startArray();
    site.array.faults.hangsAt = 'pool';
    const reason = new Error('enough');
    const stop = new AbortController();
    setTimeout(() => stop.abort(reason), 300);
    await expect(find(site, { signal: stop.signal })).rejects.toBe(reason);
    await expect.poll(() => site.front.connections).toBe(0);
  });
});

describe('the sessions on the array', () => {
  it('are counted by processes that hold one, and not by those that only watch', async () => {
    const site = await startArray();
    const wanted = ['eqlx-sessions'];
    const answers = { 'controller-1': KOLLA, 'controller-2': KOLLA, 'controller-3': LEGACY };
    expect(await find(site, { answers, wanted })).toMatchObject([
      {
        severity: 'warn',
        evidence: [
          { value: '6 sessions, one of them our own', threshold: 'warn at 6 sessions' },
          { value: 'controller-1: 1 cinder-volume, 1 cinder-backup' },
          { value: 'controller-2: 1 cinder-volume, 1 cinder-backup' },
          { value: 'controller-3: 1 cinder-volume, 0 cinder-backup' },
        ],
      },
    ]);
  });

  it('are unknown of a controller that cannot be asked, and known of the others', async () => {
    const site = await startArray();
    const crowd = KOLLA.replace('-- end', '  91    90 cinder-volume\n  92    90 cinder-volume\n-- end');
    const answers = { 'controller-1': crowd, 'controller-2': crowd, 'controller-3': 'ps: no such thing' };
    expect(await find(site, { answers, wanted: ['eqlx-sessions'] })).toMatchObject([
      { severity: 'error', evidence: [{ value: '9 sessions, one of them our own' }, {}, {}] },
      { severity: 'unknown', node: 'controller-3', what: expect.stringContaining('does not list its processes') },
    ]);
  });

  it('are unknown as a whole when those that can be asked have few, since the others may have the rest', async () => {
    const site = await startArray();
    const answers = { 'controller-1': KOLLA, 'controller-2': 'ps: no', 'controller-3': 'ps: no' };
    const found = await find(site, { answers, wanted: ['eqlx-sessions'] });
    expect(found).toMatchObject([{ severity: 'unknown', evidence: [{}, {}] }]);
    expect(found[0]).not.toHaveProperty('node');
  });
});
