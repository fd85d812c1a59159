import pc from 'picocolors';
import { formatDuration } from '../../domain/duration.js';
import { listed } from '../../domain/names.js';
import { batchesOf, type Exclusion, type Plan, type RolloutRequest } from '../../domain/plan.js';
import { forecastText } from './forecast.js';
import { lastLines } from './plan-end.js';
import { pairs, type Style } from './tables.js';
import { clipped, count } from './text.js';

/** Why a host is left out, as an operator would say it. */
const exclusions: Record<Exclusion, string> = {
  down: 'down already',
  disabled: 'disabled',
  'not-installed': 'not installed',
  masked: 'masked',
  unreachable: 'unreachable',
  clustered: 'under Pacemaker',
};

/** Batches after this many are summed up in one line; the hosts of all are in `--json`. */
const MOST_BATCHES = 12;

/** The plan as a page: what will be done to which host and when, within what limits, who asked and why. */
export function planText(plan: Plan, request: RolloutRequest, style: Style): string {
  if (plan.forecast) return forecastText(plan, plan.forecast, request, style);
  const { bold } = pc.createColors(style.colour);
  const hosts = count(plan.nodes.length, 'host');
  return [
    bold(
      `Restart ${plan.target} on ${hosts} of ${request.cloud}, in ${count(plan.batches.length, 'batch', 'batches')}`,
    ),
    '',
    ...batchLines(plan, request, style),
    '',
    pairs(
      [
        ['at most down', `${plan.maxUnavailable} of ${count(plan.population, `${plan.role} host`)}`],
        ['soak', `${formatDuration(request.soakMs)} after each restart`],
        ['failures', failuresLine(plan, request)],
        ['until', request.untilMs === undefined ? undefined : `no new batch after ${localTime(request.untilMs)}`],
        ...excludedLines(plan),
        ...lastLines(plan, request),
      ],
      style,
    ),
  ].join('\n');
}

/** One line for each batch: its number, its size and its hosts, as many as fit. */
function batchLines(plan: Plan, request: RolloutRequest, { columns, colour }: Style): string[] {
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

function failuresLine({ maxFailures }: Plan, { onFailure }: RolloutRequest): string {
  const then = onFailure === 'pause' ? 'pauses for you' : 'aborts';
  return maxFailures === 0 ? `the first failure ${then}` : `more than ${maxFailures} ${then}`;
}

const excludedLines = ({ excluded }: Plan): [string, string][] =>
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
