import { describe, expect, it } from 'vitest';
import { createMongodbActivities } from '../../../activities/mongodb/index.js';
import { planReplicaSet, whyNotStop } from '../../../activities/mongodb/plan.js';
import type { MongoTicket } from '../../../domain/mongodb-gates.js';
import type { Plan } from '../../../domain/plan.js';
import type { AdmitRequest } from '../../../domain/rollout.js';
import { never } from '../audit/appliance-site.js';
import { type Attempt, attempt } from '../systemd/site.js';
import { ELECTED_MS, lease, ReplicaSetOnTrial, type TrialMember } from './replica-set-on-trial.js';

const secondary = (more: Partial<TrialMember> = {}): TrialMember => ({ state: 'SECONDARY', ...more });
const three = (more: Record<string, Partial<TrialMember>> = {}) =>
  new ReplicaSetOnTrial({
    'mongo-1': { state: 'PRIMARY', ...more['mongo-1'] },
    'mongo-2': secondary(more['mongo-2']),
    'mongo-3': secondary(more['mongo-3']),
  });

const admitted = async (set: ReplicaSetOnTrial, node: string, more: Partial<AdmitRequest> = {}) => {
  const request: AdmitRequest = {
    ...lease,
    target: 'mongod',
    role: 'mongo',
    nodes: [node],
    again: [],
    unresolved: [],
    maxUnavailable: 1,
    deadlineMs: 0,
    actor: 'ada',
    reason: 'OPS-1',
    ...more,
  };
  const admission = await attempt(createMongodbActivities(set.site()).admitReplicaSet, request);
  return admission.admitted ? admission.hosts[node] : undefined;
};

describe('the admission of a member', () => {
  it('records of the primary alone from which election it is to step down', async () => {
    expect(await admitted(three(), 'mongo-1')).toMatchObject({ ticket: { electedMs: ELECTED_MS } });
    const inspection = await admitted(three(), 'mongo-2');
    expect(inspection).toMatchObject({ ticket: { restart: { verb: 'try-restart' } } });
    expect(inspection).not.toHaveProperty('ticket.electedMs');
  });

  it.each([
    ['a member that does not listen', { 'mongo-3': { isDown: true } }, /^no mongod listens on mongo-3$/],
    ['a member that is behind', { 'mongo-3': { lagS: 11 } }, /^mongo-3:27017 is 11 s behind, and at most 10 s may be$/],
    ['a member that rolls back', { 'mongo-3': { state: 'ROLLBACK' } }, /^mongo-3:27017 is ROLLBACK$/],
    ['no primary', { 'mongo-1': { state: 'SECONDARY' } }, /^none of mongo-1, mongo-2, mongo-3 is the primary$/],
  ])('is refused by %s', async (_what, more, why) => {
    expect(await admitted(three(more), 'mongo-2')).toMatchObject({
      state: 'vetoed',
      note: { why: expect.stringMatching(why) },
    });
  });

  it('lets one that is down be started, also where others wait for it', async () => {
    const down = (node: string) => ({
      unit: 'mongod.service',
      fence: { bootId: 'boot', startedUs: 7, mainPid: 0 },
      load: 'loaded',
      active: node === 'mongo-3' ? 'failed' : 'active',
      sub: '',
      result: '',
      jobQueued: false,
      activeForMs: 1,
      failedNeeds: [],
    });
    const members = { 'mongo-1': { state: 'PRIMARY' }, 'mongo-2': secondary(), 'mongo-3': secondary({ isDown: true }) };
    const again = { again: ['mongo-3'] };
    expect(await admitted(new ReplicaSetOnTrial(members, down), 'mongo-3', again)).toMatchObject({
      ticket: { restart: { verb: 'start' } },
    });
    const both = { ...members, 'mongo-2': secondary({ isDown: true }) };
    expect(await admitted(new ReplicaSetOnTrial(both, down), 'mongo-3', again)).toHaveProperty('ticket');
    const lost = { ...members, 'mongo-2': secondary({ state: 'ROLLBACK' }) };
    expect(await admitted(new ReplicaSetOnTrial(lost, down), 'mongo-3', again)).toMatchObject({
      state: 'vetoed',
      note: { why: 'mongo-2:27017 is ROLLBACK' },
    });
  });

  it('believes an arbiter, which knows no accounts', async () => {
    const set = new ReplicaSetOnTrial({
      'mongo-1': { state: 'PRIMARY' },
      'mongo-2': secondary(),
      'mongo-3': { state: 'ARBITER' },
    });
    set.wantsLogin = true;
    expect(await admitted(set, 'mongo-1')).toMatchObject({ ticket: { electedMs: ELECTED_MS } });
  });
});

describe('a primary', () => {
  const order = { node: 'mongo-1', electedMs: ELECTED_MS, lease };
  const stepDown = (set: ReplicaSetOnTrial, info: Attempt = {}, site = set.site()) =>
    attempt(createMongodbActivities(site).stepDownPrimary, order, info);

  it('steps down once from an election, however often it is told to', async () => {
    const set = three();
    expect(await stepDown(set)).toEqual({ state: 'done' });
    expect(set.of('mongo-1').state).toBe('SECONDARY');
    expect(await stepDown(set, { attempt: 2 })).toEqual({ state: 'done' });
    // It has become the primary again meanwhile: a command that is late finds that election over.
    set.of('mongo-1').state = 'PRIMARY';
    set.of('mongo-2').state = 'SECONDARY';
    expect(await stepDown(set, { attempt: 3 })).toEqual({ state: 'done' });
    expect(set.of('mongo-1').state).toBe('PRIMARY');
    expect(set.stepsDown).toEqual([ELECTED_MS]);
  });

  it.each(['error doing query: failed', 'error doing query: failed: network error while attempting to run command'])(
    'has done so although its server closed the connection: %s',
    async (words) => {
      const set = three();
      set.closesWith = words;
      expect(await stepDown(set)).toEqual({ state: 'done' });
      expect(set.stepsDown).toHaveLength(1);
    },
  );

  it.each([
    { code: 50, errmsg: 'No electable secondaries caught up as of 2026-11-30' },
    // Servers of 2.6 have no codes.
    { errmsg: 'no secondaries within 10 seconds of my optime' },
  ])('stays where its server says that nobody has caught up: $errmsg', async (answer) => {
    const set = three();
    set.answers = answer;
    expect(await stepDown(set)).toEqual({ state: 'refused', why: `MongoDB on mongo-1 answers: ${answer.errmsg}` });
    expect(set.of('mongo-1').state).toBe('PRIMARY');
  });

  it('is not taken for one that has stepped down because nothing is heard of it', async () => {
    const set = three();
    set.members['mongo-1'] = { state: 'PRIMARY', hasNoShell: true };
    set.onLook = (nth) => {
      if (nth === 2) set.members['mongo-1'] = { state: 'PRIMARY' };
    };
    expect(await stepDown(set)).toEqual({ state: 'done' });
    expect(set.stepsDown).toEqual([ELECTED_MS]);
  });

  it('is told nothing without a lease', async () => {
    const set = three();
    const site = set.site();
    site.keeper.state.leases.length = 0;
    expect(await stepDown(set, {}, site)).toMatchObject({ state: 'refused', why: expect.stringContaining('lease') });
    expect(set.stepsDown).toEqual([]);
  });

  it('is told nothing while a gate is shut that no waiting opens', async () => {
    const set = three({ 'mongo-3': { state: 'ROLLBACK' } });
    expect(await stepDown(set)).toEqual({ state: 'refused', why: 'mongo-3:27017 is ROLLBACK' });
    expect(set.stepsDown).toEqual([]);
  });
});

describe('the proof of a member', () => {
  const ticket: MongoTicket = {
    restart: { verb: 'try-restart', fence: { bootId: 'boot', startedUs: 7, mainPid: 1 }, failedNeeds: [] },
  };
  const prove = (set: ReplicaSetOnTrial, deadlineMs = 600_000, since?: number) =>
    attempt(
      createMongodbActivities(set.site()).verifyReplicaSet,
      { target: 'mongod', hosts: [{ node: 'mongo-2', ticket, byUs: true }], soakMs: 0, deadlineMs },
      since === undefined ? {} : { heartbeatDetails: { since } },
    );

  it('waits until it has caught up, and begins anew when its process does', async () => {
    const set = three({ 'mongo-2': { state: 'RECOVERING', uptimeS: 1 } });
    let steadyFrom = 0;
    set.onLook = (nth) => {
      const member = set.of('mongo-2');
      member.uptimeS = (member.uptimeS ?? 0) + 1;
      if (nth === 2) member.state = 'SECONDARY';
      if (nth === 5) {
        member.uptimeS = 0;
        steadyFrom = Date.now();
      }
    };
    expect(await prove(set)).toEqual({});
    expect(Date.now() - steadyFrom).toBeGreaterThanOrEqual(10_000);
  }, 60_000);

  it('is over at once where one rolls back, for a person to look', async () => {
    const verdicts = await prove(three({ 'mongo-2': { state: 'ROLLBACK' } }));
    expect(verdicts['mongo-2']).toMatchObject({
      state: 'failed',
      note: { why: 'mongo-2:27017 is in ROLLBACK: keep its rollback directory' },
    });
  });

  it('says what is missing when its time is over', async () => {
    const verdicts = await prove(three({ 'mongo-2': { state: 'RECOVERING' } }), 600_000, Date.now() - 601_000);
    expect(verdicts['mongo-2']).toMatchObject({
      state: 'failed',
      note: { why: 'after 10 min: mongo-2:27017 is RECOVERING' },
    });
  });

  it('is unknown where nobody answers any more', async () => {
    const everyone = { isDown: true };
    const set = three({ 'mongo-1': everyone, 'mongo-2': everyone, 'mongo-3': everyone });
    const verdicts = await prove(set, 600_000, Date.now() - 601_000);
    expect(verdicts['mongo-2']).toMatchObject({ state: 'unknown' });
  });
});

describe('a plan to restart members', () => {
  const plan = { target: 'mongod', nodes: ['mongo-1', 'mongo-2', 'mongo-3'], hash: 'a' } as Plan;
  const planned = (set: ReplicaSetOnTrial, unnamed?: true) =>
    planReplicaSet(set.site(), plan, unnamed ? { unnamed } : {}, never);

  it('has the primary last', async () => {
    const made = await planned(three());
    expect(made.nodes).toEqual(['mongo-2', 'mongo-3', 'mongo-1']);
    expect(made).not.toHaveProperty('outage');
  });

  it('is refused with what is wrong', async () => {
    await expect(planned(three({ 'mongo-2': { state: 'STARTUP2' } }))).rejects.toThrow('mongo-2:27017 is STARTUP2');
  });

  it('tells the outage where nobody takes over, and is refused as part of more', async () => {
    const arbiters = { 'mongo-2': { state: 'ARBITER' }, 'mongo-3': { state: 'ARBITER' } };
    expect((await planned(new ReplicaSetOnTrial({ 'mongo-1': { state: 'PRIMARY' }, ...arbiters }))).outage).toBe(
      'Ceilometer has no database meanwhile: one member of the replica set has data',
    );
    const two = new ReplicaSetOnTrial({ 'mongo-1': { state: 'PRIMARY' }, 'mongo-2': secondary() });
    expect((await planned(two)).outage).toBe(
      'Ceilometer has no database meanwhile: of two members neither is a majority',
    );
    const one = new ReplicaSetOnTrial({ 'mongo-1': 'alone' });
    expect((await planned(one)).outage).toBe('Ceilometer has no database meanwhile: mongod is in no replica set');
    await expect(planned(one, true)).rejects.toThrow('only `ostler restart mongod` does that, and asks before');
  });
});

describe('a stop', () => {
  const mongod = [{ turns: { by: 'mongodb' as const, between: '' } }];
  const why = (set: ReplicaSetOnTrial, nodes: string[], entries: Parameters<typeof whyNotStop>[1] = mongod) =>
    whyNotStop(set.site(), entries, nodes, never);

  it('of members is refused where no majority stays', async () => {
    expect(await why(three(), ['mongo-1'])).toBeUndefined();
    expect(await why(three(), ['mongo-1', 'mongo-2'])).toBe(
      'the replica set would have 1 of 3 members without mongo-1, mongo-2, and needs 2',
    );
    const gone = three({ 'mongo-3': { isDown: true } });
    expect(await why(gone, ['mongo-2'])).toContain('1 of 3 members');
    // The others have not noticed yet.
    gone.notNoticed = true;
    expect(await why(gone, ['mongo-2'])).toContain('1 of 3 members');
  });

  it('of members is refused where another cannot be asked, and not because of the one that is to go', async () => {
    expect(await why(three({ 'mongo-2': { hasNoShell: true } }), ['mongo-2'])).toBeUndefined();
    expect(await why(three({ 'mongo-3': { hasNoShell: true } }), ['mongo-2'])).toBe(
      'mongo-3 has neither mongosh nor mongo',
    );
    expect(await why(three({ 'mongo-2': { hasNoShell: true }, 'mongo-3': { state: 'STARTUP2' } }), ['mongo-2'])).toBe(
      'the replica set would have 1 of 3 members without mongo-2, and needs 2',
    );
  });

  it('of a mongod by itself, of none that runs, or of anything else is not for the set to judge', async () => {
    expect(await why(new ReplicaSetOnTrial({ 'mongo-1': 'alone' }), ['mongo-1'])).toBeUndefined();
    expect(
      await why(three({ 'mongo-1': { isDown: true }, 'mongo-2': { isDown: true }, 'mongo-3': { isDown: true } }), [
        'mongo-1',
      ]),
    ).toBeUndefined();
    expect(await why(three(), ['mongo-1', 'mongo-2'], [{}])).toBeUndefined();
  });
});
