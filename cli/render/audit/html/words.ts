import type { FindingSeverity } from '../../../../domain/audit/finding.js';
import type { Counts } from '../../../../domain/audit/report.js';

/** Told apart by their form as well as by their colour. */
export const SYMBOLS: Record<keyof Counts, string> = { error: '×', unknown: '?', warn: '!', acked: '✓' };

/** How bad one finding is. */
export const WORDS: Record<FindingSeverity, string> = { error: 'error', unknown: 'unknown', warn: 'warning' };

const moment = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** A time as machines and as people read it. Readers of a page may sit anywhere: it is UTC. */
export const timeOf = (iso: string): { iso: string; text: string } => ({
  iso,
  text: `${moment.format(Date.parse(iso))} UTC`,
});
