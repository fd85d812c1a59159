import pc from 'picocolors';
import { broughtBy, catalogue, turnsOf } from '../../domain/catalogue.js';
import { formatDuration } from '../../domain/duration.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import { forecastText } from './forecast.js';
import { lastLines } from './plan-end.js';
import { batchLines, excludedLines, failuresLine, localTime } from './plan-lines.js';
import { unitsPlanText } from './services-plan.js';
import { pairs, type Style } from './tables.js';
import { count, printable } from './text.js';

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
        ['between', turnsOf(plan.target)?.between],
        ['outage', plan.outage && printable(plan.outage)],
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

/** What a restart brings with it, where it runs on the same host. */
function broughtWith({ target }: Plan): string {
  const entry = catalogue.get(target);
  const brought = entry ? broughtBy(entry).map(({ id }) => id) : [];
  return brought.length > 0 ? `, and ${brought.join(' and ')} after it,` : '';
}
