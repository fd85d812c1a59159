import type { Client } from '@temporalio/client';
import { siteQueue, WORKFLOW_QUEUE } from '../../workflows/messages/names.js';
import { CliError, EXIT } from '../exit.js';

/** What a task queue hands out: TASK_QUEUE_TYPE_WORKFLOW and _ACTIVITY of Temporal's API. */
const WORKFLOWS = 1;
const ACTIVITIES = 2;

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

/**
 * Makes sure that somebody will carry out what is about to be started.
 * @throws {CliError} 6 naming the queue that nobody polls
 */
export async function requireWorkers(client: Client, cloud: string, now: number): Promise<void> {
  const [workflows, site] = await Promise.all([
    hasWorkflowWorker(client, now),
    isPolled(client, siteQueue(cloud), ACTIVITIES, now),
  ]);
  const idle = workflows ? (site ? undefined : siteQueue(cloud)) : WORKFLOW_QUEUE;
  if (idle !== undefined)
    throw new CliError(
      EXIT.unavailable,
      `no worker polls ${idle}, so nobody would do the work`,
      `start one with \`ostler worker\` where the inventory of ${cloud} is, or try \`ostler dev\``,
    );
}
