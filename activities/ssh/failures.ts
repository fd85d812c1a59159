import { SshFailure, type SshIdentity, type SshTarget } from './types.js';

/** A host as messages show it: `compute-1 (ops@10.0.0.21:22)`, with its bastion if it has one. */
export function describeTarget(target: SshTarget): string {
  const via = target.proxyJump ? ` via ${target.proxyJump.name}` : '';
  return `${target.name} (${target.user}@${target.address}:${target.port}${via})`;
}

/** What proves who we are, without any secret: `/etc/ostler/id`, `agent /run/agent`, `a password`. */
export function describeIdentity(identity: SshIdentity): string {
  if (identity.kind === 'password') return 'a password';
  return identity.kind === 'file' ? identity.path : `agent ${identity.socket}`;
}

/** The properties ssh2 and node:net put on their errors. */
interface TransportError extends Error {
  code?: string | number | undefined;
  level?: string | undefined;
}

const SOCKET_PROBLEMS: Record<string, string> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'reset the connection',
  EPIPE: 'closed the connection',
  EHOSTUNREACH: 'cannot be reached from here (no route to host)',
  ENETUNREACH: 'cannot be reached from here (network unreachable)',
  ETIMEDOUT: 'does not answer',
  ENOTFOUND: 'has an address that does not resolve',
  EAI_AGAIN: 'has an address that cannot be resolved now',
};

/**
 * Why a connection could not be made, from what ssh2 or the socket reported before it was ready. Nothing was sent.
 * DISCONNECT reason 14 is "no more authentication methods available" (RFC 4253, 11.1); OpenSSH reports too many
 * rejected agent keys under reason 2, so that one is told by its text.
 */
export function connectFailure(target: SshTarget, error: TransportError): SshFailure {
  if (error instanceof SshFailure) return error;
  const who = describeTarget(target);
  const rejected = error.level === 'client-authentication' || error.code === 14;
  if (rejected || /too many authentication failures/i.test(error.message)) {
    const accepts =
      target.identity.kind === 'password'
        ? 'the password is its own, and that it may log in with one'
        : 'its authorized_keys holds the public key';
    return new SshFailure('auth', {
      host: target.name,
      message: `${who} rejected the login of ${target.user} with ${describeIdentity(target.identity)} (${error.message})`,
      hint: `Check that the account exists and that ${accepts}, then try \`ssh -p ${target.port} ${target.user}@${target.address}\`.`,
      cause: error,
    });
  }
  if (error.level === 'client-timeout') {
    return unreachable(target, `did not finish the SSH handshake within ${target.connectTimeoutMs} ms`, error);
  }
  const known = typeof error.code === 'string' ? SOCKET_PROBLEMS[error.code] : undefined;
  return unreachable(target, known ?? `could not be connected to (${error.message})`, error);
}

/** The host cannot be used right now, and nothing was sent. */
export function unreachable(target: SshTarget, problem: string, cause?: unknown): SshFailure {
  const jump = target.proxyJump;
  const command = `ssh ${jump ? `-J ${jump.user}@${jump.address}:${jump.port} ` : ''}-p ${target.port} ${target.user}@${target.address}`;
  return new SshFailure('unreachable', {
    host: target.name,
    message: `${describeTarget(target)} ${problem}`,
    hint: `Check that the host is up and sshd is running; try \`${command}\`.`,
    cause,
  });
}

/** The agent could not be asked, or refused to sign. */
export function agentFailure(target: SshTarget, socket: string, cause: Error): SshFailure {
  return new SshFailure('identity', {
    host: target.name,
    message: `cannot log in to ${describeTarget(target)}: the SSH agent at ${socket} failed (${cause.message})`,
    hint: `Check that the agent runs and holds the key: \`SSH_AUTH_SOCK=${socket} ssh-add -l\`.`,
    cause,
  });
}

/** The command was sent, and how it ended was not heard. */
export function unknownOutcome(target: SshTarget, problem: string, cause?: unknown): SshFailure {
  return new SshFailure('unknown-outcome', {
    host: target.name,
    message: `${describeTarget(target)} ${problem}: whether the command ran is not known`,
    hint: 'Read the state of the host before sending the command again.',
    sent: true,
    cause,
  });
}

/** The command's time was over before its exit code came. */
export function timedOut(target: SshTarget, limitMs: number, sent: boolean): SshFailure {
  return new SshFailure('timed-out', {
    host: target.name,
    message: sent
      ? `${describeTarget(target)} did not report the end of the command within ${limitMs} ms`
      : `${describeTarget(target)} had no free channel for the command within ${limitMs} ms; it was not sent`,
    hint: sent ? 'It may still be running: read the state of the host before sending it again.' : 'Try again.',
    sent,
  });
}

/** The caller no longer wants the result. */
export function cancelled(target: SshTarget, sent: boolean, cause?: unknown): SshFailure {
  return new SshFailure('cancelled', {
    host: target.name,
    message: `the command on ${describeTarget(target)} was cancelled ${sent ? 'after' : 'before'} it was sent`,
    hint: sent ? 'It may still be running: read the state of the host before sending it again.' : 'Nothing to undo.',
    sent,
    cause,
  });
}
