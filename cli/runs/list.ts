import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import pLimit from 'p-limit';
import type { Outcome, RolloutProgress } from '../../domain/progress.js';
import { PROGRESS_MEMO } from '../../workflows/messages/names.js';
import { describe } from './find.js';
import { readRecorded } from './history.js';

/** Which runs are asked for. */
export interface RunFilter {
  cloud?: string;
  /** Only runs that had this host in their plan. */
  node?: string;
  /** Only runs started after this, in milliseconds since 1970. */
  since?: number;
  outcome?: Outcome | 'running';
  limit: number;
}

/** One run in a list; more about it is in `ostler show`. */
export interface ListedRun {
  run: string;
  workflowId: string;
  runId: string;
  status: string;
  startedAt: string;
  endedAt?: string;
  /** What the run noted at its last barrier; missing before its first. */
  progress?: RolloutProgress;
}

/** Requests to the server at the same time. */
const CONCURRENCY = 8;

/** The visibility query of a filter. Values are quoted; none can end its quotes. */
export function runsQuery({ cloud, since, outcome }: RunFilter, nodes?: string): string {
  return [
    'OstlerOperation IS NOT NULL',
    outcome === 'running' ? "ExecutionStatus = 'Running'" : "ExecutionStatus != 'ContinuedAsNew'",
    ...(cloud === undefined ? [] : [`OstlerCloud = ${quoted(cloud)}`]),
    ...(since === undefined ? [] : [`StartTime >= '${new Date(since).toISOString()}'`]),
    ...(outcome === undefined || outcome === 'running' ? [] : [endedSo(outcome)]),
    ...(nodes === undefined ? [] : [nodes]),
  ].join(' AND ');
}

/** A run that was ended from outside could not note its outcome; it failed all the same. */
const endedSo = (outcome: Outcome): string =>
  outcome === 'failed'
    ? "(OstlerOutcome = 'failed' OR (OstlerOutcome IS NULL AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')))"
    : `OstlerOutcome = ${quoted(outcome)}`;

/** A text as a query of Temporal has it. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/**
 * Runs, newest first.
 *
 * With a node, runs that carry it in OstlerNodes are found by the server; those with more hosts than a search attribute
 * can hold are found by reading the plan in their history.
 */
export async function listRuns(client: Client, filter: RunFilter): Promise<ListedRun[]> {
  const { node, limit } = filter;
  const found =
    node === undefined
      ? await take(client, runsQuery(filter), limit)
      : [
          ...(await take(client, runsQuery(filter, `OstlerNodes = ${quoted(node)}`), limit)),
          ...(await takePlanned(client, runsQuery(filter, 'OstlerNodes IS NULL'), node, limit)),
        ];
  const newest = found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime()).slice(0, limit);
  const slots = pLimit(CONCURRENCY);
  return Promise.all(newest.map((info) => slots(() => listed(client, info))));
}

async function take(client: Client, query: string, limit: number): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const info of client.workflow.list({ query })) {
    found.push(info);
    if (found.length >= limit) break;
  }
  return found;
}

async function takePlanned(
  client: Client,
  query: string,
  node: string,
  limit: number,
): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  let chunk: WorkflowExecutionInfo[] = [];
  const sift = async (): Promise<void> => {
    const plans = await Promise.all(chunk.map(({ workflowId, runId }) => readRecorded(client, { workflowId, runId })));
    found.push(...chunk.filter((_, index) => plans[index]?.plan?.nodes.includes(node)));
    chunk = [];
  };
  for await (const info of client.workflow.list({ query })) {
    chunk.push(info);
    if (chunk.length >= CONCURRENCY) await sift();
    if (found.length >= limit) break;
  }
  await sift();
  return found;
}

/** The list names no first run ids, so each run is described once more. */
async function listed(client: Client, { workflowId, runId, memo, ...info }: WorkflowExecutionInfo): Promise<ListedRun> {
  const run = await describe(client, workflowId, runId);
  const progress = (run?.description.memo ?? memo)?.[PROGRESS_MEMO] as RolloutProgress | undefined;
  return {
    run: run?.name ?? workflowId,
    workflowId,
    runId,
    status: info.status.name.toLowerCase(),
    startedAt: new Date(progress?.startedAt ?? info.startTime.getTime()).toISOString(),
    ...(info.closeTime && { endedAt: info.closeTime.toISOString() }),
    ...(progress && { progress }),
  };
}
