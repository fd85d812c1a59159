import { buildCommand, type FlagParametersForType } from '@stricli/core';
import type { LogLevel, WorkerRole } from '../../worker/options.js';
import type { OstlerContext } from '../context.js';
import { parsed, type SiteFlags, siteFlags, type TemporalFlags, temporalFlags, text, toggle } from '../flags.js';

/** What a worker process can be told on its command line; everything else is OSTLER_* (docs/configuration.md). */
export interface WorkerTuningFlags {
  readonly metrics?: string;
  readonly logLevel?: LogLevel;
}

export interface WorkerFlags extends SiteFlags, TemporalFlags, WorkerTuningFlags {
  readonly role?: WorkerRole;
  readonly deployment?: string;
  readonly buildId?: string;
  readonly debug?: boolean;
}

const roles: readonly WorkerRole[] = ['all', 'workflows', 'site'];
const logLevels: readonly LogLevel[] = ['DEBUG', 'INFO', 'WARN', 'ERROR'];

export const workerTuningFlags: FlagParametersForType<WorkerTuningFlags, OstlerContext> = {
  metrics: text('Serve Prometheus metrics at this address [$OSTLER_METRICS_ADDRESS, none]', 'IP:PORT'),
  logLevel: {
    kind: 'enum',
    values: logLevels,
    optional: true,
    brief: 'What is worth a line on stderr [$OSTLER_LOG_LEVEL, INFO]',
  },
};

const word = (brief: string) =>
  parsed(brief, 'NAME', (name) => (/^[\w.-]{1,100}$/.test(name) ? name : undefined), 'a word');

export const workerCommand = buildCommand<WorkerFlags, [], OstlerContext>({
  docs: {
    brief: 'Run a worker: it carries out what is asked of its cloud',
    fullDescription: [
      'Poll Temporal and carry out operations until SIGTERM or Ctrl-C. Any number of workers may run; each can die at any',
      'moment and another goes on. The inventory stays on the worker: whoever starts operations does not need it.',
      '',
      'Examples:',
      '  ostler worker                                   decide and act, on one machine',
      '  ostler worker --role site --inventory /etc/ostler/ostler.yaml     beside its cloud',
      '  ostler worker --role workflows                  decide only; needs no inventory',
    ].join('\n'),
  },
  parameters: {
    flags: {
      role: { kind: 'enum', values: roles, optional: true, brief: 'What this worker does [$OSTLER_WORKER_ROLE, all]' },
      deployment: word('Worker Deployment this worker is part of [$OSTLER_DEPLOYMENT, none]'),
      buildId: word('Its version in that deployment [$OSTLER_BUILD_ID]'),
      ...workerTuningFlags,
      ...siteFlags,
      ...temporalFlags,
      debug: toggle('Print stack traces of errors'),
    },
  },
  loader: async () => (await import('./worker.impl.js')).worker,
});
