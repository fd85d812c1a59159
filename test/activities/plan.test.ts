import { ApplicationFailure, type Client, type WorkflowHandle } from '@temporalio/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ComputeServices, createComputeServices } from '../../activities/openstack/compute-services.js';
import { OpenStackFailure } from '../../activities/openstack/http.js';
import { createPlanActivities } from '../../activities/plan.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import { fakeCloud, service } from './openstack/fake-cloud.js';
import { attempt, Site } from './systemd/site.js';

const request = (more: Partial<RolloutRequest> = {}): RolloutRequest => ({
  operation: 'restart',
  cloud: 'sim',
  target: 'nova-compute',
  soakMs: 0,
  maxFailures: 0,
  onFailure: 'pause',
  promote: false,
  pauseDeadlineMs: 3_600_000,
  admitDeadlineMs: 60_000,
  actor: 'ada@bastion',
  reason: 'OPS-1',
  ...more,
});

/** A Temporal that remembers plans by workflow id, and answers nothing else. */
function clientThatKnows(plans: Record<string, Plan | Promise<Plan>>): Client {
  const getHandle = (id: string) =>
    ({ result: async () => plans[id] ?? Promise.reject(new Error(`workflow not found: ${id}`)) }) as WorkflowHandle;
  return { workflow: { getHandle }, withDeadline: (_: number, ask: () => unknown) => ask() } as never as Client;
}

interface Planner {
  site: Site;
  plan(more?: Partial<RolloutRequest>): Promise<Plan>;
}

async function planner(
  plans: Record<string, Plan | Promise<Plan>> = {},
  computeServices?: Partial<ComputeServices>,
  computes = 10,
): Promise<Planner> {
  const site = await Site.start({ computes, sharedHostKey: true });
  const { planRollout } = createPlanActivities({
    askCluster: () => Promise.reject(new Error('nobody may be asked here')),
    inventory: site.inventory,
    observer: site.observer,
    client: clientThatKnows(plans),
    planOfControllers: () => expect.unreachable('nothing here is about controllers'),
    planOfServices: () => expect.unreachable('nothing here is about services'),
    planOfTurns: {
      ceph: () => expect.unreachable('nothing here is about Ceph'),
      mongodb: () => expect.unreachable('nothing here is about MongoDB'),
    },
    ...(computeServices && { computeServices: computeServices as ComputeServices }),
  });
  return { site, plan: (more) => attempt(planRollout, request(more)) };
}

/** A planner with a Nova that can be asked, and how many times its hosts were read. */
async function plannerWithNova(password?: string) {
  const cloud = await fakeCloud();
  onTestFinished(() => cloud.close());
  const credentials = { ...cloud.credentials, ...(password && { password }) };
  const names = ['compute-1', 'compute-2'];
  const computeServices = createComputeServices(
    async () => credentials,
    names.map((name) => ({ name })),
    { pollMs: 10 },
  );
  const { site, plan } = await planner({}, computeServices, names.length);
  let reads = 0;
  for (const host of site.fleet.hosts) host.beforeExec = () => void reads++;
  return { cloud, plan, reads: () => reads };
}

const refused = (type: string, message: string | RegExp, details: unknown[] = []) =>
  expect.objectContaining({
    type,
    nonRetryable: true,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    details,
  });

const failure = (promise: Promise<unknown>): Promise<ApplicationFailure> =>
  promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ApplicationFailure);
      return error as ApplicationFailure;
    },
  );

describe('planRollout', () => {
  it('reads every host of the role and leaves out those that cannot be worked on', async () => {
    const { site, plan } = await planner({}, { disabledNodes: async () => new Set(['compute-4']) });
    await site.host('compute-2').discard();
    site.host('compute-3').mask();
    expect(await plan({ maxUnavailable: 3 })).toMatchObject({
      target: 'nova-compute',
      nodes: ['compute-1', 'compute-5', 'compute-6', 'compute-7', 'compute-8', 'compute-9', 'compute-10'],
      excluded: { unreachable: ['compute-2'], masked: ['compute-3'], disabled: ['compute-4'] },
      population: 10,
      maxUnavailable: 3,
      batches: Array.from({ length: 7 }, () => 1),
    });
  });

  it('asks Nova again when that may help, and reads each host once all the same', async () => {
    const { cloud, plan, reads } = await plannerWithNova();
    cloud.services = [service('compute-1', { status: 'disabled' }), service('compute-2')];
    cloud.novaMishaps = [500, 'no-json', 500];
    expect(await plan()).toMatchObject({ nodes: ['compute-2'], excluded: { disabled: ['compute-1'] } });
    expect(cloud.novaMishaps).toEqual([]);
    expect(reads()).toBe(2);
  });

  it('is refused at once when Nova cannot be asked before somebody mends that, and logs in no second time', async () => {
    const { cloud, plan, reads } = await plannerWithNova('an old one');
    expect(await failure(plan())).toEqual(
      refused(
        'PlanRefused',
        /^Nova could not be asked which nova-compute are disabled: Keystone at .+ refuses the user admin in the project admin \(401\); check .+; mend that, or take openstack out of the worker's ostler\.yaml/,
      ),
    );
    expect(cloud).toMatchObject({ logins: 1, lists: 0 });
    expect(reads()).toBe(0);
  });

  it('is refused, and not made without Nova, when Nova cannot be asked for long', async () => {
    const limits: { deadline: number }[] = [];
    const disabledNodes: ComputeServices['disabledNodes'] = (_binary, limit) => {
      limits.push(limit);
      return Promise.reject(new OpenStackFailure('vip:5000 did not answer (ECONNREFUSED)', true));
    };
    const { plan } = await planner({}, { disabledNodes }, 2);
    const startedAt = Date.now();
    expect(await failure(plan())).toEqual(
      refused(
        'PlanRefused',
        /: vip:5000 did not answer \(ECONNREFUSED\), asked for 30 s; mend that, or take openstack/,
      ),
    );
    expect(limits).toHaveLength(1);
    expect(limits[0]?.deadline).toBeGreaterThanOrEqual(startedAt + 30_000);
  });

  it('gives the same hash for the same state, and another when a host outside the selection goes down', async () => {
    const { site, plan } = await planner();
    const selection = 'compute-1,compute-2';
    const { hash } = await plan({ selection });
    await site.host('compute-1').restartByAnotherHand();
    expect((await plan({ selection, actor: 'bob', reason: 'OPS-2' })).hash).toBe(hash);
    await site.host('compute-9').stopUnit();
    expect((await plan({ selection })).hash).not.toBe(hash);
  });

  it.each([
    [{ target: 'nova-computer' }, 'unknown service nova-computer; did you mean nova-compute?'],
    [{ cloud: 'prod' }, 'this worker looks after the cloud sim, not prod'],
    [{ selection: 'compute-11' }, /^the node compute-11 is not in the inventory; did you mean compute-1/],
    [{ selection: 'role=comptue' }, 'the role comptue is not in the inventory; did you mean compute?'],
    [{ selection: '' }, 'the selection is empty; name hosts, or leave --on out for every host of the role'],
    [
      { selection: '!compute-*' },
      'no host with the role compute is left by this selection; an empty selection is never taken for "all"',
    ],
    [{ soakMs: -1 }, /soakMs/],
    [{ reason: 'two\nlines' }, /must be one line without control characters/],
  ])('refuses the request %j', async (wrong, message) => {
    const { plan } = await planner({}, undefined, 2);
    expect(await failure(plan(wrong))).toEqual(refused('InvalidRequest', message));
  });

  it('refuses what must not be carried out, with the number that fell short', async () => {
    const { site, plan } = await planner();
    expect(await failure(plan({ batch: [3] }))).toEqual(
      refused(
        'PlanRefused',
        'a batch of 3 is over the budget: at most 2 of 10 compute hosts may be unavailable and 0 are down already',
      ),
    );
    await site.host('compute-1').stopUnit();
    await site.host('compute-2').stopUnit();
    expect(await failure(plan())).toEqual(
      refused(
        'PlanRefused',
        '2 of 10 compute hosts are down or unreachable already and at most 2 may be; bring hosts back or raise --max-unavailable',
      ),
    );
    expect(await failure(plan({ selection: 'compute-1,compute-2' }))).toEqual(
      refused('PlanRefused', 'none of the 2 selected hosts can be worked on: 2 down (compute-1, compute-2)'),
    );
  });

  it('refuses a plan that is no longer the one agreed to, and lists what is different', async () => {
    const plans: Record<string, Plan> = {};
    const { site, plan } = await planner(plans);
    const agreed = await plan();
    plans['plan/sim/1'] = agreed;
    expect((await plan({ expect: agreed.hash, agreed: 'plan/sim/1' })).hash).toBe(agreed.hash);
    await site.host('compute-4').stopUnit();
    const now = await plan();
    expect(await failure(plan({ expect: agreed.hash, agreed: 'plan/sim/1' }))).toEqual(
      refused('StalePlan', `the plan is ${now.hash.slice(0, 12)} now, not ${agreed.hash.slice(0, 12)}`, [
        'compute-4: planned then, down now',
        expect.stringMatching(/^batches: [\d,]+ then, [\d,]+ now$/),
      ]),
    );
  });

  it('says so when nothing it can name is different', async () => {
    const plans: Record<string, Plan> = {};
    const { site, plan } = await planner(plans);
    plans.agreed = await plan({ selection: 'compute-1' });
    await site.host('compute-9').stopUnit();
    const { details } = await failure(plan({ selection: 'compute-1', expect: plans.agreed.hash, agreed: 'agreed' }));
    expect(details).toEqual(['the state of hosts outside the selection, or the inventory itself']);
  });

  it('names at most twenty differences', async () => {
    const plans: Record<string, Plan> = {};
    const { plan } = await planner(plans);
    const agreed = await plan();
    plans.agreed = { ...agreed, nodes: Array.from({ length: 50 }, (_, index) => `gone-${index}`) };
    const { details } = await failure(plan({ expect: '0000', agreed: 'agreed' }));
    expect(details).toHaveLength(20);
  });

  it('refuses all the same when the agreed plan can no longer be read', async () => {
    const { plan } = await planner({}, undefined, 2);
    expect(await failure(plan({ expect: '0000', agreed: 'plan/sim/forgotten' }))).toEqual(
      refused('StalePlan', /^the plan is [0-9a-f]{12} now, not 0000$/, [
        'the plan agreed to can no longer be read: workflow not found: plan/sim/forgotten',
      ]),
    );
  });

  it('sends no mutating command', async () => {
    const { site, plan } = await planner({}, undefined, 3);
    const commands: string[] = [];
    for (const host of site.fleet.hosts) host.beforeExec = (command) => void commands.push(command);
    await plan();
    expect(commands).toHaveLength(3);
    expect(commands.filter((command) => /sudo|systemd-run|restart/.test(command))).toEqual([]);
  });
});
