import type { ClientChannel } from 'ssh2';
import type { Connection } from './connection.js';
import { cancelled, timedOut, unknownOutcome, unreachable } from './failures.js';
import { CappedOutput } from './output.js';
import { shellWord } from './quote.js';
import type { RunOptions, RunResult, SshFailure, SshTarget } from './types.js';

/** Cap of each output stream when the caller sets none. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Attempts on a connection that refuses its only channel, and the pause before each. A host at its MaxSessions frees a
 * session a moment after it has told us that the channel is closed.
 */
const LONELY_REFUSALS = { max: 5, pauseMs: 100 };

/** ssh2's words for an exec request that was refused, or cut off before its answer: it does not tell them apart. */
const EXEC_WITHOUT_SUCCESS = 'Unable to exec';

/** The connection turned out to be of no use, and it is certain that the command was not sent on it. */
export class NotSent extends Error {}

/**
 * Runs one script on an open connection. Rejects with an `SshFailure`, or with `NotSent` when another connection may
 * be tried.
 *
 * ssh2 sends the exec request by itself once the host has confirmed the channel, and reports neither step before the
 * answer to both. Giving up in between therefore counts as sent, and closes a connection that no other command uses, so
 * that a host that wakes up later is not told to run what nobody waits for.
 */
export function runCommand(
  connection: Connection,
  target: SshTarget,
  script: string,
  options: RunOptions,
): Promise<RunResult> {
  const line = `/bin/sh -c ${shellWord(script)}`;
  return new Promise((resolve, reject) => {
    const { limitMs, signal, maxOutputBytes = MAX_OUTPUT_BYTES, stdin } = options;
    let stage: 'queued' | 'opening' | 'running' | 'settled' = 'queued';
    let running: RunningCommand | undefined;
    let refusals = 0;
    let pause: NodeJS.Timeout | undefined;

    const settle = () => {
      stage = 'settled';
      clearTimeout(limit);
      clearTimeout(pause);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: SshFailure | NotSent) => {
      settle();
      reject(error);
    };

    const open = () => {
      if (stage === 'settled') return connection.leave();
      stage = 'opening';
      try {
        connection.client.exec(line, onExec);
      } catch (cause) {
        connection.leave();
        fail(new NotSent('the connection was closed', { cause }));
      }
    };
    const onExec = (error: (Error & { reason?: unknown }) | undefined, channel: ClientChannel) => {
      if (error) onRefused(error);
      else if (stage === 'settled') letGo(connection, channel);
      else {
        stage = 'running';
        running = new RunningCommand(channel, maxOutputBytes, onClosed);
        channel.end(stdin);
      }
    };
    const onRefused = (error: Error & { reason?: unknown }) => {
      if (stage === 'settled') return connection.leave();
      if (typeof error.reason === 'number') return onChannelRefused(error);
      if (error.message === EXEC_WITHOUT_SUCCESS) {
        // We get no handle to close this channel with: its place stays taken until the connection is replaced.
        connection.abandon();
        fail(unknownOutcome(target, 'did not accept the command, or broke off before it answered', error));
      } else {
        connection.leave();
        fail(new NotSent(error.message, { cause: error }));
      }
    };
    const onChannelRefused = (error: Error) => {
      stage = 'queued';
      if (connection.refused() > 0) return connection.enter(open);
      if (++refusals > LONELY_REFUSALS.max)
        return fail(unreachable(target, `opens no session (${error.message})`, error));
      pause = setTimeout(() => connection.enter(open), LONELY_REFUSALS.pauseMs * refusals);
    };
    const onClosed = (result: RunResult | undefined) => {
      connection.leave();
      if (stage === 'settled') return;
      settle();
      if (result) resolve(connection.closed ? { ...result, truncated: true } : result);
      else reject(unknownOutcome(target, 'closed the channel without an exit code'));
    };

    /** Whether the command may reach the host although we no longer wait for it. */
    const giveUp = (): boolean => {
      if (stage === 'queued') return false;
      if (stage === 'opening' && connection.open === 1) connection.client.destroy();
      running?.abandon(connection.abandon());
      return true;
    };
    const onAbort = () => {
      fail(cancelled(target, giveUp(), signal?.reason));
    };
    const onLimit = () => {
      const result = running?.exited();
      const sent = giveUp();
      settle();
      // The exit code is known: only a process left behind keeps the output open.
      if (result) resolve({ ...result, truncated: true });
      else reject(timedOut(target, limitMs, sent));
    };

    const limit = setTimeout(onLimit, limitMs);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    connection.enter(open);
  });
}

/** A channel that was confirmed after its caller had gone. */
function letGo(connection: Connection, channel: ClientChannel): void {
  channel.once('close', connection.abandon());
  channel.resume();
  channel.stderr.resume();
  channel.close();
}

/** The channel of a command that was sent: collects what it says until both its streams are closed. */
class RunningCommand {
  readonly #channel: ClientChannel;
  readonly #stdout: CappedOutput;
  readonly #stderr: CappedOutput;
  #exit: Pick<RunResult, 'exitCode' | 'signal'> | undefined;
  #openStreams = 2;
  #onClosed: (result: RunResult | undefined) => void;

  constructor(channel: ClientChannel, maxBytes: number, onClosed: (result: RunResult | undefined) => void) {
    this.#channel = channel;
    this.#onClosed = onClosed;
    this.#stdout = new CappedOutput(channel, maxBytes);
    this.#stderr = new CappedOutput(channel.stderr, maxBytes);
    channel.once('exit', (exitCode: number | null, signal?: string) => {
      this.#exit = { exitCode, ...(signal === undefined ? {} : { signal }) };
    });
    const onClose = () => {
      if (--this.#openStreams === 0) this.#onClosed(this.exited());
    };
    channel.once('close', onClose);
    channel.stderr.once('close', onClose);
  }

  /** The result so far, once the host has reported how the command ended. */
  exited(): RunResult | undefined {
    if (!this.#exit) return undefined;
    const truncated = this.#stdout.truncated || this.#stderr.truncated;
    return { ...this.#exit, stdout: this.#stdout.text(), stderr: this.#stderr.text(), truncated };
  }

  /** Closes our side. The host closes its own, and frees the session, only when the process ends. */
  abandon(onClosed: () => void): void {
    this.#onClosed = onClosed;
    this.#channel.close();
  }
}
