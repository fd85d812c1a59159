import type { CatalogueEntry } from '../../domain/catalogue.js';
import { pairNames } from '../../domain/node-names.js';
import { resourceFor } from '../../domain/pacemaker-resources.js';
import { type ContainerSeen, judgeService, type ServiceSeen, type ServiceStatus } from '../../domain/service-status.js';
import { servicesCalled } from '../../domain/services.js';
import type { UnitReading } from '../../domain/unit-change.js';
import type { SiteInventory } from '../../inventory/load.js';
import { invalidRequest } from '../failures.js';
import { whyNot } from '../hosts.js';
import type { ComputeServices, Listing } from '../openstack/compute-services.js';
import { selectedOf } from './plan-one.js';
import { type Clustered, type HostReading, noCluster, type ServiceReader } from './reader.js';

/** What is asked: which services, on which hosts. */
export interface StatusRequest {
  cloud: string;
  /** A module, a service, or `all`. */
  target: string;
  selection?: string;
}

/** How long Nova may take to answer; what it does not say is told as not known. */
const NOVA_LIMIT_MS = 30_000;

export interface StatusDeps {
  inventory: SiteInventory;
  reader: ServiceReader;
  computeServices?: ComputeServices;
}

/** Reads every asked service on every selected host, one exec a host, and judges it. Changes nothing. */
export async function readStatus(
  { inventory, reader, computeServices }: StatusDeps,
  { target, selection }: StatusRequest,
  signal: AbortSignal,
): Promise<ServiceStatus[]> {
  const entries = servicesCalled(target);
  if (entries.length === 0) throw invalidRequest(`unknown service ${target}`);
  const nodes = selectedFor(inventory, entries, selection);
  const rolesOf = new Map(inventory.nodes.map(({ name, roles }) => [name, roles]));
  const entriesOf = (node: string): CatalogueEntry[] =>
    entries.filter(({ roles }) => roles.some((role) => rolesOf.get(node)?.includes(role)));
  const controllers = inventory.nodes.filter(({ roles }) => roles.includes('controller')).map(({ name }) => name);
  const asksCluster = nodes.some((node) => controllers.includes(node));
  const [seen, cluster, reported] = await Promise.all([
    reader.readAll(nodes, entriesOf, { containers: true, signal }),
    asksCluster ? reader.readCluster(controllers, signal) : noCluster(controllers),
    askNova(computeServices, entries, signal),
  ]);
  return nodes.flatMap((node) =>
    entriesOf(node).map((entry) =>
      judgeService(entry, node, {
        ...seenOf(node, entry, seen.get(node), cluster),
        ...(entry.computeService && reported && { reported: reported(node, entry.computeService) }),
      }),
    ),
  );
}

/** @throws {ApplicationFailure} InvalidRequest for a selection that leaves no host which could have any of it */
function selectedFor(
  inventory: SiteInventory,
  entries: readonly CatalogueEntry[],
  selection: string | undefined,
): string[] {
  const roles = [...new Set(entries.flatMap(({ roles: one }) => one))];
  const found = new Set(roles.flatMap((role) => selectedOf(inventory, role, selection)));
  if (found.size === 0)
    throw invalidRequest(
      `no ${selection === undefined ? 'host' : 'selected host'} of ${inventory.cloud} has a role for that`,
    );
  return inventory.nodes.map(({ name }) => name).filter((name) => found.has(name));
}

function seenOf(node: string, entry: CatalogueEntry, seen: HostReading | undefined, cluster: Clustered): ServiceSeen {
  if (seen === undefined || 'unreachable' in seen) return { unknown: seen?.unreachable ?? 'it was not read' };
  const unit = seen.units.get(entry.id);
  const { vantage, silent, controllers } = cluster;
  const member =
    vantage &&
    memberOf(
      node,
      vantage.view.nodes.map(({ name }) => name),
      controllers,
    );
  const resource = vantage && member !== undefined ? resourceFor(vantage.view, entry) : undefined;
  if (vantage && member !== undefined && resource !== undefined)
    return { ...(unit && { unit }), clustered: { resource, member, view: vantage.view } };
  const why = silent.get(node);
  if (why !== undefined && entry.resource !== undefined)
    return { unknown: `Pacemaker does not say whether it runs it: ${why}` };
  const container = unit && containerOf(unit, seen);
  return { ...(unit && { unit }), ...(container && { container }) };
}

const memberOf = (node: string, members: readonly string[], controllers: readonly string[]): string | undefined =>
  controllers.includes(node) ? pairNames(controllers, members).get(node) : undefined;

const KOLLA_UNIT = /^kolla-(.+)-container\.service$/;

/** What the engine says of a Kolla unit's container; nothing for any other unit. */
function containerOf(
  unit: UnitReading,
  seen: Exclude<HostReading, { unreachable: string }>,
): ContainerSeen | undefined {
  const [, name] = KOLLA_UNIT.exec(unit.unit) ?? [];
  if (name === undefined) return undefined;
  const status = seen.read.containers.get(name);
  if (status !== undefined) return { status };
  return { silent: seen.read.containersSilent ?? `no engine lists a container ${name}` };
}

type Reported = (node: string, binary: string) => NonNullable<ServiceSeen['reported']>;

/** Nova's word on its compute services, where the site has its credentials and any is asked about. */
async function askNova(
  computeServices: ComputeServices | undefined,
  entries: readonly CatalogueEntry[],
  signal: AbortSignal,
): Promise<Reported | undefined> {
  const binaries = [...new Set(entries.flatMap(({ computeService }) => computeService ?? []))];
  if (!computeServices || binaries.length === 0) return undefined;
  const ask = async (binary: string): Promise<[string, Listing | string]> => {
    try {
      return [binary, await computeServices.listing(binary, { deadline: Date.now() + NOVA_LIMIT_MS, signal })];
    } catch (error) {
      if (signal.aborted) throw error;
      return [binary, whyNot(error)];
    }
  };
  const listings = new Map(await Promise.all(binaries.map(ask)));
  return (node, binary) => {
    const listing = listings.get(binary);
    if (typeof listing !== 'function') return { silent: listing ?? 'it was not asked' };
    const match = listing(node);
    if ('why' in match) return { silent: match.why };
    const { state, status, disabledReason } = match.row;
    return { state, status, reason: disabledReason };
  };
}
