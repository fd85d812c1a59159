import pc from 'picocolors';
import { listed } from '../../domain/names.js';
import { batchesOf, type Exclusion, type Plan, type RolloutRequest } from '../../domain/plan.js';
import type { Style } from './tables.js';
import { clipped, count } from './text.js';

/** Why a host is left out, as an operator would say it. */
const exclusions: Record<Exclusion, string> = {
  down: 'down already',
  disabled: 'disabled',
  'not-installed': 'not installed',
  masked: 'masked',
  unreachable: 'unreachable',
  clustered: 'under Pacemaker',
  already: 'as wanted already',
  'on-demand': 'on demand',
  'left-alone': 'left alone',
};

/** Batches after this many are summed up in one line; the hosts of all are in `--json`. */
const MOST_BATCHES = 12;

/** One line for each batch: its number, its size and its hosts, as many as fit. */
export function batchLines(plan: Plan, request: RolloutRequest, { columns, colour }: Style): string[] {
  const { dim, yellow } = pc.createColors(colour);
  const batches = batchesOf(plan);
  const lines = batches.slice(0, MOST_BATCHES).map((nodes, index) => {
    const label = `${String(index + 1).padStart(4)}. ${count(nodes.length, 'host').padEnd(10)} `;
    const canary =
      index === 0 && batches.length > 1 ? ` canary${request.promote ? ', then waits for `ostler promote`' : ''}` : '';
    const names = clipped(listed(nodes, 6), Math.max(20, columns - label.length - canary.length));
    return `${label}${names}${yellow(canary)}`;
  });
  const rest = plan.batches.slice(MOST_BATCHES);
  const left = rest.reduce((sum, size) => sum + size, 0);
  if (left > 0)
    lines.push(dim(`      ${count(rest.length, 'more batch', 'more batches')} with ${count(left, 'host')}`));
  return lines;
}

export function failuresLine({ maxFailures }: Plan, { onFailure }: RolloutRequest): string {
  const then = onFailure === 'pause' ? 'pauses for you' : 'aborts';
  return maxFailures === 0 ? `the first failure ${then}` : `more than ${maxFailures} ${then}`;
}

export const excludedLines = ({ excluded }: Plan): [string, string][] =>
  Object.entries(excluded).map(([why, names]) => [
    'left out',
    `${names.length} ${exclusions[why as Exclusion]}: ${listed(names)}`,
  ]);

/** `Mon 23 Nov, 06:00` on the operator's clock. */
export const localTime = (ms: number): string =>
  new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
