import type { Io, OstlerContext } from '../../../cli/context.js';
import { UsageError } from '../../../cli/exit.js';
import type { TemporalSession } from '../../../cli/temporal.js';
import type { SiteInventory } from '../../../inventory/load.js';

export interface Recorded {
  context: OstlerContext;
  /** Everything written so far. */
  out(): string;
  err(): string;
  json(): unknown;
  exitCode(): unknown;
  /** As Ctrl-C does. */
  interrupt(): void;
}

export interface Scene {
  inventory?: SiteInventory;
  temporal?: TemporalSession;
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** What the person at the terminal answers to yes-or-no questions; nobody is there without it. */
  confirm?: boolean;
}

/** A context that records what a command writes. */
export function record({ inventory, temporal, cwd = '/', env = {}, confirm }: Scene): Recorded {
  let out = '';
  let err = '';
  const stop = new AbortController();
  const process: OstlerContext['process'] = {
    stdout: {
      write(text) {
        out += text;
      },
    },
    stderr: {
      write(text) {
        err += text;
      },
    },
    env,
  };
  const io: Io = {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    isTerminal: confirm !== undefined,
    isLive: false,
    isColour: false,
    columns: 100,
    async confirm(question) {
      if (confirm === undefined) throw new UsageError(`there is no terminal to ask "${question}"`);
      err += `${question}\n`;
      return confirm;
    },
    ask: (question) => Promise.reject(new UsageError(`there is no terminal to ask "${question}"`)),
  };
  const missing = (what: string) => Promise.reject(new UsageError(`this scene has no ${what}`));
  const context: OstlerContext = {
    process,
    io,
    cwd,
    env,
    now: Date.now,
    interruption: () => stop.signal,
    inventory: async () => inventory ?? missing('inventory'),
    temporal: async () => (temporal ? { ...temporal, close: async () => {} } : missing('server')),
  };
  return {
    context,
    out: () => out,
    err: () => err,
    json: () => JSON.parse(out),
    exitCode: () => process.exitCode,
    interrupt: () => stop.abort(),
  };
}
