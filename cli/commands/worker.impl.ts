import { startWorker } from '../../worker/main.js';
import { deploymentOf, type WorkerSettings, WorkerSettingsError, workerSettings } from '../../worker/options.js';
import { jsonLogger } from '../../worker/telemetry.js';
import type { Io, OstlerContext } from '../context.js';
import { UsageError } from '../exit.js';
import { readSettings } from '../temporal.js';
import type { WorkerFlags } from './worker.js';
import { installTelemetry, startOrExplain, untilInterrupted } from './worker-life.js';

/** Runs a worker until the process is told to stop. */
export async function worker(this: OstlerContext, flags: WorkerFlags): Promise<void> {
  const settings = settingsOf(flags, this.env);
  const inventory = settings.role === 'workflows' ? undefined : await this.inventory(flags);
  const temporal = readSettings(flags, this.env);
  const stop = this.interruption();
  installTelemetry(settings);
  const running = await startOrExplain(temporal, () =>
    startWorker({ settings, temporal, ...(inventory && { inventory }) }),
  );
  announce(this.io, `Polling ${running.taskQueues.join(' and ')} on ${temporal.connection.address}`);
  await untilInterrupted(running, stop);
}

/** Says that the worker is up, whatever the log level is: in words on a terminal, else as one of the log's JSON lines. */
function announce(io: Io, message: string): void {
  if (io.isLive) io.stderr(`${message}.\n`);
  else jsonLogger('INFO', (line) => io.stderr(line)).info(message);
}

/** @throws {UsageError} for a setting that makes no sense */
export function settingsOf(flags: Partial<WorkerFlags>, env: OstlerContext['env']): WorkerSettings {
  const { role, metrics: metricsAddress, logLevel, deployment: deploymentName, buildId } = flags;
  try {
    const deployment = deploymentOf(deploymentName ?? env.OSTLER_DEPLOYMENT, buildId ?? env.OSTLER_BUILD_ID);
    return workerSettings(
      {
        ...(role && { role }),
        ...(metricsAddress && { metricsAddress }),
        ...(logLevel && { logLevel }),
        ...(deployment && { deployment }),
      },
      { ...env, OSTLER_DEPLOYMENT: undefined, OSTLER_BUILD_ID: undefined },
    );
  } catch (error) {
    if (!(error instanceof WorkerSettingsError)) throw error;
    throw new UsageError(error.message, 'see docs/configuration.md', { cause: error });
  }
}
