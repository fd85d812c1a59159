import pc from 'picocolors';
import { formatDuration } from '../../domain/duration.js';
import type { ControllerForecast, ControllerRequest } from '../../domain/failover.js';
import { listed } from '../../domain/names.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import { lastLines } from './plan-end.js';
import { pairs, type Style } from './tables.js';
import { count, printable } from './text.js';

/** The plan of an operation on controllers as a page: what is where, what moves, who keeps a majority, what is done about it. */
export function forecastText(plan: Plan, forecast: ControllerForecast, request: RolloutRequest, style: Style): string {
  const { bold } = pc.createColors(style.colour);
  const { controller = {} } = request;
  const vips = Object.entries(forecast.vips).map(([vip, node]) => printable(`${vip} on ${node}`));
  return [
    bold(headline(plan, request)),
    '',
    ...(plan.nodes.length > 1 ? plan.nodes.map((node, index) => `${String(index + 1).padStart(4)}. ${node}`) : []),
    ...(plan.nodes.length > 1 ? [''] : []),
    pairs(
      [
        ['addresses', vips.length > 0 ? vips.join(', ') : undefined],
        ['restarts', forecast.restarts?.map(printable).join(', ')],
        ...(takesOut(request) ? absenceLines(plan, forecast) : []),
        ['hold', holdLine(request, controller)],
        ['forced', controller.force?.join(', ')],
        ...lastLines(plan, request),
      ],
      style,
    ),
  ].join('\n');
}

/** Whether a controller is out of service for it: an address moves, and a controller returns, without that. */
const takesOut = ({ operation }: RolloutRequest): boolean => operation === 'failover' || operation === 'restart';

const absenceLines = (
  plan: Plan,
  { runs, moves, backends, quorum }: ControllerForecast,
): [string, string | undefined][] => [
  ['runs there', named(plan, runs)],
  ['moves', named(plan, moves)],
  ['drained', named(plan, backends)],
  ...quorum.map(({ sentence }): [string, string] => ['quorum', sentence]),
];

function headline({ nodes }: Plan, { operation, target, cloud, controller }: RolloutRequest): string {
  switch (operation) {
    case 'failover':
      return controller?.dead
        ? `Take over from ${target} of ${cloud}, which is dead`
        : `Take ${target} of ${cloud} out of service, and bring it back`;
    case 'return':
      return `Bring ${target} of ${cloud} back into service`;
    case 'move':
      return `Move ${target} of ${cloud} to ${nodes[0]}`;
    case 'restart':
      return controller?.module === undefined
        ? `Reboot the ${nodes.length} controllers of ${cloud}, one after the other`
        : `Restart ${controller.module} on ${count(nodes.length, 'controller')} of ${cloud}, one after the other`;
    default:
      return `${operation} ${target} of ${cloud}`;
  }
}

/** What is told of the first controller of several is not told of the others. */
const named = ({ nodes }: Plan, things: readonly string[]): string | undefined =>
  things.length === 0 ? undefined : `${listed(things.map(printable), 12)}${nodes.length > 1 ? ` (${nodes[0]})` : ''}`;

function holdLine({ operation }: RolloutRequest, { hold, vipsHome }: ControllerRequest): string | undefined {
  if (operation !== 'failover') return undefined;
  const home = vipsHome ? ', its addresses drawn home' : '';
  if (!hold) return `none: it comes back when the others hold everything${home}`;
  return hold.kind === 'for'
    ? `${formatDuration(hold.ms)}, then it comes back by itself${home}`
    : `until \`ostler return\`; a person is asked after ${formatDuration(hold.limitMs)}${home}`;
}
