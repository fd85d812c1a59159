import type { Client, WorkflowExecutionDescription, WorkflowExecutionInfo } from '@temporalio/client';
import { aliases } from '../../domain/catalogue.js';
import { operations } from '../../domain/plan.js';
import { rolloutId, runName } from '../../workflows/messages/names.js';
import { UsageError } from '../exit.js';
import { isNamed } from '../explain.js';
import { parseRunReference } from './name.js';

/** One run as found on the server. */
export interface FoundRun {
  name: string;
  workflowId: string;
  /** The execution in hand: the latest of those the run continued as. */
  runId: string;
  firstRunId: string;
  description: WorkflowExecutionDescription;
}

/** How many executions are looked through for a bare target or an old run. */
const MOST_LOOKED_AT = 1_000;

/**
 * Finds the run an operator named.
 * @param cloud the cloud that a bare target is of, where it is known
 * @throws {UsageError} when there is no such run, or a bare target is of several clouds
 */
export async function findRun(client: Client, text: string, cloud?: string): Promise<FoundRun> {
  const reference = parseRunReference(text);
  if (!reference)
    throw new UsageError(
      `"${text}" is not the name of a run`,
      'name it as `ostler runs` does: restart/CLOUD/TARGET@1a2b3c4d',
    );
  switch (reference.kind) {
    case 'run':
      return (await runCalled(client, reference)) ?? missing(text);
    case 'workflow':
      return (await describe(client, reference.workflowId)) ?? missing(text);
    case 'target': {
      const target = aliases.get(reference.target) ?? reference.target;
      return (await latestOf(client, cloud ?? (await onlyCloudOf(client, target)), target)) ?? missing(text);
    }
  }
}

/** The run of a workflow id whose first run id ends so, the latest or an earlier one. */
export async function runCalled(
  client: Client,
  { workflowId, digits }: { workflowId: string; digits: string },
): Promise<FoundRun | undefined> {
  const latest = await describe(client, workflowId);
  return latest?.firstRunId.endsWith(digits) ? latest : findEarlier(client, workflowId, digits);
}

/** Looks at a run again, following it through its continuations. */
export async function refreshRun(client: Client, run: FoundRun): Promise<FoundRun> {
  const again = (await describe(client, run.workflowId, run.runId)) ?? run;
  if (again.description.status.name !== 'CONTINUED_AS_NEW') return again;
  const next = await continuationOf(client, again);
  return next === undefined ? again : refreshRun(client, { ...again, runId: next });
}

/** Describes the latest execution of a workflow id, or the one with `runId`; undefined when there is none. */
export async function describe(client: Client, workflowId: string, runId?: string): Promise<FoundRun | undefined> {
  try {
    const description = await client.workflow.getHandle(workflowId, runId).describe();
    const firstRunId = description.raw.workflowExecutionInfo?.firstRunId || description.runId;
    return { name: runName(workflowId, firstRunId), workflowId, runId: description.runId, firstRunId, description };
  } catch (error) {
    if (isNamed(error, 'WorkflowNotFoundError')) return undefined;
    throw error;
  }
}

/** The run id that an execution continued as, from its closing event. */
async function continuationOf(client: Client, { workflowId, runId }: FoundRun): Promise<string | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    historyEventFilterType: 2, // HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT
  });
  return history?.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
}

/** A run of the same workflow id before the latest. */
async function findEarlier(client: Client, workflowId: string, digits: string): Promise<FoundRun | undefined> {
  const query = `WorkflowId = '${workflowId}' AND ExecutionStatus != 'ContinuedAsNew'`;
  for (const { runId } of await executions(client, query)) {
    const run = await describe(client, workflowId, runId);
    if (run?.firstRunId.endsWith(digits)) return run;
  }
  return undefined;
}

/** The run of a target that goes on, whatever its operation, else the one that began last. */
async function latestOf(client: Client, cloud: string | undefined, target: string): Promise<FoundRun | undefined> {
  if (cloud === undefined) return undefined;
  const found = await Promise.all(operations.map((operation) => describe(client, rolloutId(operation, cloud, target))));
  const runs = found.filter((run) => run !== undefined);
  const begun = ({ description }: FoundRun): number => description.startTime.getTime();
  return (
    runs.find(({ description }) => description.status.name === 'RUNNING') ?? runs.sort((a, b) => begun(b) - begun(a))[0]
  );
}

/** The cloud that has runs of a target, when it is only one. */
async function onlyCloudOf(client: Client, target: string): Promise<string | undefined> {
  const found = await executions(client, 'OstlerOperation IS NOT NULL');
  const ids = [...new Set(found.map(({ workflowId }) => workflowId))].filter((id) => id.endsWith(`/${target}`));
  const clouds = new Set(ids.map((id) => id.split('/')[1]));
  if (clouds.size > 1)
    throw new UsageError(
      `there are runs of ${target} in several clouds: ${ids.join(', ')}`,
      'name one of these, or add --cloud',
    );
  return [...clouds][0];
}

async function executions(client: Client, query: string): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const info of client.workflow.list({ query })) {
    found.push(info);
    if (found.length >= MOST_LOOKED_AT) break;
  }
  return found;
}

function missing(text: string): never {
  throw new UsageError(`there is no run ${text}`, '`ostler runs` lists them; --namespace and --address say where');
}
