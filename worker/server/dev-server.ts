import { chmod, mkdir } from 'node:fs/promises';

import { dirname, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { findTemporalCli } from './find.js';
import { accepts, anyFreePort, freeForUs, loopback } from './ports.js';
import { type ServerProcess, spawnServer } from './process.js';

/** The types a search attribute can have, as `temporal server start-dev --search-attribute` spells them. */
type SearchAttributeType = 'Text' | 'Keyword' | 'KeywordList' | 'Int' | 'Double' | 'Bool' | 'Datetime';

export interface DevServerOptions {
  /** SQLite file that keeps all histories, readable by its owner only; without it they are lost when the server ends. */
  readonly dbFile?: string;
  /** gRPC port; any free one without it. */
  readonly port?: number;
  /** Port of the web UI; 0 for any free one. Without it there is no UI. */
  readonly uiPort?: number;
  readonly searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  /** File to which the server's own output is appended. */
  readonly log?: string;
  /** The server's own dynamic configuration, such as `limit.historyCount.suggestContinueAsNew`. */
  readonly dynamicConfig?: Readonly<Record<string, number | boolean>>;
}

export interface DevServer {
  /** `127.0.0.1:port`, for clients and workers; the namespace is `default`. */
  readonly address: string;
  readonly uiUrl: string | undefined;
  readonly pid: number;
  /** Settles when the server has ended, whoever ended it, with the last lines it wrote. */
  readonly ended: Promise<string>;
  /** End the server in an orderly way (SIGTERM; SIGKILL if that takes over 10 s). */
  readonly stop: () => Promise<void>;
  /** End the server as a power cut would (SIGKILL). */
  readonly kill: () => Promise<void>;
}

/** How often a server that is starting is looked at. */
const pollMs = 20;

/** NOT_FOUND among gRPC's status codes. */
const grpcNotFound = 5;

/** It answers in 0.3 s on an idle machine; a loaded one with a large file gets a hundred times that. */
const startLimitMs = 30_000;

/**
 * Start Temporal's development server, bound to 127.0.0.1, and wait until its `default` namespace answers.
 *
 * Started again on the same `dbFile`, it has all histories of before. No `TEMPORAL_*` setting reaches it. It runs in a process group
 * of its own, so that Ctrl-C leaves it to us to stop it after the workers; when we die without a word, it is ended too
 * (see `process.ts`).
 *
 * @throws with the last lines of the server's output when it does not come up
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const program = await findTemporalCli();
  if (options.dbFile !== undefined) await protect(options.dbFile);
  const port = options.port ? await freeForUs(options.port) : await anyFreePort();
  const uiPort = options.uiPort === 0 ? await anyFreePort() : options.uiPort && (await freeForUs(options.uiPort));
  const server = spawnServer(program, serverArguments(options, port, uiPort), options.log);
  const address = `${loopback}:${port}`;
  try {
    await answersBeforeItEnds(port, server);
  } catch (error) {
    await server.kill();
    const said = (await server.ended) || '(it wrote nothing)';
    throw new Error(`Temporal's development server did not start at ${address}: ${(error as Error).message}\n${said}`);
  }
  return { address, uiUrl: uiPort === undefined ? undefined : `http://${loopback}:${uiPort}`, ...server };
}

function serverArguments(options: DevServerOptions, port: number, uiPort: number | undefined): string[] {
  return [
    'server',
    'start-dev',
    `--ip=${loopback}`,
    `--port=${port}`,
    '--log-level=warn',
    ...(uiPort === undefined ? ['--headless'] : [`--ui-port=${uiPort}`, '--ui-disable-news-fetch']),
    ...(options.dbFile === undefined ? [] : [`--db-filename=${resolve(options.dbFile)}`]),
    ...Object.entries(options.searchAttributes).map(([name, type]) => `--search-attribute=${name}=${type}`),
    // The server would otherwise ask Temporal's home for its newest version.
    '--dynamic-config-value=frontend.enableServerVersionCheck=false',
    ...Object.entries(options.dynamicConfig ?? {}).map(([key, value]) => `--dynamic-config-value=${key}=${value}`),
  ];
}

/** The server makes the file itself (under our umask, see `process.ts`); one that is there already is closed to others. */
async function protect(dbFile: string): Promise<void> {
  await mkdir(dirname(resolve(dbFile)), { recursive: true, mode: 0o700 });
  for (const file of [dbFile, `${dbFile}-wal`, `${dbFile}-shm`]) {
    await chmod(file, 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

async function answersBeforeItEnds(port: number, server: ServerProcess): Promise<void> {
  const over = new AbortController();
  const late = setTimeout(() => over.abort(), startLimitMs);
  const ended = server.ended.then(() => {
    throw new Error('it ended by itself');
  });
  try {
    await Promise.race([answers(port, over.signal), ended]);
  } finally {
    clearTimeout(late);
    over.abort();
  }
}

async function answers(port: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  try {
    // gRPC waits a second after a refused connection, so it is not let near the port before somebody listens there.
    while (!(await accepts(port))) await wait(pollMs, undefined, { signal });
    const connectTimeout = Math.max(deadline - Date.now(), 1);
    const connection = await Connection.connect({ address: `${loopback}:${port}`, tls: false, connectTimeout });
    try {
      while (!(await hasNamespace(connection, deadline))) await wait(pollMs, undefined, { signal });
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw new Error(`no answer within ${startLimitMs / 1000} s`, { cause: error });
  }
}

/** Whether the `default` namespace is known, which it is shortly after the port has opened. */
async function hasNamespace(connection: Connection, deadline: number): Promise<boolean> {
  try {
    await connection.withDeadline(deadline, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === grpcNotFound) return false;
    throw error;
  }
}
