import { describe, expect, it } from 'vitest';
import { memberOf, quorumGroups, readings, runningOn, serversOf, viewOf, vipPlaces } from '../../domain/controllers.js';
import type { QuorumGroup } from '../../domain/quorum.js';
import { aMember, aView, aVip, names, withNode } from './cluster-samples.js';
import {
  absent,
  aGalera,
  aHaproxy,
  aRabbit,
  aServer,
  aSurvey,
  facts,
  read,
  seeing,
  sees,
  silent,
  someMons,
  unheard,
} from './controller-samples.js';

const long = (name: string): string => `${name}.domain.tld`;

describe("Pacemaker's name of a controller", () => {
  const called = (...nodes: string[]) => seeing(aView({ nodes: nodes.map((name) => aMember(name)) }));

  it.each([
    ['the same', called(...names), 'c2', 'c2'],
    ['the full one', called(...names.map(long)), 'c2', 'c2.domain.tld'],
    ['in other letters', called('C1', 'C2', 'C3'), 'c2', 'C2'],
    ['not known', called('c1', 'c3', 'other'), 'c2', undefined],
    ['not certain', called('c1', 'c2.a', 'c2.b'), 'c2', undefined],
    ['of no controller', called(...names), 'c9', undefined],
  ])('is %s', (_what, survey, node, member) => {
    expect(memberOf(survey, node)).toBe(member);
  });

  it('may be the short one of a host with a full name in the inventory', () => {
    const survey = names.map((name) => facts(long(name), { cluster: sees(long(name), aView()) }));
    expect(memberOf(survey, 'c2.domain.tld')).toBe('c2');
  });

  it('is told by whoever answers', () => {
    expect(memberOf(aSurvey({}, { c1: unheard('c1'), c2: unheard('c2') }), 'c2')).toBe('c2');
    expect(memberOf(aSurvey({}, Object.fromEntries(names.map((name) => [name, unheard(name)]))), 'c2')).toBe(undefined);
  });
});

describe('the servers of a controller in HAProxy', () => {
  const view = (...servers: string[]) => aHaproxy({}, { servers: servers.map((name) => aServer('keystone-1', name)) });
  const found = (servers: string[], node: string, controllers: string[] = names) =>
    serversOf(view(...servers), node, controllers).map(({ server }) => server);

  it('are those of its name, its full name, or its first label', () => {
    expect(found(names, 'c2')).toEqual(['c2']);
    expect(found(names.map(long), 'c2')).toEqual(['c2.domain.tld']);
    expect(found(names, 'c2.domain.tld', names.map(long))).toEqual(['c2']);
  });

  it('are none where nobody is certain', () => {
    expect(found(['c2.a', 'c2.b'], 'c2')).toEqual([]);
    expect(found(['node-1', 'node-2'], 'c2')).toEqual([]);
    expect(found(['c20', 'c12'], 'c2')).toEqual([]);
  });

  it('are one of each proxy', () => {
    expect(serversOf(aHaproxy(), 'c2', names).map(({ proxy, server }) => `${proxy}/${server}`)).toEqual([
      'keystone-1/c2',
      'mysqld/c2',
    ]);
  });
});

it('goes by the view of the one that decides, and else by one with a quorum', () => {
  expect(viewOf(aSurvey())?.controller).toBe('c1');
  const alone = aView({ quorum: false, dc: 'c1' });
  expect(viewOf(aSurvey({}, { c1: { cluster: sees('c1', alone) } }))?.controller).toBe('c2');
  expect(viewOf([])).toBe(undefined);
});

it("tells where addresses are and what runs on a node, by the inventory's names", () => {
  const view = aView({
    dc: 'c1.domain.tld',
    nodes: names.map((name) => aMember(long(name))),
    resources: [
      aVip({ id: 'vip__public', nodes: ['c1.domain.tld', 'c2.domain.tld'] }),
      aVip({ id: 'vip__management', nodes: ['c2.domain.tld'] }),
      aVip({ id: 'nowhere', role: 'Stopped', nodes: [] }),
    ],
  });
  const best = viewOf(seeing(view));
  expect(best && vipPlaces(best)).toEqual({ vip__public: 'c1 and c2', vip__management: 'c2' });
  expect(runningOn(view, 'c2.domain.tld')).toEqual(['vip__public', 'vip__management']);
});

it('has the readings of those that answered', () => {
  const survey = aSurvey({}, { c1: { galera: absent }, c2: { galera: silent() } });
  expect(readings(survey, 'galera')).toEqual([['c3', aGalera()]]);
});

describe('quorum groups', () => {
  const groups = (survey: Parameters<typeof quorumGroups>[0]): Record<string, Pick<QuorumGroup, 'members' | 'up'>> =>
    Object.fromEntries(quorumGroups(survey).map(({ name, members, up }) => [name, { members, up }]));
  const everybody = { members: names, up: names };

  it('of a healthy cloud are four, and only Galera counts from who took part last', () => {
    expect(groups(aSurvey())).toEqual({
      Pacemaker: everybody,
      Galera: everybody,
      RabbitMQ: everybody,
      'ceph-mon': everybody,
    });
    expect(quorumGroups(aSurvey()).map(({ rule }) => rule)).toEqual([
      'majority',
      'previous-majority',
      'majority',
      'majority',
    ]);
  });

  it('leave out what no controller has', () => {
    expect(Object.keys(groups(aSurvey({ galera: absent, rabbitmq: absent, cephMon: absent })))).toEqual(['Pacemaker']);
  });

  it('of Pacemaker have no remote nodes, and who is in standby still votes', () => {
    const nodes = [...names.map((name) => aMember(name)), aMember('r1', { isRemote: true })];
    expect(groups(seeing(aView({ nodes }))).Pacemaker).toEqual(everybody);
    expect(groups(seeing(withNode('c3', { standby: true }))).Pacemaker).toEqual(everybody);
    expect(groups(seeing(withNode('c3', { online: false }))).Pacemaker?.up).toEqual(['c1', 'c2']);
  });

  it('of Galera have nobody up that is in no majority, or silent', () => {
    const survey = aSurvey({}, { c2: { galera: read(aGalera({ status: 'non-Primary' })) }, c3: { galera: silent() } });
    expect(groups(survey).Galera).toEqual({ members: names, up: ['c1'] });
  });

  it('of RabbitMQ have up only whom everybody sees running', () => {
    const survey = aSurvey({}, { c1: { rabbitmq: read(aRabbit(['c1', 'c2'])) } });
    expect(groups(survey).RabbitMQ).toEqual({ members: names, up: ['c1', 'c2'] });
  });

  it('of RabbitMQ and Ceph go by the names of the inventory, where their own are longer or shorter', () => {
    const rabbit = aRabbit([], {
      members: names.map((name) => `rabbit@${long(name)}`),
      running: ['rabbit@c2.domain.tld'],
    });
    const mons = { monitors: names.map(long), quorum: ['c1.domain.tld'] };
    expect(groups(aSurvey({ rabbitmq: read(rabbit), cephMon: read(mons) }))).toMatchObject({
      RabbitMQ: { members: names, up: ['c2'] },
      'ceph-mon': { members: names, up: ['c1'] },
    });
  });

  it('of Ceph have whoever is in quorum, and monitors elsewhere, too', () => {
    const mons = { monitors: [...names, 'other'], quorum: ['c1', 'other'] };
    expect(groups(aSurvey({ cephMon: read(mons) }))['ceph-mon']).toEqual({
      members: [...names, 'other'],
      up: ['c1', 'other'],
    });
    expect(groups(aSurvey({ cephMon: read(someMons(['c1'])) }))['ceph-mon']?.up).toEqual(['c1']);
  });
});
