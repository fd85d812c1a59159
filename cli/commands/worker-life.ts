import { TransportError } from '@temporalio/worker';
import type { RunningWorker } from '../../worker/main.js';
import type { TemporalSettings } from '../../worker/temporal-settings.js';
import { CliError, EXIT } from '../exit.js';

/**
 * Starts a worker, and says in the operator's words when Temporal is the reason that it does not start.
 * @throws {CliError} 6 when no server answers
 */
export async function startOrExplain(
  { connection, namespace }: TemporalSettings,
  start: () => Promise<RunningWorker>,
): Promise<RunningWorker> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw new CliError(
      EXIT.unavailable,
      `no Temporal server answers at ${connection.address} (namespace ${namespace}): ${error.message}`,
      'start one with `ostler dev`, or name yours with --address, TEMPORAL_ADDRESS or temporal.toml',
      { cause: error },
    );
  }
}

/**
 * Runs a worker until `stop` aborts, then lets it finish what it is doing; a second signal ends the process as usual.
 * Whatever it leaves unfinished is picked up by the next worker.
 */
export async function untilInterrupted(running: RunningWorker, stop: AbortSignal): Promise<void> {
  if (stop.aborted) running.shutdown();
  stop.addEventListener('abort', () => running.shutdown(), { once: true });
  await running.run();
}
