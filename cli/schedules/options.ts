import {
  type CalendarSpec,
  DAYS_OF_WEEK,
  MONTHS,
  type ScheduleDescription,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { defineSearchAttributeKey, type Workflow } from '@temporalio/common';
import type { AuditRequest } from '../../domain/audit/request.js';
import { type ClockTimes, clockInWords, runsOf } from '../../domain/calendar.js';
import {
  auditInWords,
  PAUSED_BY_INVENTORY,
  pausedAfter,
  type Schedule,
  timesInWords,
  type WantedSchedule,
} from '../../domain/schedules.js';
import { auditId } from '../../workflows/messages/names.js';
import {
  APPLIED_MEMO,
  type AppliedMemo,
  MADE_BY_MEMO,
  scheduleActor,
  scheduleId,
} from '../../workflows/messages/schedules.js';
import { digestOf } from './digest.js';
import { overlapOnWire } from './overlap.js';
import type { ScheduleTarget } from './target.js';

/** Who applies the inventory, and why. */
export interface Applicant {
  actor: string;
  reason: string;
}

type Action = ScheduleOptionsStartWorkflowAction<Workflow>;

/** A schedule as Temporal is to make it. */
export const createOptions = (
  wanted: WantedSchedule,
  target: ScheduleTarget,
  applicant: Applicant,
): ScheduleOptions<Action> => ({
  scheduleId: scheduleId(target.cloud, wanted.name),
  memo: { [MADE_BY_MEMO]: `made by ostler schedule apply from the inventory of ${target.cloud}` },
  state: wanted.paused ? { paused: true, note: inventoryPause(wanted) } : { note: wanted.note },
  ...common(wanted, target, applicant),
});

/** A schedule as Temporal is to change it, except for a pause that the inventory knows nothing of. */
export const updateOptions = (
  wanted: WantedSchedule,
  { state }: Pick<ScheduleDescription, 'state'>,
  target: ScheduleTarget,
  applicant: Applicant,
): ScheduleUpdateOptions<Action> => ({
  state: stateAfter(wanted, { paused: state.paused, state: state.note ?? '' }, applicant),
  ...common(wanted, target, applicant),
});

function stateAfter(
  wanted: WantedSchedule,
  before: { paused: boolean; state: string },
  { actor, reason }: Applicant,
): { paused: boolean; note: string } {
  const paused = pausedAfter(wanted, before);
  if (paused === before.paused) return { paused, note: before.state };
  return { paused, note: paused ? inventoryPause(wanted) : `resumed in the inventory by ${actor}: ${reason}` };
}

const inventoryPause = ({ note }: Schedule): string => `${PAUSED_BY_INVENTORY}: ${note}`;

const common = (wanted: WantedSchedule, target: ScheduleTarget, applicant: Applicant) => ({
  spec: {
    intervals: wanted.intervals.map(({ everyMs, offsetMs }) => ({ every: everyMs, offset: offsetMs })),
    calendars: wanted.clocks.map(calendarOf),
    jitter: wanted.jitterMs,
    timezone: wanted.timeZone,
  },
  policies: {
    overlap: overlapOnWire(wanted.overlap),
    catchupWindow: wanted.catchupWindowMs,
    pauseOnFailure: wanted.pauseOnFailure,
  },
  action: actionOf(wanted, target, applicant),
});

const cloudKey = defineSearchAttributeKey('OstlerCloud', 'KEYWORD');
const actorKey = defineSearchAttributeKey('OstlerActor', 'KEYWORD');

function actionOf(wanted: WantedSchedule, target: ScheduleTarget, applicant: Applicant): Action {
  const { name } = wanted;
  const { cloud, workflowType, taskQueue } = target;
  const applied: AppliedMemo = { name, digest: digestOf(wanted), ...applicant };
  return {
    type: 'startWorkflow',
    workflowType,
    workflowId: auditId(cloud, name),
    taskQueue,
    args: [requestOf(wanted, cloud)],
    memo: { [APPLIED_MEMO]: applied },
    typedSearchAttributes: [
      { key: cloudKey, value: cloud },
      { key: actorKey, value: scheduleActor(name) },
    ],
    staticSummary: `${auditInWords(wanted.audit)} of ${cloud}, by the schedule ${name}`,
    staticDetails: `${wanted.note}  \n${timesInWords(wanted)}, ${wanted.timeZone}  \napplied by ${applicant.actor}: ${applicant.reason}`,
  };
}

/** What a schedule asks for each time. */
export const requestOf = ({ name, note, audit }: Schedule, cloud: string): AuditRequest => ({
  cloud,
  ...audit,
  actor: scheduleActor(name),
  reason: note,
});

/** Words for the Temporal UI stand beside the numbers; Temporal goes by the numbers. */
const calendarOf = (times: ClockTimes): CalendarSpec => ({
  second: runsOf(times.second),
  minute: runsOf(times.minute),
  hour: runsOf(times.hour),
  dayOfMonth: runsOf(times.dayOfMonth),
  month: namedRuns(times.month, (number) => MONTHS[number - 1]),
  year: runsOf(times.year),
  dayOfWeek: namedRuns(times.dayOfWeek, (number) => DAYS_OF_WEEK[number]),
  comment: clockInWords(times),
});

const namedRuns = <Name extends string>(numbers: readonly number[], nameOf: (number: number) => Name | undefined) =>
  runsOf(numbers).map(({ start, end, step }) => ({ start: nameOf(start) as Name, end: nameOf(end) as Name, step }));
