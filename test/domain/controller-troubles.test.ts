import { describe, expect, it } from 'vitest';
import { type Away, controllerTroubles, notYetAway } from '../../domain/controller-troubles.js';
import type { Survey } from '../../domain/controllers.js';
import { aClone, aView, aVip, names, stopped, withNode } from './cluster-samples.js';
import {
  absent,
  aGalera,
  aHaproxy,
  aRabbit,
  aSurvey,
  read,
  seeing,
  sees,
  silent,
  someMons,
  unheard,
} from './controller-samples.js';

const told = (survey: Survey, away?: Away): string[] => controllerTroubles(survey, away).map(({ what }) => what);
const kinds = (survey: Survey, away?: Away): string[] =>
  controllerTroubles(survey, away).map(({ kind, about }) => `${kind} ${about}`);

it('a healthy cloud has none, whatever it has of the services', () => {
  expect(told(aSurvey())).toEqual([]);
  expect(told(aSurvey({ galera: absent, rabbitmq: absent, haproxy: absent, cephMon: absent }))).toEqual([]);
});

it('a finding of the cluster is one, in its words and with its evidence', () => {
  expect(controllerTroubles(seeing(withNode('c3', { standby: true })))).toEqual([
    { kind: 'standby', about: 'c3', what: 'c3 is in standby (Pacemaker has c3 as online, standby)' },
  ]);
});

describe('Pacemaker at work', () => {
  it.each(['S_TRANSITION_ENGINE', 'S_POLICY_ENGINE', 'S_ELECTION', 'S_INTEGRATION'])('in %s is one', (fsa) => {
    expect(told(aSurvey({}, { c1: { fsa } }))).toEqual([
      `Pacemaker on c1 is at work (${fsa}), and not at rest (S_IDLE or S_NOT_DC)`,
    ]);
  });

  it('that does not say what it does is one, where it runs at all', () => {
    const { fsa: _fsa, ...quiet } = aSurvey()[1] as Survey[number];
    expect(told(aSurvey().map((one) => (one.controller === 'c2' ? quiet : one)))).toEqual([
      'Pacemaker on c2 is at work (its state is not known), and not at rest (S_IDLE or S_NOT_DC)',
    ]);
  });
});

describe('Galera', () => {
  it.each([
    ['does not answer', silent('exit 1'), 'Galera on c2 does not answer: exit 1'],
    ['is in no majority', read(aGalera({ status: 'non-Primary' })), 'Galera on c2 is non-Primary, not Primary'],
    [
      'gives its state away',
      read(aGalera({ state: 'Donor/Desynced', isSynced: false })),
      'Galera on c2 is Donor/Desynced, not Synced',
    ],
    ['is Synced and not ready', read(aGalera({ ready: false })), 'Galera on c2 is Synced, but not ready'],
    ['is not connected', read(aGalera({ connected: false })), 'Galera on c2 is Synced, but not connected'],
    ['has another state', read(aGalera({ stateUuid: 'u2' })), 'Galera on c2 has another state (u2) than u1'],
    ['counts too few', read(aGalera({ size: 2 })), 'Galera on c2 counts 2 of 3 members'],
  ])('that %s is one', (_what, galera, what) => {
    expect(controllerTroubles(aSurvey({}, { c2: { galera } }))).toEqual([{ kind: 'galera', about: 'c2', what }]);
  });

  it('is counted by the controllers that have it', () => {
    expect(told(aSurvey({ galera: read(aGalera({ size: 2 })) }, { c3: { galera: absent } }))).toEqual([]);
  });

  it('without the one that is away may be one smaller, and not two', () => {
    const away = { node: 'c2' };
    const left = (size: number) => aSurvey({ galera: read(aGalera({ size })) }, { c2: { galera: silent() } });
    expect(told(left(2), away)).toEqual([]);
    expect(kinds(left(1), away)).toEqual(['galera c1', 'galera c3']);
  });

  it('of the one that is away is not what the others are measured by', () => {
    const survey = aSurvey({}, { c1: { galera: read(aGalera({ stateUuid: '00000000', status: 'non-Primary' })) } });
    expect(told(survey, { node: 'c1' })).toEqual([]);
  });
});

describe('RabbitMQ', () => {
  // Its unit is active all the same: only that it does not answer tells (test/fixtures/rabbitmq-3.10).
  it('that has paused does not answer, and is one', () => {
    const why = "Error: this command requires the 'rabbit' app to be running on the target node.";
    expect(told(aSurvey({}, { c3: { rabbitmq: silent(why) } }))).toEqual([
      `RabbitMQ on c3 does not answer, as one that is paused does: ${why}`,
    ]);
  });

  it.each([
    ['misses one', aRabbit(['c1', 'c2']), 'RabbitMQ on c1 sees 2 of 3 running; missing: rabbit@c3'],
    [
      'is parted',
      aRabbit(names, { partitions: ['rabbit@c1 lost rabbit@c3'] }),
      'RabbitMQ on c1 sees a partition: rabbit@c1 lost rabbit@c3',
    ],
    ['has an alarm', aRabbit(names, { alarms: ['memory', 'disk'] }), 'RabbitMQ on c1 has an alarm: memory; disk'],
  ])('that %s is one', (_what, view, what) => {
    expect(told(aSurvey({}, { c1: { rabbitmq: read(view) } }))).toEqual([what]);
  });

  it('may miss the one that is away, and no other', () => {
    const rabbitmq = read(aRabbit(['c1']));
    const survey = aSurvey({ rabbitmq }, { c2: { rabbitmq: silent() } });
    expect(told(survey, { node: 'c2' })).toEqual([
      'RabbitMQ on c1 sees 1 of 3 running; missing: rabbit@c3',
      'RabbitMQ on c3 sees 1 of 3 running; missing: rabbit@c3',
    ]);
  });

  it('may miss the one that is away by a name that is longer, or in other letters', () => {
    const rabbitmq = read(
      aRabbit([], {
        members: ['rabbit@c1.domain.tld', 'rabbit@C2.domain.tld', 'rabbit@c3.domain.tld'],
        running: ['rabbit@c1.domain.tld', 'rabbit@c3.domain.tld'],
      }),
    );
    expect(told(aSurvey({ rabbitmq }), { node: 'c2' })).toEqual([]);
    expect(kinds(aSurvey({ rabbitmq }), { node: 'c1' })).toEqual(['rabbitmq c2', 'rabbitmq c3']);
  });
});

describe('Ceph', () => {
  it('that does not answer, or lacks a monitor, is one for whoever says so', () => {
    expect(told(aSurvey({}, { c2: { cephMon: silent('exit 1') } }))).toEqual(['Ceph does not answer c2: exit 1']);
    expect(told(aSurvey({}, { c2: { cephMon: read(someMons(['c1', 'c2'])) } }))).toEqual([
      'Ceph on c2 has 2 of 3 monitors in quorum',
    ]);
  });

  it('keeps its monitor on a controller in standby, and may lack that of a dead one', () => {
    const cephMon = read(someMons(['c1', 'c3']));
    const view = withNode('c2', { standby: true }, { resources: [aVip(), ...aClone(['c1', 'c3']), stopped()] });
    const survey = seeing(view, Object.fromEntries(names.map((name) => [name, { cephMon }])));
    expect(kinds(survey, { node: 'c2' })).toEqual(['ceph-mon c1', 'ceph-mon c3']);
    expect(kinds(survey, { node: 'c2', isDead: true })).toEqual([]);
  });
});

describe('HAProxy', () => {
  type Case = [what: string, haproxy: Survey[number]['haproxy'], told: string];
  const frontend = { frontends: [{ proxy: 'keystone-1', status: 'STOP' }] };
  const backend = { backends: [{ proxy: 'keystone-1', status: 'DOWN' }] };

  it.each<Case>([
    ['does not answer', silent('exit 1'), 'HAProxy on c1 does not answer: exit 1'],
    ['has a frontend closed', read(aHaproxy({}, frontend)), 'HAProxy on c1 has keystone-1 STOP, not OPEN'],
    ['has a backend down', read(aHaproxy({}, backend)), 'HAProxy on c1 has the backend keystone-1 DOWN, not UP'],
    ...['DOWN', 'DOWN 1/2', 'UP 1/2', 'MAINT', 'DRAIN', 'NOLB'].map(
      (status): Case => [
        `has a server ${status}`,
        read(aHaproxy({ 'keystone-1/c2': status })),
        `HAProxy on c1 has keystone-1/c2 ${status}, not UP`,
      ],
    ),
  ])('that %s is one', (_what, haproxy, what) => {
    expect(controllerTroubles(aSurvey({}, { c1: { haproxy } }))).toEqual([{ kind: 'haproxy', about: 'c1', what }]);
  });

  it('may have the servers of the one that is away in any state, and no others', () => {
    const haproxy = read(aHaproxy({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'DOWN', 'keystone-1/c3': 'MAINT' }));
    expect(told(aSurvey({ haproxy }, { c2: { haproxy: silent() } }), { node: 'c2' })).toEqual([
      'HAProxy on c1 has keystone-1/c3 MAINT, not UP',
      'HAProxy on c3 has keystone-1/c3 MAINT, not UP',
    ]);
  });
});

describe('what follows from a controller that is away is none', () => {
  const others = [aVip(), ...aClone(['c1', 'c3']), stopped()];
  const silentThere = { galera: silent(), rabbitmq: silent(), haproxy: silent() };
  const leftBehind = {
    galera: read(aGalera({ size: 2 })),
    rabbitmq: read(aRabbit(['c1', 'c3'])),
    haproxy: read(aHaproxy({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'MAINT' })),
  };
  const standby = seeing(withNode('c2', { standby: true }, { resources: others }), {
    c1: leftBehind,
    c2: silentThere,
    c3: leftBehind,
  });

  it('in standby', () => {
    expect(told(standby, { node: 'c2' })).toEqual([]);
    expect(notYetAway(standby, { node: 'c2' }, 'c2')).toEqual([]);
  });

  it.each(['c1', undefined])('and all of it is one when another is away, or nobody is (%s)', (node) => {
    expect(kinds(standby, node === undefined ? undefined : { node })).toEqual(
      expect.arrayContaining(['standby c2', 'galera c2', 'rabbitmq c2', 'haproxy c2', 'rabbitmq c3', 'haproxy c3']),
    );
  });

  const lost = withNode('c2', { online: false, unclean: true }, { resources: others });
  const dead = (ofC2: Partial<Survey[number]> = {}) => {
    const cephMon = read(someMons(['c1', 'c3']));
    return seeing(lost, {
      c1: { ...leftBehind, cephMon },
      c2: { ...unheard('c2'), ...ofC2 },
      c3: { ...leftBehind, cephMon },
    });
  };

  it('dead', () => {
    expect(told(dead(), { node: 'c2', isDead: true })).toEqual([]);
    const cluster = { controller: 'c2', state: 'stopped', why: 'no cluster runs on c2', next: '' } as const;
    expect(told(dead({ cluster }), { node: 'c2', isDead: true })).toEqual([]);
  });

  it('but being dead does not follow from a standby', () => {
    expect(kinds(dead(), { node: 'c2' })).toEqual(expect.arrayContaining(['unclean c2', 'ceph-mon c1', 'ceph-mon c3']));
  });

  it('and a failure of another is one as ever', () => {
    const failures = [{ resource: 'p', task: 'start', node: 'c3', result: 'error' }];
    expect(kinds(seeing({ ...lost, failures }, { c2: unheard('c2') }), { node: 'c2', isDead: true })).toContain(
      'failure p',
    );
  });
});

describe('what is missing until a controller is away', () => {
  it('is the standby, and what still runs there, each once', () => {
    const view = aView({ resources: [aVip({ nodes: ['c2'] }), ...aClone(names), ...aClone(['c2'])] });
    expect(notYetAway(seeing(view), { node: 'c2' }, 'c2').slice(0, 2)).toEqual([
      'c2 is not in standby',
      'vip, p still on c2',
    ]);
  });

  it('is everything where nobody says how they see the cluster', () => {
    const nobody = aSurvey({}, Object.fromEntries(names.map((name) => [name, unheard(name)])));
    expect(notYetAway(nobody, { node: 'c2' }, 'c2')).toEqual(['no controller says how it sees the cluster']);
  });

  it("goes by Pacemaker's name of it", () => {
    const resources = [aVip(), ...aClone(['c1', 'c3'])];
    const view = withNode('c2', { standby: true }, { resources });
    expect(notYetAway(seeing(view), { node: 'c2' }, 'C2')).toContain('c2 is not in standby');
  });
});

it('knows a split cluster, whoever is away', () => {
  const minority = aView({ quorum: false, dc: 'c3', resources: [] });
  const survey = aSurvey({}, { c3: { cluster: sees('c3', minority) } });
  expect(kinds(survey, { node: 'c3' })).toEqual(expect.arrayContaining([expect.stringContaining('split')]));
});
