import type { Client } from '@temporalio/client';
import { readInstant, writeInstant } from '../../domain/instant.js';
import type { Overlap } from '../../domain/schedules.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import { count } from '../render/text.js';
import { overlapOnWire } from '../schedules/overlap.js';
import { requireSchedule } from '../schedules/read.js';
import { targetOf } from '../schedules/target.js';
import type { ScheduleBackfillFlags } from './schedule-backfill.js';

/** Whoever makes up for missed times wants each of them, and not all at once. */
const OVERLAP: Overlap = 'buffer-all';

/** Begins what a schedule would have begun in a stretch of the past, after the person has seen how much that is. */
export async function backfillSchedule(this: OstlerContext, flags: ScheduleBackfillFlags, name: string): Promise<void> {
  const cloud = await cloudOf(this, flags);
  await withTemporal(this, flags, async ({ client }) => {
    const { found, description } = await requireSchedule(client, targetOf(cloud), name);
    const { timeZone } = found;
    const from = readInstant(flags.from, timeZone) ?? Number.NaN;
    const to = flags.to === undefined ? this.now() : (readInstant(flags.to, timeZone) ?? Number.NaN);
    const stretch = `${writeInstant(from, timeZone)} to ${writeInstant(to, timeZone)} (${timeZone})`;
    refuseUnlessPast(from, to, this.now(), stretch);

    const times = await timesBetween(client, description.scheduleId, from, to);
    if (times.length === 0)
      throw new UsageError(`${name} has no time from ${stretch}`, '`ostler schedule list` says when it has');
    const overlap = flags.overlap ?? OVERLAP;
    const question = `Begin ${count(times.length, 'audit')} for ${stretch}, overlap ${overlap}?`;
    if (!flags.yes && !(await this.io.confirm(question)))
      throw new CliError(EXIT.failed, 'you said no; nothing was begun');
    const handle = client.schedule.getHandle(description.scheduleId);
    await handle.backfill({ start: new Date(from), end: new Date(to), overlap: overlapOnWire(overlap) });
    if (flags.json) return printJson(this, { cloud, name, overlap, times: times.map((time) => time.toISOString()) });
    this.io.stdout(`${name}: ${count(times.length, 'time')} made up for, ${stretch}\n`);
  });
}

function refuseUnlessPast(from: number, to: number, now: number, stretch: string): void {
  if (to < from) throw new UsageError(`${stretch} runs backwards`, '--from comes before --to');
  if (to > now)
    throw new UsageError(`${stretch} is not over yet`, 'leave --to out for now; what is to come begins by itself');
}

/** The times of a schedule in a stretch, as Temporal reckons them. */
async function timesBetween(client: Client, scheduleId: string, from: number, to: number): Promise<Date[]> {
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId,
    startTime: timestamp(from),
    endTime: timestamp(to),
  });
  return (startTime ?? []).map(({ seconds }) => new Date(Number(seconds) * 1_000));
}

const timestamp = (ms: number) => ({ seconds: Math.floor(ms / 1_000) as never, nanos: (ms % 1_000) * 1_000_000 });
