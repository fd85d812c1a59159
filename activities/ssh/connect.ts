import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import ssh2, {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type Client,
  type ConnectConfig,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import { agentFailure, cancelled, connectFailure, unreachable } from './failures.js';
import { hostKeyOrder, judgeHostKey, refuseAuthoritiesOnly } from './host-key.js';
import type { Credentials, Identities } from './identity.js';
import { type KnownHosts, type KnownKeys, knownHostNames } from './known-hosts.js';
import { SshFailure, type SshTarget } from './types.js';

/** Pauses between attempts on an sshd that drops newcomers: doubled from the first to the last, with jitter. */
const RETRY_PAUSE_MS = { first: 50, last: 2_000 };

/** Unanswered keepalive probes after which a connection counts as dead; ssh(1)'s ServerAliveCountMax. */
const KEEPALIVE_COUNT_MAX = 3;

export interface ConnectContext {
  knownHosts: KnownHosts;
  identities: Identities;
  /** Bounds the handshakes under way at once; the pause between attempts does not count. */
  limit: LimitFunction;
  /**
   * Finds the way to the host's sshd, which may mean connecting to a bastion first. It runs outside the limit, or
   * hosts waiting for their bastion could take all the turns the bastion needs.
   */
  route: (target: SshTarget) => OpenStream | Promise<OpenStream>;
  signal: AbortSignal;
}

/** Opens the byte stream to an sshd: a socket, or a channel through a bastion. */
export type OpenStream = (limitMs: number) => Duplex | Promise<Duplex>;

/** The link broke before the handshake was done, as an sshd over its MaxStartups does it: worth another attempt. */
export class DroppedEarly extends Error {}

/**
 * Connects and logs in to one host, whose key must be known. Rejects with an `SshFailure`: `unreachable`, `auth`,
 * `identity`, `cancelled` or one of the `host-key-*`.
 */
export async function connect(target: SshTarget, context: ConnectContext): Promise<Client> {
  const known = readKnownKeys(target, context.knownHosts);
  refuseAuthoritiesOnly(target, known);
  const credentials = await context.identities.credentials(target);
  return untilDeadline(target, context, (stream, limitMs) =>
    shakeHands(target, {
      stream,
      limitMs,
      signal: context.signal,
      serverHostKey: hostKeyOrder(known),
      judge: (key) => judgeHostKey(target, known, key),
      credentials,
    }),
  );
}

/**
 * Repeats `attempt` on a new stream while the host drops it early, until the target's connect deadline, which starts
 * with the first attempt and not while waiting for a turn.
 */
export async function untilDeadline<T>(
  target: SshTarget,
  { limit, route, signal }: Pick<ConnectContext, 'limit' | 'route' | 'signal'>,
  attempt: (stream: Duplex, limitMs: number) => Promise<T>,
): Promise<T> {
  let deadline: number | undefined;
  const turn = async (open: OpenStream): Promise<T> => {
    deadline ??= performance.now() + target.connectTimeoutMs;
    const remainingMs = () => Math.max(1, Math.ceil((deadline ?? 0) - performance.now()));
    return attempt(await open(remainingMs()), remainingMs());
  };
  let drops = 0;
  for (;;) {
    try {
      const open = await route(target);
      if (signal.aborted) throw cancelled(target, false);
      return await limit(turn, open);
    } catch (error) {
      const pauseMs = Math.min(RETRY_PAUSE_MS.last, RETRY_PAUSE_MS.first * 2 ** drops) * (0.5 + Math.random() / 2);
      const tooLate = performance.now() + pauseMs >= (deadline ?? Number.POSITIVE_INFINITY);
      if (error instanceof DroppedEarly) drops++;
      else if (drops === 0 || !tooLate) throw error;
      if (tooLate) {
        const problem = `dropped ${drops} connection(s) before the SSH handshake within ${target.connectTimeoutMs} ms (sshd’s MaxStartups, or a firewall)`;
        throw unreachable(target, problem, error);
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

export interface Handshake {
  stream: Duplex;
  limitMs: number;
  signal: AbortSignal;
  serverHostKey: ServerHostKeyAlgorithm[];
  /** Sees the key the host proved to hold; what it returns ends the attempt with that error. */
  judge: (key: Buffer) => Error | undefined;
  /** Without any, the host is left as soon as it asks who we are. */
  credentials?: Credentials;
}

/** One attempt on one stream. Resolves when logged in; rejects with `DroppedEarly` or the attempt's failure. */
export function shakeHands(target: SshTarget, handshake: Handshake): Promise<Client> {
  const { stream, credentials, signal } = handshake;
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let refusal: Error | undefined;
    let agentError: Error | undefined;
    let encrypted = false;

    const done = () => {
      signal.removeEventListener('abort', onAbort);
      client.removeAllListeners();
      client.on('error', () => undefined);
    };
    const fail = (error: Error) => {
      done();
      stream.destroy();
      // A bastion's channel reports its end only once it has been read to the end.
      stream.resume();
      reject(error);
    };
    const onAbort = () => fail(cancelled(target, false));

    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    client.once('handshake', () => {
      encrypted = true;
    });
    client.on('error', (error: NodeJS.ErrnoException & { level?: string }) => {
      if (refusal) fail(refusal);
      else if (error.level === 'agent') agentError ??= error;
      else if (error.level === 'client-authentication' && agentError && target.identity.kind === 'agent') {
        fail(agentFailure(target, target.identity.socket, agentError));
      } else if (!encrypted && isDrop(error)) fail(new DroppedEarly(error.message, { cause: error }));
      else fail(connectFailure(target, error));
    });
    client.once('close', () => {
      if (encrypted) fail(unreachable(target, 'closed the connection during the login'));
      else fail(new DroppedEarly('closed before the handshake'));
    });
    client.once('ready', () => {
      done();
      resolve(client);
    });
    try {
      client.connect({
        ...sessionConfig(target, handshake),
        sock: stream,
        hostVerifier: (key: Buffer) => {
          refusal = handshake.judge(key);
          return refusal === undefined;
        },
        authHandler: credentials ? loginMethods(target.user, credentials) : [],
      });
    } catch (error) {
      fail(connectFailure(target, error as Error));
    }
  });
}

function sessionConfig(target: SshTarget, { limitMs, serverHostKey }: Handshake): ConnectConfig {
  return {
    username: target.user,
    readyTimeout: limitMs,
    keepaliveInterval: target.keepaliveMs,
    keepaliveCountMax: KEEPALIVE_COUNT_MAX,
    algorithms: {
      serverHostKey,
      // Last resorts for hosts of OpenSSH 6.6's age whose administrators cut the list down to these.
      kex: { append: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1'], prepend: [], remove: [] },
    },
  };
}

/** The one method we offer. Unlike ssh2's default order it does not ask with "none" first, which costs a round trip. */
function loginMethods(username: string, credentials: Credentials): AnyAuthMethod[] | AuthHandlerMiddleware {
  if ('password' in credentials) return passwordOnce(username, credentials.password);
  return 'key' in credentials
    ? [{ type: 'publickey', username, key: credentials.key }]
    : [{ type: 'agent', username, agent: credentials.agent }];
}

/**
 * The password, and to a host that takes none but asks for one (keyboard-interactive) the same as its answer. A wrong one is said once:
 * accounts get locked for more.
 */
function passwordOnce(username: string, password: string): AuthHandlerMiddleware {
  let tries = 0;
  return (methodsLeft, _partial, next) => {
    tries++;
    const asksInstead = !methodsLeft?.includes('password') && methodsLeft?.includes('keyboard-interactive');
    if (tries === 1) return next({ type: 'password', username, password });
    // Which ssh2 takes for the end of the list, and its types do not know.
    if (tries > 2 || !asksInstead) return next(false as never);
    next({
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, answer) =>
        answer(prompts.map(({ echo }) => (echo ? '' : password))),
    });
  };
}

/** A connection lost by the other side, as opposed to refused, timed out or failed in negotiation. */
function isDrop(error: NodeJS.ErrnoException): boolean {
  return error.message === 'Connection lost before handshake' || error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

function readKnownKeys(target: SshTarget, knownHosts: KnownHosts): KnownKeys {
  try {
    return knownHosts.lookup(target.knownHosts, knownHostNames(target));
  } catch (cause) {
    throw new SshFailure('host-key-unknown', {
      host: target.name,
      message: `the host key of ${target.name} cannot be checked: ${(cause as Error).message}`,
      hint: 'Check knownHosts in ostler.yaml and who may read the file.',
      cause,
    });
  }
}
