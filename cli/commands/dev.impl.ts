import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { startWorker } from '../../worker/main.js';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import type { TemporalSettings } from '../../worker/temporal-settings.js';
import { searchAttributes } from '../../workflows/messages/names.js';
import type { OstlerContext } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import type { DevFlags } from './dev.js';
import { settingsOf } from './worker.impl.js';
import { installTelemetry, startOrExplain, untilInterrupted } from './worker-life.js';

/** Runs a server and a worker in this process until it is told to stop; the worker is stopped first. */
export async function dev(this: OstlerContext, flags: DevFlags): Promise<void> {
  const settings = {
    ...settingsOf(flags, { ...this.env, OSTLER_DEPLOYMENT: undefined, OSTLER_BUILD_ID: undefined }),
    role: 'all' as const,
  };
  const inventory = await this.inventory(flags);
  const dbFile = flags.db === undefined ? join(stateFolder(this.env), 'dev.db') : resolve(this.cwd, flags.db);
  const stop = this.interruption();
  installTelemetry(settings);
  const server = await started(flags, dbFile);
  try {
    const temporal: TemporalSettings = { connection: { address: server.address }, namespace: 'default' };
    const running = await startOrExplain(temporal, () => startWorker({ settings, temporal, inventory }));
    this.io.stderr(
      [
        `Temporal    ${server.address}`,
        `Web UI      ${server.uiUrl}`,
        `Histories   ${dbFile}`,
        `Worker      ${running.taskQueues.join(' and ')}`,
        'Ctrl-C stops all of it; operations go on when it is started again.',
        '',
      ].join('\n'),
    );
    const serverEnded = new AbortController();
    const crashed = server.ended.then((output) => {
      serverEnded.abort();
      return output;
    });
    await untilInterrupted(running, AbortSignal.any([stop, serverEnded.signal]));
    if (!stop.aborted)
      throw new CliError(
        EXIT.unavailable,
        `the Temporal server ended by itself\n${await crashed}`,
        'start `ostler dev` again',
      );
  } finally {
    await server.stop();
  }
}

async function started({ port, uiPort }: DevFlags, dbFile: string): Promise<DevServer> {
  try {
    return await startDevServer({ dbFile, port, uiPort, searchAttributes });
  } catch (error) {
    const busy = /address already in use|database is locked/.test((error as Error).message);
    throw new CliError(
      EXIT.unavailable,
      (error as Error).message,
      busy ? 'is `ostler dev` running already? Else give other ports: --port 0 --ui-port 0' : undefined,
      { cause: error },
    );
  }
}

/** Where state that outlives a boot belongs (XDG Base Directory Specification). */
function stateFolder({ XDG_STATE_HOME, HOME }: OstlerContext['env']): string {
  const base =
    XDG_STATE_HOME && isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(HOME || homedir(), '.local', 'state');
  return join(base, 'ostler');
}
