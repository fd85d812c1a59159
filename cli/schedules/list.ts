import type { Client } from '@temporalio/client';
import { auditInWords, timesInWords } from '../../domain/schedules.js';
import type { AppliedMemo } from '../../workflows/messages/schedules.js';
import { appliedIn } from './found.js';
import { type LastRun, lastRunOf } from './last-run.js';
import { type DescribedSchedule, readSchedules } from './read.js';
import type { ScheduleTarget } from './target.js';

/** One schedule in a list; see docs/json.md. */
export interface ListedSchedule {
  name: string;
  scheduleId: string;
  what: string;
  audit: { checks?: string[]; on?: string };
  when: string;
  timeZone: string;
  jitterMs: number;
  overlap: string;
  catchupWindowMs: number;
  pauseOnFailure: boolean;
  note: string;
  paused: boolean;
  /** Why it is paused, or was resumed. */
  state: string;
  /** It is no longer what was applied. */
  edited: boolean;
  applied?: Pick<AppliedMemo, 'actor' | 'reason'>;
  /** The next times, as many as are shown; when it is paused, those that would be. */
  next: string[];
  last?: LastRun;
  taken: number;
  missed: number;
  skipped: number;
}

const SHOWN = 3;

/** The schedules of a cloud that Ostler has made. */
export async function listSchedules(client: Client, target: ScheduleTarget): Promise<ListedSchedule[]> {
  const described = await readSchedules(client, target);
  return Promise.all(described.filter(({ found }) => found.isOurs).map((one) => listed(client, one)));
}

async function listed(client: Client, { found, description }: DescribedSchedule): Promise<ListedSchedule> {
  const { info, scheduleId } = description;
  const last = await lastRunOf(client, description);
  const applied = appliedIn(description);
  return {
    name: found.name,
    scheduleId,
    what: auditInWords(found.audit),
    audit: found.audit,
    when: timesInWords(found),
    timeZone: found.timeZone,
    jitterMs: found.jitterMs,
    overlap: found.overlap,
    catchupWindowMs: found.catchupWindowMs,
    pauseOnFailure: found.pauseOnFailure,
    note: found.note,
    paused: found.paused,
    state: found.state,
    edited: found.isEdited,
    ...(applied && { applied: { actor: applied.actor, reason: applied.reason } }),
    next: info.nextActionTimes.slice(0, SHOWN).map((time) => time.toISOString()),
    ...(last && { last }),
    taken: info.numActionsTaken,
    missed: info.numActionsMissedCatchupWindow,
    skipped: info.numActionsSkippedOverlap,
  };
}
