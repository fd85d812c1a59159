import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** What a finished command left behind. `code` is 128 + n for a command that signal n ended, as in a shell. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Written to the command's stdin, which is then closed; without it stdin is empty. */
  input?: string;
  /** After this many milliseconds the command gets SIGKILL and the call rejects. Default 60 s. */
  timeoutMs?: number;
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv;
  /** Called with each piece of stdout and stderr as it arrives, for a person who is waiting. */
  onOutput?: (text: string) => void;
}

/** Where commands are looked for: the caller's PATH, then where Debian keeps an administrator's commands. */
export const commandPath = (): string => `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

/**
 * Run `argv` (no shell) to its end and return its exit code and output.
 * Rejects only if it could not be started or ran longer than `timeoutMs`; a non-zero exit is an answer.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [command, ...args] = argv;
  if (command === undefined) throw new Error('run: no command was given');
  const timeoutMs = options.timeoutMs ?? 60_000;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PATH: commandPath(), ...options.env },
    });
    const out: string[] = [];
    const err: string[] = [];
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${argv.join(' ')}: still running after ${timeoutMs} ms, killed\n${err.join('')}`));
    }, timeoutMs);
    const collect = (into: string[]) => (text: string) => {
      into.push(text);
      options.onOutput?.(text);
    };
    child.stdout.setEncoding('utf8').on('data', collect(out));
    child.stderr.setEncoding('utf8').on('data', collect(err));
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`${command}: cannot be started: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? 128 + signalNumber(signal), stdout: out.join(''), stderr: err.join('') });
    });
    // A command that exits without reading its input closes the pipe under us; its exit code says what matters.
    child.stdin.on('error', () => undefined).end(options.input ?? '');
  });
}

/** Like {@link run}, but a non-zero exit is an error that carries the command and the end of what it said. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const done = await run(argv, options);
  if (done.code === 0) return done.stdout;
  const said = (done.stderr.trim() || done.stdout.trim()).split('\n').slice(-15).join('\n');
  throw new Error(`${argv.join(' ')}: exit ${done.code}\n${said}`);
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}
