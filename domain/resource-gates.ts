import type { CatalogueEntry } from './catalogue.js';
import type { FindingKind } from './cluster-finding.js';
import { listed } from './names.js';
import { type ClusterCondition, type ResourceInCluster, whyNotFollowed } from './resource-judgement.js';
import type { UnitVerb } from './unit-change.js';
import { type HostJudgement, isDue, type RoleReading, type ServiceReading } from './unit-judgement.js';

/** What of the cluster forbids any change of what it runs: it would be lost, or do harm (domain reference, D 5). */
const FORBIDS: readonly FindingKind[] = ['split', 'no-quorum', 'no-dc', 'maintenance-mode', 'unclean'];

/** What of another controller forbids to take anything away: it has none of it to give. */
const FORBIDS_STOP: readonly FindingKind[] = [
  'standby',
  'standby-on-fail',
  'node-maintenance',
  'shutting-down',
  'pending',
];

/** Where the addresses go, there HAProxy runs (domain reference, B2 and B3). */
const FRONT = 'haproxy';

/** What was seen of every host of the role, and what a change would do to those that are meant. */
export interface Judged {
  observed: RoleReading;
  judged: ReadonlyMap<string, HostJudgement>;
}

/** The same, with every host that the whole change is about. */
export interface JudgedOf extends Judged {
  selected: readonly string[];
}

/** What a change of what Pacemaker runs would do to a service on a host; undefined where that is nothing. */
export function dueResource(node: string, id: string, { observed, judged }: Judged) {
  const one = observed.get(node)?.get(id);
  return one?.state === 'clustered' && isDue(judged.get(node), id) ? one : undefined;
}

/** The gate of the cluster that is shut for a change of these hosts, in words; undefined too where nothing of the cluster is changed. */
export function clusterShut(
  verb: UnitVerb,
  entries: readonly CatalogueEntry[],
  nodes: readonly string[],
  seen: JudgedOf,
): string | undefined {
  const due = nodes.flatMap((node) => entries.flatMap(({ id }) => dueResource(node, id, seen) ?? []));
  const [first] = due;
  if (!first) return undefined;
  return forbidden(verb, first.cluster, nodes) ?? (verb === 'stop' ? addressLeaves(nodes, seen) : undefined);
}

/** What of the cluster forbids a change of what it runs on these controllers, in words. */
function forbidden(verb: UnitVerb, { findings }: ClusterCondition, nodes: readonly string[]): string | undefined {
  const found = findings.find(
    ({ kind, about }) =>
      FORBIDS.includes(kind) ||
      (verb === 'stop' && FORBIDS_STOP.includes(kind) && !nodes.some((node) => node === about)),
  );
  return found && `${found.what}, and what Pacemaker runs is not changed then: ${found.next}`;
}

/** One change of what Pacemaker runs on one controller, as it was decided. */
interface Decided {
  verb: UnitVerb;
  /** Catalogue id. */
  id: string;
  node: string;
  /** Addresses that were there when it was decided, and that it was to leave nowhere. */
  vips?: readonly string[];
}

/** Why a change that was decided before is not sent now, by what is seen right before that; undefined where it may be sent. */
export function shutSince({ verb, id, node, vips: known = [] }: Decided, seen: ResourceInCluster): string | undefined {
  const shut = forbidden(verb, seen.cluster, [node]);
  if (shut !== undefined) return shut;
  const notFollowed = whyNotFollowed(verb, seen);
  if (notFollowed !== undefined) return `${id} ${notFollowed}`;
  if (verb !== 'stop' || !seen.places.some((place) => place !== seen.member)) return undefined;
  const come = vipsUnder({ id, node }, seen.cluster).filter((vip) => !known.includes(vip.id));
  return come.length > 0 ? wouldDrop(come, 'CONTROLLER') : undefined;
}

/** The addresses that a stop of a service on a controller takes from there. */
export const vipsUnder = (
  { id, node }: Pick<Decided, 'id' | 'node'>,
  { vips }: ClusterCondition,
): ClusterCondition['vips'] => (id === FRONT ? vips.filter(({ nodes }) => nodes.includes(node)) : []);

/**
 * An address leaves the controller on which HAProxy is stopped, and its connections drop: as long as another could have it, that is done on purpose
 * and measured before. Where HAProxy is stopped everywhere, it has nowhere to go.
 */
function addressLeaves(nodes: readonly string[], seen: JudgedOf): string | undefined {
  const leaving = nodes.filter((node) => dueResource(node, FRONT, seen));
  const [to] = [...seen.observed].filter(([node, all]) => !seen.selected.includes(node) && runs(all.get(FRONT)));
  const vips = addressesOn(leaving, seen);
  return to && vips.length > 0 ? wouldDrop(vips, to[0]) : undefined;
}

/** What a stop of HAProxy would do to addresses, in words. @param to where the first could go */
function wouldDrop(vips: ClusterCondition['vips'], to: string): string {
  const [vip] = vips;
  const said = vips.map(({ id, nodes }) => `${id} is on ${nodes.join(' and ')}`).join(', ');
  return `${said}, and goes where HAProxy runs: its connections would drop. Move it first: \`ostler vip move ${vip?.id} --to ${to}\`; or take the whole controller out of service: \`ostler failover ${vip?.nodes[0]}\``;
}

/** The addresses on any of these hosts, on which HAProxy is to be stopped. */
function addressesOn(nodes: readonly string[], seen: Judged): ClusterCondition['vips'] {
  const [first] = nodes.flatMap((node) => dueResource(node, FRONT, seen) ?? []);
  return first?.cluster.vips.filter(({ nodes: at }) => at.some((node) => nodes.includes(node))) ?? [];
}

const runs = (one: ServiceReading | undefined): boolean => one?.state === 'clustered' && one.isHere;

/**
 * What a stop leaves running nowhere, of what Pacemaker runs: an outage of it, by catalogue id. Where it runs Pacemaker says, also of controllers
 * that do not answer themselves.
 */
export const outagesOf = (entries: readonly CatalogueEntry[], nodes: readonly string[], seen: Judged): string[] =>
  entries
    .filter(({ id }) => {
      const stopped = nodes.flatMap((node) => dueResource(node, id, seen) ?? []);
      return stopped[0]?.places.every((place) => stopped.some(({ member }) => member === place)) ?? false;
    })
    .map(({ id }) => id);

/**
 * How much would move if a host had its turn early: what there is one of, and the addresses in front of HAProxy. Whoever has most comes last, so that
 * they move as seldom as can be.
 */
export function movesFrom(node: string, entries: readonly CatalogueEntry[], seen: Judged): number {
  return entries.reduce((sum, { id }) => {
    const one = dueResource(node, id, seen);
    if (!one) return sum;
    return sum + vipsUnder({ id, node }, one.cluster).length + (!one.isClone && one.isHere ? 1 : 0);
  }, 0);
}

/** The addresses that have nowhere to go when a service is stopped on all these hosts, in words; none where it carries none. */
export function addressesLost({ id }: Pick<CatalogueEntry, 'id'>, nodes: readonly string[], seen: Judged): string[] {
  const vips = id === FRONT ? addressesOn(nodes, seen) : [];
  return vips.length === 0 ? [] : [`${listed(vips.map(({ id: vip }) => vip))} will be nowhere`];
}
