import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import { searchAttributes, WORKFLOW_QUEUE } from '../../workflows/messages/names.js';
import type { rollingRestart } from '../../workflows/rolling-restart.js';
import { connect, startWorker, uniqueName } from '../setup/temporal.js';
import { ledgerWith, memory } from './fake-ledger.js';
import { FakeSite } from './fake-site.js';
import { operate } from './steering.js';

let server: DevServer;
beforeAll(async () => {
  server = await startDevServer({ searchAttributes, dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 60 } });
});
afterAll(() => server.stop());

it('continues as new at a barrier when the server suggests it, losing nothing and repeating nothing', async () => {
  const hosts = Array.from({ length: 12 }, (_, index) => `c${index + 1}`);
  const site = new FakeSite({ hosts });
  const on = await connect(server.address);
  const taskQueue = await site.start(on);
  const workflowId = uniqueName('restart');
  const handle = await on.client.workflow.start<typeof rollingRestart>('rollingRestart', {
    workflowId,
    taskQueue,
    args: [{ request: site.request() }],
  });
  const execution = on.client.workflow.getHandle(workflowId);
  site.hold('c10');
  await vi.waitFor(() => expect(site.actsOn('c10')).toHaveLength(1), { timeout: 40_000 });
  const midway = await execution.describe();
  expect(midway.runId).not.toBe(handle.firstExecutionRunId);
  expect(midway.memo?.progress).toMatchObject({ states: expect.stringMatching(/^oooo+[r.]+$/) });
  site.let('c10');
  const report = await handle.result();

  expect(report).toMatchObject({ outcome: 'ok', states: 'o'.repeat(12), batches: 12 });
  expect(site.acts.map(({ node }) => node)).toEqual(hosts);
  const last = on.client.workflow.getHandle(workflowId);
  const { runId, memo, typedSearchAttributes, historyLength } = await last.describe();
  expect(runId).not.toBe(handle.firstExecutionRunId);
  expect(historyLength).toBeLessThan(120);
  expect(memo?.progress).toMatchObject({ outcome: 'ok' });
  expect(JSON.stringify(typedSearchAttributes)).toContain('c12');
  expect(new Set(site.acts.map(({ lease }) => lease.run))).toEqual(new Set([handle.firstExecutionRunId]));
});

it('goes on with the next controller as new, with nothing owed and everybody rebooted once', async () => {
  const hosts = ['controller-1', 'controller-2', 'controller-3'];
  const request = { operation: 'restart', target: 'controllers' } as const;
  const on = await connect(server.address);
  const { site, handle } = await operate({ hosts }, {}, request, undefined, on);
  expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 'ooo', owed: [] });
  expect(site.calls.filter(({ call }) => call === 'reboot').map(({ node }) => node)).toEqual(hosts);
  expect(new Set(site.leases.map(({ run, batch }) => `${run}/${batch}`)).size).toBe(3);
  const { runId } = await on.client.workflow.getHandle(handle.workflowId).describe();
  expect(runId).not.toBe(handle.firstExecutionRunId);
});

it('forgets no finding, and tells nobody twice, when the ledger continues as new', async () => {
  const on = await connect(server.address);
  await startWorker({ on, taskQueue: WORKFLOW_QUEUE });
  const { audit, handle, channel, settled } = await ledgerWith(['ops'], on);
  await audit([memory]);
  await settled();
  const { runId } = await handle.describe();
  await vi.waitFor(
    async () => {
      await audit([memory]);
      expect((await handle.describe()).runId).not.toBe(runId);
    },
    { timeout: 40_000, interval: 1 },
  );
  expect((await audit([memory])).since).toEqual({ 'memory/c1': '2026-01-01T00:00:01.000Z' });
  expect(channel('ops').events).toHaveLength(1);
});

it('does not let a ledger grow while a channel takes nothing, which is told under the same id afterwards', async () => {
  const on = await connect(server.address);
  await startWorker({ on, taskQueue: WORKFLOW_QUEUE });
  const { audit, handle, channel, settled, state } = await ledgerWith(['ops'], on);
  let isAway = true;
  channel('ops').take = () => {
    if (isAway) throw new Error('away');
  };
  await audit([memory]);
  const { runId } = await handle.describe();
  const since = async () => (await state()).outgoing.ops?.sendingSince;
  await vi.waitFor(async () => expect(await since()).toBeDefined(), { timeout: 20_000 });
  const began = await since();
  await vi.waitFor(
    async () => {
      await audit([memory]);
      expect((await handle.describe()).runId).not.toBe(runId);
    },
    { timeout: 90_000, interval: 500 },
  );
  expect(await since()).toBe(began);
  isAway = false;
  await settled();
  expect(new Set(channel('ops').events.map(({ id }) => id)).size).toBe(1);
}, 120_000);
