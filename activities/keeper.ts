import { type Client, WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import type { LeaseAnswer, LeaseKey, LeaseRequest, ReleaseRequest } from '../domain/budget.js';
import { keeperUpdates } from '../workflows/messages/controls.js';
import { keeperId, WORKFLOW_QUEUE, workflowTypes } from '../workflows/messages/names.js';
import { whyNot } from './hosts.js';

/**
 * How long the keeper may take to answer before it counts as silent. Where its worker has just died, another takes over after 5 s of the
 * sticky queue and 10 s of the workflow task: twice that.
 */
const ANSWER_MS = 30_000;

/** Many hosts of one batch act at the same moment; one answer younger than this serves them all. */
const RENEWAL_SERVES_MS = 1_000;

/** The keeper did not answer in time: nobody may act, and the run pauses (design, rule 5). */
export class KeeperSilent extends Error {
  override name = 'KeeperSilent';
}

/** A cloud's budget, asked through its keeper workflow, which is started by the first who asks. */
export interface Keeper {
  acquire(request: LeaseRequest): Promise<LeaseAnswer>;
  /** True while the lease is held. */
  renew(key: LeaseKey): Promise<boolean>;
  /** Gives back what a run holds: up to a batch, or all of it. */
  release(request: ReleaseRequest): Promise<void>;
  /** True while the run that owns a lease goes on. */
  ownerRuns(key: Pick<LeaseKey, 'owner' | 'run'>): Promise<boolean>;
}

/** @throws {KeeperSilent} from each method when no worker answers for the keeper */
export function createKeeper(client: Client, cloud: string): Keeper {
  let held: { lease: string; at: number; answer: Promise<boolean> } | undefined;
  const leaseOf = ({ owner, run, batch }: LeaseKey): string => `${owner}/${run}/${batch}`;

  async function ask<Answer>(update: string, argument: unknown): Promise<Answer> {
    try {
      return await client.withDeadline(Date.now() + ANSWER_MS, () =>
        client.workflow.executeUpdateWithStart<() => Promise<void>, Answer, unknown[]>(update, {
          args: [argument],
          startWorkflowOperation: new WithStartWorkflowOperation(workflowTypes.cloudKeeper, {
            workflowId: keeperId(cloud),
            taskQueue: WORKFLOW_QUEUE,
            workflowIdConflictPolicy: 'USE_EXISTING',
            args: [],
            staticSummary: `budget of ${cloud}: who may have which hosts down`,
          }),
        }),
      );
    } catch (cause) {
      throw new KeeperSilent(`the keeper ${keeperId(cloud)} did not answer ${update}: ${whyNot(cause)}`, { cause });
    }
  }

  return {
    acquire: (request) => ask(keeperUpdates.acquire, request),
    renew(key) {
      const lease = leaseOf(key);
      if (held?.lease === lease && performance.now() - held.at < RENEWAL_SERVES_MS) return held.answer;
      held = { lease, at: performance.now(), answer: ask<boolean>(keeperUpdates.renew, key) };
      return held.answer;
    },
    release(request) {
      held = undefined;
      return ask(keeperUpdates.release, request);
    },
    async ownerRuns({ owner, run }) {
      try {
        const { status, raw } = await client.workflow.getHandle(owner).describe();
        return status.name === 'RUNNING' && (raw.workflowExecutionInfo?.firstRunId ?? run) === run;
      } catch (error) {
        // Ended so long ago that the server has forgotten it.
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
  };
}

/** Why a lease no longer covers its hosts, or undefined while it does. */
export async function lostLease(keeper: Pick<Keeper, 'renew'>, lease: LeaseKey): Promise<string | undefined> {
  try {
    return (await keeper.renew(lease)) ? undefined : 'the lease was given back by `ostler unlock`';
  } catch (error) {
    if (error instanceof KeeperSilent) return error.message;
    throw error;
  }
}
