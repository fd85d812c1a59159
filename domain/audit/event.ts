import { type Finding, type FindingSeverity, SEVERITIES } from './finding.js';
import type { Counts } from './report.js';

/** One finding of which something has changed. */
export interface EventFinding extends Pick<Finding, 'check' | 'node' | 'about' | 'severity' | 'what'> {
  /** Stays the same from one audit to the next: what `ostler audit ack` takes. */
  key: string;
  /** As how bad people knew it before; of what got worse or better. */
  was?: FindingSeverity;
  /** What to do about it. */
  next?: string;
  /** When it was first seen without having been gone since, ISO 8601. */
  since: string;
}

/** How the findings of an event have changed, worst news first. */
export const TURNS = ['opened', 'worsened', 'eased', 'resolved'] as const;
export type Turn = (typeof TURNS)[number];

/** What people are told after an audit: only what has changed since they were told last. */
export interface AuditEvent extends Record<Turn, EventFinding[]> {
  /** A UUID, decided once: whoever gets an event twice can tell by it. */
  id: string;
  cloud: string;
  /** When the audit ended, ISO 8601. */
  at: string;
  /** `<workflow id>@<8 characters of its first run id>`. */
  run: string;
  /** How many more findings have changed than are listed. */
  omitted: number;
  /** What there is now, all in all. */
  counts: Counts;
}

/** How many findings of an event are listed. */
export const listedIn = (event: AuditEvent): number => TURNS.reduce((sum, turn) => sum + event[turn].length, 0);

/**
 * What of an event is for somebody who wants to hear of these severities; undefined when nothing is. Who was told of an error also hears
 * that it has become a warning. What is omitted is counted where all severities are wanted, as nobody knows how bad it is.
 */
export function partOf(event: AuditEvent, severities: readonly FindingSeverity[]): AuditEvent | undefined {
  if (SEVERITIES.every((one) => severities.includes(one))) return event;
  const wanted = ({ severity, was }: EventFinding): boolean =>
    severities.includes(severity) || (was !== undefined && severities.includes(was));
  const part: AuditEvent = {
    ...event,
    opened: event.opened.filter(wanted),
    worsened: event.worsened.filter(wanted),
    eased: event.eased.filter(wanted),
    resolved: event.resolved.filter(wanted),
    omitted: 0,
  };
  return listedIn(part) > 0 ? part : undefined;
}

/** What is left of an event when a part of it has been told; undefined when nothing is. */
export function withoutPart(event: AuditEvent, part: AuditEvent): AuditEvent | undefined {
  const told = new Set(TURNS.flatMap((turn) => part[turn].map(({ key }) => key)));
  const untold = ({ key }: EventFinding): boolean => !told.has(key);
  const rest: AuditEvent = {
    ...event,
    opened: event.opened.filter(untold),
    worsened: event.worsened.filter(untold),
    eased: event.eased.filter(untold),
    resolved: event.resolved.filter(untold),
    omitted: event.omitted - part.omitted,
  };
  return listedIn(rest) > 0 ? rest : undefined;
}

const NEWS: Record<Turn, string> = { opened: 'new', worsened: 'worse', eased: 'better', resolved: 'resolved' };

/** An event in a few words: the one thing that happened, or how many things did. */
export function headlineOf(event: AuditEvent): string {
  const [only, ...others] = TURNS.flatMap((turn) => event[turn].map((finding) => ({ turn, finding })));
  if (only && others.length === 0 && event.omitted === 0) return headlineOfOne(only.turn, only.finding);
  const parts = TURNS.filter((turn) => event[turn].length > 0).map((turn) => `${event[turn].length} ${NEWS[turn]}`);
  return [...parts, ...(event.omitted > 0 ? [`${event.omitted} more`] : [])].join(', ');
}

function headlineOfOne(turn: Turn, { severity, what }: EventFinding): string {
  if (turn === 'resolved') return `resolved: ${what}`;
  return turn === 'opened' ? `${severity}: ${what}` : `${NEWS[turn]}, now ${severity}: ${what}`;
}

/** What there is all in all, in words: `2 errors, 1 unknown, 4 warnings; 1 more acknowledged`. */
export function countsInWords({ error, unknown, warn, acked }: Counts): string {
  const parts = [
    error > 0 && `${error} ${error === 1 ? 'error' : 'errors'}`,
    unknown > 0 && `${unknown} unknown`,
    warn > 0 && `${warn} ${warn === 1 ? 'warning' : 'warnings'}`,
  ].filter(Boolean);
  return `${parts.join(', ') || 'nothing'}${acked > 0 ? `; ${acked} more acknowledged` : ''}`;
}
