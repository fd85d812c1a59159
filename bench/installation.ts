import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { program } from '../lab/demo/ostler.js';
import { must } from '../lab/real/process.js';
import { until } from '../lab/real/wait.js';
import { startDevServer } from '../worker/server/dev-server.js';
import { spawnServer } from '../worker/server/process.js';
import { searchAttributes } from '../workflows/messages/names.js';
import type { Undo } from './undo.js';

const workerStartMs = 60_000;

/** Ostler as a user runs it: the built program, a Temporal server of its own on a file, and a worker. */
export interface Installation {
  readonly address: string;
  readonly client: Client;
  readonly worker: { readonly pid: number };
}

/** Compiles what `npm run build` does, unless nothing has changed. */
export async function build(): Promise<void> {
  await must([process.execPath, fileURLToPath(new URL('../build.mjs', import.meta.url))], { timeoutMs: 300_000 });
}

/** Builds and starts everything for the cloud of an inventory; resolves when the worker polls. */
export async function install(inventoryFile: string, undo: Undo): Promise<Installation> {
  await build();
  const dir = await undo.folder('bench-temporal');
  const server = await startDevServer({ dbFile: join(dir, 'temporal.db'), searchAttributes });
  undo.push(server.stop);
  const log = join(dir, 'worker.log');
  const flags = ['--address', server.address, '--inventory', inventoryFile];
  const worker = spawnServer(process.execPath, [program, 'worker', ...flags], log);
  undo.push(worker.stop);
  let ended: string | undefined;
  void worker.ended.then((output) => {
    ended = output;
  });
  await until('the worker to poll', workerStartMs, async () => {
    return ended !== undefined || (await readFile(log, 'utf8')).includes('Polling');
  });
  if (ended !== undefined) throw new Error(`the worker ended by itself:\n${ended}`);
  const connection = await Connection.connect({ address: server.address, tls: false });
  undo.push(() => connection.close());
  return { address: server.address, client: new Client({ connection }), worker };
}
