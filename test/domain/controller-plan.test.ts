import { describe, expect, it } from 'vitest';
import { controllerPlan, turnOrder } from '../../domain/controller-plan.js';
import type { Survey } from '../../domain/controllers.js';
import type { SimulatedMove } from '../../domain/failover.js';
import type { RolloutRequest } from '../../domain/plan.js';
import { aClone, aView, aVip, names } from './cluster-samples.js';
import { absent, aHaproxy, aServer, aSurvey, controllerNodes, read, seeing } from './controller-samples.js';
import { anInventory, aRequest, sha256 } from './samples.js';

const vipOn = (...nodes: string[]) =>
  seeing(
    aView({ resources: [...nodes.map((node, index) => aVip({ id: `vip${index}`, nodes: [node] })), ...aClone(names)] }),
  );
const writer = (name: string) =>
  read(aHaproxy({}, { servers: names.map((server) => aServer('mysqld', server, { isBackup: server !== name })) }));

describe('the order of turns', () => {
  it.each<[string, Survey, string[]]>([
    // c1 writes the database and holds the address.
    ['has the holder of an address last', aSurvey(), ['c2', 'c3', 'c1']],
    ['has the writer of the database late, and the holder after it', vipOn('c2'), ['c3', 'c1', 'c2']],
    ['has several holders by their names', vipOn('c3', 'c2'), ['c1', 'c2', 'c3']],
    ['is by name where nobody has anything', seeing(aView({ resources: [] })).map(withoutHaproxy), ['c1', 'c2', 'c3']],
  ])('%s', (_what, survey, order) => {
    expect(turnOrder(survey, names)).toEqual(order);
    expect(turnOrder(survey, names.toReversed())).toEqual(order);
  });

  it('has one late that both writes and holds, after one that only holds', () => {
    const survey = vipOn('c1', 'c2').map((one) => ({ ...one, haproxy: writer('c1') }));
    expect(turnOrder(survey, names)).toEqual(['c3', 'c2', 'c1']);
  });

  it('counts ten after two', () => {
    expect(turnOrder([], ['c10', 'c2', 'c1'])).toEqual(['c1', 'c2', 'c10']);
  });
});

function withoutHaproxy(one: Survey[number]): Survey[number] {
  return { ...one, haproxy: absent };
}

describe('the plan', () => {
  const moves: SimulatedMove[] = [
    { action: 'move', resource: 'vip', from: 'c1', to: 'c3' },
    { action: 'start', resource: 'p', to: 'c3' },
    { action: 'stop', resource: 'q', from: 'c1' },
  ];
  const planFor = (
    survey: Survey,
    {
      more = {},
      moved = moves,
      nodes = ['c1'],
    }: { more?: Partial<RolloutRequest>; moved?: SimulatedMove[]; nodes?: string[] } = {},
  ) =>
    controllerPlan(
      anInventory(controllerNodes),
      survey,
      aRequest({ operation: 'failover', target: 'c1', ...more }),
      { nodes, moves: moved },
      sha256,
    );

  it('has who goes in which order, and what the first of them has', () => {
    const { hash, ...plan } = planFor(aSurvey());
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(plan).toMatchObject({
      target: 'c1',
      role: 'controller',
      nodes: ['c1'],
      batches: [1],
      excluded: {},
      population: 3,
      maxUnavailable: 1,
      maxFailures: 0,
      forecast: {
        runs: ['vip', 'p'],
        moves: ['vip: c1 → c3', 'p: start on c3', 'q: stop on c1'],
        backends: ['keystone-1', 'mysqld'],
        vips: { vip: 'c1' },
      },
    });
    expect(plan.forecast?.quorum.map(({ group, holds }) => `${group} ${holds}`)).toEqual([
      'Pacemaker true',
      'Galera true',
      'RabbitMQ true',
      'ceph-mon true',
    ]);
  });

  it('takes one controller at a time, and as long as the hold', () => {
    expect(planFor(aSurvey(), { nodes: names }).batches).toEqual([1, 1, 1]);
    const plain = planFor(aSurvey()).estimateMs;
    const held = planFor(aSurvey(), { more: { controller: { hold: { kind: 'for', ms: 3_600_000 } } } }).estimateMs;
    expect(held).toBe(plain + 3_600_000);
  });

  it('counts a dead controller as one that was lost', () => {
    const { forecast } = planFor(aSurvey(), { more: { controller: { dead: { confirmed: true } } } });
    expect(forecast?.quorum.find(({ group }) => group === 'Galera')?.sentence).toContain('2 of 3 without c1');
  });

  it('has one hash for one plan, whoever asks and why', () => {
    const { hash } = planFor(aSurvey());
    expect(planFor(aSurvey()).hash).toBe(hash);
    expect(planFor(aSurvey(), { more: { actor: 'eve', reason: 'other', expect: 'abcd', agreed: 'x' } }).hash).toBe(
      hash,
    );
    const busy = aHaproxy({}, { servers: aHaproxy().servers.map((one) => ({ ...one, sessions: 9 })) });
    expect(planFor(aSurvey({ haproxy: read(busy) })).hash).toBe(hash);
    const boots = aSurvey().map((one) => ({ ...one, bootId: 'another' }));
    expect(planFor(boots).hash).toBe(hash);
  });

  it.each<[string, Survey, Parameters<typeof planFor>[1]]>([
    ['an address moves', vipOn('c2'), {}],
    ['something else would move', aSurvey(), { moved: [] }],
    ['who counts to a quorum changes', aSurvey({ cephMon: absent }), {}],
    ['a backend comes', aSurvey({ haproxy: read(aHaproxy({}, { servers: [aServer('new', 'c1')] })) }), {}],
    ['the hold is another', aSurvey(), { more: { controller: { hold: { kind: 'until-returned', limitMs: 1 } } } }],
    ['a gate is forced', aSurvey(), { more: { controller: { force: ['failure'] } } }],
    ['the order is another', aSurvey(), { nodes: ['c2'] }],
  ])('has another hash when %s', (_what, survey, change) => {
    expect(planFor(survey, change).hash).not.toBe(planFor(aSurvey()).hash);
  });

  it('says nothing of what nobody can see', () => {
    const { forecast } = planFor([], { moved: [] });
    expect(forecast).toEqual({ runs: [], moves: [], quorum: [], backends: [], vips: {} });
  });
});
