import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import { type ServerProcess, spawnServer } from '../../worker/server/process.js';
import { searchAttributes } from '../../workflows/messages/names.js';
import type { SimOptions } from '../sim/options.js';
import { type RemoteSimFleet, spawnSimFleet } from '../sim/remote.js';
import { type Command, ostler, program } from './ostler.js';

/** A worker polls 2 s after its start on an idle machine. */
const workerStartMs = 60_000;

/** Everything the demo starts, and the one place where all of it is ended. */
export class Stage {
  readonly #undo: (() => unknown)[] = [];
  #workers = 0;

  private constructor(
    /** Holds the inventory, its keys and the workers' logs. */
    private readonly folder: string,
  ) {}

  /** An empty stage with a folder of its own. */
  static async open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'ostler-demo-'));
    const stage = new Stage(folder);
    stage.#undo.push(() => rm(folder, { recursive: true, force: true }));
    return stage;
  }

  /** Compiles what `npm run build` does, unless nothing has changed. */
  async build(): Promise<void> {
    const script = fileURLToPath(new URL('../../build.mjs', import.meta.url));
    const child = spawn(process.execPath, [script], { stdio: 'inherit' });
    this.#undo.push(() => child.kill('SIGKILL'));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error('the build failed');
  }

  /** A Temporal server of our own, in memory, with its UI. */
  async startServer(): Promise<DevServer> {
    const server = await startDevServer({ uiPort: 0, searchAttributes });
    this.#undo.push(server.stop);
    return server;
  }

  /** A simulated fleet in a process of its own. */
  async startFleet(options: SimOptions): Promise<RemoteSimFleet> {
    const fleet = await spawnSimFleet({ ...options, dir: this.folder });
    this.#undo.push(() => kill(fleet.pid));
    return fleet;
  }

  /** A worker in a process of its own; resolves when it polls. */
  async startWorker(address: string, inventory: string): Promise<ServerProcess> {
    const log = join(this.folder, `worker-${++this.#workers}.log`);
    const args = [program, 'worker', '--address', address, '--inventory', inventory];
    const worker = spawnServer(process.execPath, args, log);
    this.#undo.push(worker.kill);
    const ended = worker.ended.then((output) => {
      throw new Error(`a worker ended by itself:\n${output}`);
    });
    const patience = AbortSignal.timeout(workerStartMs);
    const polls = async (): Promise<void> => {
      while (!(await readFile(log, 'utf8')).includes('Polling')) await wait(50, undefined, { signal: patience });
    };
    await Promise.race([polls(), ended]);
    return worker;
  }

  /** An `ostler` command; see {@link ostler}. */
  ostler(...command: Parameters<typeof ostler>): Command {
    const running = ostler(...command);
    this.#undo.push(running.kill);
    return running;
  }

  /** Ends everything, the last first. Never throws: there is nobody left to tell. */
  async strike(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) {
      try {
        await undo();
      } catch {}
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
