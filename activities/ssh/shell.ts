import type { Client, ClientChannel } from 'ssh2';
import { cancelled, describeTarget, unknownOutcome, unreachable } from './failures.js';
import type { Links } from './links.js';
import { type ShellOptions, type ShellSession, SshFailure, type SshTarget } from './types.js';

/** What a host may say before anybody reads it, in characters; more is no answer to anything. */
const MOST_UNREAD = 1024 * 1024;

/** How long a host may take to close the shell after our goodbye. */
const GOODBYE_MS = 2_000;

/**
 * Opens a shell on a connection of its own. No terminal is asked for: an appliance brings its own, and a terminal's way of drawing lines
 * would be part of what it says.
 */
export async function openShell(
  links: Links,
  target: SshTarget,
  { limitMs, signal }: ShellOptions,
): Promise<ShellSession> {
  if (signal?.aborted) throw cancelled(target, false, signal.reason);
  const opening = new AbortController();
  const stop = (): void => opening.abort();
  const stoppers = [links.signal, ...(signal ? [signal] : [])];
  for (const one of stoppers) one.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(stop, limitMs);
  try {
    const link = links.alone(target, opening.signal);
    try {
      const { client } = await link.opened;
      const channel = await channelOf(client, target, opening.signal);
      return new Shell(channel, target, signal, () => links.hangUp(link));
    } catch (error) {
      await links.hangUp(link);
      throw error;
    }
  } catch (error) {
    if (signal?.aborted) throw cancelled(target, false, signal.reason);
    if (opening.signal.aborted && !links.signal.aborted)
      throw unreachable(target, `opened no shell within ${limitMs} ms`, error);
    throw error;
  } finally {
    clearTimeout(timer);
    for (const one of stoppers) one.removeEventListener('abort', stop);
  }
}

function channelOf(client: Client, target: SshTarget, signal: AbortSignal): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const refused = (error: unknown): void =>
      reject(unreachable(target, `opens no shell (${(error as Error).message})`, error));
    const onAbort = (): void => reject(cancelled(target, false));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      client.shell(false, (error, channel) => {
        signal.removeEventListener('abort', onAbort);
        if (error) refused(error);
        else resolve(channel);
      });
    } catch (error) {
      refused(error);
    }
  });
}

class Shell implements ShellSession {
  unread = '';
  readonly #channel: ClientChannel;
  readonly #target: SshTarget;
  readonly #signal: AbortSignal | undefined;
  readonly #hangUp: () => Promise<void>;
  readonly #ended: Promise<void>;
  #isOpen = true;
  #overflows = false;
  /** Looks again whether what is waited for is there. */
  #look: (() => void) | undefined;

  constructor(channel: ClientChannel, target: SshTarget, signal: AbortSignal | undefined, hangUp: () => Promise<void>) {
    this.#channel = channel;
    this.#target = target;
    this.#signal = signal;
    this.#hangUp = hangUp;
    channel.setEncoding('utf8');
    channel.on('data', (text: string) => this.#hear(text));
    channel.on('error', () => undefined);
    channel.stderr.resume();
    this.#ended = new Promise((resolve) => {
      channel.once('close', () => {
        this.#isOpen = false;
        this.#look?.();
        resolve();
      });
    });
  }

  type(keys: string): void {
    if (this.#isOpen) this.#channel.write(keys);
  }

  read(end: RegExp, limitMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#look = undefined;
        clearTimeout(timer);
        this.#signal?.removeEventListener('abort', onAbort);
      };
      const fail = (error: SshFailure): void => {
        settle();
        reject(error);
      };
      const onAbort = (): void => fail(cancelled(this.#target, true, this.#signal?.reason));
      const look = (): void => {
        const match = end.exec(this.unread);
        if (match) {
          settle();
          resolve(this.#take(match.index + match[0].length));
        } else if (this.#overflows) fail(unknownOutcome(this.#target, `said ${MOST_UNREAD} characters without an end`));
        else if (!this.#isOpen) fail(unknownOutcome(this.#target, 'closed the shell'));
      };
      const timer = setTimeout(() => fail(silent(this.#target, limitMs)), limitMs);
      if (this.#signal?.aborted) return onAbort();
      this.#signal?.addEventListener('abort', onAbort, { once: true });
      this.#look = look;
      look();
    });
  }

  async close(goodbye = ''): Promise<void> {
    if (goodbye !== '' && this.#isOpen) {
      this.type(goodbye);
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, GOODBYE_MS);
      });
      await Promise.race([this.#ended, patience]);
      clearTimeout(timer);
    }
    await this.#hangUp();
  }

  #hear(text: string): void {
    if (this.unread.length + text.length > MOST_UNREAD) this.#overflows = true;
    else this.unread += text;
    this.#look?.();
  }

  #take(length: number): string {
    const taken = this.unread.slice(0, length);
    this.unread = this.unread.slice(length);
    return taken;
  }
}

const silent = (target: SshTarget, limitMs: number): SshFailure =>
  new SshFailure('timed-out', {
    host: target.name,
    message: `${describeTarget(target)} did not come to the end of its answer within ${limitMs} ms`,
    hint: 'Log in by hand and see what it says.',
    sent: true,
  });
