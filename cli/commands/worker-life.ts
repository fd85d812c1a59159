import { TransportError } from '@temporalio/worker';
import type { RunningWorker } from '../../worker/main.js';
import { type WorkerSettings, WorkerSettingsError } from '../../worker/options.js';
import { installRuntime } from '../../worker/telemetry.js';
import type { TemporalSettings } from '../../worker/temporal-settings.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import { GRPC } from '../grpc.js';

/**
 * Sets up the logs and metrics of this process.
 * @throws {UsageError} when metrics cannot be served where they should be
 */
export function installTelemetry(settings: WorkerSettings): void {
  try {
    installRuntime(settings);
  } catch (error) {
    if (!(error instanceof WorkerSettingsError)) throw error;
    throw new UsageError(error.message, 'name another address with --metrics or OSTLER_METRICS_ADDRESS', {
      cause: error,
    });
  }
}

/**
 * Starts a worker, and says in the operator's words when Temporal is the reason that it does not start.
 * @throws {UsageError} for a namespace, or credentials, that are not there or refused
 * @throws {CliError} 6 when no server answers
 */
export async function startOrExplain(
  { connection, namespace }: TemporalSettings,
  start: () => Promise<RunningWorker>,
): Promise<RunningWorker> {
  try {
    return await start();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (code === GRPC.NOT_FOUND)
      throw new UsageError(
        `the Temporal server at ${connection.address} has no namespace ${namespace}`,
        `create it, or name another with --namespace: temporal operator namespace create --namespace ${namespace}`,
        { cause: error },
      );
    if (code === GRPC.PERMISSION_DENIED || code === GRPC.UNAUTHENTICATED)
      throw new UsageError(
        `the Temporal server at ${connection.address} refuses access to the namespace ${namespace}: ${message}`,
        'check the API key and certificate of temporal.toml or TEMPORAL_*',
        { cause: error },
      );
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
