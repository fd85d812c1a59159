import type { Client } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { WORKFLOW_QUEUE } from '../../workflows/messages/names.js';
import { CliError, EXIT } from '../exit.js';
import { causesOf, isNamed } from '../explain.js';

/** A question to the worker that holds the inventory: a workflow that changes nothing and whose result is the answer. */
export interface Question<Argument> {
  workflowId: string;
  argument: Argument;
  /** After this long there is no answer. */
  limit: Duration;
  /** What the Temporal UI says of it. */
  summary: string;
  /** What is said when nobody answered: `no worker of prod made a plan`. */
  unanswered: string;
}

/**
 * Has a worker answer a question.
 * @throws what `explain` understands: a refusal (5), a wrong request (2); {@link CliError} 6 when no worker comes to it
 */
export async function askWorker<Argument, Answer>(
  client: Client,
  workflowType: string,
  { workflowId, argument, limit, summary, unanswered }: Question<Argument>,
): Promise<Answer> {
  try {
    return await client.workflow.execute<(argument: Argument) => Promise<Answer>>(workflowType, {
      taskQueue: WORKFLOW_QUEUE,
      workflowId,
      args: [argument],
      workflowExecutionTimeout: limit,
      staticSummary: summary,
    });
  } catch (error) {
    // The question's own limit has passed, or that of the activity that would have answered it.
    if (!causesOf(error).some((cause) => isNamed(cause, 'TimeoutFailure'))) throw error;
    throw new CliError(
      EXIT.unavailable,
      `${unanswered} within ${limit}`,
      'look at the log of `ostler worker`; nothing was changed',
      { cause: error },
    );
  }
}
