import { createHash } from 'node:crypto';
import type { Schedule } from '../../domain/schedules.js';

/** The same for schedules that say the same, and kept with what was applied: so an edit by hand is seen. */
export function digestOf(schedule: Schedule): string {
  const { intervals, clocks, timeZone, jitterMs, overlap, catchupWindowMs, pauseOnFailure, audit, note } = schedule;
  const said = [intervals, clocks, timeZone, jitterMs, overlap, catchupWindowMs, pauseOnFailure, audit, note];
  return createHash('sha256')
    .update(JSON.stringify([...said, schedule.strange]))
    .digest('hex')
    .slice(0, 16);
}
