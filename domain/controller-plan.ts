import { AWAY_DEADLINE_MS, REBOOT_DEADLINE_MS } from './controller-deadlines.js';
import { readings, runningOn, type Survey, serversOf, viewOf, vipPlaces } from './controllers.js';
import type { SimulatedMove } from './failover.js';
import { type ControllerForecast, quorumForecast } from './failover.js';
import type { Inventory } from './inventory.js';
import { naturalOrder } from './names.js';
import { canonical, type Plan, type RolloutRequest } from './plan.js';
import { resolveShare } from './share.js';

/** What one controller takes beside its hold: draining, standby, and coming back; used for the estimate only. */
const TYPICAL_TURN_MS = 120_000;

/**
 * The controllers in the order of their turns: those first that hold no address and write no database, so that these move as seldom as can be
 * (domain reference, C6).
 */
export function turnOrder(survey: Survey, nodes: readonly string[]): string[] {
  const best = viewOf(survey);
  const holders = best ? Object.values(vipPlaces(best)) : [];
  const controllers = survey.map(({ controller }) => controller);
  const writes = (node: string): boolean =>
    readings(survey, 'haproxy').some(([, view]) =>
      serversOf(view, node, controllers).some(({ proxy, isBackup }) => proxy.includes('mysql') && !isBackup),
    );
  const weight = (node: string): number => (holders.includes(node) ? 2 : 0) + (writes(node) ? 1 : 0);
  return [...nodes].sort((a, b) => weight(a) - weight(b) || naturalOrder(a, b));
}

/**
 * The plan of an operation on controllers: one at a time, in the order of {@link turnOrder}.
 * @param restarts what is restarted on them, where nothing is taken off them for that
 * @param moves what Pacemaker says it would do without the first of them
 * @param digest SHA-256 of a text in hexadecimal
 */
export function controllerPlan(
  inventory: Inventory,
  survey: Survey,
  request: RolloutRequest,
  { nodes, moves, restarts }: { nodes: readonly string[]; moves: readonly SimulatedMove[]; restarts?: string[] },
  digest: (text: string) => string,
): Plan {
  const population = inventory.nodes.filter(({ roles }) => roles.includes('controller')).length;
  const best = viewOf(survey);
  const [first = ''] = nodes;
  const member = best && [...best.controllers].find((name) => best.nameOf(name) === first);
  const controllers = survey.map(({ controller }) => controller);
  const hold = request.controller?.hold;
  const forecast: ControllerForecast = {
    runs: best && member ? [...new Set(runningOn(best.view, member))] : [],
    moves: moves.map(({ resource, from, to, action }) =>
      from && to
        ? `${resource}: ${from} → ${to}`
        : `${resource}: ${action}${from ? ` on ${from}` : ''}${to ? ` on ${to}` : ''}`,
    ),
    quorum: quorumForecast(survey, first, request.controller?.dead ? 'fails' : 'leaves'),
    backends: [
      ...new Set(
        readings(survey, 'haproxy').flatMap(([, view]) =>
          serversOf(view, first, controllers).map(({ proxy }) => proxy),
        ),
      ),
    ],
    vips: best ? vipPlaces(best) : {},
    ...(restarts && { restarts }),
  };
  const { actor: _actor, reason: _reason, expect: _expect, agreed: _agreed, ...asked } = request;
  const decided = {
    target: request.target,
    role: 'controller' as const,
    nodes: [...nodes],
    batches: nodes.map(() => 1),
    excluded: {},
    population,
    // Whoever comes back takes nobody away, however many are.
    maxUnavailable:
      request.operation === 'return'
        ? population
        : resolveShare(inventory.maxUnavailable.controller ?? 1, population, 1),
    maxFailures: 0,
    startDeadlineMs: REBOOT_DEADLINE_MS,
    verifyDeadlineMs: AWAY_DEADLINE_MS,
    estimateMs: nodes.length * TYPICAL_TURN_MS + (hold?.kind === 'for' ? hold.ms : 0),
    forecast,
  };
  const fingerprint = canonical([inventory.cloud, inventory.nodes, inventory.cluster, asked, decided]);
  return { hash: digest(fingerprint), ...decided };
}
