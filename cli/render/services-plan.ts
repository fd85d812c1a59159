import pc from 'picocolors';
import { formatDuration } from '../../domain/duration.js';
import { listed } from '../../domain/names.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import type { UnitsForecast } from '../../domain/services.js';
import { lastLines } from './plan-end.js';
import { batchLines, excludedLines, failuresLine, localTime } from './plan-lines.js';
import { pairs, type Style } from './tables.js';
import { count, printable } from './text.js';

/** Services left out of a plan that are named; the rest is counted. */
const MOST_LEFT_OUT = 10;

/** The plan to start, stop, enable or disable services as a page: what is done to what in which order, on which hosts, and what is left out. */
export function unitsPlanText(plan: Plan, forecast: UnitsForecast, request: RolloutRequest, style: Style): string {
  const { bold } = pc.createColors(style.colour);
  const { operation, target, cloud } = request;
  const verb = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  const leftOut = forecast.leftOut.slice(0, MOST_LEFT_OUT).map((why): [string, string] => ['left out', printable(why)]);
  const more = forecast.leftOut.length - leftOut.length;
  return [
    ...(request.each
      ? [bold(`${verb} ${target} of ${cloud}, in ${count(plan.nodes.length, 'run')} one after the other`), '']
      : [
          bold(
            `${verb} ${target} on ${count(plan.nodes.length, `${plan.role} host`)} of ${cloud}, in ${count(plan.batches.length, 'batch', 'batches')}`,
          ),
          '',
          ...batchLines(plan, request, style),
          '',
        ]),
    pairs(
      [
        ...forecast.steps.map((step, index): [string, string] => [`${index + 1}`, printable(step)]),
        ['outage', forecast.outages && `${printable(listed(forecast.outages))}: on no controller afterwards`],
        ...leftOut,
        ...(more > 0 ? [['left out', `${more} more`] as [string, string]] : []),
        ...excludedLines(plan),
        [
          'at most down',
          operation === 'stop' && !request.each
            ? `${plan.maxUnavailable} of ${plan.population}, the stopped ones among them`
            : undefined,
        ],
        [
          'soak',
          request.soakMs > 0 && (operation === 'start' || operation === 'stop')
            ? formatDuration(request.soakMs)
            : undefined,
        ],
        ['failures', failuresLine(plan, request)],
        ['until', request.untilMs === undefined ? undefined : `no new batch after ${localTime(request.untilMs)}`],
        ...lastLines(plan, request),
      ],
      style,
    ),
  ].join('\n');
}
