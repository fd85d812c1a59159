import { beforeAll, describe, expect, it } from 'vitest';
import type { RolloutRequest } from '../../domain/plan.js';
import type { RolloutProgress } from '../../domain/progress.js';
import { WORKFLOW_QUEUE } from '../../workflows/messages/names.js';
import { type Ended, type OperatorOptions, ostler, start } from './fixtures/operator.js';
import { planOf, type Space, space, until } from './fixtures/space.js';

let here: Space;

beforeAll(async () => {
  here = await space({ setUp: true });
  await here.workflowWorker();
});

const plan = planOf([1, 2, 2]);

/** A cloud of its own whose worker answers with `plan`; `asked` are the requests it saw. */
async function cloudWith(answer = plan) {
  const asked: RolloutRequest[] = [];
  const { cloud, worker } = await here.site((request) => {
    asked.push(request);
    return answer;
  });
  const workflowId = `restart/${cloud}/nova-compute`;
  const run = (argv: string[], options?: OperatorOptions): Promise<Ended> =>
    ostler([...argv, '--cloud', cloud, ...here.flags], options);
  const restart = (...more: string[]): string[] => ['restart', 'nova-compute', '--reason', 'OPS-1', '--yes', ...more];
  const begin = async (): Promise<string> => {
    const { out, code, err } = await run(restart('--detach'));
    expect(code, err).toBe(0);
    await until(async () => (await progress()).phase === 'running');
    return out.trim();
  };
  const progress = (): Promise<RolloutProgress> => here.client.workflow.getHandle(workflowId).query('progress');
  const tell: typeof here.tell = (_, order) => here.tell(workflowId, order);
  return { cloud, worker, workflowId, asked, run, restart, begin, progress, tell };
}

const waiting = { for: 'failures', why: '1 host failed', since: 1, deadline: Date.now() + 3_600_000 } as const;

describe('ostler restart', () => {
  it('--dry-run prints the plan and its hash, and starts nothing', async () => {
    const { run, workflowId, asked } = await cloudWith({ ...plan, excluded: { masked: ['compute-9'] } });
    const { code, out } = await run(['restart', 'nova-compute', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain('Restart nova-compute on 5 hosts');
    expect(out).toMatch(/1\. 1 host +compute-1 canary/);
    expect(out).toMatch(/3\. 2 hosts +compute-4, compute-5/);
    expect(out).toMatch(/left out +1 masked: compute-9/);
    expect(out).toContain(plan.hash);
    expect(asked).toHaveLength(1);
    await expect(here.client.workflow.getHandle(workflowId).describe()).rejects.toThrow('not found');
  });

  it('--dry-run --json is one document with plan and request', async () => {
    const { run, cloud } = await cloudWith();
    const { json, code } = await run(['restart', 'nova-compute', '--dry-run', '--soak', '30s', '--json']);
    expect(code).toBe(0);
    expect(json()).toMatchObject({ plan, request: { cloud, target: 'nova-compute', soakMs: 30_000 } });
  });

  it('starts nothing when the answer is no', async () => {
    const { run, workflowId } = await cloudWith();
    const { code, asked, err } = await run(['restart', 'nova-compute', '--reason', 'x'], { yes: false });
    expect(asked).toEqual([expect.stringMatching(/^Restart nova-compute on 5 hosts of cloud-/)]);
    expect(err).toContain('nothing was started');
    expect(code).toBe(1);
    await expect(here.client.workflow.getHandle(workflowId).describe()).rejects.toThrow('not found');
  });

  it('--detach prints the name of the run; the run knows who, why and which plan', async () => {
    const { begin, workflowId, asked, cloud } = await cloudWith();
    const name = await begin();
    const description = await here.client.workflow.getHandle(workflowId).describe();
    expect(name).toBe(`${workflowId}@${description.runId.slice(-8)}`);
    expect(description.searchAttributes).toMatchObject({
      OstlerCloud: [cloud],
      OstlerOperation: ['restart'],
      OstlerActor: ['ada@bastion'],
    });
    expect(await description.staticSummary()).toBe(`restart nova-compute on 5 hosts of ${cloud}`);
    expect(await description.staticDetails()).toContain('OPS-1');
    expect(asked.at(-1)).toMatchObject({ expect: plan.hash, agreed: expect.stringMatching(`^plan/${cloud}/`) });
  });

  it('watches to the end and leaves with 0, a line for each change', async () => {
    const { run, restart, tell, workflowId, progress } = await cloudWith();
    const ended = run(restart());
    await until(async () => (await progress()).phase === 'running');
    await tell(workflowId, { progress: { states: 'or...', batch: 1 } });
    await tell(workflowId, { progress: { states: 'ooooo', batch: 2 }, end: 'ok' });
    const { code, err, out } = await ended;
    expect(code, err).toBe(0);
    expect(err).toContain('5 hosts in 3 batches');
    expect(err).toMatch(/ok: .*compute-5 \(5\/5\)/);
    expect(out).toMatch(/outcome +ok/);
    expect(out).toContain('5 ok');
  });

  it('leaves with 1 when hosts failed, and says which and why', async () => {
    const { run, restart, tell, workflowId, progress } = await cloudWith();
    const ended = run(restart('--json'));
    await until(async () => (await progress()).phase === 'running');
    const notes = { 'compute-2': { why: 'died\u001b[2J after 5 s', next: 'look at its journal' } };
    await tell(workflowId, { progress: { states: 'of...', notes, ending: 'not every host is well' }, end: 'failed' });
    const { code, json } = await ended;
    expect(code).toBe(1);
    expect(json()).toMatchObject({ outcome: 'failed', status: 'failed', ending: 'not every host is well' });
    expect(json().hosts[1]).toEqual({ node: 'compute-2', state: 'failed', note: notes['compute-2'] });
  });

  it('refuses a second run of the same job, naming who runs the first, how far it is and how to watch it', async () => {
    const { run, restart, begin, tell, workflowId, progress } = await cloudWith();
    const name = await begin();
    await tell(workflowId, { progress: { states: 'oo...' } });
    await until(async () => (await progress()).states === 'oo...');
    const { code, err } = await run(restart(), { env: { OSTLER_ACTOR: 'bob@bastion' } });
    expect(code).toBe(5);
    expect(err).toContain('running already, by ada@bastion: OPS-1, 2 of 5 hosts done');
    expect(err).toContain(`ostler watch ${name}`);
  });

  it('refuses a plan that turned stale between the question and the start', async () => {
    const { ApplicationFailure } = await import('@temporalio/common');
    let calls = 0;
    const { cloud } = await here.site(() => {
      if (calls++ === 0) return plan;
      throw ApplicationFailure.create({ type: 'StalePlan', message: 'the plan is another', nonRetryable: true });
    });
    const argv = ['restart', 'nova-compute', '--cloud', cloud, '--reason', 'x', '--yes', ...here.flags];
    const { code, err } = await ostler(argv);
    expect(err).toContain('the plan is another');
    expect(code).toBe(5);
    const { out } = await ostler(['show', 'nova-compute', '--cloud', cloud, ...here.flags]);
    expect(out).toMatch(/outcome +failed/);
    expect(out).toMatch(/ending +the plan is another/);
  });

  it('passes a refused plan on as 5 and a wrong request as 2', async () => {
    const { ApplicationFailure } = await import('@temporalio/common');
    for (const [type, exitCode] of [
      ['PlanRefused', 5],
      ['InvalidRequest', 2],
    ] as const) {
      const { cloud } = await here.site(() => {
        throw ApplicationFailure.nonRetryable('2 of 5 are down already', type);
      });
      const { code, err } = await ostler(['restart', 'nova-compute', '--cloud', cloud, '--dry-run', ...here.flags]);
      expect(err).toContain('2 of 5 are down already');
      expect(code).toBe(exitCode);
    }
  });

  it('--failed-of selects the hosts that failed before', async () => {
    const { run, begin, tell, workflowId, asked } = await cloudWith();
    const name = await begin();
    await tell(workflowId, { progress: { states: 'fou?o' }, end: 'failed' });
    await here.client.workflow
      .getHandle(workflowId)
      .result()
      .catch(() => {});
    const { code } = await run(['restart', 'nova-compute', '--failed-of', name, '--dry-run']);
    expect(code).toBe(0);
    expect(asked.at(-1)?.selection).toBe('compute-1,compute-3,compute-4');
  });
});

describe('ostler watch', () => {
  it('leaves with 7 when the run waits for a person and there is no terminal, and says what to type', async () => {
    const { run, begin, tell, workflowId } = await cloudWith();
    const name = await begin();
    await tell(workflowId, { progress: { states: 'of...', phase: 'waiting', waiting } });
    const { code, err } = await run(['watch', name]);
    expect(code).toBe(7);
    expect(err).toContain('1 host failed');
    expect(err).toContain(`ostler retry ${name}`);
  });

  it('keeps watching on a terminal, redraws in place, and follows the run when it goes on', async () => {
    const { begin, tell, workflowId, cloud, progress } = await cloudWith();
    await begin();
    await tell(workflowId, { progress: { states: 'of...', phase: 'waiting', waiting } });
    await until(async () => (await progress()).phase === 'waiting');
    const watch = start(['watch', 'nova-compute', '--cloud', cloud, ...here.flags], { yes: true, live: true });
    await until(() => watch.err.includes('ostler retry'));
    await tell(workflowId, { progress: { states: 'ooooo', phase: 'running' }, end: 'ok' });
    expect(await watch.ended).toBe(0);
    expect(watch.err).toContain('\u001b[J');
    expect(watch.err).toMatch(/all hosts {2}█+ 5\/5/);
  });

  it('leaves with 130 on Ctrl-C and the run goes on', async () => {
    const { begin, cloud, progress } = await cloudWith();
    const name = await begin();
    const watch = start(['watch', name, '--cloud', cloud, ...here.flags]);
    await until(() => watch.err.includes('5 hosts'));
    watch.interrupt();
    expect(await watch.ended).toBe(130);
    expect(watch.err).toContain('the operation goes on');
    expect(watch.err).toContain(`ostler watch ${name}`);
    expect((await progress()).phase).toBe('running');
  });

  it('follows a run that continues as new', async () => {
    const { begin, cloud, tell, workflowId } = await cloudWith();
    const name = await begin();
    const watch = start(['watch', name, '--json', '--cloud', cloud, ...here.flags]);
    await until(() => watch.err.includes('5 hosts'));
    await tell(workflowId, { progress: { states: 'oo...' }, memo: true, continue: true });
    await until(() => watch.err.includes('(2/5)'));
    await tell(workflowId, { progress: { states: 'ooooo' }, end: 'ok' });
    expect(await watch.ended).toBe(0);
    expect(JSON.parse(watch.out)).toMatchObject({ run: name, plan, outcome: 'ok' });
  });

  it('tells of a run that was terminated', async () => {
    const { begin, run, workflowId } = await cloudWith();
    const name = await begin();
    await here.client.workflow.getHandle(workflowId).terminate('by hand');
    const { code, out } = await run(['watch', name]);
    expect(code).toBe(1);
    expect(out).toContain('terminated from outside');
  });
});

describe('ostler show', () => {
  it('--json is the full report', async () => {
    const { begin, run, tell, workflowId, cloud } = await cloudWith();
    const name = await begin();
    await run(['pause', name, '--reason', 'lunch']);
    await tell(workflowId, { progress: { states: 'orr..', batch: 1, phase: 'waiting', waiting } });
    const { json, code } = await run(['show', name, '--json']);
    expect(code).toBe(0);
    expect(json()).toMatchObject({
      run: name,
      workflowId,
      cloud,
      operation: 'restart',
      target: 'nova-compute',
      actor: 'ada@bastion',
      reason: 'OPS-1',
      status: 'running',
      phase: 'waiting',
      source: 'worker',
      plan,
      waiting: { for: 'failures', since: '1970-01-01T00:00:00.001Z' },
      controls: [{ verb: 'pause', actor: 'ada@bastion', reason: 'lunch', at: expect.stringMatching(/^20.*Z$/) }],
      batches: [{ nodes: ['compute-1'] }, { nodes: ['compute-2', 'compute-3'], current: true }, { current: false }],
    });
    expect(
      json()
        .hosts.map(({ state }: { state: string }) => state)
        .slice(0, 2),
    ).toEqual(['ok', 'running']);
  });

  it('finds an earlier run of the same job by its name, and the latest without one', async () => {
    const { begin, run, tell, workflowId } = await cloudWith();
    const first = await begin();
    await tell(workflowId, { end: 'ok' });
    await here.client.workflow.getHandle(workflowId).result();
    const second = await begin();
    expect(second).not.toBe(first);
    expect((await run(['show', workflowId, '--json'])).json()).toMatchObject({ run: second, status: 'running' });
    await until(async () => (await run(['show', first, '--json'])).code === 0);
    expect((await run(['show', first, '--json'])).json()).toMatchObject({ run: first, outcome: 'ok' });
  });

  it('says 2 for a run that is not there', async () => {
    const { run } = await cloudWith();
    const { code, err } = await run(['show', 'nova-compute']);
    expect(code).toBe(2);
    expect(err).toMatch(/there is no run nova-compute[\s\S]*ostler runs/);
  });
});

describe('a control', () => {
  it.each(['pause', 'resume', 'abort', 'promote'])(
    '%s is sent with actor and reason, and its answer printed',
    async (verb) => {
      const { begin, run, progress } = await cloudWith();
      const name = await begin();
      const { code, out } = await run([verb, name, '--reason', 'because', '--actor', 'eve@desk']);
      expect(code).toBe(0);
      expect(out).toBe(`${verb} of everything, says eve@desk: because\n`);
      expect((await progress()).controls).toMatchObject([{ verb, actor: 'eve@desk', reason: 'because' }]);
    },
  );

  it.each(['retry', 'skip'])('%s takes hosts', async (verb) => {
    const { begin, run, progress } = await cloudWith();
    const name = await begin();
    const { json } = await run([verb, name, 'compute-2', 'compute-4', '--reason', 'fixed', '--json']);
    expect(json()).toMatchObject({
      run: name,
      verb,
      obeyed: true,
      answer: expect.stringContaining('compute-2, compute-4'),
    });
    expect((await progress()).controls).toMatchObject([{ verb, nodes: ['compute-2', 'compute-4'] }]);
  });

  it('asks for the reason on a terminal', async () => {
    const { begin, run } = await cloudWith();
    const { out, asked } = await run(['pause', await begin()], { line: 'dinner' });
    expect(asked).toEqual(['Why?']);
    expect(out).toContain('dinner');
  });

  it('that the run refuses is 5 with its own words', async () => {
    const { begin, run, progress } = await cloudWith();
    const { code, err } = await run(['promote', await begin(), '--reason', 'wrong']);
    expect(err).toContain('there is nothing to promote');
    expect(code).toBe(5);
    expect((await progress()).controls).toEqual([]);
  });

  it('of a run that has ended is 5', async () => {
    const { begin, run, tell, workflowId } = await cloudWith();
    const name = await begin();
    await tell(workflowId, { end: 'ok' });
    await here.client.workflow.getHandle(workflowId).result();
    const { code, err } = await run(['pause', name, '--reason', 'x']);
    expect(err).toContain('has ended already');
    expect(code).toBe(5);
  });
});

describe('ostler runs', () => {
  it('lists the runs of a cloud, newest first, with outcome and reason', async () => {
    const { begin, run, tell, workflowId } = await cloudWith();
    const first = await begin();
    await tell(workflowId, { progress: { states: 'oooof' }, end: 'failed' });
    await here.client.workflow
      .getHandle(workflowId)
      .result()
      .catch(() => {});
    const second = await begin();
    const list = async (...more: string[]) => (await run(['runs', '--json', ...more])).json().runs;
    const names = async (...more: string[]) => (await list(...more)).map((one: { run: string }) => one.run);
    await until(async () => (await names()).length === 2 && (await names('--outcome', 'failed')).length === 1);
    expect(await names()).toEqual([second, first]);
    expect(await names('--outcome', 'failed')).toEqual([first]);
    expect(await names('--outcome', 'running')).toEqual([second]);
    expect(await names('--limit', '1')).toEqual([second]);
    expect(await names('--since', '1ms')).toEqual([]);
    const { out } = await run(['runs']);
    expect(out).toMatch(new RegExp(`${first} +failed +5/5 .*ada@bastion +OPS-1`));
  });

  it('--outcome failed finds runs that were refused, and those that were ended from outside and could not note it', async () => {
    const { ApplicationFailure } = await import('@temporalio/common');
    let refuse = true;
    const { cloud } = await here.site(() => {
      if (refuse) throw ApplicationFailure.nonRetryable('the plan is another', 'StalePlan');
      return plan;
    });
    const request = { operation: 'restart', cloud, target: 'nova-compute', actor: 'ada@bastion', reason: 'OPS-1' };
    const workflowId = `restart/${cloud}/nova-compute`;
    const begin = () =>
      here.client.workflow.start('rollingRestart', {
        workflowId,
        taskQueue: WORKFLOW_QUEUE,
        args: [{ request }],
        searchAttributes: { OstlerCloud: [cloud], OstlerOperation: ['restart'] },
      });
    const list = (...more: string[]) => ostler(['runs', '--cloud', cloud, ...more, ...here.flags]);
    await expect((await begin()).result()).rejects.toThrow();
    refuse = false;
    const handle = await begin();
    await until(async () => (await handle.query<RolloutProgress>('progress')).phase === 'running');
    await here.tell(workflowId, { progress: { states: 'oo...' }, memo: true });
    await until(async () => (await handle.query<RolloutProgress>('progress')).states === 'oo...');
    await handle.terminate('by hand');
    const statuses = async (...more: string[]): Promise<string[]> =>
      (await list('--json', ...more)).json().runs.map((one: { status: string }) => one.status);
    await until(async () => (await statuses('--outcome', 'failed')).length === 2);
    expect(await statuses('--outcome', 'failed')).toEqual(['terminated', 'failed']);
    expect(await statuses('--outcome', 'ok')).toEqual([]);
    const { out } = await list('--outcome', 'failed');
    expect(out).toMatch(/@\w{8} +terminated +2\/5/);
    expect(out).toMatch(/@\w{8} +failed +/);
  });

  it('--node finds runs by their search attribute and large ones by their plan', async () => {
    const small = await cloudWith();
    await small.begin();
    const large = await cloudWith(planOf([2]));
    await large.run(['restart', 'nova-compute', '--reason', 'too many nodes to index', '--yes', '--detach']);
    const found = async (one: typeof small, node: string) =>
      (await one.run(['runs', '--node', node, '--json'])).json().runs.length;
    await until(async () => (await found(small, 'compute-5')) === 1 && (await found(large, 'compute-2')) === 1);
    expect(await found(small, 'compute-6')).toBe(0);
    expect(await found(large, 'compute-5')).toBe(0);
  });
});
