import { batchSizes, DEFAULT_RAMP, largestBatch } from './batches.js';
import { CATALOGUE_VERSION, type CatalogueEntry } from './catalogue.js';
import type { Inventory, Role } from './inventory.js';
import { orderHosts } from './order.js';
import {
  budgetOf,
  canonical,
  describeExclusions,
  MOST_HOSTS,
  MOST_IN_BATCH,
  NothingToDo,
  type Plan,
  PlanRefusal,
  type RolloutRequest,
  withinPayload,
  writtenOf,
} from './plan.js';
import { movesFrom } from './resource-gates.js';
import type { Called } from './services.js';
import { resolveShare } from './share.js';
import { isRestless, type UnitVerb } from './unit-change.js';
import { shutGate, sparedBy } from './unit-gates.js';
import {
  exclusionOf,
  type HostJudgement,
  isDue,
  isShort,
  judgeHosts,
  judgeUnit,
  type RoleReading,
  type ServiceReading,
} from './unit-judgement.js';
import { forecastOf } from './units-forecast.js';

/** What a start, a stop, an enable or a disable of one unit takes, soak aside; used for the estimate only. */
const TYPICAL_CHANGE_MS = 5_000;

/** What is asked, of which services in which order, on which of the role's hosts. */
export interface UnitsRequest {
  verb: UnitVerb;
  role: Role;
  entries: readonly CatalogueEntry[];
  /** Names of the hosts that are meant. */
  selected: readonly string[];
  request: RolloutRequest;
}

/**
 * Decides what a start, a stop, an enable or a disable will do. Pure, and the same for the same input, whatever the order of the inventory.
 * @param observed every host of the role, not only the selected ones
 * @param digest SHA-256 of a text in hexadecimal
 * @throws {PlanRefusal} when there is nothing to do, it would take away more than the budget, or a majority, has to spare, or there are more
 * hosts than one run can carry
 */
export function planUnits(
  inventory: Inventory,
  { verb, role, entries, selected, request }: UnitsRequest,
  observed: RoleReading,
  digest: (text: string) => string,
): Plan {
  const population = inventory.nodes.filter((node) => node.roles.includes(role));
  const names = new Set(selected);
  const ordered = orderHosts(
    population.filter(({ name }) => names.has(name)),
    request.spread ?? false,
  ).map(({ name }) => name);
  if (ordered.length > MOST_HOSTS)
    throw new PlanRefusal(`${ordered.length} hosts are more than the ${MOST_HOSTS} of one run; narrow it with --on`);
  const asked = { ...request, selected: ordered };
  const judged = judgeHosts(verb, entries, ordered, observed, asked);
  const moves = (node: string): number => (verb === 'stop' ? movesFrom(node, entries, { observed, judged }) : 0);
  const nodes = ordered.filter((node) => isDue(judged.get(node))).sort((a, b) => moves(a) - moves(b));
  const excluded: Plan['excluded'] = {};
  for (const node of ordered) {
    if (nodes.includes(node)) continue;
    const kind = exclusionOf(judged.get(node) ?? []);
    excluded[kind] = [...(excluded[kind] ?? []), node];
  }
  const forecast = forecastOf({ verb, entries, target: request.target }, nodes, { judged, observed });
  if (nodes.length === 0) {
    const why = [
      `there is nothing to ${verb} on any of the ${ordered.length} selected hosts: ${describeExclusions(excluded)}`,
      ...forecast.leftOut,
    ];
    if (excluded.unreachable) throw new PlanRefusal([...why, ...whyUnreachable(judged)].join('; '));
    // What Pacemaker runs is always to stay disabled in systemd.
    const isRun = verb === 'start' || verb === 'stop';
    const kept = isRun ? [...(excluded.clustered ?? []), ...(excluded.masked ?? [])] : [];
    throw new NothingToDo(why.join('; '), forecast.leftOut, kept);
  }

  const budget =
    verb === 'stop' ? budgetOf(inventory, role, population.length, request.maxUnavailable) : population.length;
  const missing = population
    .map(({ name }) => name)
    .filter((node) => !nodes.includes(node) && isShort(entries, observed.get(node)));
  if (verb === 'stop' && nodes.length + missing.length > budget)
    throw new PlanRefusal(
      `${request.target} would be down on ${nodes.length + missing.length} of ${population.length} ${role} hosts (${missing.length} of them are short of it already) and at most ${budget} may be; select fewer with --on, or say that this many may be down: --max-unavailable ${nodes.length + missing.length}`,
    );
  const shut = shutGate(verb, entries, nodes, { observed, judged, selected: ordered });
  if (shut) throw new PlanRefusal(shut);
  const mayBeDown = verb === 'stop' ? Math.min(budget, sparedBy(entries, nodes, observed, judged)) : budget;

  const inTurn =
    nodes.some((node) => moves(node) > 0) ||
    entries.some((entry) => entry.inTurn && nodes.some((node) => isDue(judged.get(node), entry.id)));
  const ofSelection = (share: Parameters<typeof resolveShare>[0], atLeast: 0 | 1): number =>
    resolveShare(share, ordered.length, atLeast);
  const ramp = inTurn ? [1] : (request.batch ?? DEFAULT_RAMP).map((share) => ofSelection(share, 1));
  const wanted = request.batch && largestBatch(ramp, nodes.length);
  // Each unit has a fence of its own.
  const most = Math.max(1, Math.floor(MOST_IN_BATCH / forecast.steps.length));
  if (wanted !== undefined && wanted > most)
    throw new PlanRefusal(`a batch of ${wanted} is more than the ${most} hosts that one batch can carry`);
  const batches = batchSizes(ramp, nodes.length, most);
  const perHostMs = TYPICAL_CHANGE_MS * forecast.steps.length + (verb === 'start' ? request.soakMs : 0);
  const decided = {
    target: request.target,
    role,
    nodes,
    batches,
    excluded,
    population: population.length,
    maxUnavailable: mayBeDown,
    maxFailures: ofSelection(request.maxFailures, 0),
    startDeadlineMs: entries.reduce((sum, entry) => sum + entry.startDeadlineMs, 0),
    verifyDeadlineMs: Math.max(...entries.map((entry) => entry.verifyDeadlineMs), request.soakMs * 2),
    estimateMs: batches.length * perHostMs,
    units: forecast,
  };
  const { actor: _actor, reason: _reason, expect: _expect, agreed: _agreed, ...wish } = request;
  const conditions = orderHosts(population, false).map(({ name }) => [
    name,
    entries.map((entry) => conditionOf(verb, entry, observed.get(name)?.get(entry.id), asked)),
  ]);
  const hash = digest(
    canonical([digest(canonical(writtenOf(inventory))), CATALOGUE_VERSION, wish, nodes, batches, conditions]),
  );
  return withinPayload({ hash, ...decided }, ordered.length);
}

/** Reasons named of why hosts are not known; the others are alike. */
const MOST_REASONS = 3;

function whyUnreachable(judged: ReadonlyMap<string, HostJudgement>): string[] {
  const reasons = [...judged.values()]
    .flat()
    .flatMap(({ judgement }) => (judgement.isDue || judgement.kind !== 'unreachable' ? [] : [judgement.why]));
  return [...new Set(reasons)].slice(0, MOST_REASONS);
}

const conditionOf = (
  verb: UnitVerb,
  entry: CatalogueEntry,
  seen: ServiceReading | undefined,
  asker: Called,
): string => {
  const judgement = judgeUnit(verb, entry, seen ?? { state: 'unreachable', why: '' }, asker);
  if (!judgement.isDue) return judgement.kind;
  return seen?.state === 'read' && seen.unit && isRestless(seen.unit) ? 'restless' : 'due';
};
