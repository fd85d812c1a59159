import { describe, expect, it } from 'vitest';
import type { Away } from '../../domain/controller-troubles.js';
import type { Survey } from '../../domain/controllers.js';
import {
  forceable,
  type GateRefusal,
  gatesFor,
  leftOn,
  notDrained,
  owedFor,
  quorumForecast,
  recordBefore,
  refusalSaid,
  type Step,
  unforced,
} from '../../domain/failover.js';
import { aClone, aMember, aView, aVip, names, stopped, withNode } from './cluster-samples.js';
import {
  absent,
  aGalera,
  aHaproxy,
  aRabbit,
  aServer,
  aSurvey,
  read,
  seeing,
  silent,
  someMons,
  unheard,
} from './controller-samples.js';

const listed = ['keystone-1', 'mysqld'];
const gates = (survey: Survey, node = 'c2', more: { away?: Away; names?: string[]; listed?: string[] } = {}) =>
  gatesFor(survey, node, more.listed ?? listed, { names: more.names ?? [node], ...(more.away && { away: more.away }) });
const shut = (...all: Parameters<typeof gates>): string[] => gates(...all).map(({ gate }) => gate);
const why = (kind: GateRefusal['gate'], ...all: Parameters<typeof gates>): string[] =>
  gates(...all).flatMap(({ gate, why }) => (gate === kind ? [why] : []));

describe('the gates of a failover', () => {
  it('say by which command the ban of a service ends', () => {
    const id = 'cli-ban-clone_p_haproxy-on-c3';
    const constraints = [{ id, resource: 'clone_p_haproxy', node: 'c3', score: '-INFINITY' }];
    const refusal = gates(seeing(aView({ constraints }))).find(({ gate }) => gate === 'cli-constraint');
    expect(refusal && refusalSaid(refusal)).toContain(
      `(${id} (-INFINITY)): when nobody needs it any more: \`ostler service start haproxy --on c3\``,
    );
    expect(refusal?.why).not.toContain('ostler service');
  });

  it.each(names)('are open for %s of a healthy cloud', (node) => {
    expect(gates(aSurvey(), node)).toEqual([]);
  });

  it.each<[string, Survey, string]>([
    ['a controller in standby', seeing(withNode('c3', { standby: true })), 'standby'],
    ['one that is offline', seeing(withNode('c3', { online: false })), 'offline'],
    ['one that is not heard', aSurvey({}, { c3: unheard('c3') }), 'unread'],
    ['no quorum', seeing(aView({ quorum: false })), 'no-quorum'],
    ['maintenance mode', seeing(aView({ properties: { 'maintenance-mode': 'true' } })), 'maintenance-mode'],
    [
      'a clone that is not whole',
      seeing(aView({ resources: [...aClone(['c1', 'c2']), stopped()] })),
      'clone-incomplete',
    ],
    ['Pacemaker at work', aSurvey({}, { c1: { fsa: 'S_TRANSITION_ENGINE' } }), 'transition'],
    ['a Galera that is not Synced', aSurvey({}, { c3: { galera: read(aGalera({ isSynced: false })) } }), 'galera'],
    ['a RabbitMQ with an alarm', aSurvey({ rabbitmq: read(aRabbit(names, { alarms: ['disk'] })) }), 'rabbitmq'],
    ['a monitor out of quorum', aSurvey({ cephMon: read(someMons(['c1', 'c2'])) }), 'ceph-mon'],
    ['a server that is down', aSurvey({}, { c1: { haproxy: read(aHaproxy({ 'keystone-1/c3': 'DOWN' })) } }), 'haproxy'],
  ])('are shut by %s', (_what, survey, gate) => {
    expect(shut(survey)).toContain(gate);
  });

  it('are shut where Pacemaker does not know the controller', () => {
    const nodes = ['c1', 'c3', 'other'].map((name) => aMember(name));
    expect(why('member', seeing(aView({ nodes })))).toEqual(['no controller knows c2 as a node of the cluster']);
  });

  it("are shut where sudo has not the name that Pacemaker has, and open where it is the inventory's clusterName", () => {
    const nodes = names.map((name) => aMember(`${name}.domain.tld`));
    const resources = [aVip({ nodes: ['c1.domain.tld'] }), ...aClone(nodes.map(({ name }) => name))];
    const survey = seeing(aView({ dc: 'c1.domain.tld', nodes, resources }));
    expect(gates(survey)).toEqual([
      {
        gate: 'member',
        why: 'Pacemaker calls c2 c2.domain.tld, and sudo permits only c2: give it clusterName: c2.domain.tld in ostler.yaml, and install what `ostler sudoers --role controller` prints',
      },
    ]);
    expect(gates(survey, 'c2', { names: ['c2.domain.tld', 'c2'] })).toEqual([]);
  });

  describe('of the quorum', () => {
    it('say the numbers of the group that would lose it', () => {
      const survey = aSurvey({ rabbitmq: read(aRabbit(['c1', 'c2'])), cephMon: read(someMons(['c2', 'c3'])) });
      expect(why('quorum', survey)).toEqual([
        'RabbitMQ would have 1 of 3 without c2, and needs 2',
        'ceph-mon would have 1 of 3 without c2, and needs 2',
      ]);
    });

    it('are of what is lost where the controller is dead, and of what leaves where it is alive', () => {
      const survey = aSurvey({}, { c3: { galera: silent() } });
      expect(why('quorum', survey)).toEqual([]);
      expect(why('quorum', survey, 'c2', { away: { node: 'c2', isDead: true } })).toEqual([
        'Galera would have 1 of 2 without c2, and needs 2',
      ]);
    });

    it('are shut for the last one of Galera', () => {
      const galera = read(aGalera({ size: 1 }));
      expect(why('quorum', aSurvey({ galera: absent }, { c2: { galera } }))).toEqual([
        'Galera would have 0 of 0 without c2, and needs 1',
      ]);
    });
  });

  describe('of HAProxy', () => {
    it('say which backend would have nobody, and on which controller', () => {
      const haproxy = read(aHaproxy({ 'keystone-1/c1': 'DOWN', 'keystone-1/c3': 'UP 1/2' }));
      expect(why('backend', aSurvey({}, { c3: { haproxy } }))).toEqual([
        'keystone-1 on c3 would have 0 of 2 servers up without c2',
      ]);
    });

    it('hold for a backup that is up: it takes over', () => {
      const haproxy = read(aHaproxy({ 'mysqld/c2': 'DOWN' }));
      expect(why('backend', aSurvey({ haproxy }), 'c1')).toEqual([]);
      const nobody = read(aHaproxy({ 'mysqld/c2': 'DOWN', 'mysqld/c3': 'MAINT' }));
      expect(why('backend', aSurvey({ haproxy: nobody }), 'c1')).toHaveLength(3);
    });

    it('do not mind a server that takes no connections anyway', () => {
      const haproxy = read(aHaproxy({ 'keystone-1/c1': 'DOWN', 'keystone-1/c2': 'DOWN', 'keystone-1/c3': 'DOWN' }));
      expect(why('backend', aSurvey({ haproxy }))).toEqual([]);
    });

    it('name each backend once that Ostler may not stop, unless the server is drained already', () => {
      const haproxy = read(
        aHaproxy(
          {},
          { servers: ['keystone-1', 'odd', 'murano'].flatMap((proxy) => names.map((n) => aServer(proxy, n))) },
        ),
      );
      expect(why('unlisted-backend', aSurvey({ haproxy }))).toEqual([
        'HAProxy sends traffic to c2 for odd, murano, which Ostler may not stop: list them under cluster.backends of ostler.yaml, and install what `ostler sudoers --role controller` prints',
      ]);
      const drained = read(aHaproxy({ 'mysqld/c2': 'MAINT' }));
      expect(why('unlisted-backend', aSurvey({ haproxy: drained }), 'c2', { listed: ['keystone-1'] })).toEqual([]);
    });

    it('are not asked of a dead controller, which gets no connections', () => {
      const away = { node: 'c2', isDead: true };
      expect(shut(aSurvey(), 'c2', { away, listed: [] })).not.toContain('unlisted-backend');
    });
  });

  it('are open for a dead controller whom the others can do without', () => {
    const rest = {
      galera: read(aGalera({ size: 2 })),
      rabbitmq: read(aRabbit(['c1', 'c3'])),
      cephMon: read(someMons(['c1', 'c3'])),
      haproxy: read(aHaproxy({ 'keystone-1/c2': 'DOWN', 'mysqld/c2': 'DOWN' })),
    };
    const view = withNode('c2', { online: false }, { resources: [aVip(), ...aClone(['c1', 'c3']), stopped()] });
    const survey = seeing(view, { c1: rest, c2: unheard('c2'), c3: rest });
    expect(gates(survey, 'c2', { away: { node: 'c2', isDead: true } })).toEqual([]);
    expect(gates(survey)).not.toEqual([]);
  });

  it('that may be forced are gone past by name, and no others', () => {
    const failures = [{ resource: 'p', task: 'monitor', node: 'c3', result: 'not running' }];
    const constraints = [{ id: 'cli-ban-p-on-c3', resource: 'p', node: 'c3', score: '-INFINITY' }];
    const survey = seeing(aView({ failures, constraints }), { c1: { fsa: 'S_ELECTION' } });
    const refusals = gates(survey, 'c2', { listed: ['mysqld'] });
    const left = (...force: (typeof forceable)[number][]) => unforced(refusals, force).map(({ gate }) => gate);
    expect(new Set(left())).toEqual(new Set([...forceable, 'transition']));
    expect(left('failure')).not.toContain('failure');
    expect(left(...forceable)).toEqual(['transition']);
    expect(left('quorum' as never, 'transition' as never)).toContain('cli-constraint');
  });
});

describe('what is recorded before', () => {
  const attributes = { c2: { ostler: '0123456789abcdef', standby: 'on' } };

  it('has names, boots, addresses, sockets, and the servers that are ours to drain', () => {
    const odd = aHaproxy(
      {},
      { socket: '/var/lib/haproxy/stats', servers: [aServer('odd', 'c2'), aServer('keystone-1', 'c2')] },
    );
    const survey = aSurvey({ haproxy: read(aHaproxy({ 'mysqld/c2': 'MAINT' })) }, { c3: { haproxy: read(odd) } });
    expect(recordBefore(survey, 'c2', listed, { known: [{ gate: 'failure', why: 'p failed' }] })).toEqual({
      member: 'c2',
      bootIds: { c1: 'boot-of-c1', c2: 'boot-of-c2', c3: 'boot-of-c3' },
      vips: { vip: 'c1' },
      servers: [
        { on: 'c1', proxy: 'keystone-1', server: 'c2' },
        { on: 'c2', proxy: 'keystone-1', server: 'c2' },
        { on: 'c3', proxy: 'keystone-1', server: 'c2' },
      ],
      sockets: { c1: '/run/haproxy/admin.sock', c2: '/run/haproxy/admin.sock', c3: '/var/lib/haproxy/stats' },
      answering: {},
      constraints: [],
      failures: [],
      left: [{ kind: 'drain' }],
      known: ['p failed'],
    });
  });

  it('of a return has the servers that somebody drained', () => {
    const haproxy = read(aHaproxy({ 'mysqld/c2': 'MAINT', 'keystone-1/c2': 'DRAIN', 'keystone-1/c3': 'MAINT' }));
    const { servers } = recordBefore(aSurvey({ haproxy }, { c2: { haproxy: silent() } }), 'c2', listed, {
      known: [],
      drains: false,
    });
    expect(servers.map(({ on, proxy, server }) => `${on} ${proxy}/${server}`)).toEqual([
      'c1 keystone-1/c2',
      'c1 mysqld/c2',
      'c3 keystone-1/c2',
      'c3 mysqld/c2',
    ]);
  });

  it('of a controller that is not heard has neither its boot nor its socket', () => {
    const { bootId: _bootId, ...gone } = { ...aSurvey()[1], ...unheard('c2') } as Survey[number];
    const survey = aSurvey().map((one) => (one.controller === 'c2' ? gone : one));
    expect(recordBefore(survey, 'c2', listed, { known: [] })).toMatchObject({
      bootIds: { c1: 'boot-of-c1', c3: 'boot-of-c3' },
      sockets: { c1: expect.any(String), c3: expect.any(String) },
    });
  });

  it('tells what is left of another run, or of a person', () => {
    expect(leftOn(aSurvey(), 'c2')).toEqual([]);
    const haproxy = read(aHaproxy({ 'keystone-1/c2': 'MAINT' }));
    const standby = seeing(withNode('c2', { standby: true }), { c1: { attributes, haproxy }, c3: { attributes } });
    expect(leftOn(standby, 'c2')).toEqual([
      { kind: 'mark', mark: '0123456789abcdef' },
      { kind: 'drain' },
      { kind: 'standby' },
    ]);
    expect(leftOn(standby, 'c3')).toEqual([]);
  });

  it('are not the ban of a service that a person has stopped', () => {
    const constraints = [{ id: 'cli-ban-clone_p-on-c2', resource: 'clone_p', node: 'c2', score: '-INFINITY' }];
    const marked = { c2: { ostler: '0123456789abcdef' } };
    const left = (standby: boolean, attributes = marked) =>
      leftOn(seeing(withNode('c2', { standby }, { constraints }), { c1: { attributes } }), 'c2').map(
        ({ kind }) => kind,
      );
    expect(left(false)).toEqual(['mark', 'ban']);
    // A failover bans nothing, and a run that bans puts nothing into standby.
    expect(left(true)).toEqual(['mark', 'standby']);
    expect(left(false, {} as typeof marked)).toEqual([]);
  });
});

describe('what is not drained yet', () => {
  const before = recordBefore(aSurvey(), 'c2', ['keystone-1', 'mysqld'], { known: [] });

  it('is nothing when each of its servers is in maintenance or draining, on each HAProxy', () => {
    const haproxy = read(aHaproxy({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'DRAIN' }));
    expect(notDrained(aSurvey({ haproxy }), before)).toEqual([]);
  });

  it('is what takes connections, or nobody can tell of', () => {
    const haproxy = read(aHaproxy({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'MAINT' }));
    const survey = aSurvey(
      { haproxy },
      { c1: { haproxy: read(aHaproxy({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'DOWN' })) }, c3: { haproxy: silent() } },
    );
    expect(notDrained(survey, before)).toEqual([
      'mysqld/c2 is DOWN on c1',
      'keystone-1/c2 is not to be seen on c3',
      'mysqld/c2 is not to be seen on c3',
    ]);
  });
});

it('forecasts every quorum, without the controller and with one more gone', () => {
  expect(quorumForecast(aSurvey({ cephMon: absent }), 'c2', 'leaves')).toEqual([
    {
      group: 'Pacemaker',
      sentence: 'Pacemaker: 2 of 3 without c2, 2 needed: holds; with one more gone 1 of 3: does not hold',
      holds: true,
      holdsWithOneMore: false,
    },
    {
      group: 'Galera',
      sentence: 'Galera: 2 of 2 without c2, 2 needed: holds; with one more gone 1 of 2: does not hold',
      holds: true,
      holdsWithOneMore: false,
    },
    expect.objectContaining({ group: 'RabbitMQ', holds: true, holdsWithOneMore: false }),
  ]);
  const [two] = quorumForecast(seeing(withNode('c3', { online: false })), 'c2', 'fails');
  expect(two).toMatchObject({ group: 'Pacemaker', holds: false, holdsWithOneMore: false });
});

it.each<[Step, string]>([
  [{ kind: 'mark', mark: '0123456789abcdef' }, 'c2: the mark 0123456789abcdef'],
  [{ kind: 'drain' }, 'c2: its servers disabled in HAProxy'],
  [{ kind: 'standby' }, 'c2: standby'],
  [{ kind: 'prefer', vip: 'vip__public', to: 'c3' }, 'vip__public: the constraint cli-prefer-vip__public'],
])('says what is owed for %j', (step, owed) => {
  expect(owedFor('c2', step)).toBe(owed);
});
