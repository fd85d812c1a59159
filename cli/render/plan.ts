import pc from 'picocolors';
import { broughtBy, catalogue } from '../../domain/catalogue.js';
import { isCephDaemon } from '../../domain/ceph-daemons.js';
import { formatDuration } from '../../domain/duration.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import { forecastText } from './forecast.js';
import { lastLines } from './plan-end.js';
import { batchLines, excludedLines, failuresLine, localTime } from './plan-lines.js';
import { unitsPlanText } from './services-plan.js';
import { pairs, type Style } from './tables.js';
import { count } from './text.js';

/** The plan as a page: what will be done to which host and when, within what limits, who asked and why. */
export function planText(plan: Plan, request: RolloutRequest, style: Style): string {
  if (plan.forecast) return forecastText(plan, plan.forecast, request, style);
  if (plan.units) return unitsPlanText(plan, plan.units, request, style);
  const { bold } = pc.createColors(style.colour);
  const hosts = count(plan.nodes.length, 'host');
  return [
    bold(
      `Restart ${plan.target}${broughtWith(plan)} on ${hosts} of ${request.cloud}, in ${count(plan.batches.length, 'batch', 'batches')}`,
    ),
    '',
    ...batchLines(plan, request, style),
    '',
    pairs(
      [
        ['at most down', `${plan.maxUnavailable} of ${count(plan.population, `${plan.role} host`)}`],
        ['between', betweenHosts(plan)],
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

/** What holds while a host of Ceph has its turn, and what the next one waits for. */
function betweenHosts({ target }: Plan): string | undefined {
  if (!isCephDaemon(target)) return undefined;
  return target === 'ceph-osd'
    ? 'each host under noout of its own; the next when all is active+clean'
    : 'the next when every monitor is in quorum; the leader last';
}

/** What a restart brings with it, where it runs on the same host. */
function broughtWith({ target }: Plan): string {
  const entry = catalogue.get(target);
  const brought = entry ? broughtBy(entry).map(({ id }) => id) : [];
  return brought.length > 0 ? `, and ${brought.join(' and ')} after it,` : '';
}
