import { DefaultLogger, type LogEntry, type Logger, Runtime } from '@temporalio/worker';
import { type WorkerSettings, WorkerSettingsError } from './options.js';

/** One JSON object on one line: time, level, message, and the fields that came with it. */
export function logLine({ timestampNanos, level, message, meta }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  return `${JSON.stringify({ ...meta, time, level, message }, plain)}\n`;
}

/** Errors have no enumerable properties of their own and bigints are not JSON. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  return typeof value === 'bigint' ? value.toString() : value;
}

/** A logger of structured lines, by default on stderr: stdout belongs to results. */
export const jsonLogger = (
  level: WorkerSettings['logLevel'],
  write: (line: string) => void = (line) => void process.stderr.write(line),
): Logger => new DefaultLogger(level, (entry) => write(logLine(entry)));

/**
 * Sets up what exists once in a process, before its first connection: logs of ours and of the SDK's core as JSON lines on stderr,
 * metrics for Prometheus at `http://<metricsAddress>/metrics`. Signals are left to the caller, who has more to stop than workers.
 * @throws {WorkerSettingsError} when metrics cannot be served at that address
 */
export function installRuntime({
  logLevel,
  metricsAddress,
}: Pick<WorkerSettings, 'logLevel' | 'metricsAddress'>): void {
  try {
    Runtime.install({
      logger: jsonLogger(logLevel),
      shutdownSignals: [],
      telemetryOptions: {
        logging: { forward: {}, filter: { core: logLevel === 'DEBUG' ? 'INFO' : 'WARN', other: 'ERROR' } },
        ...(metricsAddress && {
          metrics: {
            prometheus: { bindAddress: metricsAddress, countersTotalSuffix: true, useSecondsForDurations: true },
          },
        }),
      },
    });
  } catch (error) {
    // The SDK gives these errors no type of their own.
    const [, why] = /prometheus.*?: (.*)$/.exec((error as Error).message) ?? [];
    if (metricsAddress === undefined || why === undefined) throw error;
    throw new WorkerSettingsError(`metrics cannot be served at ${metricsAddress}: ${why}`, { cause: error });
  }
}
