import { type BatchRamp, batchSizes, DEFAULT_RAMP, largestBatch } from './batches.js';
import { broughtBy, CATALOGUE_VERSION, type CatalogueEntry } from './catalogue.js';
import type { ControllerForecast, ControllerRequest } from './failover.js';
import type { Inventory, Node, Role } from './inventory.js';
import { orderHosts } from './order.js';
import { parseSelection, SelectionError, select } from './selection.js';
import type { UnitsForecast } from './services.js';
import { resolveShare, type Share } from './share.js';
import { unitVerbs } from './unit-change.js';

export const operations = ['restart', 'failover', 'return', 'move', ...unitVerbs] as const;
export type Operation = (typeof operations)[number];

/** What an operator asks for. Everything optional has a default that the plan states. Durations are milliseconds. */
export interface RolloutRequest {
  operation: Operation;
  cloud: string;
  /** A catalogue id or, of what is done to services, a module or `all` of them; of a failover or a return the controller, of a move the address, and `controllers` for all of these. */
  target: string;
  /** A selection as typed; without one, every host of the target's role. */
  selection?: string;
  /** Carried out as one run for each module and role that the target stands for, in their order. */
  each?: true;
  /** The role whose hosts are meant, where the target has hosts of several. */
  role?: Role;
  /** It is part of what stands for more: none of its services was asked for by its own name. */
  unnamed?: true;
  batch?: BatchRamp;
  spread?: boolean;
  maxUnavailable?: Share;
  soakMs: number;
  maxFailures: Share;
  onFailure: 'pause' | 'abort';
  /** Wait for `ostler promote` after the canary's soak. */
  promote: boolean;
  /** No new batch starts after this time, in milliseconds since 1970. */
  untilMs?: number;
  /** How long a run waits for a person before it aborts. */
  pauseDeadlineMs: number;
  /** How long a batch waits for room in the budget before the run pauses. */
  admitDeadlineMs: number;
  actor: string;
  reason: string;
  /** What only operations on controllers have. */
  controller?: ControllerRequest;
  /** Refuse any plan with another hash; the first digits are enough. */
  expect?: string;
  /** Workflow id of the plan that the operator agreed to, so that a refusal can list what is different now. */
  agreed?: string;
}

/** What `ostler restart` calls all controllers, which are rebooted one after the other. */
export const ALL_CONTROLLERS = 'controllers';

/** What was seen of a host when planning. */
export type HostCondition =
  | 'active'
  | 'down'
  | 'disabled'
  | 'not-installed'
  | 'masked'
  | 'unreachable'
  /** Pacemaker runs the unit: systemctl would fight it. */
  | 'clustered';

/** Why a selected host is left out of a plan. */
export type Exclusion =
  | Exclude<HostCondition, 'active'>
  /** It is as wanted. */
  | 'already'
  /** It runs only while there is work for it, and was not named. */
  | 'on-demand'
  /** Ostler does not do that to it. */
  | 'left-alone';

/**
 * What a run will do, in full: the first result in its history. Names only, at most 64 bytes for each host (design,
 * rule 10); hosts are worked on in the order of `nodes`, cut into `batches`.
 */
export interface Plan {
  hash: string;
  target: string;
  role: Role;
  nodes: string[];
  batches: number[];
  excluded: Partial<Record<Exclusion, string[]>>;
  /** Nodes of the role in the whole cloud, which the budget is measured against. */
  population: number;
  maxUnavailable: number;
  maxFailures: number;
  startDeadlineMs: number;
  verifyDeadlineMs: number;
  estimateMs: number;
  /** What nobody can use meanwhile, and why, where that is so: whoever agrees has to say so by its name. */
  outage?: string;
  /** Of operations on controllers. */
  forecast?: ControllerForecast;
  /** Of what is done to services beside a restart. */
  units?: UnitsForecast;
}

/** A plan that must not be carried out, with the number that fell short. */
export class PlanRefusal extends Error {
  override name = 'PlanRefusal';
}

/** A plan without anything to do: what could be changed is as wanted, or left alone. */
export class NothingToDo extends PlanRefusal {
  override name = 'NothingToDo';

  /**
   * @param leftOut what is not as wanted, and why it stays so
   * @param kept hosts that something keeps from being as wanted: Pacemaker, or a mask
   */
  constructor(
    message: string,
    readonly leftOut: readonly string[],
    readonly kept: readonly string[] = [],
  ) {
    super(message);
  }
}

/** More hosts than one run's payloads can carry (design, rule 10). */
export const MOST_HOSTS = 15_000;

/** What one payload of a plan may hold, in bytes (design, rule 10). Names are ASCII, so characters are bytes. */
const MOST_BYTES = 1_000_000;

/** More hosts than one batch's fences and verdicts can carry in a payload of 256 KB (design, rule 10). */
export const MOST_IN_BATCH = 500;

/** What one batch costs beside its soak: a try-restart of nova-compute takes seconds; used for the estimate only. */
const TYPICAL_RESTART_MS = 8_000;

/**
 * The nodes a request names, before anything was observed, and the role they have it in. One run is about the hosts of one role, since each
 * has a budget of its own.
 * @throws {SelectionError} also where hosts of several roles are meant, and nobody says which
 */
export function selectedNodes(
  inventory: Inventory,
  { id, roles }: CatalogueEntry,
  { selection, role: asked }: RolloutRequest,
): { nodes: Node[]; role: Role } {
  const parsed = selection === undefined ? { include: [], exclude: [] } : parseSelection(selection);
  // Where hosts of other roles are another run's, they may be named beside them.
  if (asked && roles.includes(asked))
    return { nodes: select(parsed, inventory.nodes).filter((node) => node.roles.includes(asked)), role: asked };
  const [first] = roles;
  const there = roles.filter((role) => inventory.nodes.some((node) => node.roles.includes(role)));
  const found = there.flatMap((role) => {
    try {
      return [{ nodes: select(parsed, inventory.nodes, role), role }];
    } catch (error) {
      if (error instanceof SelectionError) return [];
      throw error;
    }
  });
  const [only, ...more] = found;
  // What selects nothing, selecting says best.
  if (!only) return { nodes: select(parsed, inventory.nodes, there[0] ?? first), role: first };
  if (more.length > 0)
    throw new SelectionError(
      `${id} runs on hosts of the roles ${found.map(({ role }) => role).join(' and ')}, and one run is about one of them: say which, as by --on role=${only.role}`,
    );
  return only;
}

/**
 * Decides what a run will do. Pure: the same inventory, request and observations give the same plan and hash, whatever
 * the order of the inventory.
 * @param observed the condition of every node of the entry's role, not only of the selected ones
 * @param digest SHA-256 of a text in hexadecimal
 * @throws {SelectionError} when nothing is selected, or hosts of several roles are
 * @throws {PlanRefusal} when no host can be worked on, the budget leaves no room, or there are more hosts than one run can carry
 */
export function plan(
  inventory: Inventory,
  entry: CatalogueEntry,
  observed: ReadonlyMap<string, HostCondition>,
  request: RolloutRequest,
  digest: (text: string) => string,
): Plan {
  const condition = (name: string): HostCondition => observed.get(name) ?? 'unreachable';
  const { nodes: named, role } = selectedNodes(inventory, entry, request);
  const population = inventory.nodes.filter((node) => node.roles.includes(role));
  const selected = orderHosts(named, request.spread ?? false);
  if (selected.length > MOST_HOSTS)
    throw new PlanRefusal(`${selected.length} hosts are more than the ${MOST_HOSTS} of one run; narrow it with --on`);

  const nodes = selected.filter(({ name }) => condition(name) === 'active').map(({ name }) => name);
  const excluded: Plan['excluded'] = {};
  for (const { name } of selected) {
    const seen = condition(name);
    if (seen === 'active') continue;
    const names = excluded[seen] ?? [];
    names.push(name);
    excluded[seen] = names;
  }
  if (nodes.length === 0)
    throw new PlanRefusal(
      `none of the ${selected.length} selected hosts can be worked on: ${describeExclusions(excluded)}${excluded.clustered ? `; what Pacemaker runs is restarted by \`ostler restart controllers --module ${entry.id}\`` : ''}`,
    );

  const maxUnavailable = budgetOf(inventory, role, population.length, request.maxUnavailable);
  const down = population.filter(({ name }) => isMissing(condition(name))).length;
  const room = maxUnavailable - down;
  if (room < 1) {
    throw new PlanRefusal(
      `${down} of ${population.length} ${role} hosts are down or unreachable already and at most ${maxUnavailable} may be; bring hosts back or raise --max-unavailable`,
    );
  }
  // Percentages are of the selection, as the operator sees it, and not of what is left of it.
  const ofSelection = (share: Share, atLeast: 0 | 1): number => resolveShare(share, selected.length, atLeast);
  const ramp = (request.batch ?? DEFAULT_RAMP).map((share) => ofSelection(share, 1));
  const wanted = request.batch && largestBatch(ramp, nodes.length);
  if (wanted !== undefined && wanted > room) {
    throw new PlanRefusal(
      `a batch of ${wanted} is over the budget: at most ${maxUnavailable} of ${population.length} ${role} hosts may be unavailable and ${down} are down already`,
    );
  }

  if (wanted !== undefined && wanted > MOST_IN_BATCH) {
    throw new PlanRefusal(`a batch of ${wanted} is more than the ${MOST_IN_BATCH} hosts that one batch can carry`);
  }

  const batches = batchSizes(ramp, nodes.length, Math.min(room, MOST_IN_BATCH));
  const decided = {
    target: entry.id,
    role,
    nodes,
    batches,
    excluded,
    population: population.length,
    maxUnavailable,
    maxFailures: ofSelection(request.maxFailures, 0),
    startDeadlineMs: [entry, ...broughtBy(entry)].reduce((sum, one) => sum + one.startDeadlineMs, 0),
    verifyDeadlineMs: Math.max(entry.verifyDeadlineMs, request.soakMs * 2),
    estimateMs: batches.length * (TYPICAL_RESTART_MS + request.soakMs),
  };
  const made = { hash: digest(fingerprint(inventory, request, decided, condition, digest)), ...decided };
  return withinPayload(made, selected.length);
}

/** @throws {PlanRefusal} for a plan that does not fit into the first result of a history */
export function withinPayload(made: Plan, hosts: number): Plan {
  const bytes = JSON.stringify(made).length;
  if (bytes > MOST_BYTES)
    throw new PlanRefusal(
      `a plan of ${hosts} hosts with such long names takes ${bytes} bytes, more than the ${MOST_BYTES} of one run; narrow it with --on`,
    );
  return made;
}

/** How many hosts of a role may be down at once: 20 % of computes by default, and 1 of any other role. */
export function budgetOf(inventory: Inventory, role: Role, population: number, asked?: Share): number {
  const share = asked ?? inventory.maxUnavailable[role] ?? (role === 'compute' ? '20%' : 1);
  return resolveShare(share, population, 1);
}

/**
 * Down, or not known to be up, whatever the cause: what uses up the budget. A masked unit is down on purpose and gone all the
 * same; a disabled service still runs its guests, and a host without the unit has nothing to lose.
 */
export const isMissing = (condition: HostCondition): boolean =>
  condition === 'down' || condition === 'unreachable' || condition === 'masked';

/** `2 unreachable (compute-3, compute-9), 1 masked (compute-4)`. */
export const describeExclusions = (excluded: Plan['excluded']): string =>
  Object.entries(excluded)
    .map(([why, names]) => `${names.length} ${why} (${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''})`)
    .join(', ');

/** The text a plan's hash is taken of (design, section 4): never who asks or why, never a fence. */
function fingerprint(
  inventory: Inventory,
  { actor: _actor, reason: _reason, expect: _expect, agreed: _agreed, ...asked }: RolloutRequest,
  decided: Omit<Plan, 'hash'>,
  condition: (name: string) => HostCondition,
  digest: (text: string) => string,
): string {
  return canonical([
    digest(canonical(writtenOf(inventory))),
    CATALOGUE_VERSION,
    asked,
    decided.nodes,
    decided.batches,
    orderHosts(
      inventory.nodes.filter((node) => node.roles.includes(decided.role)),
      false,
    ).map(({ name }) => [name, condition(name)]),
  ]);
}

/** Only what the file holds, in an order of its own: an inventory may come with what this machine knows of it, such as where the file is. */
export function writtenOf({ cloud, distribution, ssh, nodes, units, maxUnavailable, openstack, notify }: Inventory) {
  return { cloud, distribution, ssh, units, maxUnavailable, openstack, notify, nodes: orderHosts(nodes, false) };
}

/** JSON with the keys of every object in order, so that equal values give equal text. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

/** The hosts of each batch, in order. */
export function batchesOf({ nodes, batches }: Pick<Plan, 'nodes' | 'batches'>): string[][] {
  let end = 0;
  return batches.map((size) => {
    end += size;
    return nodes.slice(end - size, end);
  });
}
