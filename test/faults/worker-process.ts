import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { until } from '../../lab/real/wait.js';
import type { WorkerRole } from '../../worker/options.js';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Few polls at once: a worker that sleeps takes no more tasks with it than that, and each costs ten seconds to be missed. */
const slots = { OSTLER_MAX_WORKFLOW_TASKS: '2', OSTLER_MAX_ACTIVITIES: '4' };

const startLimitMs = 120_000;

/** A worker that sleeps would outlive us. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** An `ostler worker` in a process of its own, to be killed, put to sleep and woken. */
export class WorkerProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** Start one of the built program and wait until it polls. */
  static async start(options: { role: WorkerRole; address: string; inventoryFile: string }): Promise<WorkerProcess> {
    const { role, address, inventoryFile } = options;
    const flags = ['--role', role, '--inventory', inventoryFile, '--address', address, '--log-level', 'ERROR'];
    const child = spawn(process.execPath, [program, 'worker', ...flags], {
      env: { ...process.env, ...slots },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    const worker = new WorkerProcess(child);
    try {
      await until(`the worker (${role}) to poll`, startLimitMs, () => worker.hasEnded || text.includes('Polling '));
    } catch (error) {
      await worker.kill();
      throw error;
    }
    if (worker.hasEnded) throw new Error(`the worker (${role}) ended by itself:\n${text}`);
    return worker;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** SIGKILL, asleep or not. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** SIGSTOP; resolves when it no longer runs. */
  async sleep(): Promise<void> {
    this.child.kill('SIGSTOP');
    await until('the worker to sleep', 10_000, async () => {
      const stat = await readFile(`/proc/${this.child.pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
    });
  }

  /** SIGCONT. */
  wake(): void {
    this.child.kill('SIGCONT');
  }

  /** SIGTERM; resolves when it has finished what it was doing. */
  retire(): Promise<void> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.hasEnded) return;
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    await exit;
  }
}
