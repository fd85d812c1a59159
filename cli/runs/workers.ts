import type { Client } from '@temporalio/client';
import { siteQueue, WORKFLOW_QUEUE } from '../../workflows/messages/names.js';
import { CliError, EXIT } from '../exit.js';
import type { FoundRun } from './find.js';

/** What a task queue hands out: TASK_QUEUE_TYPE_WORKFLOW and _ACTIVITY of Temporal's API. */
const WORKFLOWS = 1;
const ACTIVITIES = 2;

/** What no worker has in hand: PENDING_ACTIVITY_STATE_SCHEDULED of Temporal's API. */
const SCHEDULED = 1;

/**
 * A poll waits for work for a minute at most, so whoever has not asked for longer than this is gone. (The server itself goes on
 * naming pollers for five minutes.)
 */
const POLL_MS = 75_000;

/** True when a worker asked the queue for work lately. */
async function isPolled(client: Client, name: string, taskQueueType: number, now: number): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType,
  });
  return (pollers ?? []).some(({ lastAccessTime }) => now - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLL_MS);
}

/** True when some worker runs workflows; without it nothing moves, though nothing is lost either. */
export const hasWorkflowWorker = (client: Client, now: number): Promise<boolean> =>
  isPolled(client, WORKFLOW_QUEUE, WORKFLOWS, now);

/** True when some worker acts on the hosts of a cloud. One whose slots are all taken asks for no work and is not seen. */
export const hasSiteWorker = (client: Client, cloud: string, now: number): Promise<boolean> =>
  isPolled(client, siteQueue(cloud), ACTIVITIES, now);

/** True when a run waits for work on its hosts and no worker has taken up any of it. */
export function isUnattended({ description }: FoundRun): boolean {
  const asked = description.raw.pendingActivities ?? [];
  return asked.length > 0 && asked.every(({ state }) => state === SCHEDULED);
}

/**
 * Makes sure that somebody will carry out what is about to be started.
 * @throws {CliError} 6 naming the queue that nobody polls
 */
export async function requireWorkers(client: Client, cloud: string, now: number): Promise<void> {
  const [workflows, site] = await Promise.all([hasWorkflowWorker(client, now), hasSiteWorker(client, cloud, now)]);
  const idle = workflows ? (site ? undefined : siteQueue(cloud)) : WORKFLOW_QUEUE;
  if (idle !== undefined)
    throw new CliError(
      EXIT.unavailable,
      `no worker polls ${idle}, so nobody would do the work`,
      `start one with \`ostler worker\` where the inventory of ${cloud} is, or try \`ostler dev\``,
    );
}
