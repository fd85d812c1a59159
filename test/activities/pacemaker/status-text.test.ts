import { describe, expect, it } from 'vitest';
import { UnreadableCluster } from '../../../activities/pacemaker/read-script.js';
import { parsePcsStatus } from '../../../activities/pacemaker/status-text.js';
import { resourceLine } from '../../../activities/pacemaker/status-text-resource.js';
import { fixture } from './recorded.js';

const short = (name: string): string => name.replace('.domain.tld', '');

describe('the text of pcs 0.9', () => {
  it('of a healthy cluster has nodes, quorum and every resource', () => {
    const { nodes, resources, ...rest } = parsePcsStatus(fixture('pacemaker-1.1/pcs-healthy.txt'));
    expect(rest).toEqual({ quorum: true, dc: 'node-1.domain.tld', failures: [] });
    expect(nodes.map(({ name, online, isDc }) => [short(name), online, isDc])).toEqual([
      ['node-1', true, true],
      ['node-2', true, false],
      ['node-3', true, false],
    ]);
    expect(
      resources.map(({ id, kind, parent, role, nodes: on }) => [id, kind, parent, role, ...on.map(short)]),
    ).toEqual([
      ['vip__public', 'primitive', undefined, 'Started', 'node-1'],
      ['vip__management', 'primitive', undefined, 'Started', 'node-2'],
      ...['node-1', 'node-2', 'node-3'].map((on) => ['p_mysql', 'clone-instance', 'clone_p_mysql', 'Started', on]),
      ['p_rabbitmq-server', 'clone-instance', 'master_p_rabbitmq-server', 'Master', 'node-1'],
      ['p_rabbitmq-server', 'clone-instance', 'master_p_rabbitmq-server', 'Slave', 'node-2'],
      ['p_rabbitmq-server', 'clone-instance', 'master_p_rabbitmq-server', 'Slave', 'node-3'],
      ['p_openstack-ceilometer-central', 'group-member', 'g_central', 'Started', 'node-3'],
    ]);
  });

  const troubled = () => parsePcsStatus(fixture('pacemaker-1.1/pcs-troubled.txt'));

  it('tells every state of a node', () => {
    const { nodes, quorum } = troubled();
    expect(quorum).toBe(false);
    const states = (['online', 'standby', 'pending', 'unclean'] as const).map((key) => key);
    expect(nodes.map((node) => [short(node.name), ...states.filter((key) => node[key])])).toEqual([
      ['node-2', 'online', 'standby'],
      ['node-3', 'unclean'],
      ['node-4', 'online', 'pending'],
      ['node-5', 'standby'],
      ['node-1', 'online'],
    ]);
  });

  it('tells what is not as it should be behind every resource', () => {
    const { resources } = troubled();
    const flags = (['failed', 'blocked', 'disabled'] as const).map((key) => key);
    const told = resources.map((one) => [
      one.id,
      one.role,
      one.nodes.map(short).join('+'),
      [...flags.filter((flag) => one[flag]), ...(one.managed ? [] : ['unmanaged'])].join(),
    ]);
    expect(told).toEqual([
      ['vip__public', 'Started', '', ''],
      ['vip__management', 'Started', 'node-1', 'unmanaged'],
      ['p_neutron-dhcp-agent', 'Stopped', '', 'disabled'],
      ['p_ceilometer-central', 'Unknown', 'node-1', 'failed,blocked,unmanaged'],
      ['p_ceilometer-alarm', 'Started', 'node-1', 'failed'],
      ['p_twice', 'Started', 'node-1+node-2', ''],
      ['p_mysql', 'Unknown', 'node-2', 'failed'],
      ['p_mysql', 'Started', 'node-1', ''],
      ['p_mysql', 'Stopped', '', ''],
      ['p_mysql', 'Stopped', '', ''],
      ['p_haproxy', 'Started', 'node-1', 'unmanaged'],
      ['p_haproxy', 'Started', 'node-2', 'unmanaged'],
    ]);
  });

  it('lists the failures, with what the agent said', () => {
    expect(troubled().failures).toEqual([
      {
        resource: 'p_mysql',
        task: 'start',
        node: 'node-2.domain.tld',
        result: 'not running',
        reason: 'no quorum of peers',
        at: 'Tue Nov 24 10:01:00 2026',
      },
      {
        resource: 'p_ceilometer-alarm',
        task: 'monitor',
        node: 'node-1.domain.tld',
        result: 'unknown error',
        at: 'Tue Nov 24 10:02:00 2026',
      },
    ]);
  });

  it('tells that a clone was told to be stopped', () => {
    const { resources } = parsePcsStatus(
      'Online: [ a b ]\n Clone Set: clone_p [p]\n     Stopped (disabled): [ a b ]\n',
    );
    expect(resources).toMatchObject([{ id: 'p', role: 'Stopped', disabled: true, nodes: [] }, { disabled: true }]);
  });

  it('knows no DC while there is none', () => {
    expect(parsePcsStatus('Current DC: NONE\nOnline: [ a b ]\n')).toMatchObject({ quorum: false });
    expect(parsePcsStatus('Current DC: NONE\nOnline: [ a b ]\n')).not.toHaveProperty('dc');
  });

  it('is refused when it names no nodes', () => {
    expect(() => parsePcsStatus('Error: cluster is not currently running on this node')).toThrow(UnreadableCluster);
  });
});

describe('one resource in a text', () => {
  it.each([
    ['Started node-1 (unmanaged) FAILED', { role: 'Started', nodes: ['node-1'], managed: false, failed: true }],
    ['Started (disabled) node-1', { role: 'Started', nodes: ['node-1'], disabled: true }],
    ['FAILED Master node-1 (blocked)', { role: 'Master', nodes: ['node-1'], failed: true, blocked: true }],
    ['Stopped (target-role:Stopped)', { role: 'Stopped', nodes: [] }],
    ['Stopped', { role: 'Stopped', nodes: [], managed: true, failed: false, blocked: false, disabled: false }],
    ['Started node-1 (Monitoring)', { role: 'Started', nodes: ['node-1'] }],
  ])('%s', (rest, expected) => {
    expect(resourceLine(`p_x\t(ocf::pacemaker:Dummy):\t${rest}`)).toMatchObject({ id: 'p_x', ...expected });
  });

  it('is none in another line', () => {
    expect(resourceLine('Daemon Status:')).toBeUndefined();
    expect(resourceLine('corosync: active/enabled')).toBeUndefined();
  });
});
