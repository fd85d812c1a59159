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
      'Online: [ a b ]\nFull list of resources:\n Clone Set: clone_p [p]\n     Stopped (disabled): [ a b ]\n',
    );
    expect(resources).toMatchObject([{ id: 'p', role: 'Stopped', disabled: true, nodes: [] }, { disabled: true }]);
  });

  it('knows no DC while there is none', () => {
    const without = parsePcsStatus('Current DC: NONE\nOnline: [ a b ]\n\nFull list of resources:\n\n');
    expect(without).not.toHaveProperty('dc');
    expect(without).not.toHaveProperty('quorum');
  });

  const failing = (...lines: string[]) =>
    parsePcsStatus(['Online: [ a ]', 'No resources', '', ...lines, '', 'Daemon Status:', '  pcsd: on'].join('\n'))
      .failures;
  const failure = { resource: 'p_mysql', task: 'start', node: 'node-3', result: 'unknown error' };

  it.each([
    ['', {}],
    [', last-run=Tue Nov 24 10:01:00 2026, queued=0ms, exec=5ms', { at: 'Tue Nov 24 10:01:00 2026' }],
    [', last-run=Tue Nov 24 10:01:00 2026\n, queued=0ms, exec=5ms\n', { at: 'Tue Nov 24 10:01:00 2026' }],
  ])('lists a failure of before 1.1.10 (%j)', (details, more) => {
    const line = `    p_mysql_start_0 (node=node-3, call=12, rc=1, status=complete${details}): unknown error`;
    expect(failing('Failed actions:', line, line)).toEqual(Array(2).fill({ ...failure, ...more }));
  });

  it.each([
    ["exitreason='can't open socket', last-rc-change='now'", { reason: "can't open socket", at: 'now' }],
    [
      "exitreason='can't open socket',\n    last-rc-change='now', queued=0ms",
      { reason: "can't open socket", at: 'now' },
    ],
    ["exitreason='can't open 'x''", { reason: "can't open 'x'" }],
    ["exitreason='', last-rc-change='now', queued=0ms", { at: 'now' }],
  ])('keeps the whole reason of %j', (details, more) => {
    const line = `* p_mysql_start_0 on node-3 'unknown error' (1): call=1, status=complete, ${details}`;
    expect(failing('Failed Resource Actions:', line)).toEqual([{ ...failure, ...more }]);
  });

  it.each(['Failed Actions:', 'Failed actions:', 'Failed Resource Actions:'])(
    'is refused under %s for another line',
    (title) => {
      expect(() => failing(title, "* p_mysql start on node-3 returned 'error' at now")).toThrow(UnreadableCluster);
      expect(() => failing(title, '', 'something else')).toThrow('a failure that we cannot read: something else');
    },
  );

  it('tells no failed fencing, as no dialect does', () => {
    const line = "* reboot of node-3 failed: delegate=, client=stonith_admin.1, origin=a, last-failed='now'";
    expect(failing('Failed Fencing Actions:', line)).toEqual([]);
  });

  it('is refused without a list of resources', () => {
    const healthy = fixture('pacemaker-1.1/pcs-healthy.txt');
    expect(() => parsePcsStatus(healthy.slice(0, healthy.indexOf('Full list')))).toThrow('no list of resources');
    expect(() => parsePcsStatus(healthy.replace('Full list of', 'Active'))).toThrow(UnreadableCluster);
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
