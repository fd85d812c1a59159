import { describe, expect, it } from 'vitest';
import { type Answer, findingsOf, recorded, STOPPED, settingsOf, systemd, type Unit } from './on-node.js';

const REFUSED = { text: 'sudo: a password is required', exitCode: 1 };

const onController = async (check: string, units: Record<string, Unit>, answers: Record<string, Answer>) =>
  findingsOf(check, { unit_states: await systemd(units), ...answers });

describe('a service that answers HTTP', () => {
  const keystone = (answers: Answer, units: Record<string, Unit> = { 'keystone.service': {} }) =>
    onController('keystone-node', units, { answers });

  it('is well with any answer that is none of a broken server', async () => {
    for (const code of [200, 300, 302, 400, 401, 403])
      expect(await keystone(`status 10.20.0.3 5000 / ${code}\nasked 5000`), `${code}`).toEqual([]);
  });

  it('that fails, is not found, or says nothing is an error', async () => {
    for (const [code, value] of [
      ['500', 'HTTP 500'],
      ['503', 'HTTP 503'],
      ['404', 'HTTP 404'],
      ['000', 'no answer'],
      ['timeout', 'no answer within 7 s'],
    ] as const)
      expect(await keystone(`status 10.20.0.3 5000 / ${code}\nasked 5000`)).toMatchObject([
        { severity: 'error', evidence: [{ value, command: 'curl -i http://10.20.0.3:5000/' }] },
      ]);
  });

  it('that answers at none of several addresses is one finding', async () => {
    const silent = ['status 10.20.0.3 5000 / 000', 'status 10.30.0.3 5000 / 503'];
    const findings = await keystone([...silent, 'asked 5000'].join('\n'));
    expect(findings).toMatchObject([
      {
        what: 'keystone runs on node-1 and does not answer: no answer, HTTP 503',
        evidence: [{ value: 'no answer' }, { value: 'HTTP 503', command: 'curl -i http://10.30.0.3:5000/' }],
      },
    ]);
    // Whoever answers first is first in the text.
    expect(await keystone([...silent.toReversed(), 'asked 5000'].join('\n'))).toEqual(findings);
  });

  it('and does not listen is an error', async () => {
    expect(await keystone('asked 5000')).toMatchObject([
      { severity: 'error', what: 'keystone runs on node-1 and does not answer: nothing listens on port 5000' },
    ]);
  });

  it('is not asked where it does not run', async () => {
    expect(await keystone('asked 5000', {})).toEqual([]);
    expect(await keystone('asked 5000', { 'keystone.service': STOPPED })).toEqual([]);
  });

  it('in a web server is only expected where it is installed', async () => {
    const apache = { 'apache2.service': {} };
    expect(await keystone('asked 5000', apache)).toEqual([]);
    expect(await keystone('sign 5000\nasked 5000', apache)).toHaveLength(1);
  });

  it('is unknown where there is nothing to ask with', async () => {
    expect(await keystone({ exitCode: 127 })).toMatchObject([{ severity: 'unknown' }]);
    expect(await keystone('')).toMatchObject([{ severity: 'unknown' }]);
  });

  it('may have its pages at several places', async () => {
    const pages =
      'sign 80\nstatus 10.20.0.3 80 /auth/login/ 404\nstatus 10.20.0.3 80 /horizon/auth/login/ 200\nasked 80';
    expect(await onController('horizon-node', { 'apache2.service': {} }, { answers: pages })).toEqual([]);
    const broken = pages.replace('200', '500');
    expect(await onController('horizon-node', { 'apache2.service': {} }, { answers: broken })).toMatchObject([
      { evidence: [{ value: 'HTTP 500', command: 'curl -i http://10.20.0.3:80/horizon/auth/login/' }] },
    ]);
    for (const [status, value] of [
      ['000', 'no answer'],
      ['timeout', 'no answer within 7 s'],
    ] as const) {
      const silent = pages.replace('200', status);
      expect(await onController('horizon-node', { 'apache2.service': {} }, { answers: silent })).toMatchObject([
        { evidence: [{ value, command: 'curl -i http://10.20.0.3:80/horizon/auth/login/' }] },
      ]);
    }
  });
});

describe('memcached', () => {
  const memcached = (statistics: Answer) => onController('memcached-node', { 'memcached.service': {} }, { statistics });

  it('is well with statistics from everywhere that it listens', async () => {
    expect(await memcached('place 10.20.0.3\nSTAT pid 4711\nEND\nasked')).toEqual([]);
  });

  it('that does not listen, or hangs, is an error', async () => {
    expect(await memcached('asked')).toMatchObject([
      { severity: 'error', evidence: [{ value: 'nothing listens on port 11211' }] },
    ]);
    expect(await memcached('place 10.20.0.3\nSTAT pid 4711\nasked')).toMatchObject([{ severity: 'error' }]);
    expect(await memcached('place 10.20.0.3\nplace 10.30.0.3\nasked')).toMatchObject([{ evidence: [{}, {}] }]);
  });

  it('is unknown where there is nothing to ask with', async () => {
    expect(await memcached({ text: 'place 10.20.0.3', exitCode: 127 })).toMatchObject([{ severity: 'unknown' }]);
  });
});

describe('libvirt', () => {
  const COMPUTE = settingsOf({ roles: ['compute'] });
  const libvirt = async (guests: Answer, units: Record<string, Unit> = { 'libvirtd.service': {} }) =>
    findingsOf('nova-compute-node', { unit_states: await systemd(units, COMPUTE), guests }, COMPUTE);

  it('is well when it lists its guests', async () => {
    expect(await libvirt(' Id   Name   State')).toEqual([]);
  });

  it('that runs and does not list them is an error', async () => {
    expect(await libvirt({ text: 'error: failed to connect to the hypervisor', exitCode: 1 })).toMatchObject([
      { severity: 'error', evidence: [{ value: 'error: failed to connect to the hypervisor' }] },
    ]);
    expect(await libvirt({ exitCode: 124 })).toMatchObject([{ evidence: [{ value: 'no answer in time' }] }]);
  });

  it('is unknown without virsh, and not asked where it is stopped or in a container', async () => {
    const none = { exitCode: 127 };
    expect(await libvirt(none)).toMatchObject([{ severity: 'unknown', what: 'there is no virsh on node-1' }]);
    expect(await libvirt(none, { 'libvirtd.service': STOPPED })).toEqual([]);
    expect(await libvirt(none, { 'kolla-nova_libvirt-container.service': {} })).toEqual([]);
  });
});

describe('Open vSwitch and the namespaces', () => {
  const neutron = (openvswitch: Answer, namespaces: Answer = '', units: Record<string, Unit> = {}) =>
    onController('neutron-node', { 'openvswitch-switch.service': {}, ...units }, { openvswitch, namespaces });

  it('are well on a real host', async () => {
    expect(await neutron(recorded('debian-12/openvswitch'))).toEqual([]);
  });

  it('tell ports that cannot be used', async () => {
    expect(await neutron(recorded('written/openvswitch-2.3'))).toMatchObject([
      { severity: 'warn', about: 'ports', what: expect.stringContaining('tap1d2f6c6e-3c (No such device)') },
    ]);
  });

  it('that do not answer are an error', async () => {
    const agent = { 'neutron-l3-agent.service': {} };
    const alarm = '2026-11-30T08:57:01Z|00001|fatal_signal|WARN|terminating with signal 14 (Alarm clock)\nAlarm clock';
    expect(await neutron({ text: alarm, exitCode: 142 }, { exitCode: 124 }, agent)).toMatchObject([
      { severity: 'error', about: 'openvswitch', evidence: [{ value: 'no answer in time' }] },
      { severity: 'error', about: 'namespaces' },
    ]);
  });

  it('are unknown where sudo refuses, and not asked where they do not run', async () => {
    expect(await neutron(REFUSED)).toMatchObject([
      { severity: 'unknown', next: expect.stringContaining('ostler sudoers') },
    ]);
    expect(await neutron(REFUSED, '', { 'openvswitch-switch.service': STOPPED })).toEqual([]);
  });
});

describe('Corosync', () => {
  const RUNNING = { 'corosync.service': {}, 'pacemaker.service': {} };
  const corosync = (rings: Answer, state: Answer = recorded('debian-12/controller_state'), units = RUNNING) =>
    onController('corosync-node', units, { rings, controller_state: state });

  it('is well with whole rings, of all its generations', async () => {
    expect(await corosync(recorded('debian-12/rings'))).toEqual([]);
    expect(await corosync(recorded('written/rings-whole'), 'Status of crmd@node-1: S_IDLE (ok)')).toEqual([]);
  });

  it('with a fault in one is an error of that ring', async () => {
    expect(await corosync(recorded('written/rings-faulty'))).toMatchObject([
      { severity: 'error', about: 'ring-1', evidence: [{ value: 'Marking ringid 1 interface 172.16.0.3 FAULTY' }] },
    ]);
    expect(await corosync(recorded('debian-12/rings-one-node-down'))).toMatchObject([
      { severity: 'error', about: 'ring-0', evidence: [{ value: 'node 3 disconnected' }] },
    ]);
  });

  it('that does not answer is an error', async () => {
    expect(
      await corosync({ text: 'Could not initialize corosync configuration API error 2', exitCode: 1 }),
    ).toMatchObject([{ severity: 'error', about: 'ring' }]);
  });

  it('under a Pacemaker that is not at rest is a warning', async () => {
    const election = 'Controller on node-1 in state S_ELECTION: ok';
    expect(await corosync(recorded('debian-12/rings'), election)).toMatchObject([
      { severity: 'warn', about: 'controller', evidence: [{ value: 'S_ELECTION' }] },
    ]);
    expect(await corosync(recorded('debian-12/rings'), { exitCode: 124 })).toMatchObject([{ severity: 'error' }]);
  });

  it('is unknown where sudo refuses, and not asked where it does not run', async () => {
    expect(await corosync(REFUSED)).toMatchObject([{ severity: 'unknown' }]);
    expect(await onController('corosync-node', {}, { rings: REFUSED, controller_state: REFUSED })).toEqual([]);
  });
});

describe('the containers of Kolla', () => {
  const kolla = (containers: Answer) => findingsOf('kolla-health', { containers });

  it('are asked for their health, where they have a check for it, and have to run', async () => {
    expect(await kolla(recorded('written/containers'))).toMatchObject([
      { severity: 'error', about: 'nova_libvirt', what: 'the container nova_libvirt on node-1 is unhealthy' },
      { severity: 'warn', about: 'nova_ssh' },
      { severity: 'error', about: 'neutron_openvswitch_agent', evidence: [{ value: 'Exited (137) 2 hours ago' }] },
      { severity: 'error', about: 'ovn_controller' },
    ]);
  });

  it('are none on a host without Kolla', async () => {
    expect(await kolla('absent')).toEqual([]);
  });

  it('are unknown where nobody can list them', async () => {
    for (const answer of [REFUSED, { exitCode: 127 }, { text: 'Cannot connect to the Docker daemon', exitCode: 1 }])
      expect(await kolla(answer)).toMatchObject([{ severity: 'unknown' }]);
  });
});

describe('database logins', () => {
  const RUNNING = { 'nova-api.service': {}, 'keystone.service': {} };
  const login = (logins: Answer, units: Record<string, Unit> = RUNNING) =>
    onController('database-login', units, { logins });

  it('that work are well, and those of services that do not run are nobody’s', async () => {
    expect(
      await login('login nova database 0 10.20.0.1:3306 \nlogin glance database 1 10.20.0.1:3306 ERROR 2003'),
    ).toEqual([]);
  });

  it('that a server does not answer are one error of that server', async () => {
    const refused = "ERROR 2003 (HY000): Can't connect to MySQL server on '10.20.0.1' (111)";
    const text = [
      `login nova database 1 10.20.0.1:3306 ${refused}`,
      `login nova api_database 1 10.20.0.1:3306 ${refused}`,
      `login keystone database 124 10.20.0.1:3306 `,
    ].join('\n');
    expect(await login(text)).toMatchObject([
      {
        severity: 'error',
        about: '10.20.0.1:3306',
        what: 'the database at 10.20.0.1:3306 does not answer node-1: nova, keystone cannot log in',
      },
    ]);
  });

  it('that are refused are an error of each', async () => {
    const denied = "ERROR 1045 (28000): Access denied for user 'nova'@'10.20.0.3' (using password: YES)";
    expect(await login(`login nova database 1 10.20.0.1:3306 ${denied}`)).toMatchObject([
      {
        about: 'nova:database',
        evidence: [{ value: "ERROR 1045 (28000): Access denied for user 'nova'@'10.20.0.3'" }],
      },
    ]);
  });

  it('that nobody could try are unknown', async () => {
    expect(
      await login('login nova database none - no client\nlogin keystone database other - postgresql'),
    ).toMatchObject([
      { severity: 'unknown', about: 'client' },
      { severity: 'unknown', about: 'kind' },
    ]);
    expect(await login('unread nova /etc/nova/nova.conf sudo: a password is required')).toMatchObject([
      { severity: 'unknown', about: 'configuration', next: expect.stringContaining('ostler sudoers') },
    ]);
    const gone =
      'unread nova /etc/kolla/nova-api/nova.conf /bin/cat: /etc/kolla/nova-api/nova.conf: No such file or directory';
    expect(await login(gone)).toEqual([]);
  });
});
