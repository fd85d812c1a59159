import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import type { RolloutArgs } from '../../workflows/messages/controls.js';
import { planId, rolloutId, WORKFLOW_QUEUE, workflowTypeOf, workflowTypes } from '../../workflows/messages/names.js';
import { runAttributes } from '../../workflows/messages/search-attributes.js';
import { CliError, EXIT } from '../exit.js';
import { isNamed } from '../explain.js';
import { settledCount } from '../render/states.js';
import { count, printable } from '../render/text.js';
import { askWorker } from './ask.js';
import { describe, type FoundRun } from './find.js';
import { readRecorded } from './history.js';
import { readProgress } from './progress.js';

/** Planning reads every host of a role; ten thousand of them take minutes. */
const PLAN_TIMEOUT = '10m';

/** A plan and the workflow whose result it is: what an operator agrees to. */
export interface ProposedPlan {
  plan: Plan;
  workflowId: string;
}

/**
 * Has the worker that holds the inventory plan a rollout. Nothing is changed anywhere.
 * @throws what `explain` understands: a refusal (5), a wrong request (2); {@link CliError} 6 when no worker comes to it
 */
export async function planOnWorker(client: Client, request: RolloutRequest): Promise<ProposedPlan> {
  const workflowId = planId(request.cloud, randomUUID());
  const plan = await askWorker<RolloutArgs, Plan>(client, workflowTypes.planRollout, {
    workflowId,
    argument: { request },
    limit: PLAN_TIMEOUT,
    summary: `plan: ${request.operation} ${request.target} of ${request.cloud}`,
    unanswered: `no worker of ${request.cloud} made a plan`,
  });
  return { plan, workflowId };
}

/**
 * Starts a rollout that carries out exactly the proposed plan; what differs when it begins makes it refuse (5).
 * @throws {CliError} 5 when one of the same target runs already
 */
export async function startRollout(
  client: Client,
  request: RolloutRequest,
  { plan, workflowId: agreed }: ProposedPlan,
): Promise<FoundRun> {
  const workflowId = rolloutId(request.operation, request.cloud, request.target);
  try {
    const { firstExecutionRunId } = await client.workflow.start<(args: RolloutArgs) => Promise<unknown>>(
      workflowTypeOf(request),
      {
        taskQueue: WORKFLOW_QUEUE,
        workflowId,
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        args: [{ request: { ...request, expect: plan.hash, agreed } }],
        typedSearchAttributes: runAttributes(request),
        staticSummary: `${request.operation} ${request.target} ${request.each ? `in ${count(plan.nodes.length, 'run')}` : `on ${count(plan.nodes.length, 'host')}`} of ${request.cloud}`,
        staticDetails: `${request.actor}: ${request.reason}`,
      },
    );
    const run = await describe(client, workflowId, firstExecutionRunId);
    if (run) return run;
    throw new Error(`${workflowId} was started and is not there`);
  } catch (error) {
    if (isNamed(error, 'WorkflowExecutionAlreadyStartedError')) await refuseIfRunning(client, request);
    throw error;
  }
}

/**
 * Refuses a second run of the same job.
 * @throws {CliError} 5 naming who runs the first, why, how far it is, and how to watch it
 */
export async function refuseIfRunning(
  client: Client,
  { operation, cloud, target }: Pick<RolloutRequest, 'operation' | 'cloud' | 'target'>,
): Promise<void> {
  const run = await describe(client, rolloutId(operation, cloud, target));
  if (run?.description.status.name !== 'RUNNING') return;
  const [{ progress }, { request }] = await Promise.all([readProgress(client, run), readRecorded(client, run)]);
  const { actor, reason } = progress ?? request ?? {};
  const hosts = progress?.states.length ?? 0;
  throw new CliError(
    EXIT.refused,
    [
      `${run.workflowId} is running already`,
      ...(actor === undefined ? [] : [`by ${printable(actor)}: ${printable(reason ?? '')}`]),
      ...(progress && hosts > 0 ? [`${settledCount(progress.states)} of ${count(hosts, 'host')} done`] : []),
    ].join(', '),
    `watch it: ostler watch ${run.name}`,
  );
}
