import { isDeepStrictEqual } from 'node:util';
import { DAYS_OF_WEEK, MONTHS, type ScheduleDescription } from '@temporalio/client';
import type { AuditRequest } from '../../domain/audit/request.js';
import { type ClockTimes, numbersOf } from '../../domain/calendar.js';
import type { FoundSchedule, Schedule } from '../../domain/schedules.js';
import { auditId } from '../../workflows/messages/names.js';
import { APPLIED_MEMO, type AppliedMemo, MADE_BY_MEMO, schedulePrefix } from '../../workflows/messages/schedules.js';
import { digestOf } from './digest.js';
import { requestOf } from './options.js';
import { overlapFromWire } from './overlap.js';
import type { ScheduleTarget } from './target.js';

type Calendar = NonNullable<ScheduleDescription['spec']['calendars']>[number];

/** A schedule as Temporal describes it, in the form in which it can be compared with what is wanted. */
export function foundSchedule(description: ScheduleDescription, target: ScheduleTarget): FoundSchedule {
  const { spec, policies, state } = description;
  const { checks, on, reason } = requestIn(description);
  const schedule: Schedule = {
    name: description.scheduleId.slice(schedulePrefix(target.cloud).length),
    intervals: (spec.intervals ?? []).map(({ every, offset }) => ({ everyMs: every, offsetMs: offset ?? 0 })),
    clocks: (spec.calendars ?? []).map(clockOf),
    timeZone: spec.timezone || 'UTC',
    jitterMs: spec.jitter ?? 0,
    overlap: overlapFromWire(policies.overlap),
    catchupWindowMs: policies.catchupWindow,
    pauseOnFailure: policies.pauseOnFailure,
    audit: { ...(checks && { checks }), ...(on !== undefined && { on }) },
    note: reason ?? '',
    strange: [],
  };
  schedule.strange = strangeIn(description, schedule, target);
  return {
    ...schedule,
    isOurs: description.memo?.[MADE_BY_MEMO] !== undefined,
    isEdited: appliedIn(description)?.digest !== digestOf(schedule),
    paused: state.paused,
    state: state.note ?? '',
  };
}

/** Who applied it last, and why. */
export const appliedIn = ({ action }: ScheduleDescription): AppliedMemo | undefined =>
  action.memo?.[APPLIED_MEMO] as AppliedMemo | undefined;

const requestIn = ({ action }: ScheduleDescription): Partial<AuditRequest> =>
  (action.args?.[0] ?? {}) as Partial<AuditRequest>;

/** What no inventory can ask for. */
function strangeIn(description: ScheduleDescription, schedule: Schedule, target: ScheduleTarget): string[] {
  const { spec, state, action } = description;
  const { cloud, workflowType, taskQueue } = target;
  return [
    ...(spec.startAt ? [`not before ${spec.startAt.toISOString()}`] : []),
    ...(spec.endAt ? [`not after ${spec.endAt.toISOString()}`] : []),
    ...(spec.skip?.length ? ['leaves some times out'] : []),
    ...(state.remainingActions === undefined ? [] : [`${state.remainingActions} times more`]),
    ...(action.workflowType === workflowType ? [] : [`starts the workflow ${action.workflowType}`]),
    ...(action.taskQueue === taskQueue ? [] : [`on the task queue ${action.taskQueue}`]),
    ...(action.workflowId === auditId(cloud, schedule.name) ? [] : [`as ${action.workflowId}`]),
    ...(isDeepStrictEqual(action.args, [requestOf(schedule, cloud)]) ? [] : ['with other arguments']),
    ...(appliedIn(description) ? [] : ['without the memo of who applied it']),
    ...(action.retry || action.workflowExecutionTimeout || action.workflowRunTimeout ? ['with limits or retries'] : []),
  ];
}

const clockOf = ({ month, dayOfWeek, ...calendar }: Calendar): ClockTimes => ({
  second: numbersOf(calendar.second),
  minute: numbersOf(calendar.minute),
  hour: numbersOf(calendar.hour),
  dayOfMonth: numbersOf(calendar.dayOfMonth),
  month: numbersOf(numberedRuns(month, (name) => MONTHS.indexOf(name) + 1)),
  year: numbersOf(calendar.year),
  dayOfWeek: numbersOf(numberedRuns(dayOfWeek, (name) => DAYS_OF_WEEK.indexOf(name))),
});

const numberedRuns = <Name>(
  runs: readonly { start: Name; end: Name; step: number }[],
  numberOf: (name: Name) => number,
) => runs.map(({ start, end, step }) => ({ start: numberOf(start), end: numberOf(end), step }));
