import type { BatchRamp } from '../../domain/batches.js';
import { aliases, catalogue } from '../../domain/catalogue.js';
import { underPacemaker } from '../../domain/pacemaker-resources.js';
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
const DEFAULT_SOAK_MS = 10_000;
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
 * The catalogue id that was typed, by its own name or by a unit's.
 * @throws {UsageError} with the nearest known name
 */
export function parseTarget(text: string): string {
  const id = catalogue.has(text) || text === ALL_CONTROLLERS ? text : aliases.get(text);
  if (id !== undefined) return id;
  const resource = underPacemaker(text);
  if (resource !== undefined)
    throw new UsageError(
      `"${text}" is under Pacemaker (${resource}): systemctl would fight it, or start a second one`,
      'to take a controller out of service with all of its: ostler failover NODE; all controllers in turn: ostler restart controllers',
    );
  const near = suggestion(text, [...catalogue.keys(), ...aliases.keys()]);
  throw new UsageError(
    `"${text}" is nothing that ostler can restart`,
    `${near === undefined ? '' : `did you mean ${near}? `}known are ${[...catalogue.keys()].join(', ')}`,
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
