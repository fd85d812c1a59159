import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { parsed, type SiteFlags, siteFlags, text, toggle } from '../flags.js';
import { type WorkerTuningFlags, workerTuningFlags } from './worker.js';

export interface DevFlags extends SiteFlags, WorkerTuningFlags {
  readonly port: number;
  readonly uiPort: number;
  readonly db?: string;
  readonly debug?: boolean;
}

const port = (brief: string, standard: number) =>
  ({
    ...parsed(
      brief,
      'PORT',
      (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
      'a port number, or 0 for any that is free',
    ),
    optional: false,
    default: String(standard),
  }) as const;

export const devCommand = buildCommand<DevFlags, [], OstlerContext>({
  docs: {
    brief: 'Run a Temporal server and a worker on this machine',
    fullDescription: [
      'Start an embedded Temporal server with its web UI, reachable from this machine only, and a worker for the cloud of',
      'the inventory. All histories are kept in one file and are there again the next time. Ctrl-C stops both; operations go',
      'on when it is started again. For more than one machine, run a Temporal server of your own (docs/deployment.md).',
      '',
      'Examples:',
      '  ostler dev',
      '  ostler dev --port 0 --ui-port 0 --db ./trial.db',
    ].join('\n'),
  },
  parameters: {
    flags: {
      port: port('Port of the Temporal server on 127.0.0.1', 7233),
      uiPort: port('Port of the web UI on 127.0.0.1', 8233),
      db: text('File that keeps the histories [$XDG_STATE_HOME/ostler/dev.db, ~/.local/state/ostler/dev.db]', 'FILE'),
      ...workerTuningFlags,
      ...siteFlags,
      debug: toggle('Print stack traces of errors'),
    },
  },
  loader: async () => (await import('./dev.impl.js')).dev,
});
