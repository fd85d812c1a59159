import type { ScheduleOverlapPolicy } from '@temporalio/client';
import { OVERLAPS, type Overlap } from '../../domain/schedules.js';

type OnWire = NonNullable<ScheduleOverlapPolicy>;

const names: Readonly<Record<Overlap, OnWire>> = {
  skip: 'SKIP',
  'buffer-one': 'BUFFER_ONE',
  'buffer-all': 'BUFFER_ALL',
  'cancel-other': 'CANCEL_OTHER',
  'terminate-other': 'TERMINATE_OTHER',
  'allow-all': 'ALLOW_ALL',
};

/** Temporal's name of what happens on overlap. */
export const overlapOnWire = (overlap: Overlap): OnWire => names[overlap];

/** Ours; Temporal skips where nothing is said. */
export const overlapFromWire = (policy: ScheduleOverlapPolicy): Overlap =>
  OVERLAPS.find((overlap) => names[overlap] === policy) ?? 'skip';
