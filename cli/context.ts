import { hostname, userInfo } from 'node:os';
import type { CommandContext, StricliProcess } from '@stricli/core';
import type { SiteInventory } from '../inventory/load.js';
import { UsageError } from './exit.js';
import type { ActorFlags, OutputFlags, SiteFlags, TemporalFlags } from './flags.js';
import type { TemporalSession } from './temporal.js';

/** The two streams and the person in front of them. Data goes to stdout; progress and questions go to stderr. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Somebody can be asked: both stdin and stderr are a terminal. */
  readonly isTerminal: boolean;
  /** stderr can be redrawn in place. */
  readonly isLive: boolean;
  /** Both streams take colours and nobody said NO_COLOR. */
  readonly isColour: boolean;
  /** Width of the terminal in characters; 80 when there is none. */
  readonly columns: number;
  /** Asks yes or no. @throws {UsageError} without a terminal; {@link CliError} 130 on Ctrl-C */
  confirm(question: string): Promise<boolean>;
  /** Asks for one line of text that is not empty. @throws as `confirm` */
  ask(question: string): Promise<string>;
}

/** Everything impure that commands use; tests give another. */
export interface OstlerContext extends CommandContext {
  readonly process: StricliProcess;
  readonly io: Io;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Aborts on Ctrl-C or SIGTERM from the first call on; before it, either ends the process as usual. */
  interruption(): AbortSignal;
  /** Connects to Temporal. @throws {CliError} 6 when no server answers */
  temporal(flags: TemporalFlags): Promise<TemporalSession>;
  /** Reads the site's inventory. @throws {UsageError} when there is none or it is wrong */
  inventory(flags: SiteFlags): Promise<SiteInventory>;
}

/** The cloud a command is about: `--cloud`, $OSTLER_CLOUD, or the inventory's own name. */
export async function cloudOf(context: OstlerContext, flags: SiteFlags): Promise<string> {
  const named = flags.cloud ?? context.env.OSTLER_CLOUD;
  if (named) return named;
  try {
    return (await context.inventory(flags)).cloud;
  } catch (error) {
    if (!(error instanceof UsageError) || flags.inventory !== undefined) throw error;
    throw new UsageError(`it is not said which cloud is meant; ${error.what}`, 'name it with --cloud or OSTLER_CLOUD', {
      cause: error,
    });
  }
}

/**
 * Who gives this command: `--actor`, $OSTLER_ACTOR, or user@host. A claim, not a proof (docs/security.md).
 * @throws {UsageError} when it is not one short line
 */
export function actorOf(context: OstlerContext, flags: ActorFlags): string {
  return oneLine(flags.actor ?? context.env.OSTLER_ACTOR ?? `${userInfo().username}@${hostname()}`, 'the actor');
}

/**
 * Why this command is given: `--reason`, or asked for on a terminal.
 * @throws {UsageError} without either, or when it is not one short line
 */
export async function reasonOf(context: OstlerContext, flags: ActorFlags & OutputFlags): Promise<string> {
  if (flags.reason !== undefined) return oneLine(flags.reason, 'the reason');
  if (context.io.isTerminal && !flags.json) return oneLine(await context.io.ask('Why?'), 'the reason');
  throw new UsageError('a reason is required', 'add --reason "TICKET-1: what for"; it is kept in the history');
}

/** What the schema of a request allows for actor and reason (domain/request.schema.ts). */
const LONGEST_LINE = 500;

function oneLine(text: string, what: string): string {
  const line = text.trim();
  if (line === '') throw new UsageError(`${what} is empty`, 'say it in a few words');
  if (line.length > LONGEST_LINE || /\p{Cc}/u.test(line))
    throw new UsageError(
      `${what} must be one line of at most ${LONGEST_LINE} characters`,
      'put the rest into the ticket',
    );
  return line;
}

/** Writes one JSON document on stdout. */
export function printJson(context: OstlerContext, document: unknown): void {
  context.io.stdout(`${JSON.stringify(document, null, 2)}\n`);
}

/** Runs `use` with a connection to Temporal and closes it whatever happens. */
export async function withTemporal<T>(
  context: OstlerContext,
  flags: TemporalFlags,
  use: (session: TemporalSession) => Promise<T>,
): Promise<T> {
  const session = await context.temporal(flags);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
