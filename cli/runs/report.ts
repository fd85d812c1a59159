import type { Client } from '@temporalio/client';
import { batchesOf, type Plan } from '../../domain/plan.js';
import type { ControlRecord, HostNote, HostState, RolloutProgress, Waiting } from '../../domain/progress.js';
import { hostsOf } from '../../domain/progress.js';
import type { CliError } from '../exit.js';
import { explain } from '../explain.js';
import type { FoundRun } from './find.js';
import { type Recorded, readRecorded } from './history.js';
import { type ReadProgress, readProgress } from './progress.js';

/** Everything there is to know about a run: `ostler show --json`, see docs/json.md. Times are ISO 8601 in UTC. */
export interface RunReport {
  run: string;
  workflowId: string;
  runId: string;
  cloud: string;
  operation: string;
  target: string;
  actor: string;
  reason: string;
  /** Temporal's word for the execution, in lower case: running, completed, failed, cancelled, terminated, timed_out. */
  status: string;
  /** Missing when nothing is known yet. */
  phase?: RolloutProgress['phase'];
  outcome?: RolloutProgress['outcome'];
  ending?: string;
  waiting?: Omit<Waiting, 'since' | 'deadline'> & { since: string; deadline: string };
  /** Whether a worker said this now, or the run noted it at its last barrier. */
  source: ReadProgress['source'];
  plan?: Plan;
  hosts: { node: string; state: HostState; note?: HostNote }[];
  batches: { nodes: string[]; current: boolean }[];
  controls: (Omit<ControlRecord, 'at'> & { at: string })[];
  owed: string[];
  startedAt: string;
  endedAt?: string;
}

/** Reads a run from its worker or memo, and its plan from its history. Works with no worker at all. */
export async function readReport(client: Client, run: FoundRun): Promise<RunReport> {
  const [recorded, read] = await Promise.all([readRecorded(client, run), readProgress(client, run)]);
  const report = reportOf(run, recorded, read);
  const refusal = read.progress?.outcome ? undefined : await refusalOf(client, run);
  return refusal ? { ...report, outcome: 'failed', ending: refusal.what } : report;
}

/** Why a run failed without a plan, in the words of its refusal, or without a word of its own. Undefined for any that did not fail. */
export async function refusalOf(
  client: Client,
  { workflowId, runId, description }: FoundRun,
): Promise<CliError | undefined> {
  if (description.status.name !== 'FAILED') return undefined;
  try {
    await client.workflow.getHandle(workflowId, runId, { followRuns: false }).result();
    return undefined;
  } catch (error) {
    return explain(error);
  }
}

/** Puts a report together from what was read. */
export function reportOf(
  { name, workflowId, runId, description }: FoundRun,
  { request, plan }: Recorded,
  { progress, source }: ReadProgress,
): RunReport {
  const [operation = '', cloud = '', target = ''] = workflowId.split('/');
  const iso = (ms: number): string => new Date(ms).toISOString();
  const endedAt = progress?.endedAt ?? description.closeTime?.getTime();
  const hosts = plan ? hostsOf(plan, progress?.states ?? '') : [];
  return {
    run: name,
    workflowId,
    runId,
    cloud: progress?.cloud ?? request?.cloud ?? cloud,
    operation: progress?.operation ?? request?.operation ?? operation,
    target: progress?.target ?? request?.target ?? target,
    actor: progress?.actor ?? request?.actor ?? '',
    reason: progress?.reason ?? request?.reason ?? '',
    status: description.status.name.toLowerCase(),
    ...(progress && { phase: progress.phase }),
    ...outcomeOf(progress, description.status.name),
    ...(progress?.waiting && {
      waiting: { ...progress.waiting, since: iso(progress.waiting.since), deadline: iso(progress.waiting.deadline) },
    }),
    source,
    ...(plan && { plan }),
    hosts: hosts.map((host) => {
      const note = progress?.notes[host.node];
      return note ? { ...host, note } : host;
    }),
    batches: plan
      ? batchesOf(plan).map((nodes, index) => ({
          nodes,
          current: progress?.phase !== 'ended' && index === progress?.batch,
        }))
      : [],
    controls: (progress?.controls ?? []).map(({ at, ...control }) => ({ ...control, at: iso(at) })),
    owed: progress?.owed ?? [],
    startedAt: iso(progress?.startedAt ?? description.startTime.getTime()),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
  };
}

/** What a run came to. One that was ended from outside could not say so itself. */
function outcomeOf(progress: RolloutProgress | undefined, status: string): Pick<RunReport, 'outcome' | 'ending'> {
  if (progress?.outcome)
    return { outcome: progress.outcome, ...(progress.ending !== undefined && { ending: progress.ending }) };
  switch (status) {
    case 'TERMINATED':
      return { outcome: 'failed', ending: 'terminated from outside; what it still owes is in `ostler leases`' };
    case 'TIMED_OUT':
      return { outcome: 'failed', ending: 'ran into its own time limit' };
    case 'CANCELLED':
      return { outcome: 'cancelled' };
    case 'FAILED':
      return { outcome: 'failed' };
    default:
      return {};
  }
}
