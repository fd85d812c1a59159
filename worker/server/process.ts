import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { withoutTemporalSettings } from './environment.js';

/** A server process of ours. */
export interface ServerProcess {
  readonly pid: number;
  /** Settles when the process has ended, with the last lines it wrote. */
  readonly ended: Promise<string>;
  /** SIGTERM, then SIGKILL if it takes over 10 s. Resolves when the process has ended. */
  readonly stop: () => Promise<void>;
  /** SIGKILL. Resolves when the process has ended. */
  readonly kill: () => Promise<void>;
}

const stopLimitMs = 10_000;

/** What of a server's output is kept for error messages. */
const keptLines = 20;

/**
 * Start a server process in a process group of its own, without `TEMPORAL_*` settings, and with a umask that makes its
 * files private from the first byte.
 *
 * A second, tiny process guards it: it waits at a pipe whose other end only we hold, and the kernel closes that end when
 * we die, be it by SIGKILL; the guard then ends the server with SIGTERM. Nothing is left behind.
 *
 * @param log file to which all output is appended, readable by its owner only
 */
export function spawnServer(program: string, args: readonly string[], log: string | undefined): ServerProcess {
  // Opened first, so that a log that cannot be written is an error before anything runs.
  const file = log === undefined ? undefined : createWriteStream(log, { fd: openSync(log, 'a', 0o600) });
  // `exec` keeps the pid, so what we signal is the server itself.
  const child = spawn('/bin/sh', ['-c', 'umask 077; exec "$0" "$@"', program, ...args], {
    detached: true,
    env: withoutTemporalSettings(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start /bin/sh to run ${program}`);
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill "$0"', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.stdin.on('error', () => {});

  const output = lastLines(child, file);
  const ended = new Promise<string>((resolve) => {
    child.once('close', () => {
      guard.kill('SIGKILL');
      resolve(output());
    });
  });
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    child.kill(name);
    await ended;
  };
  return {
    pid,
    ended,
    kill: () => signal('SIGKILL'),
    stop: async () => {
      const patience = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await signal('SIGTERM').finally(() => clearTimeout(patience));
    },
  };
}

function lastLines(child: ChildProcess, file: WriteStream | undefined): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text)
        .split('\n')
        .slice(-keptLines - 1)
        .join('\n');
      file?.write(text);
    });
  }
  child.once('close', () => file?.end());
  return () => kept.trimEnd();
}
