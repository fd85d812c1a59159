import {
  type ApplicationFailure,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { describe, expect, it, vi } from 'vitest';
import type { RolloutRequest } from '../../domain/plan.js';
import type { RolloutProgress, Waiting } from '../../domain/progress.js';
import type { rollingRestart } from '../../workflows/rolling-restart.js';
import { devClient, timeSkippingServer, uniqueName } from '../setup/temporal.js';
import { FakeSite, type FakeSiteOptions } from './fake-site.js';

const { IndexedValueType } = temporal.api.enums.v1;
const failed = { state: 'failed' as const, note: { why: 'exit 1' } };
const alice = { actor: 'alice', reason: 'told so' };

async function run(
  options: FakeSiteOptions,
  overrides: Partial<RolloutRequest> | (() => Partial<RolloutRequest>) = {},
  prepare?: (site: FakeSite) => void,
) {
  const site = new FakeSite(options);
  prepare?.(site);
  const { client } = await devClient();
  const taskQueue = await site.start();
  // What is said in terms of now is said when the workers are there.
  const request = site.request(typeof overrides === 'function' ? overrides() : overrides);
  const handle = await client.workflow.start<typeof rollingRestart>('rollingRestart', {
    workflowId: uniqueName('restart'),
    taskQueue,
    args: [{ request }],
  });
  return { site, handle, request };
}

/** Time enough for a host to begin its turn, and little to wait for. */
const endsSoon = () => ({ untilMs: Date.now() + 15_000 });

const progress = (handle: WorkflowHandle): Promise<RolloutProgress> => handle.query<RolloutProgress>('progress');
const tell = (handle: WorkflowHandle, update: string, argument: object = alice): Promise<string> =>
  handle.executeUpdate<string, [object]>(update, { args: [argument] });

async function untilWaiting(handle: WorkflowHandle, kind: Waiting['for']): Promise<RolloutProgress> {
  return vi.waitFor(
    async () => {
      const now = await progress(handle);
      expect(now.waiting?.for).toBe(kind);
      return now;
    },
    { timeout: 20_000, interval: 50 },
  );
}

async function failureOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const error = await handle.result().then(
    () => expect.unreachable('the run should fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause as ApplicationFailure;
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => expect.unreachable('the update should be refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return ((error as WorkflowUpdateFailedError).cause as Error).message;
}

describe('a rolling restart', () => {
  it('restarts every host once, batch after batch, each under an intent of its own', async () => {
    const { site, handle } = await run({ hosts: ['c1', 'c2', 'c3', 'c4'] }, { batch: [1, 2] });
    const report = await handle.result();
    expect(report).toMatchObject({ outcome: 'ok', states: 'oooo', batches: 3 });
    expect(site.admissions.map(({ nodes }) => nodes)).toEqual([['c1'], ['c2', 'c3'], ['c4']]);
    expect(site.acts.map(({ node }) => node).sort()).toEqual(['c1', 'c2', 'c3', 'c4']);
    expect(new Set(site.acts.map(({ intent }) => intent)).size).toBe(4);
    for (const { intent } of site.acts) expect(intent).toMatch(/^[0-9a-f]{16}$/);
    expect(site.events.map(({ event }) => event)).toEqual(['ended']);
    expect(site.releases).toBe(1);
  });

  it('stops at the first host that does not come up, and waits for a person holding no lease', async () => {
    const { site, handle } = await run({ hosts: ['c1', 'c2', 'c3'], behaviour: { c2: { acts: [failed] } } });
    const waiting = await untilWaiting(handle, 'failures');
    expect(waiting).toMatchObject({ states: 'of.', notes: { c2: { why: 'exit 1' } } });
    expect(waiting.waiting?.why).toBe('1 failed (c2), more than the 0 allowed');
    expect(site.actsOn('c3')).toEqual([]);
    await vi.waitFor(() => expect(site.releases).toBe(1), { timeout: 20_000 });
    await vi.waitFor(() => expect(site.events.map(({ event }) => event)).toEqual(['needs-person']), {
      timeout: 20_000,
    });
    await handle.terminate();
  });

  it('gives a failed host a second generation under a new intent when a person says retry, and goes on', async () => {
    const { site, handle } = await run({
      hosts: ['c1', 'c2', 'c3'],
      behaviour: { c2: { acts: [failed, { state: 'acted', byUs: true }] } },
    });
    await untilWaiting(handle, 'failures');
    expect(await tell(handle, 'retry')).toBe('c2: next');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 'ooo' });
    const [first, second] = site.actsOn('c2');
    expect(first?.intent).not.toBe(second?.intent);
    expect(site.admissions.map(({ nodes, again }) => [nodes, again])).toEqual([
      [['c1'], []],
      [['c2'], []],
      [['c2'], ['c2']],
      [['c3'], []],
    ]);
  });

  it('resolves an unknown host under the same intent and fence, never under a new one', async () => {
    const unknown = { state: 'unknown' as const, note: { why: 'no answer' } };
    const { site, handle } = await run({
      hosts: ['c1', 'c2'],
      behaviour: { c1: { acts: [unknown, { state: 'acted', byUs: true }] } },
    });
    await untilWaiting(handle, 'failures');
    await tell(handle, 'retry', { ...alice, nodes: ['c1'] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    const [first, second] = site.actsOn('c1');
    expect(second?.intent).toBe(first?.intent);
    expect(second?.ticket).toEqual(first?.ticket);
  });

  it('keeps the intent of an unknown host that is then out of reach', async () => {
    const states = (['unknown', 'unreachable'] as const).map((state) => ({ state, note: { why: 'no answer' } }));
    const { site, handle } = await run({
      hosts: ['c1'],
      behaviour: { c1: { acts: [...states, { state: 'acted', byUs: true }] } },
    });
    expect(await untilWaiting(handle, 'failures')).toMatchObject({ states: '?' });
    await tell(handle, 'retry');
    await vi.waitFor(async () => expect(await progress(handle)).toMatchObject({ states: 'u', phase: 'waiting' }), {
      timeout: 20_000,
    });
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(new Set(site.actsOn('c1').map(({ intent }) => intent)).size).toBe(1);
  });

  it('keeps the intent of a host that was restarted but could not be proven well', async () => {
    const { site, handle } = await run({
      hosts: ['c1'],
      behaviour: { c1: { verdicts: [{ state: 'unknown', note: { why: 'the host went away' } }, 'well'] } },
    });
    await untilWaiting(handle, 'failures');
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(new Set(site.actsOn('c1').map(({ intent }) => intent)).size).toBe(1);
  });

  it('fails a host that dies during its soak, with its note', async () => {
    const { handle } = await run({ hosts: ['c1'], behaviour: { c1: { verdicts: [failed] } } }, { onFailure: 'abort' });
    const failure = await failureOf(handle);
    expect(failure.type).toBe('RolloutFailed');
    expect(failure.message).toContain('1 failed (c1)');
  });

  it('ends failed, not ok, when failures stay within the allowance', async () => {
    const { site, handle } = await run(
      { hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] } } },
      { maxFailures: 1 },
    );
    expect((await failureOf(handle)).type).toBe('RolloutFailed');
    expect(site.actsOn('c2')).toHaveLength(1);
  });

  it('is ok when a person skipped what failed, and not when a gate vetoed a host', async () => {
    const skipped = await run({ hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] } } });
    await untilWaiting(skipped.handle, 'failures');
    expect(await tell(skipped.handle, 'skip', { ...alice, nodes: ['c1'] })).toBe('c1: left as it is');
    expect(await skipped.handle.result()).toMatchObject({ outcome: 'ok', states: 'so' });

    const vetoed = await run({
      hosts: ['c1', 'c2'],
      inspections: { c1: { state: 'vetoed', note: { why: 'libvirtd is down' } } },
    });
    expect((await failureOf(vetoed.handle)).type).toBe('RolloutFailed');
    expect(vetoed.site.acts.map(({ node }) => node)).toEqual(['c2']);
    expect(vetoed.site.events.map(({ event }) => event)).toEqual(['ended']);
  });

  it('touches no host that was found stopped before its turn', async () => {
    const { site, handle } = await run({
      hosts: ['c1', 'c2'],
      inspections: { c1: { state: 'skipped', note: { why: 'stopped' } } },
    });
    await failureOf(handle);
    expect(site.actsOn('c1')).toEqual([]);
  });

  it('pauses at the barrier, lets hosts in flight finish, and resumes', async () => {
    const { site, handle } = await run({ hosts: ['c1', 'c2'] }, {}, (fleet) => fleet.hold('c1'));
    await vi.waitFor(() => expect(site.actsOn('c1')).toHaveLength(1), { timeout: 20_000 });
    await tell(handle, 'pause');
    expect(await refusal(tell(handle, 'pause'))).toBe('paused already by alice: told so');
    site.let('c1');
    const waiting = await untilWaiting(handle, 'person');
    expect(waiting.states).toBe('o.');
    expect(site.actsOn('c2')).toEqual([]);
    await tell(handle, 'resume');
    expect(await handle.result()).toMatchObject({
      outcome: 'ok',
      controls: [{ verb: 'pause', actor: 'alice' }, { verb: 'resume' }],
    });
  });

  it('waits for promotion after the canary', async () => {
    const { site, handle } = await run({ hosts: ['c1', 'c2'] }, { promote: true });
    await untilWaiting(handle, 'promotion');
    expect(site.actsOn('c2')).toEqual([]);
    expect(await refusal(tell(handle, 'resume'))).toBe('it waits for promote');
    await tell(handle, 'promote');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
  });

  it('lets nothing follow a canary that was left out, or kept back by a gate, before it is promoted', async () => {
    const inspections = { c1: { state: 'vetoed' as const, note: { why: 'libvirtd is down' } } };
    const { site, handle } = await run({ hosts: ['c1', 'c2'], inspections }, { promote: true });
    expect((await untilWaiting(handle, 'promotion')).waiting?.why).toBe(
      'the canary is vetoed; the rest waits for `ostler promote`',
    );
    expect(site.acts).toEqual([]);
    await handle.terminate();

    const skipped = await run({ hosts: ['c1', 'c2'] }, { promote: true }, (fleet) => fleet.hold('room'));
    await vi.waitFor(() => expect(skipped.site.admissions).toHaveLength(1), { timeout: 20_000 });
    await tell(skipped.handle, 'pause');
    await untilWaiting(skipped.handle, 'person');
    await tell(skipped.handle, 'skip', { ...alice, nodes: ['c1'] });
    await tell(skipped.handle, 'resume');
    await untilWaiting(skipped.handle, 'promotion');
    expect(skipped.site.acts).toEqual([]);
    await skipped.handle.terminate();
  });

  it('takes a retry for leave to look again when there is no room', async () => {
    const { site, handle } = await run(
      {
        hosts: ['c1', 'c2'],
        behaviour: { c1: { acts: [failed, { state: 'acted', byUs: true }] } },
        plan: { maxFailures: 1 },
      },
      {},
      (fleet) => fleet.refuseAfter(1, { admitted: false, silent: false, why: '3 would be down' }),
    );
    await untilWaiting(handle, 'budget');
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 'oo' });
    expect(site.actsOn('c1')).toHaveLength(2);
  });

  it('does not take the end of a pause for leave to go on after its time', async () => {
    const { site, handle, request } = await run({ hosts: ['c1', 'c2'] }, endsSoon, (fleet) => fleet.hold('c1'));
    await vi.waitFor(() => expect(site.actsOn('c1')).toHaveLength(1), { timeout: 20_000 });
    await tell(handle, 'pause');
    site.let('c1');
    await untilWaiting(handle, 'person');
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(request.untilMs ?? 0), { timeout: 20_000 });
    await tell(handle, 'resume');
    await vi.waitFor(async () => expect((await progress(handle)).waiting?.why).toContain('no new batch may start'), {
      timeout: 20_000,
    });
    expect(site.actsOn('c2')).toEqual([]);
    await tell(handle, 'resume');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
  });

  it.each([
    ['abort', async (handle: WorkflowHandle) => void (await tell(handle, 'abort')), 'aborted'],
    ['Temporal cancel', async (handle: WorkflowHandle) => void (await handle.cancel()), 'cancelled'],
    ['the abort signal', async (handle: WorkflowHandle) => handle.signal('abortWhenBack', alice), 'aborted'],
  ])('on %s starts no new host, lets hosts in flight finish and gives the lease back', async (_name, stop, outcome) => {
    const { site, handle } = await run({ hosts: ['c1', 'c2'] }, {}, (fleet) => fleet.hold('c1'));
    await vi.waitFor(() => expect(site.actsOn('c1')).toHaveLength(1), { timeout: 20_000 });
    await stop(handle);
    site.let('c1');
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect(await progress(handle)).toMatchObject({ outcome, states: 'o.', phase: 'ended' });
    expect(site.actsOn('c2')).toEqual([]);
    expect(site.releases).toBe(1);
    const { status, memo } = await handle.describe();
    expect(status.name).toBe(outcome === 'cancelled' ? 'CANCELLED' : 'FAILED');
    expect(memo?.progress).toMatchObject({ outcome });
  });

  it('gives a host one more turn however often it is asked for before that turn is over', async () => {
    const { site, handle } = await run({
      hosts: ['c1'],
      behaviour: { c1: { acts: [failed, { state: 'acted', byUs: true }] } },
    });
    await untilWaiting(handle, 'failures');
    site.hold('c1');
    await tell(handle, 'retry', { ...alice, nodes: ['c1', 'c1'] });
    await vi.waitFor(() => expect(site.actsOn('c1')).toHaveLength(2), { timeout: 20_000 });
    expect(await refusal(tell(handle, 'retry'))).toBe('no host has failed');
    expect(await refusal(tell(handle, 'retry', { ...alice, nodes: ['c1'] }))).toBe('c1 has its turn already');
    site.let('c1');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(site.actsOn('c1')).toHaveLength(2);
  });

  it('tells the act of a host that is still unknown that its intent may have been sent', async () => {
    const unknown = { state: 'unknown' as const, note: { why: 'no answer' } };
    const { site, handle } = await run(
      { hosts: ['c1', 'c2'], behaviour: { c1: { acts: [unknown, { state: 'acted', byUs: true }] } } },
      { maxFailures: 1 },
    );
    await handle.result().catch(() => undefined);
    expect(site.actsOn('c1').map(({ maybeSent }) => maybeSent)).toEqual([false]);
    expect(site.admissions.map(({ unresolved, unwell }) => [unresolved, unwell])).toEqual([
      [[], []],
      [['c1'], ['c1']],
    ]);

    const retried = await run({
      hosts: ['c1'],
      behaviour: { c1: { acts: [unknown, { state: 'acted', byUs: true }] } },
    });
    await untilWaiting(retried.handle, 'failures');
    await vi.waitFor(() => expect(retried.site.releaseRequests.at(-1)).toMatchObject({ unresolved: ['c1'] }), {
      timeout: 20_000,
    });
    await tell(retried.handle, 'retry');
    await retried.handle.result();
    expect(retried.site.admissions.at(-1)).toMatchObject({ nodes: ['c1'], unresolved: ['c1'] });
    expect(retried.site.actsOn('c1').map(({ maybeSent }) => maybeSent)).toEqual([false, true]);
    expect(retried.site.releaseRequests.at(-1)).toMatchObject({ unresolved: [] });
  });

  it('keeps its end time through a pause and a resume before it', async () => {
    const { site, handle, request } = await run({ hosts: ['c1', 'c2'] }, endsSoon, (fleet) => fleet.hold('c1'));
    await vi.waitFor(() => expect(site.actsOn('c1')).toHaveLength(1), { timeout: 20_000 });
    await tell(handle, 'pause');
    await tell(handle, 'resume');
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(request.untilMs ?? 0), { timeout: 20_000 });
    site.let('c1');
    expect((await untilWaiting(handle, 'person')).states).toBe('o.');
    expect(site.actsOn('c2')).toEqual([]);
    await handle.terminate();
  });

  it('lets no host that was put back pass the failures of its batch', async () => {
    const lost = { state: 'lease-lost' as const, note: { why: 'unlocked' } };
    const { site, handle } = await run(
      { hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] }, c2: { acts: [lost] } } },
      { batch: [2] },
    );
    await untilWaiting(handle, 'keeper');
    await tell(handle, 'resume');
    expect(await untilWaiting(handle, 'failures')).toMatchObject({ states: 'f.' });
    expect(site.actsOn('c2')).toHaveLength(1);
    await handle.terminate();
  });

  it('passes over a signal that says nothing', async () => {
    const { site, handle } = await run({ hosts: ['c1'] }, {}, (fleet) => fleet.hold('c1'));
    await vi.waitFor(() => expect(site.actsOn('c1')).toHaveLength(1), { timeout: 20_000 });
    await handle.signal('pauseWhenBack');
    await handle.signal('abortWhenBack', { actor: 'alice' });
    expect(await progress(handle)).toMatchObject({ controls: [] });
    site.let('c1');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
  });

  it('ends when everything is skipped while there is no room', async () => {
    const { handle } = await run({
      hosts: ['c1'],
      admissions: [{ admitted: false, silent: false, why: '3 would be down' }],
    });
    await untilWaiting(handle, 'budget');
    await tell(handle, 'skip', { ...alice, nodes: ['c1'] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 's' });
  });

  it('stops waiting for room at once when it is aborted, with every host untouched', async () => {
    const { site, handle } = await run({ hosts: ['c1'] }, {}, (fleet) => fleet.hold('room'));
    await vi.waitFor(() => expect(site.admissions).toHaveLength(1), { timeout: 20_000 });
    await tell(handle, 'abort');
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect(await progress(handle)).toMatchObject({ outcome: 'aborted', states: '.' });
    expect(site.acts).toEqual([]);
    expect(site.releases).toBe(1);
  });

  it('keeps intent and state of a failed host whose lease was lost on its second turn', async () => {
    const lost = { state: 'lease-lost' as const, note: { why: 'unlocked' } };
    const { site, handle } = await run({
      hosts: ['c1'],
      behaviour: { c1: { acts: [failed, lost, { state: 'acted', byUs: true }] } },
    });
    await untilWaiting(handle, 'failures');
    await tell(handle, 'retry');
    expect(await untilWaiting(handle, 'keeper')).toMatchObject({ states: 'f' });
    await tell(handle, 'resume');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    const [first, second, third] = site.actsOn('c1').map(({ intent }) => intent);
    expect(second).not.toBe(first);
    expect(third).toBe(second);
  });

  it('puts hosts back untouched and waits when there is no room, and takes them up again on resume', async () => {
    const { site, handle } = await run({
      hosts: ['c1'],
      admissions: [{ admitted: false, silent: false, why: '3 would be down' }],
    });
    const waiting = await untilWaiting(handle, 'budget');
    expect(waiting).toMatchObject({ states: '.', waiting: { why: '3 would be down' } });
    expect(site.acts).toEqual([]);
    await tell(handle, 'resume');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 'o' });
  });

  it('pauses when the keeper is silent or the lease is gone, with the host untouched', async () => {
    const lost = { state: 'lease-lost' as const, note: { why: 'unlocked' } };
    const { handle } = await run({
      hosts: ['c1'],
      behaviour: { c1: { acts: [lost, { state: 'acted', byUs: true }] } },
    });
    expect(await untilWaiting(handle, 'keeper')).toMatchObject({ states: '.', waiting: { why: 'unlocked' } });
    await tell(handle, 'resume');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
  });

  it('starts no new batch after its time until a person lets it go on', async () => {
    const { site, handle } = await run({ hosts: ['c1'] }, { untilMs: 1 });
    await untilWaiting(handle, 'person');
    expect(site.acts).toEqual([]);
    await tell(handle, 'resume');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
  });

  it('refuses controls that make no sense, and changes nothing by refusing', async () => {
    const { site, handle } = await run({ hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] } } });
    await untilWaiting(handle, 'failures');
    expect(await refusal(tell(handle, 'retry', { actor: 'alice', reason: ' ' }))).toBe(
      'an actor and a reason are needed',
    );
    expect(await refusal(tell(handle, 'retry', { ...alice, nodes: ['c9'] }))).toBe('c9 is not in the plan');
    expect(await refusal(tell(handle, 'retry', { ...alice, nodes: ['c2'] }))).toBe('c2 has not failed: it is pending');
    expect(await refusal(tell(handle, 'promote'))).toBe('it does not wait for a promotion');
    expect(await refusal(tell(handle, 'resume'))).toContain('it waits for retry or skip');
    expect((await progress(handle)).controls).toEqual([]);
    expect(site.acts).toHaveLength(1);
    await handle.terminate();
  });

  it('aborts by itself when nobody decides before the deadline', async () => {
    const environment = await timeSkippingServer();
    await environment.connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: {
        OstlerNodes: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
        OstlerOutcome: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
      },
    });
    const site = new FakeSite({ hosts: ['c1', 'c2'], behaviour: { c1: { acts: [failed] } } });
    const taskQueue = await site.start(environment);
    const handle = await environment.client.workflow.start<typeof rollingRestart>('rollingRestart', {
      workflowId: uniqueName('restart'),
      taskQueue,
      args: [{ request: site.request({ pauseDeadlineMs: 6 * 3_600_000 }) }],
    });
    const failure = await failureOf(handle);
    expect(failure.type).toBe('RolloutAborted');
    expect(failure.message).toContain('nobody decided in time: 1 failed (c1)');
    expect(site.actsOn('c2')).toEqual([]);
  });

  it('keeps two runs in one worker apart', async () => {
    const { client } = await devClient();
    const site = new FakeSite({ hosts: ['c1', 'c2'] });
    const taskQueue = await site.start();
    const start = () =>
      client.workflow.execute<typeof rollingRestart>('rollingRestart', {
        workflowId: uniqueName('restart'),
        taskQueue,
        args: [{ request: site.request() }],
      });
    const reports = await Promise.all([start(), start()]);
    expect(reports.map(({ states }) => states)).toEqual(['oo', 'oo']);
    expect(site.acts).toHaveLength(4);
  });

  it.each([
    { hosts: 30, batch: 1, atMost: 24 },
    { hosts: 40, batch: 10, atMost: 10 },
  ])('writes at most $atMost events per host in batches of $batch', async ({ hosts, batch, atMost }) => {
    const names = Array.from({ length: hosts }, (_, index) => `compute-${index + 1}`);
    const { handle } = await run({ hosts: names }, { batch: [batch] });
    await handle.result();
    const { historyLength } = await handle.describe();
    const fixed = 25;
    expect((historyLength - fixed) / hosts).toBeLessThanOrEqual(atMost);
    expect(historyLength).toBeGreaterThan(hosts * 3);
  });
});
