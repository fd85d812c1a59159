import { describe, expect, it } from 'vitest';
import { type CatalogueEntry, catalogue } from '../../domain/catalogue.js';
import type { ClusterResource } from '../../domain/cluster.js';
import { judgeService, type ServiceSeen } from '../../domain/service-status.js';
import type { UnitReading } from '../../domain/unit-change.js';

const entryOf = (id: string): CatalogueEntry => catalogue.get(id) as CatalogueEntry;

const running: UnitReading = {
  ...{ unit: 'glance-api.service', load: 'loaded', active: 'active', sub: 'running', result: 'success' },
  ...{ fence: { bootId: 'b', startedUs: 10, mainPid: 100 }, jobQueued: false, activeForMs: 3_600_000, failedNeeds: [] },
  ...{ fileState: 'enabled', type: 'notify', mainCode: 0, mainStatus: 0, mainEndedUs: 0, leftActiveUs: 0 },
};
const unit = (more: Partial<UnitReading>): ServiceSeen => ({ unit: { ...running, ...more } });
const judge = (seen: ServiceSeen, id = 'glance-api') => judgeService(entryOf(id), 'c1', seen);

describe('a service that systemd runs', () => {
  it.each<[string, string, ServiceSeen, string?]>([
    ['healthy', 'ok', unit({})],
    ['not installed', 'ok', {}],
    ['healthy', 'warn', unit({ fileState: 'disabled' })],
    ['healthy', 'warn', unit({ load: 'masked', fileState: 'masked' })],
    ['masked', 'warn', unit({ load: 'masked', active: 'inactive' })],
    ['failed', 'error', unit({ active: 'failed', result: 'exit-code', mainCode: 1, mainStatus: 1 })],
    ['unhealthy', 'error', unit({ active: 'activating', sub: 'auto-restart', restarts: 7 })],
    ['unhealthy', 'error', unit({ restarts: 9, activeForMs: 4_000 })],
    ['healthy', 'ok', unit({ restarts: 9 })],
    ['unhealthy', 'error', unit({ load: 'bad-setting', active: 'inactive' })],
    ['inactive', 'error', unit({ active: 'inactive', mainCode: 1, mainEndedUs: 50, leftActiveUs: 40 })],
    ['inactive', 'warn', unit({ active: 'inactive', fileState: 'disabled', mainEndedUs: 50, leftActiveUs: 40 })],
    ['healthy', 'warn', unit({}), 'cinder-backup'],
    ['inactive', 'ok', unit({ active: 'inactive' }), 'cinder-backup'],
    ['inactive', 'ok', unit({ active: 'inactive', type: 'oneshot' }), 'neutron-ovs-cleanup'],
    ['unknown', 'error', { unknown: 'no answer' }],
    ['healthy', 'ok', { ...unit({}), container: { status: 'Up 2 days (healthy)' } }],
    ['unhealthy', 'error', { ...unit({}), container: { status: 'Up 2 days (unhealthy)' } }],
    ['unhealthy', 'error', { ...unit({}), container: { status: 'Exited (1) 3 seconds ago' } }],
    ['unknown', 'error', { ...unit({}), container: { silent: 'sudo: a password is required' } }],
    [
      'healthy',
      'warn',
      { ...unit({}), reported: { state: 'up', status: 'disabled', reason: 'OPS-1' } },
      'nova-compute',
    ],
  ])('is %s (%s)', (state, severity, seen, id) => {
    expect(judge(seen, id)).toMatchObject({ state, severity });
  });

  it('ended by itself where its process went before the unit left active, and was stopped where it went after', () => {
    const ended = { active: 'inactive', mainCode: 1, mainStatus: 0 };
    expect(judge(unit({ ...ended, mainEndedUs: 50, leftActiveUs: 50 })).why).toContain('ended by itself');
    expect(judge(unit({ ...ended, mainEndedUs: 50, leftActiveUs: 52 })).why).toContain('ended by itself');
    expect(judge(unit({ ...ended, mainEndedUs: 52, leftActiveUs: 50 })).why).toBe('it was stopped by hand');
    const never = { active: 'inactive', fence: { bootId: 'b', startedUs: 0, mainPid: 0 } };
    expect(judge(unit(never)).why).toBe('it has not run since the host came up');
  });
});

describe('a service that Pacemaker runs', () => {
  const instance = (more: Partial<ClusterResource>): ClusterResource => ({
    ...{ id: 'p_haproxy', kind: 'clone-instance', parent: 'clone_p_haproxy', role: 'Started', managed: true },
    ...{ failed: false, blocked: false, disabled: false, nodes: ['c1'] },
    ...more,
  });
  const seen = (resources: ClusterResource[], more: Partial<ServiceSeen> = {}): ServiceSeen => ({
    clustered: {
      resource: resources[0]?.parent ?? 'p_neutron-dhcp-agent',
      member: 'c1',
      view: { resources, failures: [], constraints: [] },
    },
    ...more,
  });

  it.each<[string, string, ServiceSeen]>([
    ['healthy', 'ok', seen([instance({})])],
    ['healthy', 'ok', seen([instance({})], unit({ fileState: 'disabled' }))],
    ['healthy', 'warn', seen([instance({})], unit({ fileState: 'enabled' }))],
    ['unhealthy', 'error', seen([instance({ managed: false })])],
    ['failed', 'error', seen([instance({ failed: true })])],
    ['inactive', 'error', seen([instance({ nodes: ['c2'] }), instance({ role: 'Stopped', nodes: [] })])],
    ['inactive', 'warn', seen([instance({ role: 'Stopped', nodes: [], disabled: true })])],
  ])('is %s (%s)', (state, severity, given) => {
    expect(judge(given, 'haproxy')).toMatchObject({ state, severity, manager: 'pacemaker' });
  });

  it('is inactive where a ban keeps it off, and says what lets it back', () => {
    const { clustered } = seen([instance({ nodes: ['c2'] }), instance({ role: 'Stopped', nodes: [] })]);
    const ban = { id: 'cli-ban-clone_p_haproxy-on-c1', resource: 'clone_p_haproxy', node: 'c1', score: '-INFINITY' };
    const view = { resources: [], failures: [], ...clustered?.view, constraints: [ban] };
    expect(judge({ clustered: { resource: 'clone_p_haproxy', member: 'c1', view } }, 'haproxy')).toMatchObject({
      state: 'inactive',
      why: expect.stringContaining(ban.id),
      next: 'when it may run again: ostler service start haproxy --on c1',
    });
  });

  it('is as it should be where there is one of it in the cluster, and another controller has it', () => {
    const dhcp: ClusterResource = {
      ...{ id: 'p_neutron-dhcp-agent', kind: 'primitive', role: 'Started', managed: true, failed: false },
      ...{ blocked: false, disabled: false, nodes: ['c2'] },
    };
    expect(judge(seen([dhcp]), 'neutron-dhcp-agent')).toMatchObject({
      state: 'inactive',
      severity: 'ok',
      why: 'it runs on c2',
    });
  });
});
