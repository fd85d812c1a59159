/**
 * What proves who we are: a private key file, an agent listening on a unix socket, or a password, for appliances that know nothing else. A
 * password is sent only to a host whose key is known.
 */
export type SshIdentity =
  | { kind: 'file'; path: string; passphrase?: () => Promise<string> }
  | { kind: 'agent'; socket: string }
  | { kind: 'password'; password: () => Promise<string> };

/** Where one host is and how to reach it. Built by the site worker from its own `ostler.yaml`. */
export interface SshTarget {
  /** Node name as in the inventory: shown in messages, and looked up in known_hosts beside the address. */
  name: string;
  address: string;
  port: number;
  user: string;
  identity: SshIdentity;
  /** known_hosts files, absolute paths. */
  knownHosts: string[];
  /** The bastion through which the host is reached. */
  proxyJump?: SshTarget;
  /** Limit for one hop, from the first connection attempt to the end of authentication. */
  connectTimeoutMs: number;
  /** Silence after which the host is probed; three unanswered probes end the connection. */
  keepaliveMs: number;
}

export interface RunOptions {
  /** Time the command may take once there is a connection, waiting for a free channel included. */
  limitMs: number;
  signal?: AbortSignal;
  /** Cap for stdout and for stderr, each; what goes beyond it is dropped. Default 1 MiB. */
  maxOutputBytes?: number;
  stdin?: string;
}

export interface RunResult {
  /** null when the command was ended by `signal`. */
  exitCode: number | null;
  /** Such as `SIGKILL`. */
  signal?: string;
  stdout: string;
  stderr: string;
  /** Output is missing: over the cap, or the link broke after the exit code and before the last output. */
  truncated: boolean;
}

export interface ShellOptions {
  /** Time until the shell is there: connection, login and channel. */
  limitMs: number;
  /** Ends the opening and every read, but not the session: `close` does that. */
  signal?: AbortSignal;
}

/**
 * A login shell that is typed at, for appliances that run no commands by themselves. It has a connection of its own, since some count
 * connections, and that goes with it.
 */
export interface ShellSession {
  /** What the host has said since the last read. */
  readonly unread: string;
  /** Sends keystrokes; nothing that was sent to a shell that is closed arrives. */
  type(keys: string): void;
  /**
   * Everything that the host says up to and with what matches `end`. What follows is left for the next read.
   * @throws {SshFailure} of kind `timed-out`, `cancelled`, or `unknown-outcome` when the host closes the shell or talks without end
   */
  read(end: RegExp, limitMs: number): Promise<string>;
  /**
   * Ends the connection and resolves when it is gone. Never rejects, and may be called once.
   * @param goodbye keystrokes that end the session on the host; it has a moment to close the shell by itself
   */
  close(goodbye?: string): Promise<void>;
}

export interface SshTransport {
  /**
   * Runs `script` on the host as exactly `/bin/sh -c '<script>'`, with an empty stdin unless one is given. A command
   * that exits non-zero is a result; every other trouble rejects with an `SshFailure`.
   */
  run(target: SshTarget, script: string, options: RunOptions): Promise<RunResult>;
  /** Opens a shell without a terminal, which the caller must close. Rejects with an `SshFailure`; then there is nothing to close. */
  shell(target: SshTarget, options: ShellOptions): Promise<ShellSession>;
  /** Ends all connections. Commands and shells still running are reported as `cancelled` or `unknown-outcome`. */
  close(): Promise<void>;
}

export type SshFailureKind =
  | 'unreachable'
  | 'auth'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'host-key-revoked'
  | 'host-key-unsupported'
  | 'identity'
  | 'timed-out'
  | 'unknown-outcome'
  | 'cancelled';

/** What is known about a failure. `sent` says whether the command may have reached the host (default: no). */
export interface SshFailureFacts {
  host: string;
  message: string;
  hint: string;
  sent?: boolean;
  cause?: unknown;
}

/** Why a command has no result. `host` is the hop that failed, which may be the bastion. */
export class SshFailure extends Error {
  readonly kind: SshFailureKind;
  readonly host: string;
  /** What the operator should do next. */
  readonly hint: string;
  /** Whether the command may have reached the host. `false` is a promise: it did not and never will. */
  readonly sent: boolean;

  constructor(kind: SshFailureKind, facts: SshFailureFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'SshFailure';
    this.kind = kind;
    this.host = facts.host;
    this.hint = facts.hint;
    this.sent = facts.sent ?? false;
  }
}
