import { createHash } from 'node:crypto';
import { type CatalogueEntry, catalogue, modules } from '../../domain/catalogue.js';
import type { Role } from '../../domain/inventory.js';
import { type Plan, PlanRefusal, type RolloutRequest } from '../../domain/plan.js';
import { parseSelection, SelectionError, select } from '../../domain/selection.js';
import { servicesCalled, servicesFor } from '../../domain/services.js';
import type { UnitVerb } from '../../domain/unit-change.js';
import type { RoleReading } from '../../domain/unit-judgement.js';
import { planUnits } from '../../domain/units-plan.js';
import type { SiteInventory } from '../../inventory/load.js';
import { didYouMean } from '../../inventory/suggest.js';
import { invalidRequest, invalidSelection } from '../failures.js';
import { noCluster, type ServiceReader } from './reader.js';
import { servicesOn } from './services-on.js';

/** Reads the services of every host of a role, and what Pacemaker runs of them. */
export async function readRole(
  inventory: SiteInventory,
  reader: ServiceReader,
  { role, entries, nodes }: { role: Role; entries: readonly CatalogueEntry[]; nodes?: readonly string[] },
  signal: AbortSignal,
): Promise<RoleReading> {
  const named = nodes ?? namesOf(inventory, role);
  const controllers = namesOf(inventory, 'controller');
  const mayBeClustered = named.some((node) => controllers.includes(node));
  const [seen, cluster] = await Promise.all([
    reader.readAll(named, () => entries, { signal }),
    mayBeClustered ? reader.readCluster(controllers, signal) : noCluster(controllers),
  ]);
  return new Map(named.map((node) => [node, servicesOn(node, entries, seen, cluster, inventory)]));
}

const namesOf = ({ nodes }: SiteInventory, role: Role): string[] =>
  nodes.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);

/** Why a system does not let these hosts' services be stopped, by its own word; undefined when it does, or has no say. */
export type MayStop = (
  entries: readonly CatalogueEntry[],
  nodes: readonly string[],
  signal: AbortSignal,
) => Promise<string | undefined>;

export interface ServicePlanner {
  inventory: SiteInventory;
  reader: ServiceReader;
  whyNotStop: MayStop;
  /** What nobody can use while a target restarts, by its system's own word; undefined where the others carry on. */
  outageOf: (target: string, signal: AbortSignal) => Promise<string | undefined>;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Plans the run of one role.
 * @param observe reads every host of the role, as far as these services go
 * @throws {PlanRefusal}
 */
export async function planOne(
  { inventory, whyNotStop }: ServicePlanner,
  request: RolloutRequest,
  observe: (role: Role, entries: readonly CatalogueEntry[]) => Promise<RoleReading>,
  signal: AbortSignal,
): Promise<Plan> {
  const verb = request.operation as UnitVerb;
  const { role, nodes } = hostsOf(inventory, request);
  const entries = servicesFor(verb, request.target, role);
  const observed = await observe(role, entries);
  const planned = planUnits(inventory.inventory, { verb, role, entries, selected: nodes, request }, observed, sha256);
  const shut = verb === 'stop' ? await whyNotStop(entries, planned.nodes, signal) : undefined;
  if (shut !== undefined) throw new PlanRefusal(shut);
  return planned;
}

/**
 * The hosts that a selection names, of one role: those of other roles are another run's.
 * @throws {ApplicationFailure} InvalidRequest for one that cannot be read, names what is not there, or leaves nothing of any role
 */
export function selectedOf({ nodes }: SiteInventory, role: Role, selection: string | undefined): string[] {
  try {
    const selected = selection === undefined ? nodes : select(parseSelection(selection), nodes);
    return selected.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
  } catch (error) {
    if (error instanceof SelectionError) throw invalidSelection(error);
    throw error;
  }
}

/**
 * The hosts that a request names, and the role they have it in: one run is about the hosts of one role, since each has a budget of its own.
 * @throws {ApplicationFailure} InvalidRequest, also where hosts of several roles are meant and nobody says which
 */
function hostsOf(inventory: SiteInventory, request: RolloutRequest): { role: Role; nodes: string[] } {
  const { target, selection, role: asked } = request;
  const called = servicesCalled(target);
  if (called.length === 0)
    throw invalidRequest(
      `unknown service ${target}${didYouMean(target, [...modules.keys(), ...catalogue.keys()]) ?? ''}`,
    );
  const roles = [...new Set(called.flatMap(({ roles: one }) => one))].filter(
    (role) => (asked ?? role) === role && namesOf(inventory, role).length > 0,
  );
  const found = roles
    .map((role) => ({ role, nodes: selectedOf(inventory, role, selection) }))
    .filter(({ nodes }) => nodes.length > 0);
  const [only, ...more] = found;
  if (!only)
    throw invalidRequest(
      `no ${selection === undefined ? 'host' : 'selected host'} of ${inventory.cloud} has a role that ${target} runs on`,
    );
  if (more.length > 0)
    throw invalidRequest(
      `${target} runs on hosts of the roles ${found.map(({ role }) => role).join(' and ')}, and one run is about one of them: say which, as by --on role=${only.role}`,
    );
  return only;
}
