import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built command line, as a user would have it. */
export const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const asTerminal = new URL('as-terminal.mjs', import.meta.url).href;

/** An `ostler` command that runs. */
export interface Command {
  /** The exit code; -1 when it was killed. */
  readonly ended: Promise<number>;
  kill(): void;
}

/**
 * Runs `ostler ARGS` in a process of its own, out of reach of our terminal's Ctrl-C.
 * @param env its whole environment
 * @param show is given all it writes, as it writes it
 * @param columns makes it draw as on a terminal of that width; without it, each change is a line
 */
export function ostler(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  show: (text: string) => void,
  columns?: number,
): Command {
  const preload = columns === undefined ? [] : ['--import', asTerminal];
  // Both of its outputs are one pipe, so that what it writes arrives in order.
  const child = spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', process.execPath, ...preload, program, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, ...(columns !== undefined && { COLUMNS: String(columns) }) },
  });
  child.stdout.setEncoding('utf8').on('data', show);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  return { ended, kill: () => void child.kill('SIGKILL') };
}
