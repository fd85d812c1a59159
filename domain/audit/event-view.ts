import { type AuditEvent, countsInWords, type EventFinding, headlineOf, type Turn } from './event.js';

/** What templates may say of a finding. */
export const FINDING_VARIABLES = ['key', 'check', 'node', 'about', 'severity', 'was', 'what', 'next', 'since'] as const;

/** What templates may say of an event, beside its lists of findings. */
export const EVENT_VARIABLES = [
  'id',
  'cloud',
  'at',
  'run',
  'headline',
  'now',
  'omitted',
  'errors',
  'unknowns',
  'warnings',
  'acknowledged',
] as const;

type FindingView = Record<(typeof FINDING_VARIABLES)[number], string>;
export type EventView = Record<(typeof EVENT_VARIABLES)[number], string | number> & Record<Turn, FindingView[]>;

/** Longer than any sentence of ours: what is cut was made to be too long. */
const LONGEST = 500;

/** Control and format characters, line and paragraph separators: whoever can name a queue must not write lines of their own. */
const HOSTILE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** Text of whoever, as a part of a line. */
export const tame = (text = ''): string => Array.from(text.replace(HOSTILE, ' ')).slice(0, LONGEST).join('');

/** An event as templates see it: one line of harmless text or a number for each name, empty where there is nothing to say. */
export const viewOf = (event: AuditEvent): EventView => ({
  id: tame(event.id),
  cloud: tame(event.cloud),
  at: tame(event.at),
  run: tame(event.run),
  headline: tame(headlineOf(event)),
  now: countsInWords(event.counts),
  omitted: event.omitted,
  errors: event.counts.error,
  unknowns: event.counts.unknown,
  warnings: event.counts.warn,
  acknowledged: event.counts.acked,
  opened: event.opened.map(findingView),
  worsened: event.worsened.map(findingView),
  eased: event.eased.map(findingView),
  resolved: event.resolved.map(findingView),
});

const findingView = (finding: EventFinding): FindingView => ({
  key: tame(finding.key),
  check: tame(finding.check),
  node: tame(finding.node),
  about: tame(finding.about),
  severity: tame(finding.severity),
  was: tame(finding.was),
  what: tame(finding.what),
  next: tame(finding.next),
  since: tame(finding.since),
});
