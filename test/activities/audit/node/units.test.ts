import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../domain/catalogue.js';
import { findingsOf, recorded, STOPPED, settingsOf, systemd, type Unit } from './on-node.js';

const COMPUTE = settingsOf({ roles: ['compute'] });
const WELL = { 'libvirtd.service': {}, 'nova-compute.service': {} };

const pacemaker = (name: string): string => readFileSync(new URL(`../../../fixtures/${name}`, import.meta.url), 'utf8');

const onCompute = async (units: Record<string, Unit>, sockets: string[] = []) =>
  findingsOf('units', { unit_states: await systemd({ ...WELL, ...units }, COMPUTE, sockets) }, COMPUTE);

const onController = async (units: Record<string, Unit>, cluster: Parameters<typeof findingsOf>[1][string]) =>
  findingsOf('units', { unit_states: await systemd(units), cluster_resources: cluster });

/** A controller without Pacemaker's tools. */
const NO_CLUSTER = { exitCode: 127 };

describe('the services of a node', () => {
  it('are well when all that are installed are active and enabled', async () => {
    expect(await onCompute({})).toEqual([]);
  });

  it('that are enabled and stopped are an error', async () => {
    expect(await onCompute({ 'nova-compute.service': STOPPED })).toMatchObject([
      {
        severity: 'error',
        about: 'nova-compute.service',
        what: 'nova-compute.service on node-1 is not active: it is inactive (dead)',
        evidence: [{ value: 'inactive (dead)', threshold: 'active', command: 'systemctl status nova-compute.service' }],
      },
    ]);
  });

  it('that have failed are an error that says why', async () => {
    const failed = { active: 'failed', sub: 'failed', result: 'exit-code' };
    expect(await onCompute({ 'nova-compute.service': failed })).toMatchObject([
      { severity: 'error', what: 'nova-compute.service on node-1 has failed (exit-code)' },
    ]);
  });

  it('that run and are disabled, or masked, are a warning', async () => {
    for (const file of ['disabled', 'masked', 'enabled-runtime']) {
      const found = await onCompute({ 'openvswitch-switch.service': { file } });
      expect(found).toMatchObject([{ severity: 'warn', about: 'openvswitch-switch.service' }]);
      expect(found[0]?.what).toContain(`it is ${file}`);
    }
  });

  it('that cannot be enabled, or of which systemd does not know, are well', async () => {
    for (const file of ['static', 'indirect', 'generated', 'alias', '']) {
      expect(await onCompute({ 'openvswitch-switch.service': { file } })).toEqual([]);
    }
  });

  it('that a site neither starts nor enables are a warning, once', async () => {
    expect(await onCompute({ 'neutron-metering-agent.service': {} })).toEqual([]);
    expect(
      await onController({ 'neutron-metering-agent.service': { ...STOPPED, file: 'disabled' } }, NO_CLUSTER),
    ).toMatchObject([{ severity: 'warn', what: expect.stringContaining('neither runs nor is started at boot') }]);
    expect(
      await onController({ 'nova-scheduler.service': { ...STOPPED, load: 'masked', file: 'masked' } }, NO_CLUSTER),
    ).toMatchObject([{ severity: 'warn', next: expect.stringContaining('systemctl unmask nova-scheduler.service') }]);
  });

  it('that no host does without are an error when they are not there, or switched off', async () => {
    const missing = await findingsOf(
      'units',
      { unit_states: await systemd({ 'libvirtd.service': {} }, COMPUTE) },
      COMPUTE,
    );
    expect(missing).toMatchObject([{ severity: 'error', about: 'nova-compute' }]);
    expect(await onCompute({ 'nova-compute.service': { ...STOPPED, file: 'disabled' } })).toMatchObject([
      { severity: 'error' },
    ]);
  });

  it('that a socket starts when they are needed are well while they wait', async () => {
    const waiting = { ...STOPPED, more: 'TriggeredBy=libvirtd-ro.socket libvirtd.socket' };
    expect(await onCompute({ 'libvirtd.service': waiting }, ['libvirtd.socket'])).toEqual([]);
    expect(await onCompute({ 'libvirtd.service': waiting })).toMatchObject([{ severity: 'error' }]);
  });

  it('that do their work once are well when they have', async () => {
    const cleanup = 'neutron-ovs-cleanup.service';
    expect(await onCompute({ [cleanup]: { sub: 'exited', more: 'Type=oneshot\nRemainAfterExit=yes' } })).toEqual([]);
    expect(await onCompute({ [cleanup]: { ...STOPPED, more: 'Type=oneshot\nRemainAfterExit=no' } })).toEqual([]);
    expect(await onCompute({ [cleanup]: { ...STOPPED, more: 'Type=oneshot\nRemainAfterExit=yes' } })).toHaveLength(1);
  });

  it('on demand are a warning while they run, and well when they do not, enabled or not', async () => {
    const backup = 'cinder-backup.service';
    expect(await onController({ [backup]: STOPPED }, NO_CLUSTER)).toEqual([]);
    expect(await onController({ [backup]: { ...STOPPED, file: 'disabled' } }, NO_CLUSTER)).toEqual([]);
    expect(await onController({ [backup]: {} }, NO_CLUSTER)).toMatchObject([{ severity: 'warn', about: backup }]);
    const failed = { active: 'failed', sub: 'failed', result: 'signal' };
    expect(await onController({ [backup]: failed }, NO_CLUSTER)).toMatchObject([{ severity: 'error' }]);
  });

  it('in one web server are one finding', async () => {
    const found = await onController({ 'apache2.service': { active: 'failed', sub: 'failed' } }, NO_CLUSTER);
    expect(found).toHaveLength(1);
  });

  it('of their own unit are not hidden by a web server that runs', async () => {
    const found = await onController({ 'apache2.service': {}, 'cinder-api.service': STOPPED }, NO_CLUSTER);
    expect(found).toMatchObject([{ severity: 'error', about: 'cinder-api.service' }]);
  });

  it('under two names are one', async () => {
    const mariadb = { ...STOPPED, id: 'mariadb.service' };
    const found = await onController({ 'mariadb.service': mariadb, 'mysql.service': mariadb }, NO_CLUSTER);
    expect(found).toMatchObject([{ about: 'mariadb.service' }]);
    expect(found).toHaveLength(1);
  });

  it('under names of the site are asked for by them', async () => {
    const settings = settingsOf({ units: { 'nova-api': ['our-nova.service'] } });
    const states = await systemd({ 'our-nova.service': STOPPED }, settings);
    const found = await findingsOf('units', { unit_states: states, cluster_resources: NO_CLUSTER }, settings);
    expect(found).toMatchObject([{ about: 'our-nova.service' }]);
  });

  it('are read from systemd 219', async () => {
    const settings = settingsOf({ roles: ['compute'] });
    const known = new Map(
      recorded('written/units-219')
        .split('\n\n')
        .map((block) => [/^Id=(.*)$/m.exec(block)?.[1] ?? '', block]),
    );
    const blocks = (await systemd({}, settings))
      .split('\n\n')
      .map((block) => known.get(/^Id=(.*)$/m.exec(block)?.[1] ?? '') ?? block);
    expect(blocks.filter((block) => !block.includes('not-found'))).toHaveLength(3);
    const last = blocks.at(-1)?.includes('-- active sockets --') ? [] : ['-- active sockets --'];
    expect(
      await findingsOf('units', { unit_states: [blocks.join('\n\n'), ...last].join('\n') }, settings),
    ).toMatchObject([{ severity: 'error', what: 'libvirtd.service on node-1 has failed (exit-code)' }]);
  });

  it('are unknown when systemd does not answer', async () => {
    const silent = { text: 'Failed to connect to bus', exitCode: 1 };
    expect(await findingsOf('units', { unit_states: silent }, COMPUTE)).toMatchObject([{ severity: 'unknown' }]);
  });
});

describe('the services that Pacemaker runs', () => {
  const haproxy = (unit: Unit) => ({ 'haproxy.service': unit });

  it('are not asked to be active in systemd, and are to be disabled there', async () => {
    const lab = recorded('debian-12/cluster_resources');
    expect(await onController(haproxy({ file: 'disabled' }), lab)).toEqual([]);
    expect(await onController(haproxy({ ...STOPPED, file: 'disabled' }), lab)).toEqual([]);
    expect(await onController(haproxy({}), lab)).toMatchObject([
      { severity: 'warn', evidence: [{ value: 'enabled', threshold: 'disabled' }] },
    ]);
  });

  it.each([
    ['pacemaker-1.1/crm_mon-healthy.xml', 'mariadb.service'],
    ['pacemaker-1.1/pcs-healthy.txt', 'mariadb.service'],
    ['pacemaker-2.1.5/healthy.xml', 'haproxy.service'],
  ])('are told from %s', async (dialect, name) => {
    expect(await onController({ [name]: { ...STOPPED, file: 'disabled' } }, pacemaker(dialect))).toEqual([]);
    expect(await onController({ [name]: { ...STOPPED } }, pacemaker(dialect))).toMatchObject([
      { severity: 'warn', what: expect.stringContaining(`starts ${name} at boot, which Pacemaker runs`) },
    ]);
  });

  it('and that systemd runs too are a warning, as there are two of them', async () => {
    const found = await onController(haproxy({ file: 'disabled' }), pacemaker('pacemaker-2.1.5/healthy.xml'));
    expect(found).toMatchObject([{ severity: 'warn', what: expect.stringContaining('beside Pacemaker') }]);
  });

  it('elsewhere are systemd’s own in this cluster', async () => {
    const found = await onController({ 'mariadb.service': STOPPED }, recorded('debian-12/cluster_resources'));
    expect(found).toMatchObject([{ severity: 'error', about: 'mariadb.service' }]);
  });

  it('are not judged while Pacemaker is stopped, which is the finding', async () => {
    const down = { text: 'crm_mon: Error: cluster is not available on this node', exitCode: 102 };
    const units = { 'pacemaker.service': STOPPED, 'haproxy.service': { ...STOPPED, file: 'disabled' } };
    expect(await onController(units, down)).toMatchObject([{ severity: 'error', about: 'pacemaker.service' }]);
  });

  it('are not judged where sudo does not let us ask, and that is told', async () => {
    const refused = { text: 'sudo: a password is required', exitCode: 1 };
    const found = await onController(
      { 'haproxy.service': { ...STOPPED, file: 'disabled' }, 'glance-api.service': STOPPED },
      refused,
    );
    expect(found).toMatchObject([
      { severity: 'unknown', about: 'pacemaker', next: 'install what `ostler sudoers --role controller` prints' },
      { severity: 'error', about: 'glance-api.service' },
    ]);
  });
});

describe('whatever the states of units', () => {
  const names = [...catalogue.values()].flatMap(({ units }) => Object.values(units).flat());
  const unit = fc.record({
    load: fc.constantFrom('loaded', 'masked', 'bad-setting'),
    active: fc.constantFrom('active', 'inactive', 'failed', 'activating', 'deactivating'),
    file: fc.constantFrom('enabled', 'disabled', 'masked', 'static', ''),
  });

  it('each unit is one finding at most, and none that is active and enabled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), unit), async (units) => {
        const found = await onController(units, NO_CLUSTER);
        const abouts = found.map(({ about }) => about);
        expect(new Set(abouts).size).toBe(abouts.length);
        for (const about of abouts) {
          const { active, file, load } = units[about ?? ''] ?? {};
          if (
            about !== 'cinder-backup.service' &&
            !about?.includes('cinder_backup') &&
            !about?.includes('openstack-cinder-backup')
          )
            expect(active === 'active' && file === 'enabled' && load === 'loaded', about).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});
