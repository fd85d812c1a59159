import { fileURLToPath } from 'node:url';
import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { leases } from '../../../cli/commands/leases.impl.js';
import type { TemporalSession } from '../../../cli/temporal.js';
import { type DevServer, startDevServer } from '../../../worker/server/dev-server.js';
import { keeperUpdates } from '../../../workflows/messages/controls.js';
import { keeperId, searchAttributes, WORKFLOW_QUEUE, workflowTypes } from '../../../workflows/messages/names.js';
import { connect, startWorker, uniqueName } from '../../setup/temporal.js';
import { record } from './context.js';

let server: DevServer;
let temporal: TemporalSession;
let client: Client;
/** Where runs that are told what to do are worked on. */
let fakes: string;

beforeAll(async () => {
  server = await startDevServer({ searchAttributes });
  const connected = await connect(server.address);
  client = connected.client;
  temporal = { client, namespace: 'default', address: server.address, close: async () => {} };
  await startWorker({ on: connected, taskQueue: WORKFLOW_QUEUE });
  const workflowsPath = fileURLToPath(new URL('../fixtures/workflows.ts', import.meta.url));
  fakes = (await startWorker({ on: connected, workflowsPath })).taskQueue;
});
afterAll(() => server.stop());

async function hold(cloud: string, owner: string, run: string): Promise<void> {
  const lease = { owner, run, batch: 0, role: 'compute', nodes: ['compute-1'], actor: 'ann', reason: 'OPS-1' };
  await client.workflow.executeUpdateWithStart(keeperUpdates.acquire, {
    args: [{ ...lease, maxUnavailable: 3, missing: [] }],
    startWorkflowOperation: new WithStartWorkflowOperation(workflowTypes.cloudKeeper, {
      workflowId: keeperId(cloud),
      taskQueue: WORKFLOW_QUEUE,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [],
    }),
  });
}

/** What is owed on a cloud. */
async function owedOn(cloud: string): Promise<{ run: string; status: string; what: string; actor: string }[]> {
  const recorded = record({ temporal });
  await leases.call(recorded.context, { cloud, json: true });
  return (recorded.json() as { owed: { run: string; status: string; what: string; actor: string }[] }).owed;
}

it('does not show the lease of a running operation of any kind as left behind', async () => {
  const cloud = uniqueName('cloud');
  const owner = `recycle/${cloud}/memcached`;
  const handle = await client.workflow.start('recycleMemcached', {
    workflowId: owner,
    taskQueue: uniqueName('nobody'),
    args: [],
  });
  await hold(cloud, owner, handle.firstExecutionRunId);
  expect(await owedOn(cloud)).toEqual([]);
  await handle.terminate('test');
  expect(await owedOn(cloud)).toEqual([
    {
      run: `${owner}@${handle.firstExecutionRunId.slice(-8)}`,
      status: 'terminated',
      what: `leave to have compute-1 down; \`ostler unlock ${owner}\``,
      actor: 'ann',
    },
  ]);
});

it('lists what operations of any kind noted as owed', async () => {
  const cloud = uniqueName('cloud');
  await client.workflow.start('recycleMemcached', {
    workflowId: `recycle/${cloud}/memcached`,
    taskQueue: uniqueName('nobody'),
    args: [],
    memo: { progress: { owed: ['memcached of compute-4 is drained'], actor: 'ann' } },
    searchAttributes: { OstlerCloud: [cloud] },
  });
  await expect
    .poll(() => owedOn(cloud), { timeout: 20_000 })
    .toEqual([expect.objectContaining({ status: 'running', what: 'memcached of compute-4 is drained', actor: 'ann' })]);
});

it('knows a run that goes on as new by its first run id', async () => {
  const cloud = uniqueName('cloud');
  const workflowId = `restart/${cloud}/nova-compute`;
  const state = { owed: ['compute-4 is disabled'], actor: 'ann' };
  const handle = await client.workflow.start('rollingRestart', {
    workflowId,
    taskQueue: fakes,
    args: [{ request: { cloud }, carried: { plan: { nodes: [], batches: [] }, state } }],
    searchAttributes: { OstlerCloud: [cloud] },
  });
  await hold(cloud, workflowId, handle.firstExecutionRunId);
  await handle.signal('tell', { continue: true });
  const latest = client.workflow.getHandle(workflowId);
  await expect.poll(async () => (await latest.describe()).runId).not.toBe(handle.firstExecutionRunId);
  await latest.signal('tell', { memo: true });
  const run = `${workflowId}@${handle.firstExecutionRunId.slice(-8)}`;
  await expect
    .poll(() => owedOn(cloud), { timeout: 20_000 })
    .toEqual([{ run, status: 'running', what: 'compute-4 is disabled', actor: 'ann' }]);
});

it('tells how an earlier run of the same operation ended', async () => {
  const cloud = uniqueName('cloud');
  const start = () =>
    client.workflow.start('rollingRestart', {
      workflowId: `restart/${cloud}/nova-compute`,
      taskQueue: uniqueName('nobody'),
      args: [],
    });
  const earlier = await start();
  await hold(cloud, earlier.workflowId, earlier.firstExecutionRunId);
  await earlier.terminate('test');
  await start();
  expect(await owedOn(cloud)).toMatchObject([{ status: 'terminated' }]);
});
