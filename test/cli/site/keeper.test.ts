import { WithStartWorkflowOperation } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leases } from '../../../cli/commands/leases.impl.js';
import { locks } from '../../../cli/commands/locks.impl.js';
import { setup } from '../../../cli/commands/setup.impl.js';
import { unlock } from '../../../cli/commands/unlock.impl.js';
import type { TemporalSession } from '../../../cli/temporal.js';
import type { LeaseRequest } from '../../../domain/budget.js';
import { type DevServer, startDevServer } from '../../../worker/server/dev-server.js';
import { keeperUpdates } from '../../../workflows/messages/controls.js';
import {
  keeperId,
  PROGRESS_MEMO,
  searchAttributes,
  WORKFLOW_QUEUE,
  workflowTypes,
} from '../../../workflows/messages/names.js';
import { connect, type RunningWorker, startWorker, type TestServer, uniqueName } from '../../setup/temporal.js';
import { record } from './context.js';

const cloud = uniqueName('cloud');
const ownerOf = (cloud: string): string => `restart/${cloud}/nova-compute`;
const owner = ownerOf(cloud);
let devServer: DevServer;
let server: TestServer;
let worker: RunningWorker;
let temporal: TemporalSession;

beforeAll(async () => {
  devServer = await startDevServer({ searchAttributes: { OstlerCloud: 'Keyword' } });
  server = await connect(devServer.address);
  temporal = { client: server.client, namespace: 'default', address: server.address, close: async () => {} };
  worker = await startWorker({ on: server, taskQueue: WORKFLOW_QUEUE });
});
afterAll(() => devServer.stop());

async function hold(run: string, nodes: string[], of = cloud): Promise<void> {
  const request: LeaseRequest = {
    owner: ownerOf(of),
    run,
    batch: 0,
    role: 'compute',
    nodes,
    actor: 'ann',
    reason: 'OPS-1',
    maxUnavailable: 3,
    missing: [],
  };
  await temporal.client.workflow.executeUpdateWithStart(keeperUpdates.acquire, {
    args: [request],
    startWorkflowOperation: new WithStartWorkflowOperation(workflowTypes.cloudKeeper, {
      workflowId: keeperId(of),
      taskQueue: WORKFLOW_QUEUE,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [],
    }),
  });
}

/** Waits until visibility, which lags behind, tells of an execution. */
async function untilListed(query: string): Promise<void> {
  await expect.poll(async () => (await temporal.client.workflow.count(query)).count, { timeout: 20_000 }).toBe(1);
}

describe('ostler setup', () => {
  it('registers what is missing, and nothing the second time', async () => {
    const run = async (): Promise<{ added: string[] }> => {
      const recorded = record({ temporal });
      await setup.call(recorded.context, { json: true });
      return recorded.json() as { added: string[] };
    };
    const missing = Object.keys(searchAttributes).filter((name) => name !== 'OstlerCloud');
    expect((await run()).added).toEqual(missing);
    await expect.poll(async () => (await run()).added, { timeout: 20_000 }).toEqual([]);
  });

  it('refuses a namespace where a name of ours means something else', async () => {
    const other = await startDevServer({ searchAttributes: { OstlerNodes: 'Int' } });
    try {
      const { client } = await connect(other.address);
      const session = { ...temporal, client };
      await expect(setup.call(record({ temporal: session }).context, {})).rejects.toMatchObject({
        exitCode: 2,
        what: expect.stringContaining('OstlerNodes is a search attribute of another type'),
      });
    } finally {
      await other.stop();
    }
  });
});

describe('ostler locks', () => {
  it('says that nobody holds anything when no keeper was ever needed', async () => {
    const recorded = record({ temporal });
    await locks.call(recorded.context, { cloud: uniqueName('quiet') });
    expect(recorded.out()).toMatch(/^Nobody holds a lease of quiet-/);
  });

  it('lists who holds which hosts, and why', async () => {
    await hold('0a1b2c3d-0000-7000-8000-00000a1b2c3d', ['compute-1', 'compute-2']);
    const recorded = record({ temporal });
    await locks.call(recorded.context, { cloud });
    expect(recorded.out()).toContain(`${owner}@0a1b2c3d`);
    expect(recorded.out()).toMatch(/compute-1, compute-2 +ann +OPS-1/);
  });
});

describe('ostler unlock', () => {
  it('refuses an owner that holds nothing, and says who was meant', async () => {
    const wrong = unlock.call(record({ temporal, confirm: true }).context, { cloud, reason: 'x' }, `${owner}s`);
    await expect(wrong).rejects.toMatchObject({ exitCode: 2, tryNext: `did you mean ${owner}?` });
  });

  it('gives nothing back without a reason, or when the person says no', async () => {
    await expect(unlock.call(record({ temporal }).context, { cloud, yes: true }, owner)).rejects.toMatchObject({
      what: 'a reason is required',
    });
    const declined = record({ temporal, confirm: false });
    await expect(unlock.call(declined.context, { cloud, reason: 'x' }, owner)).rejects.toMatchObject({ exitCode: 1 });
    const recorded = record({ temporal });
    await locks.call(recorded.context, { cloud, json: true });
    expect(recorded.json()).toMatchObject({ leases: [{ owner }] });
  });

  it('gives back what a run holds, named as the tables name it', async () => {
    const recorded = record({ temporal });
    await unlock.call(recorded.context, { cloud, reason: 'OPS-7', yes: true }, `${owner}@0a1b2c3d`);
    expect(recorded.out()).toBe(`Gave back 1 lease of ${owner}: compute-1, compute-2.\n`);
    const after = record({ temporal });
    await locks.call(after.context, { cloud, json: true });
    expect(after.json()).toEqual({ cloud, leases: [] });
  });

  it('does not wait for ever for a keeper whose worker has gone, and says what is not known', async () => {
    const deserted = uniqueName('deserted');
    await hold('0a1b2c3d-0000-7000-8000-00000a1b2c3d', ['compute-1'], deserted);
    const { context } = record({ temporal, confirm: true });
    const confirm = async (): Promise<boolean> => {
      await worker.stop();
      return true;
    };
    const leftAlone = { ...context, io: { ...context.io, confirm }, now: () => Date.now() - 9_000 };
    const unlocking = unlock.call(leftAlone, { cloud: deserted, reason: 'OPS-7' }, ownerOf(deserted));
    await expect(unlocking).rejects.toMatchObject({
      exitCode: 6,
      what: expect.stringMatching(/no worker answered for the keeper .* not known whether/),
      tryNext: expect.stringContaining('ostler locks'),
    });
    worker = await startWorker({ on: server, taskQueue: WORKFLOW_QUEUE });
  });
});

describe('ostler leases', () => {
  it('lists what runs noted as owed, and what terminated runs still hold', async () => {
    const handle = await temporal.client.workflow.start(workflowTypes.rollingRestart, {
      workflowId: owner,
      // Nobody polls here: the run stays as it was started.
      taskQueue: uniqueName('nobody'),
      args: [],
      memo: { [PROGRESS_MEMO]: { owed: ['nova-compute of compute-4 is disabled'], actor: 'ann' } },
      searchAttributes: { OstlerCloud: [cloud] },
    });
    await hold(handle.firstExecutionRunId, ['compute-5']);
    await untilListed(`WorkflowId = '${owner}' AND ExecutionStatus = 'Running'`);
    const running = record({ temporal });
    await leases.call(running.context, { cloud, json: true });
    expect((running.json() as { owed: unknown[] }).owed).toEqual([
      expect.objectContaining({ status: 'running', what: 'nova-compute of compute-4 is disabled', actor: 'ann' }),
    ]);

    await handle.terminate('test');
    await untilListed(`WorkflowId = '${owner}' AND ExecutionStatus = 'Terminated'`);
    const after = record({ temporal });
    await leases.call(after.context, { cloud });
    expect(after.out()).toMatch(/terminated +nova-compute of compute-4 is disabled +ann/);
    expect(after.out()).toMatch(/terminated +leave to have compute-5 down; `ostler unlock restart\//);
  });

  it('says so when nothing is owed', async () => {
    const recorded = record({ temporal });
    await leases.call(recorded.context, { cloud: uniqueName('quiet') });
    expect(recorded.out()).toMatch(/^Nothing is owed on quiet-/);
  });
});
