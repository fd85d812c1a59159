import { type ClockTimes, clockInWords, readCalendar, readCron } from './calendar.js';
import type { ScheduleSettings } from './schedules.schema.js';

/** What happens when it is time and what was started before still goes on: Temporal's policies by our names. */
export const OVERLAPS = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'terminate-other', 'allow-all'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** Temporal makes a shorter catch-up window this long, and never says so. */
export const SHORTEST_CATCH_UP_MS = 10_000;

/** Of a cron or a calendar, which has no interval, when nothing else is said. */
const CATCH_UP_MS = 600_000;

/** A schedule in the one form in which what is wanted and what is found can be compared. */
export interface Schedule {
  name: string;
  /** It is time when any of these says so. */
  intervals: { everyMs: number; offsetMs: number }[];
  clocks: ClockTimes[];
  timeZone: string;
  jitterMs: number;
  overlap: Overlap;
  catchupWindowMs: number;
  pauseOnFailure: boolean;
  audit: { checks?: string[]; on?: string };
  /** What it is for. */
  note: string;
  /** What no inventory can ask for, in words: somebody has set it by hand. */
  strange: string[];
}

/** What an inventory asks for. */
export interface WantedSchedule extends Schedule {
  /** The inventory wants it paused; otherwise people say whether it is. */
  paused: boolean;
}

/** What Temporal has. */
export interface FoundSchedule extends Schedule {
  /** `ostler schedule apply` has made it. */
  isOurs: boolean;
  /** It is no longer what `ostler schedule apply` left. */
  isEdited: boolean;
  paused: boolean;
  /** Why it is paused, or was resumed. */
  state: string;
}

/** What a note says when the inventory, and no person, has paused a schedule. */
export const PAUSED_BY_INVENTORY = 'paused in the inventory';

/** What an inventory's `schedules:` ask for, by name. */
export const wantedSchedules = (settings: Readonly<Record<string, ScheduleSettings>>): WantedSchedule[] =>
  Object.entries(settings).map(([name, one]) => wantedSchedule(name, one));

function wantedSchedule(name: string, settings: ScheduleSettings): WantedSchedule {
  const { audit, every, cron, calendar, offset = 0, note, catchupWindow } = settings;
  return {
    name,
    intervals: every === undefined ? [] : [{ everyMs: every, offsetMs: offset }],
    clocks: [...(cron === undefined ? [] : [readCron(cron)]), ...(calendar ? [readCalendar(calendar)] : [])],
    timeZone: settings.timeZone,
    jitterMs: settings.jitter,
    overlap: settings.overlap,
    catchupWindowMs: catchupWindow ?? every ?? CATCH_UP_MS,
    pauseOnFailure: settings.pauseOnFailure,
    audit: { ...(audit.checks && { checks: audit.checks }), ...(audit.on !== undefined && { on: audit.on }) },
    note: note ?? 'scheduled',
    paused: settings.paused,
    strange: [],
  };
}

/** What can be told of a schedule, by what it is called in front of people. Different schedules differ here. */
export function traitsOf(schedule: Schedule): Record<string, string> {
  return {
    what: auditInWords(schedule.audit),
    when: timesInWords(schedule),
    'time zone': schedule.timeZone,
    jitter: exactly(schedule.jitterMs),
    overlap: schedule.overlap,
    'catch-up window': exactly(schedule.catchupWindowMs),
    'pause on failure': schedule.pauseOnFailure ? 'yes' : 'no',
    note: schedule.note,
    'set by hand': schedule.strange.join('; ') || 'nothing',
  };
}

/** `audit of keystone, galera-size on controller-*`. */
export const auditInWords = ({ checks, on }: Schedule['audit']): string =>
  `audit of ${checks?.join(', ') ?? 'everything'}${on === undefined ? '' : ` on ${on}`}`;

/** `every 5m`, `at 02:30 on mon to fri`; the time zone is not said. */
export function timesInWords({ intervals, clocks }: Pick<Schedule, 'intervals' | 'clocks'>): string {
  const times = [
    ...intervals.map(
      ({ everyMs, offsetMs }) => `every ${exactly(everyMs)}${offsetMs === 0 ? '' : `, ${exactly(offsetMs)} later`}`,
    ),
    ...clocks.map(clockInWords),
  ];
  return times.length === 0 ? 'never' : times.join('; and ');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** A duration as the inventory would have it, with nothing rounded: `90m`, `1h`, `36h`. */
export function exactly(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, size] = UNITS.find(([, length]) => ms % length === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** One thing about a schedule that is not as it is wanted. */
export interface FieldChange {
  field: string;
  from: string;
  to: string;
}

/** What applying an inventory does to one schedule. */
export type ScheduleChange =
  | { kind: 'create'; name: string; wanted: WantedSchedule }
  | { kind: 'change'; name: string; wanted: WantedSchedule; fields: FieldChange[]; isEdited: boolean }
  | { kind: 'unchanged'; name: string; wanted: WantedSchedule; found: FoundSchedule }
  | { kind: 'delete'; name: string; found: FoundSchedule }
  /** It stands where one is wanted, and Ostler has not made it. */
  | { kind: 'taken'; name: string; wanted: WantedSchedule }
  /** Nobody wants it, and Ostler has not made it: it is left alone. */
  | { kind: 'foreign'; name: string };

/** What there is to do so that Temporal has what the inventory asks for: what is wanted in its order, then what is no longer. */
export function scheduleChanges(wanted: readonly WantedSchedule[], found: readonly FoundSchedule[]): ScheduleChange[] {
  const byName = new Map(found.map((one) => [one.name, one]));
  const names = new Set(wanted.map(({ name }) => name));
  return [
    ...wanted.map((one) => changeOf(one, byName.get(one.name))),
    ...found
      .filter(({ name }) => !names.has(name))
      .map(
        (one): ScheduleChange =>
          one.isOurs ? { kind: 'delete', name: one.name, found: one } : { kind: 'foreign', name: one.name },
      ),
  ];
}

function changeOf(wanted: WantedSchedule, found: FoundSchedule | undefined): ScheduleChange {
  const { name } = wanted;
  if (!found) return { kind: 'create', name, wanted };
  if (!found.isOurs) return { kind: 'taken', name, wanted };
  const fields = fieldChanges(wanted, found);
  if (fields.length === 0) return { kind: 'unchanged', name, wanted, found };
  return { kind: 'change', name, wanted, fields, isEdited: found.isEdited };
}

/** Field by field, what is found and what is wanted instead. */
export function fieldChanges(wanted: WantedSchedule, found: FoundSchedule): FieldChange[] {
  const [before, after] = [traitsOf(found), traitsOf(wanted)];
  const differing = Object.entries(after)
    .map(([field, to]) => ({ field, from: before[field] ?? '', to }))
    .filter(({ from, to }) => from !== to);
  const paused = pausedAfter(wanted, found);
  if (paused === found.paused) return differing;
  return [...differing, { field: 'paused', from: yesOrNo(found.paused), to: yesOrNo(paused) }];
}

const yesOrNo = (is: boolean): string => (is ? 'yes' : 'no');

/** Whether a schedule is paused once the inventory is applied: what a person, or a failure, has paused stays so. */
export const pausedAfter = (wanted: WantedSchedule, found: Pick<FoundSchedule, 'paused' | 'state'>): boolean =>
  wanted.paused || (found.paused && !found.state.startsWith(PAUSED_BY_INVENTORY));
