import { formatDuration } from '../../domain/duration.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import { printable } from './text.js';

/** What every plan ends with: how long it takes, who asked and why, and the hash to hold it to. */
export const lastLines = (plan: Plan, request: RolloutRequest): [string, string][] => [
  ['takes about', formatDuration(plan.estimateMs)],
  ['actor', printable(request.actor)],
  ['reason', printable(request.reason)],
  ['plan', plan.hash],
];
