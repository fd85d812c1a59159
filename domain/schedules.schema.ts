import { z } from 'zod';
import { checks } from './audit/checks.js';
import { clockFields, readCalendar, readCron, readField } from './calendar.js';
import { durationSchema } from './duration.schema.js';
import { timeZone } from './fields.schema.js';
import { isWord } from './names.js';
import { OVERLAPS, SHORTEST_CATCH_UP_MS } from './schedules.js';
import { parseSelection } from './selection.js';

/** The reason why `read` refuses, or undefined. */
function refusalOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Refuses what `read` throws at, in its words. */
const readable =
  <T>(read: (value: T) => unknown) =>
  (value: T, context: z.core.$RefinementCtx<T>): void => {
    const message = refusalOf(() => read(value));
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  };

/** Temporal reckons in whole seconds. */
const seconds = durationSchema.refine((ms) => ms % 1_000 === 0, 'must be whole seconds');

const whole = z.int().min(0).max(clockFields.year.most);
const fieldText = z.union(
  [whole, z.string(), z.array(z.union([whole, z.string()])).min(1)],
  'must be a number, a range such as 1-5, *, */15, or a list of these',
);
const field = (name: keyof typeof clockFields) => fieldText.superRefine(readable((text) => readField(name, text)));

const calendarSchema = z
  .strictObject({
    second: field('second').describe('0 by default'),
    minute: field('minute').describe('0 by default'),
    hour: field('hour').describe('0 by default'),
    dayOfMonth: field('dayOfMonth').describe('1 to 31; every one by default'),
    month: field('month').describe('1 to 12 or jan to dec; every one by default'),
    year: field('year').describe('Every one by default'),
    dayOfWeek: field('dayOfWeek').describe(
      '0 to 6 or sun to sat; every one by default; a day must be right by this and by dayOfMonth',
    ),
  })
  .partial()
  .refine((calendar) => Object.keys(calendar).length > 0, 'is empty; name at least the minute or the hour')
  .superRefine(readable(readCalendar));

const cronSchema = z.string().superRefine(readable(readCron));

const onSchema = z
  .string()
  .refine(
    (text) => refusalOf(() => parseSelection(text)) === undefined,
    'must be a selection of hosts, such as compute-*,!compute-7 or domain=rack-a',
  );

/** Ids of checks, and the modules they belong to: either can be asked for. */
const checkNames = [...new Set([...checks.values()].flatMap(({ id, module }) => [id, module]))] as [
  string,
  ...string[],
];

const oneLine = z
  .string()
  .min(1, 'must not be empty')
  .max(500, 'must be at most 500 characters')
  .refine((text) => !/\p{Cc}/u.test(text), 'must be one line');

const KINDS = ['every', 'cron', 'calendar'] as const;

const scheduleSchema = z
  .strictObject({
    audit: z
      .strictObject({
        checks: z
          .array(z.enum(checkNames))
          .min(1, 'needs at least one; leave it out for every check')
          .optional()
          .describe('Checks or modules; every check without it'),
        on: onSchema.optional().describe('Which hosts, as --on takes it; every host without it'),
      })
      .describe('What is audited; {} for everything'),
    every: seconds
      .refine((ms) => ms >= SHORTEST_CATCH_UP_MS, 'must be at least 10s')
      .optional()
      .describe('The time from one audit to the next, counted from 1970-01-01 UTC; this, cron or calendar'),
    cron: cronSchema.optional().describe('Five fields as in cron, or @daily and the like'),
    calendar: calendarSchema.optional().describe('What a clock must show'),
    offset: seconds.optional().describe('With every: so much later than the full interval'),
    timeZone: timeZone
      .default('UTC')
      .describe('Where that clock hangs; of every, only how its times are shown. A name of the tz database'),
    jitter: seconds.default(0).describe('Each begins up to so much later, by chance'),
    overlap: z.enum(OVERLAPS).default('skip').describe('What happens when the one before still goes on'),
    catchupWindow: seconds
      .refine((ms) => ms >= SHORTEST_CATCH_UP_MS, 'must be at least 10s, the least that Temporal takes')
      .optional()
      .describe('How late one may still begin when Temporal was down; by default the interval, or 10m'),
    pauseOnFailure: z.boolean().default(false).describe('Pause the schedule when an audit fails to run'),
    paused: z.boolean().default(false).describe('It is there, and starts nothing by itself'),
    note: oneLine.optional().describe('What it is for: the reason that each of its audits carries'),
  })
  .superRefine((schedule, context) => {
    const refuse = (message: string, path: string[] = []) => context.addIssue({ code: 'custom', path, message });
    const given = KINDS.filter((kind) => schedule[kind] !== undefined);
    if (given.length === 0) refuse('says not when; it needs every, cron or calendar');
    if (given.length > 1) refuse(`has ${given.join(' and ')}; keep one`);
    const { every, offset } = schedule;
    if (offset === undefined) return;
    if (every === undefined) refuse('belongs to every', ['offset']);
    else if (offset >= every) refuse('must be less than every', ['offset']);
  });

/** Names become part of workflow ids. */
const scheduleName = z.string().refine(isWord, 'must be a word of letters, digits, dots, hyphens and underscores');

/** `schedules:` of ostler.yaml: what is done by itself, by name. Durations are milliseconds once parsed. */
export const schedulesSchema = z.record(scheduleName, scheduleSchema);

export type ScheduleSettings = z.output<typeof scheduleSchema>;
