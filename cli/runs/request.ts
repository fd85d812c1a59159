import type { BatchRamp } from '../../domain/batches.js';
import { aliases, catalogue, entriesCalled, modules } from '../../domain/catalogue.js';
import type { RolloutRequest } from '../../domain/plan.js';
import { ALL_CONTROLLERS } from '../../domain/plan.js';
import { parseSelection, SelectionError } from '../../domain/selection.js';
import type { Share } from '../../domain/share.js';
import { UsageError } from '../exit.js';
import { suggestion } from '../suggest.js';

/** What the flags of `ostler restart` say about the rollout itself, parsed. Durations are milliseconds. */
export interface RolloutFlags {
  readonly on?: string;
  readonly batch?: BatchRamp;
  readonly spread?: boolean;
  readonly maxUnavailable?: Share;
  readonly soak?: number;
  readonly maxFailures?: Share;
  readonly onFailure?: 'pause' | 'abort';
  readonly promote?: boolean;
  readonly until?: ClockTime;
  readonly pauseDeadline?: number;
}

/** A time of day on the operator's clock. */
export interface ClockTime {
  hours: number;
  minutes: number;
}

/** Long enough for nova-compute to die of a bad configuration (design, section 4: soak). */
export const DEFAULT_SOAK_MS = 10_000;
const DEFAULT_PAUSE_DEADLINE_MS = 24 * 3_600_000;

/** How long a batch waits for room in the budget before a person is asked. */
const ADMIT_DEADLINE_MS = 3_600_000;

/**
 * Builds the request that worker and workflow are sent.
 * @param now milliseconds since 1970, for `--until`
 */
export function rolloutRequest(
  target: string,
  { on, batch, spread, maxUnavailable, ...flags }: RolloutFlags,
  { now, ...who }: { cloud: string; actor: string; reason: string; now: number },
): RolloutRequest {
  return {
    operation: 'restart',
    target,
    ...who,
    ...(on !== undefined && { selection: on }),
    ...(batch !== undefined && { batch }),
    ...(spread && { spread }),
    ...(maxUnavailable !== undefined && { maxUnavailable }),
    soakMs: flags.soak ?? DEFAULT_SOAK_MS,
    maxFailures: flags.maxFailures ?? 0,
    onFailure: flags.onFailure ?? 'pause',
    promote: flags.promote ?? false,
    ...(flags.until && { untilMs: nextOccurrence(flags.until, now) }),
    pauseDeadlineMs: flags.pauseDeadline ?? DEFAULT_PAUSE_DEADLINE_MS,
    admitDeadlineMs: ADMIT_DEADLINE_MS,
  };
}

/**
 * The catalogue id that was typed, by its own name, or by that of a unit or a resource.
 * @throws {UsageError} with the nearest known name, or the command that fits
 */
export function parseTarget(text: string): string {
  if (text === ALL_CONTROLLERS) return text;
  const entry = catalogue.get(aliases.get(text) ?? text);
  if (entry?.never) throw new UsageError(`${entry.id} is not restarted: ${entry.never}`);
  if (entry?.inTurn && !entry.turns)
    throw new UsageError(
      `${entry.id} is restarted on one controller after the other, each out of service meanwhile`,
      `ostler restart ${ALL_CONTROLLERS} --module ${entry.id}`,
    );
  if (entry) return entry.id;
  const parts = modules.get(text);
  if (parts)
    throw new UsageError(
      `${text} is a module, of which each service is restarted by itself: ${parts.map(({ id }) => id).join(', ')}`,
      parts.every(({ turns }) => turns)
        ? `one after the other: ostler service restart ${text}`
        : `all of it on the controllers: ostler restart ${ALL_CONTROLLERS} --module ${text}`,
    );
  const near = suggestion(text, [...catalogue.keys(), ...aliases.keys()]);
  throw new UsageError(
    `"${text}" is nothing that ostler can restart`,
    `${near === undefined ? '' : `did you mean ${near}? `}\`ostler restart --help\` says what is`,
  );
}

/**
 * The module, or the service, of controllers that was typed.
 * @throws {UsageError} with the nearest known name
 */
export function parseModule(text: string): string {
  const [entry] = entriesCalled(text, 'controller');
  if (entry?.turns)
    throw new SyntaxError(`${entry.module} is restarted by a procedure of its own: ostler restart ${entry.id}`);
  if (entry) return modules.has(text) ? text : entry.id;
  const known = [...catalogue.values()].filter(({ roles }) => roles.includes('controller'));
  const near = suggestion(
    text,
    known.flatMap(({ id, module }) => [id, module]),
  );
  throw new SyntaxError(
    `"${text}" is no module of controllers, and no service of one${near === undefined ? '' : `; did you mean ${near}?`}`,
  );
}

/**
 * Checks the grammar of a selection; which hosts it names only the worker knows.
 * @throws {SyntaxError} with what is wrong, for stricli to name the flag
 */
export function parseOn(text: string): string {
  try {
    parseSelection(text);
    return text;
  } catch (error) {
    throw error instanceof SelectionError ? new SyntaxError(error.message) : error;
  }
}

/** Reads `06:00`; undefined when it is no time of day. */
export function parseClock(text: string): ClockTime | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined ? undefined : { hours: Number(hours), minutes: Number(minutes) };
}

/** When the local clock shows `time` next after `now`; milliseconds since 1970. */
export function nextOccurrence({ hours, minutes }: ClockTime, now: number): number {
  const next = new Date(now);
  next.setHours(hours, minutes, 0, 0);
  if (next.getTime() <= now) next.setDate(next.getDate() + 1);
  return next.getTime();
}
