import { WithStartWorkflowOperation } from '@temporalio/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKeeper, KeeperSilent } from '../../activities/keeper.js';
import type { Lease, LeaseRequest } from '../../domain/budget.js';
import type { cloudKeeper } from '../../workflows/cloud-keeper.js';
import { keeperId, WORKFLOW_QUEUE, workflowTypes } from '../../workflows/messages/names.js';
import { devClient, startWorker, uniqueName } from '../setup/temporal.js';

const lease = (owner: string, nodes: string[], batch = 0): LeaseRequest => ({
  owner,
  run: `${owner}-run`,
  batch,
  role: 'compute',
  nodes,
  actor: 'alice',
  reason: 'kernel',
  maxUnavailable: 2,
  missing: [],
});

beforeAll(async () => void (await startWorker({ taskQueue: WORKFLOW_QUEUE })));

async function keeperOf() {
  const cloud = uniqueName('cloud');
  const { client } = await devClient();
  const handle = client.workflow.getHandle<typeof cloudKeeper>(keeperId(cloud));
  return { handle, keeper: createKeeper(client, cloud) };
}

describe('the keeper of a cloud', () => {
  it('is started by whoever asks first, and admits within the budget', async () => {
    const { keeper, handle } = await keeperOf();
    expect(await keeper.acquire(lease('a', ['c1']))).toEqual({ granted: true });
    expect(await keeper.acquire(lease('b', ['c2', 'c3']))).toMatchObject({
      granted: false,
      unavailable: 3,
      holders: [{ owner: 'a' }],
    });
    expect(await keeper.acquire(lease('b', ['c2']))).toEqual({ granted: true });
    expect((await handle.query<Lease[]>('leases')).map(({ nodes }) => nodes)).toEqual([['c1'], ['c2']]);
    await handle.terminate();
  });

  it('never tells two askers yes for more than there is, however many ask at once', async () => {
    const { keeper, handle } = await keeperOf();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => keeper.acquire(lease(`o${index}`, [`c${index}`]))),
    );
    expect(answers.filter(({ granted }) => granted)).toHaveLength(2);
    await handle.terminate();
  });

  it('renews only what is held, and forgets what is released', async () => {
    const { keeper, handle } = await keeperOf();
    await keeper.acquire(lease('a', ['c1'], 4));
    expect(await keeper.renew({ owner: 'a', run: 'a-run', batch: 4 })).toBe(true);
    await keeper.release({ owner: 'a', run: 'a-run' });
    expect(await keeper.renew({ owner: 'a', run: 'a-run', batch: 5 })).toBe(false);
    await handle.terminate();
  });

  it('gives a lease back on a person’s unlock, and refuses one without a reason', async () => {
    const { keeper, handle } = await keeperOf();
    await keeper.acquire(lease('a', ['c1']));
    const unlock = (argument: object) => handle.executeUpdate<string, [object]>('unlock', { args: [argument] });
    await expect(unlock({ owner: 'a', actor: 'bob', reason: '' })).rejects.toMatchObject({
      cause: { message: 'an actor and a reason are needed' },
    });
    await expect(unlock({ owner: 'x', actor: 'bob', reason: 'r' })).rejects.toMatchObject({
      cause: { message: 'x holds no lease' },
    });
    expect(await unlock({ owner: 'a', actor: 'bob', reason: 'it hangs' })).toBe('a no longer holds c1');
    await handle.terminate();
  });

  it('knows an owner that runs from one that has ended or never was this run', async () => {
    const { keeper, handle } = await keeperOf();
    await keeper.acquire(lease('a', ['c1']));
    const { raw } = await handle.describe();
    const run = raw.workflowExecutionInfo?.execution?.runId as string;
    expect(await keeper.ownerRuns({ owner: handle.workflowId, run })).toBe(true);
    expect(await keeper.ownerRuns({ owner: handle.workflowId, run: 'another' })).toBe(false);
    await handle.terminate();
    expect(await keeper.ownerRuns({ owner: handle.workflowId, run })).toBe(false);
    expect(await keeper.ownerRuns({ owner: uniqueName('nobody'), run })).toBe(false);
  });

  it('is silent, in so many words, when no worker answers for it', async () => {
    const { client } = await devClient();
    const nobody = Object.create(client, {
      withDeadline: {
        value: (_deadline: number, work: () => Promise<unknown>) => client.withDeadline(Date.now() + 500, work),
      },
      workflow: {
        value: {
          executeUpdateWithStart: (
            update: string,
            {
              startWorkflowOperation,
              ...rest
            }: { startWorkflowOperation: WithStartWorkflowOperation<typeof cloudKeeper> },
          ) =>
            client.workflow.executeUpdateWithStart(update, {
              ...rest,
              startWorkflowOperation: new WithStartWorkflowOperation(workflowTypes.cloudKeeper, {
                ...startWorkflowOperation.options,
                taskQueue: uniqueName('unpolled'),
                args: [],
              }),
            } as never),
        },
      },
    });
    await expect(createKeeper(nobody, uniqueName('cloud')).renew({ owner: 'a', run: 'r', batch: 0 })).rejects.toThrow(
      KeeperSilent,
    );
  });
});
