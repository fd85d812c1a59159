import type { Client, ScheduleDescription } from '@temporalio/client';
import { runName } from '../../workflows/messages/names.js';
import { describe } from '../runs/find.js';

/** The last that a schedule has started. */
export interface LastRun {
  run: string;
  workflowId: string;
  runId: string;
  at: string;
  /** Temporal's word; `gone` when the server no longer keeps it. */
  status: string;
  /** The worst that an audit found, as it noted it itself: `ok`, `warn`, `error` or `unknown`. */
  outcome?: string;
}

/** The last run that a schedule has started, by itself or because somebody asked for it, and how it ended. */
export async function lastRunOf(client: Client, { info }: ScheduleDescription): Promise<LastRun | undefined> {
  const last = info.recentActions.at(-1);
  if (!last) return undefined;
  const { workflowId, firstExecutionRunId: runId } = last.action.workflow;
  const found = await describe(client, workflowId, runId);
  const outcome = found?.description.searchAttributes.OstlerOutcome?.[0];
  return {
    run: runName(workflowId, runId),
    workflowId,
    runId,
    at: last.takenAt.toISOString(),
    status: found?.description.status.name.toLowerCase() ?? 'gone',
    ...(typeof outcome === 'string' && { outcome }),
  };
}
