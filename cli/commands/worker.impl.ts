import { startWorker } from '../../worker/main.js';
import { deploymentOf, type WorkerSettings, WorkerSettingsError, workerSettings } from '../../worker/options.js';
import { installRuntime } from '../../worker/telemetry.js';

import type { OstlerContext } from '../context.js';
import { UsageError } from '../exit.js';
import { readSettings } from '../temporal.js';
import type { WorkerFlags } from './worker.js';
import { startOrExplain, untilInterrupted } from './worker-life.js';

/** Runs a worker until the process is told to stop. */
export async function worker(this: OstlerContext, flags: WorkerFlags): Promise<void> {
  const settings = settingsOf(flags, this.env);
  const inventory = settings.role === 'workflows' ? undefined : await this.inventory(flags);
  const temporal = readSettings(flags, this.env);
  const stop = this.interruption();
  installRuntime(settings);
  const running = await startOrExplain(temporal, () =>
    startWorker({ settings, temporal, ...(inventory && { inventory }) }),
  );
  this.io.stderr(`Polling ${running.taskQueues.join(' and ')} on ${temporal.connection.address}.\n`);
  await untilInterrupted(running, stop);
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
