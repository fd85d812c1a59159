import { describe, expect, it } from 'vitest';
import { operationOf, parseCrmMon } from '../../../activities/pacemaker/crm-mon.js';
import { UnreadableCluster } from '../../../activities/pacemaker/read-script.js';
import { aMember } from '../../domain/cluster-samples.js';
import { fixture } from './recorded.js';

const of = (name: string) => parseCrmMon(fixture(`pacemaker-2.1.5/${name}.xml`));
const running = (more: object) => ({
  role: 'Started',
  managed: true,
  failed: false,
  blocked: false,
  disabled: false,
  ...more,
});

describe('the XML of Pacemaker 2.1.5, recorded', () => {
  it('of a healthy cluster has everything, flat', () => {
    const { nodes, resources, ...rest } = of('healthy');
    expect(rest).toEqual({ quorum: true, dc: 'controller-3', failures: [] });
    expect(nodes).toEqual([aMember('controller-1'), aMember('controller-2'), aMember('controller-3', { isDc: true })]);
    const vip = { kind: 'primitive', agent: 'ocf:heartbeat:IPaddr2' };
    const instance = {
      id: 'p_haproxy',
      kind: 'clone-instance',
      parent: 'clone_p_haproxy',
      agent: 'ocf:pacemaker:Dummy',
    };
    expect(resources).toEqual([
      running({ id: 'vip__management', ...vip, nodes: ['controller-1'] }),
      running({ id: 'vip__public', ...vip, nodes: ['controller-2'] }),
      ...['controller-2', 'controller-3', 'controller-1'].map((name) => running({ ...instance, nodes: [name] })),
    ]);
  });

  it('of a node in standby has its instance stopped', () => {
    const { nodes, resources } = of('standby');
    expect(nodes[1]).toEqual(aMember('controller-2', { standby: true }));
    expect(resources.filter(({ kind }) => kind === 'clone-instance').map(({ role }) => role)).toEqual([
      'Started',
      'Started',
      'Stopped',
    ]);
  });

  it('tells maintenance of a node, and what is unmanaged', () => {
    expect(of('node-maintenance').nodes[1]).toEqual(aMember('controller-2', { maintenance: true }));
    const unmanaged = of('unmanaged').resources.filter(({ managed }) => !managed);
    expect(unmanaged.map(({ id }) => id)).toEqual(['p_haproxy', 'p_haproxy', 'p_haproxy']);
    expect(of('maintenance').resources.some(({ managed }) => managed)).toBe(false);
  });

  it('tells a failure of something that runs again', () => {
    expect(of('failed').failures).toEqual([
      {
        resource: 'p_haproxy',
        task: 'monitor',
        node: 'controller-2',
        result: 'not running',
        at: '2026-11-24 23:04:54Z',
      },
    ]);
  });
});

describe('the XML of Pacemaker 1.1', () => {
  it('is read under its old root, with numbered instances', () => {
    const { resources, ...rest } = parseCrmMon(fixture('pacemaker-1.1/crm_mon-healthy.xml'));
    expect(rest).toMatchObject({ quorum: true, dc: 'node-1.domain.tld', failures: [] });
    expect(resources.map(({ id, role, nodes }) => `${id} ${role} ${nodes.join()}`)).toEqual([
      'vip__public Started node-1.domain.tld',
      'vip__management Started node-2.domain.tld',
      'p_mysql Started node-1.domain.tld',
      'p_mysql Started node-2.domain.tld',
      'p_mysql Started node-3.domain.tld',
      'p_rabbitmq-server Master node-1.domain.tld',
      'p_rabbitmq-server Slave node-2.domain.tld',
      'p_rabbitmq-server Slave node-3.domain.tld',
    ]);
    expect(resources[0]?.agent).toBe('ocf:mirantis:ns_IPaddr2');
  });

  it('of a cluster in trouble has no DC, and nothing of what was deleted', () => {
    const { dc, quorum, nodes, resources, failures } = parseCrmMon(fixture('pacemaker-1.1/crm_mon-troubled.xml'));
    expect({ dc, quorum }).toEqual({ dc: undefined, quorum: undefined });
    expect(nodes[1]).toMatchObject({ online: false, unclean: true });
    expect(resources).toEqual([
      expect.objectContaining({ id: 'vip__public', role: 'Stopped', nodes: [] }),
      expect.objectContaining({ kind: 'group-member', parent: 'g_central', managed: false, failed: true }),
    ]);
    expect(failures).toMatchObject([{ resource: 'p_openstack-ceilometer-central', task: 'monitor' }]);
  });
});

describe('other XML', () => {
  const around = (resources: string, root = 'pacemaker-result') =>
    `<${root}><summary><current_dc present="true" name="c1" with_quorum="true"/></summary>
     <nodes><node name="c1" online="true"/></nodes><resources>${resources}</resources></${root}>`;

  it('leaves quorum out while there is no DC, whatever else it says', () => {
    const without = around('').replace(/<current_dc.*?>/, '<current_dc present="false" with_quorum="true"/>');
    expect(parseCrmMon(without)).not.toHaveProperty('quorum');
    expect(parseCrmMon(around(''))).toHaveProperty('quorum', true);
    expect(of('minority')).toHaveProperty('quorum', false);
  });

  it('is refused where it was cut, at whatever tag', () => {
    const whole = fixture('pacemaker-2.1.5/failed.xml').trimEnd();
    expect(() => parseCrmMon(whole.slice(0, whole.indexOf('<failures')))).toThrow(UnreadableCluster);
    for (const { index } of whole.matchAll(/</g))
      expect(() => parseCrmMon(whole.slice(0, index)), `cut at ${index}`).toThrow(UnreadableCluster);
  });

  it.each(['pacemaker-result', 'crm_mon'])('under %s names the path to what is not as expected', (root) => {
    const odd = around('<resource id="a" role="Started" managed="maybe"/>', root);
    expect(() => parseCrmMon(odd)).toThrow(`as expected at ${root}.resources.resource.0.managed: `);
    expect(() => parseCrmMon(`<${root}/>`)).toThrow(`as expected at ${root}`);
  });

  it('names the roots that it may have', () => {
    expect(() => parseCrmMon('<html><body/></html>')).toThrow('neither <pacemaker-result> nor <crm_mon>');
  });

  it('may have no resources at all', () => {
    expect(parseCrmMon(around('')).resources).toEqual([]);
  });

  it('may nest groups in clones and resources in bundles', () => {
    const one = (id: string) => `<resource id="${id}" role="Started"><node name="c1"/></resource>`;
    const { resources } = parseCrmMon(
      around(
        `<clone id="c" disabled="true"><group id="g:0">${one('a:0')}${one('b:0')}</group></clone>
         <bundle id="bun"><replica id="0">${one('galera')}</replica></bundle>`,
      ),
    );
    expect(resources.map(({ id, kind, parent, disabled }) => [id, kind, parent, disabled])).toEqual([
      ['a', 'clone-instance', 'c', true],
      ['b', 'clone-instance', 'c', true],
      ['galera', 'group-member', 'bun', false],
    ]);
  });

  it('may say that a resource was told to be stopped', () => {
    const [one] = parseCrmMon(around('<resource id="a" role="Stopped" target_role="Stopped"/>')).resources;
    expect(one).toMatchObject({ role: 'Stopped', disabled: true, nodes: [] });
  });

  it('may have texts with the entities of XML itself', () => {
    const failures = `<failures><failure op_key="a_start_0" node="c1" exitreason="can&apos;t &lt;bind&gt;"/></failures>`;
    const [one] = parseCrmMon(around('').replace('</nodes>', `</nodes>${failures}`)).failures;
    expect(one?.reason).toBe("can't <bind>");
  });

  it.each([
    ['a text', 'Connection to cluster failed'],
    ['another root', '<html><body/></html>'],
    ['half a document', '<pacemaker-result><summary>'],
    ['a state that is neither true nor false', around('<resource id="a" role="Started" managed="maybe"/>')],
    ['an entity of its own', `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${around('')}`],
  ])('is refused when it is %s', (_what, xml) => {
    expect(() => parseCrmMon(xml)).toThrow(UnreadableCluster);
  });
});

it.each([
  ['p_mysql_start_0', { resource: 'p_mysql', task: 'start' }],
  ['p_mysql:1_monitor_120000', { resource: 'p_mysql', task: 'monitor' }],
  ['vip__public_migrate_to_0', { resource: 'vip__public', task: 'migrate_to' }],
  ['strange', { resource: 'strange', task: '' }],
])('takes the operation %s apart', (key, parts) => {
  expect(operationOf(key)).toEqual(parts);
});
