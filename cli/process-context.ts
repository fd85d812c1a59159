import type { OstlerContext } from './context.js';
import { UsageError } from './exit.js';
import { terminalOf } from './terminal.js';

/** The context of a real process. Temporal and the inventory are loaded when a command asks for them. */
export function processContext(process: NodeJS.Process): OstlerContext {
  let interruption: AbortController | undefined;
  return {
    process: { stdout: process.stdout, stderr: process.stderr, env: process.env },
    io: terminalOf(process),
    cwd: process.cwd(),
    env: process.env,
    now: Date.now,
    interruption() {
      if (interruption) return interruption.signal;
      const controller = new AbortController();
      interruption = controller;
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort(signal));
      return controller.signal;
    },
    async temporal(flags) {
      return (await import('./temporal.js')).connectTemporal(flags, process.env);
    },
    async inventory(flags) {
      const { InventoryError, loadSite } = await import('../inventory/site.js');
      try {
        return await loadSite(flags.inventory, process.cwd(), process.env);
      } catch (error) {
        if (!(error instanceof InventoryError)) throw error;
        throw new UsageError(error.message, '`ostler init` writes an inventory to start from', { cause: error });
      }
    },
  };
}
