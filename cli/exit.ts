import type { Severity } from '../domain/severity.js';

/** Exit codes of every command (design, section 4); documented in docs/json.md. */
export const EXIT = {
  /** Every planned host is ok or was skipped by a person; for questions: answered. */
  ok: 0,
  /** The operation failed or was aborted. */
  failed: 1,
  /** Bad usage or configuration, or a question without a terminal and without `--yes`. */
  usage: 2,
  /** An audit or a check found warnings. */
  warnings: 3,
  /** An audit or a check found errors. */
  errors: 4,
  /** Refused: running already, locked, gate, stale plan. */
  refused: 5,
  /** Temporal is unreachable, or no worker polls. */
  unavailable: 6,
  /** Waiting for a person. */
  waiting: 7,
  /** A bug of ours. */
  bug: 70,
  /** Ctrl-C, which never stops an operation. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How a command ends that looks for trouble, by the worst that it found. */
export const EXIT_FOR: Record<Severity, ExitCode> = { ok: EXIT.ok, warn: EXIT.warnings, error: EXIT.errors };

/** What stopped a command, in two lines for the operator: what happened, and what to try. */
export class CliError extends Error {
  override name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    /** What happened: which host, file or flag, and what was seen. */
    readonly what: string,
    /** The next command or change to try. */
    readonly tryNext?: string,
    options?: ErrorOptions,
  ) {
    super(tryNext === undefined ? what : `${what}\n${tryNext}`, options);
  }
}

/** The command line or the configuration is wrong, or a question could not be asked: exit 2. */
export class UsageError extends CliError {
  override name = 'UsageError';

  constructor(what: string, tryNext?: string, options?: ErrorOptions) {
    super(EXIT.usage, what, tryNext, options);
  }
}
