import { setMaxListeners } from 'node:events';
import { NotSent, runCommand } from './command.js';
import type { Connection } from './connection.js';
import { cancelled, unreachable } from './failures.js';
import { type Link, type LinkOptions, Links } from './links.js';
import { openShell } from './shell.js';
import type { RunOptions, RunResult, SshTarget, SshTransport } from './types.js';

export type SshPoolOptions = Partial<LinkOptions>;

const DEFAULTS: LinkOptions = {
  maxConnections: 256,
  maxConcurrentConnects: 32,
  /** Below sshd's default MaxSessions of 10, which a person logged in over the same connection does not share. */
  channelsPerConnection: 8,
  idleCloseMs: 60_000,
  connectionsPerBastion: 2,
};

/**
 * A transport that keeps connections open between commands: one per target, shared by its commands, and up to two per
 * bastion, shared by the hosts behind it.
 */
export function createSshPool(options: SshPoolOptions = {}): SshTransport {
  const links = new Links({ ...DEFAULTS, ...options });
  return {
    run: (target, script, runOptions) => run(links, target, script, runOptions),
    shell: (target, shellOptions) => openShell(links, target, shellOptions),
    close: () => links.close(),
  };
}

/**
 * A connection from the pool may have died unnoticed. If it turns out so before anything was sent, the command gets one
 * more connection, a new one.
 */
async function run(links: Links, target: SshTarget, script: string, options: RunOptions): Promise<RunResult> {
  // One signal may belong to a sweep over hundreds of hosts, each a listener; Node warns from the eleventh on.
  if (options.signal) setMaxListeners(0, options.signal);
  for (let retried = false; ; retried = true) {
    if (options.signal?.aborted) throw cancelled(target, false, options.signal.reason);
    const link = links.lease(target);
    const pooled = link.connection !== undefined;
    try {
      const connection = link.connection ?? (await opened(link, target, options.signal));
      return await runCommand(connection, target, script, options);
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      links.drop(link);
      if (!pooled || retried) throw unreachable(target, 'closed the connection before the command was sent', error);
    } finally {
      links.release(link);
    }
  }
}

/** Waits for a connection others may be waiting for too: one caller's cancellation leaves it to them. */
function opened(link: Link, target: SshTarget, signal: AbortSignal | undefined): Promise<Connection> {
  if (!signal) return link.opened;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled(target, false, signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    link.opened.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
