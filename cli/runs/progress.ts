import type { Client } from '@temporalio/client';
import type { RolloutProgress } from '../../domain/progress.js';
import { rolloutQueries } from '../../workflows/messages/controls.js';
import { PROGRESS_MEMO } from '../../workflows/messages/names.js';
import { isNoWorker } from '../explain.js';
import type { FoundRun } from './find.js';

/** How far a run has come, and who said so. */
export interface ReadProgress {
  /** Missing when a run has not planned yet and no worker answers. */
  progress?: RolloutProgress;
  /** `memo`: what the run noted at its last barrier, because no worker answered. */
  source: 'worker' | 'memo';
}

/** How long a worker may take to answer: a busy one needs milliseconds, and a person is waiting. */
const QUERY_MS = 3_000;

/** Asks the run's worker, or reads the run's memo when none answers. */
export async function readProgress(
  client: Client,
  { workflowId, runId, description }: FoundRun,
): Promise<ReadProgress> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId);
    const progress = await client.connection.withDeadline(Date.now() + QUERY_MS, () =>
      handle.query<RolloutProgress>(rolloutQueries.progress),
    );
    return { progress, source: 'worker' };
  } catch (error) {
    if (!isNoWorker(error)) throw error;
    const noted = description.memo?.[PROGRESS_MEMO] as RolloutProgress | undefined;
    return noted ? { progress: noted, source: 'memo' } : { source: 'memo' };
  }
}
