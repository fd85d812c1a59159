import type { WorkflowHandle } from '@temporalio/client';
import { expect, it, vi } from 'vitest';
import type { RolloutProgress } from '../../domain/progress.js';
import type { rollingRestart } from '../../workflows/rolling-restart.js';
import { devClient, uniqueName } from '../setup/temporal.js';
import { FakeSite, type FakeSiteOptions } from './fake-site.js';

/** What a run says of itself where no worker answers, and to people: its memo, its outcome, its messages. */
async function start(options: FakeSiteOptions) {
  const site = new FakeSite(options);
  const { client } = await devClient();
  const taskQueue = await site.start();
  const handle = await client.workflow.start<typeof rollingRestart>('rollingRestart', {
    workflowId: uniqueName('restart'),
    taskQueue,
    args: [{ request: site.request() }],
  });
  return { site, handle };
}

const memoOf = async (handle: WorkflowHandle): Promise<RolloutProgress | undefined> =>
  (await handle.describe()).memo?.progress as RolloutProgress | undefined;

const within = { timeout: 20_000, interval: 50 };
const failed = { state: 'failed' as const, note: { why: 'exit 1' } };
const alice = { actor: 'alice', reason: 'told so' };

it('is told, and recorded, of a run that was refused', async () => {
  const { site, handle } = await start({ hosts: ['c1'], refusal: '3 of 3 are down' });
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'PlanRefused' } });
  expect(await memoOf(handle)).toMatchObject({ phase: 'ended', outcome: 'failed', ending: '3 of 3 are down' });
  expect(JSON.stringify((await handle.describe()).typedSearchAttributes)).toContain('failed');
  expect(site.events).toEqual([{ event: 'ended', summary: '3 of 3 are down' }]);
});

it('no longer says that it waits when it goes on', async () => {
  const { site, handle } = await start({
    hosts: ['c1'],
    behaviour: { c1: { acts: [failed, { state: 'acted', byUs: true }] } },
  });
  await vi.waitFor(async () => expect(await memoOf(handle)).toMatchObject({ waiting: { for: 'failures' } }), within);
  site.hold('c1');
  await handle.executeUpdate('retry', { args: [alice] });
  await vi.waitFor(async () => expect(await memoOf(handle)).not.toHaveProperty('waiting'), within);
  site.let('c1');
  expect(await handle.result()).toMatchObject({ outcome: 'ok' });
});

it('owes a lease only until it could be given back', async () => {
  const { handle } = await start({
    hosts: ['c1'],
    failedReleases: 1,
    behaviour: { c1: { acts: [failed, { state: 'acted', byUs: true }] } },
  });
  const owed = ['budget: the keeper did not answer'];
  await vi.waitFor(async () => expect(await handle.query<RolloutProgress>('progress')).toMatchObject({ owed }), within);
  await handle.executeUpdate('retry', { args: [alice] });
  expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
});

it('ends failed, and says why, when every host is well and its lease could not be given back', async () => {
  const { handle } = await start({ hosts: ['c1'], failedReleases: 9 });
  await expect(handle.result()).rejects.toThrow();
  expect(await memoOf(handle)).toMatchObject({
    outcome: 'failed',
    states: 'o',
    ending: 'every planned host is well, but something is owed: budget: the keeper did not answer',
  });
});
