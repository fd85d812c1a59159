import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { Lease } from '../../domain/budget.js';
import type { RolloutProgress } from '../../domain/progress.js';
import { PROGRESS_MEMO, runName, workflowTypes } from '../../workflows/messages/names.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import type { CommonFlags } from '../flags.js';
import { table } from '../render/tables.js';
import { listed, printable } from '../render/text.js';
import { heldLeases } from './locks-held.js';

/** One side effect that somebody has still to undo; see docs/json.md. */
interface Owed {
  run: string;
  status: string;
  what: string;
  actor: string;
}

/** Prints what the cloud's runs owe: side effects they noted, and budget leases of runs that go on no longer. */
export async function leases(this: OstlerContext, flags: CommonFlags): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const owed = await withTemporal(this, flags, async ({ client }) => {
    const runs = await rollouts(client, cloud);
    return [...runs.flatMap(noted), ...leftBehind(await heldLeases(client, cloud), runs)];
  });
  if (flags.json) return printJson(this, { cloud, owed });
  if (owed.length === 0) return this.io.stdout(`Nothing is owed on ${cloud}.\n`);
  const rows = owed.map(({ run, status, what, actor }) => [run, status, what, actor].map(printable));
  this.io.stdout(`${table(['RUN', 'STATUS', 'OWED', 'ACTOR'], rows, { colour: this.io.isColour })}\n`);
}

/** Every rollout of a cloud that the server still knows, the last execution of each. */
async function rollouts(client: Client, cloud: string): Promise<WorkflowExecutionInfo[]> {
  const query = `WorkflowType = '${workflowTypes.rollingRestart}' AND OstlerCloud = '${cloud}' AND ExecutionStatus != 'ContinuedAsNew'`;
  const found: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query })) found.push(run);
  return found;
}

const firstRunId = ({ raw, runId }: WorkflowExecutionInfo): string => raw.firstRunId || runId;
const statusOf = ({ status }: WorkflowExecutionInfo): string => status.name.toLowerCase().replaceAll('_', ' ');

function noted(run: WorkflowExecutionInfo): Owed[] {
  const progress = run.memo?.[PROGRESS_MEMO] as RolloutProgress | undefined;
  return (progress?.owed ?? []).map((what) => ({
    run: runName(run.workflowId, firstRunId(run)),
    status: statusOf(run),
    what,
    actor: progress?.actor ?? '',
  }));
}

/** Leases whose owner has closed without giving them back: it was terminated, or its worker never came back. */
function leftBehind(held: readonly Lease[], runs: readonly WorkflowExecutionInfo[]): Owed[] {
  return held.flatMap(({ owner, run, nodes, actor }) => {
    const execution = runs.find((one) => one.workflowId === owner && firstRunId(one) === run);
    if (execution?.status.name === 'RUNNING') return [];
    const status = execution ? statusOf(execution) : 'gone';
    return [
      {
        run: runName(owner, run),
        status,
        what: `leave to have ${listed(nodes, 4)} down; \`ostler unlock ${owner}\``,
        actor,
      },
    ];
  });
}
