import { setMaxListeners } from 'node:events';
import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import pLimit, { type LimitFunction } from 'p-limit';
import { connect, DroppedEarly, type OpenStream } from './connect.js';
import { Connection } from './connection.js';
import { cancelled, describeIdentity, unreachable } from './failures.js';
import { Identities } from './identity.js';
import { KnownHosts } from './known-hosts.js';
import type { SshTarget } from './types.js';

export interface LinkOptions {
  /** Connections kept at most; a new one closes the idle one used longest ago. Those in use are never closed. */
  maxConnections: number;
  /** Handshakes under way at once. */
  maxConcurrentConnects: number;
  /** Commands at once on one connection. */
  channelsPerConnection: number;
  /** A connection unused for so long is closed. */
  idleCloseMs: number;
  connectionsPerBastion: number;
}

/** A connection, or one being made, and how many commands or forwarded streams want it. */
export interface Link {
  readonly key: string;
  readonly opened: Promise<Connection>;
  connection?: Connection;
  users: number;
  idleTimer?: NodeJS.Timeout;
}

/** How long `close` lets a host answer our goodbye before the socket is cut. */
const GOODBYE_MS = 1_000;

/** All connections of a worker: made on demand, shared, closed when idle, dropped when dead. */
export class Links {
  readonly #options: LinkOptions;
  readonly #limit: LimitFunction;
  readonly #knownHosts = new KnownHosts();
  readonly #identities = new Identities();
  readonly #closing = new AbortController();
  readonly #byKey = new Map<string, Link[]>();
  readonly #all = new Set<Link>();
  /** In the order of their last use. */
  readonly #idle = new Set<Link>();

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#limit = pLimit(options.maxConcurrentConnects);
    // Every handshake under way listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  get limit(): LimitFunction {
    return this.#limit;
  }

  /** The connection for commands on `target`; give it back with `release`. */
  lease(target: SshTarget): Link {
    return this.#lease(target, targetKey(target), 1);
  }

  /**
   * A connection that nobody else gets, and that ends when it is given back.
   * @param signal ends its making, for which nobody else waits: by the caller's wish, and when all connections end
   */
  alone(target: SshTarget, signal: AbortSignal): Link {
    this.#refuseWhenClosed(target);
    const link = this.#open(target, `alone ${targetKey(target)}`, signal);
    link.users++;
    return link;
  }

  /** Ends a connection that nobody uses any more, and resolves when it is gone. */
  hangUp(link: Link): Promise<void> {
    this.release(link);
    return this.#sayGoodbye(link);
  }

  release(link: Link): void {
    if (--link.users > 0) return;
    if (this.#byKey.get(link.key)?.includes(link)) {
      this.#idle.add(link);
      link.idleTimer = setTimeout(() => this.drop(link), this.#options.idleCloseMs).unref();
    } else {
      this.#end(link);
    }
  }

  /** Takes a connection out of use; it is closed when its last user has given it back. */
  drop(link: Link): void {
    const rest = (this.#byKey.get(link.key) ?? []).filter((other) => other !== link);
    if (rest.length > 0) this.#byKey.set(link.key, rest);
    else this.#byKey.delete(link.key);
    if (link.users === 0) this.#end(link);
  }

  /** Finds the way to a target: a socket of our own, or a channel on one of its bastion's connections. */
  route = async (target: SshTarget): Promise<OpenStream> => {
    const { proxyJump, address, port } = target;
    if (!proxyJump) return () => connectSocket({ host: address, port, noDelay: true });

    const link = this.#lease(proxyJump, `bastion ${targetKey(proxyJump)}`, this.#options.connectionsPerBastion);
    try {
      const connection = link.connection ?? (await link.opened);
      return (limitMs) => this.#forward(link, connection, target, limitMs);
    } catch (error) {
      this.release(link);
      throw error;
    }
  };

  async close(): Promise<void> {
    this.#closing.abort();
    this.#byKey.clear();
    await Promise.all([...this.#all].map((link) => this.#sayGoodbye(link)));
  }

  #lease(target: SshTarget, key: string, max: number): Link {
    this.#refuseWhenClosed(target);
    const links = this.#byKey.get(key) ?? [];
    let link = links.reduce<Link | undefined>(
      (best, next) => (best && best.users <= next.users ? best : next),
      undefined,
    );
    if (link?.connection?.clogged) {
      this.drop(link);
      link = undefined;
    }
    if (!link || (link.users > 0 && links.length < max)) link = this.#add(target, key);
    link.users++;
    this.#idle.delete(link);
    clearTimeout(link.idleTimer);
    return link;
  }

  #refuseWhenClosed(target: SshTarget): void {
    if (this.#closing.signal.aborted) throw cancelled(target, false, new Error('the SSH pool is closed'));
  }

  #add(target: SshTarget, key: string): Link {
    const link = this.#open(target, key, this.#closing.signal);
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), link]);
    return link;
  }

  #open(target: SshTarget, key: string, signal: AbortSignal): Link {
    if (this.#all.size >= this.#options.maxConnections) {
      const [oldest] = this.#idle;
      if (oldest) this.drop(oldest);
    }
    const opened = connect(target, {
      knownHosts: this.#knownHosts,
      identities: this.#identities,
      limit: this.#limit,
      route: this.route,
      signal,
    }).then((client) => {
      link.connection = new Connection(client, this.#options.channelsPerConnection, () => this.#forget(link));
      return link.connection;
    });
    const link: Link = { key, opened, users: 0 };
    opened.catch(() => this.#forget(link));
    this.#all.add(link);
    return link;
  }

  /** A channel through the bastion; the link is given back when it closes. */
  #forward(link: Link, { client }: Connection, target: SshTarget, limitMs: number): Promise<Duplex> {
    const bastion = target.proxyJump?.name;
    return new Promise((resolve, reject) => {
      let waiting = true;
      const fail = (error: Error) => {
        if (!waiting) return;
        waiting = false;
        clearTimeout(timer);
        this.release(link);
        reject(error);
      };
      const timer = setTimeout(() => {
        fail(unreachable(target, `was not reached from bastion ${bastion} within ${limitMs} ms`));
      }, limitMs);
      try {
        client.forwardOut('127.0.0.1', 0, target.address, target.port, (error, stream) => {
          if (error) {
            const refused = typeof (error as { reason?: unknown }).reason === 'number';
            if (!refused) return fail(new DroppedEarly(`lost the bastion ${bastion}`, { cause: error }));
            return fail(unreachable(target, `was not reached from bastion ${bastion} (${error.message})`, error));
          }
          if (!waiting) return stream.destroy();
          waiting = false;
          clearTimeout(timer);
          stream.once('close', () => this.release(link));
          resolve(stream);
        });
      } catch (cause) {
        fail(new DroppedEarly(`lost the bastion ${bastion}`, { cause }));
      }
    });
  }

  #end(link: Link): void {
    this.#idle.delete(link);
    clearTimeout(link.idleTimer);
    link.opened.then(
      ({ client }) => client.end(),
      () => undefined,
    );
  }

  /** The connection is gone, or was never made. */
  #forget(link: Link): void {
    this.#all.delete(link);
    this.#idle.delete(link);
    clearTimeout(link.idleTimer);
    this.drop(link);
  }

  async #sayGoodbye(link: Link): Promise<void> {
    const connection = await link.opened.catch(() => undefined);
    if (!connection || connection.closed) return;
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => {
        connection.client.destroy();
        resolve();
      }, GOODBYE_MS);
      connection.client.once('close', () => {
        clearTimeout(cut);
        resolve();
      });
      this.#end(link);
    });
  }
}

/** What makes two targets share a connection: the same name, account and proof of it at the same place by the same way. */
function targetKey(target: SshTarget): string {
  const { name, user, address, port, identity, proxyJump } = target;
  const via = proxyJump ? ` via ${targetKey(proxyJump)}` : '';
  return `${name}=${user}@${address}:${port} with ${describeIdentity(identity)}${via}`;
}
