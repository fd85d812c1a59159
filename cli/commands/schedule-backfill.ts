import { buildCommand, type FlagParametersForType } from '@stricli/core';
import { readInstant } from '../../domain/instant.js';
import { OVERLAPS, type Overlap } from '../../domain/schedules.js';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags, understood, yesFlag } from '../flags.js';
import { scheduleArgument } from './schedule-name.js';

export interface ScheduleBackfillFlags extends CommonFlags {
  readonly from: string;
  readonly to?: string;
  readonly overlap?: Overlap;
  readonly yes?: boolean;
}

/** Only the form: what it means depends on the schedule's time zone. */
const instant = understood(
  (text: string) => (readInstant(text, 'UTC') === undefined ? undefined : text),
  'a date, or a date and a time, such as 2026-03-01 or 2026-03-01T02:30',
);

const flags: FlagParametersForType<ScheduleBackfillFlags, OstlerContext> = {
  from: {
    kind: 'parsed',
    parse: instant,
    brief: 'From this time on, by the clock of the schedule',
    placeholder: 'TIME',
  },
  to: { kind: 'parsed', parse: instant, optional: true, brief: 'Up to this time [now]', placeholder: 'TIME' },
  overlap: {
    kind: 'enum',
    values: OVERLAPS,
    optional: true,
    brief: 'What happens to those that are due together [buffer-all: one after the other]',
  },
  yes: yesFlag,
  ...commonFlags,
};

export const scheduleBackfillCommand = buildCommand({
  loader: async () => (await import('./schedule-backfill.impl.js')).backfillSchedule,
  parameters: { flags, aliases: { y: 'yes' }, positional: { kind: 'tuple', parameters: [scheduleArgument] } },
  docs: {
    brief: 'Make up for times that a schedule has missed',
    fullDescription: [
      'Begin now what a schedule would have begun between two times in the past. An audit sees the cloud as it is now, whatever time it',
      'makes up for.',
      '',
      'Examples:',
      '  ostler schedule backfill nightly --from 2026-03-01',
      '  ostler schedule backfill nightly --from 2026-03-01T02:00 --to 2026-03-01T03:00Z --overlap allow-all --yes',
    ].join('\n'),
  },
});
