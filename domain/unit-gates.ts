import { type CatalogueEntry, turnsOf } from './catalogue.js';
import { listed } from './names.js';
import { moreThanHalfOf } from './quorum.js';
import { clusterShut, type JudgedOf } from './resource-gates.js';
import { isRunning, type UnitVerb } from './unit-change.js';
import { type HostJudgement, isDue, type RoleReading, type ServiceReading } from './unit-judgement.js';

/** Members of a group that needs a majority, by catalogue id. */
const QUORUM: Record<string, string> = { mysql: 'Galera', rabbitmq: 'RabbitMQ', mongod: 'the replica set of MongoDB' };

const runsOn = (seen: ReadonlyMap<string, ServiceReading> | undefined, id: string): boolean => {
  const one = seen?.get(id);
  return one?.state === 'clustered'
    ? one.isHere
    : one?.state === 'read' && one.unit !== undefined && isRunning(one.unit);
};

const hasIt = (seen: ReadonlyMap<string, ServiceReading> | undefined, id: string): boolean => {
  const one = seen?.get(id);
  return one === undefined || one.state !== 'read' || one.unit !== undefined;
};

/** The group that would lose its majority if these hosts went, in words with its numbers. */
function majorityLost(
  entries: readonly Pick<CatalogueEntry, 'id'>[],
  going: readonly string[],
  observed: RoleReading,
  judged: ReadonlyMap<string, HostJudgement>,
): string | undefined {
  for (const { id, group, members, leaving, needed } of groupsLeft(entries, going, observed, judged)) {
    // It is asked itself, and knows of members that are not on our hosts.
    if (turnsOf(id)) continue;
    const left = members.filter((node) => !leaving.includes(node) && runsOn(observed.get(node), id)).length;
    if (left < needed)
      return `${group} would have ${left} of ${members.length} without ${listed(leaving)}, and needs ${needed}: a cluster is taken down as a whole by a person, who knows which member is to come up first`;
  }
  return undefined;
}

/**
 * How many hosts may be down before one of the groups that these leave has no majority. As a run's budget it holds for several runs at once, of
 * which each sees the hosts of the others still up.
 */
export const sparedBy = (...left: Parameters<typeof majorityLost>): number =>
  Math.min(
    ...groupsLeft(...left).map(({ id, members, needed }) => Math.max(turnsOf(id) ? 1 : 0, members.length - needed)),
  );

/** The groups that lose members, with these and what each needs. */
function groupsLeft(
  entries: readonly Pick<CatalogueEntry, 'id'>[],
  going: readonly string[],
  observed: RoleReading,
  judged: ReadonlyMap<string, HostJudgement>,
) {
  return entries.flatMap(({ id }) => {
    const group = QUORUM[id];
    const members = [...observed].filter(([, seen]) => hasIt(seen, id)).map(([node]) => node);
    const leaving = going.filter((node) => isDue(judged.get(node), id));
    if (!group || leaving.length === 0 || members.length < 2) return [];
    return [{ id, group, members, leaving, needed: moreThanHalfOf(members.length) }];
  });
}

/** A group of which nobody runs is not started by starting its members: somebody has to say which one begins. */
function noMemberToJoin(
  verb: UnitVerb,
  entries: readonly CatalogueEntry[],
  nodes: readonly string[],
  observed: RoleReading,
  judged: ReadonlyMap<string, HostJudgement>,
): string | undefined {
  if (verb !== 'start' || !entries.some(({ id }) => id === 'mysql')) return undefined;
  const starting = nodes.filter((node) => isDue(judged.get(node), 'mysql'));
  const members = [...observed].filter(([, seen]) => hasIt(seen, 'mysql'));
  if (starting.length === 0 || members.length < 2 || members.some(([, seen]) => runsOn(seen, 'mysql')))
    return undefined;
  return `no member of Galera runs on ${listed(members.map(([node]) => node))}: the one with the newest data has to be started first, as a new cluster, and which that is a start cannot know (domain reference, C7)`;
}

/** The gate that is shut for a change of these hosts, in words: it is tried when planning, and again when a batch is admitted. */
export const shutGate = (
  verb: UnitVerb,
  entries: readonly CatalogueEntry[],
  nodes: readonly string[],
  seen: JudgedOf,
): string | undefined =>
  (verb === 'stop'
    ? majorityLost(entries, nodes, seen.observed, seen.judged)
    : noMemberToJoin(verb, entries, nodes, seen.observed, seen.judged)) ?? clusterShut(verb, entries, nodes, seen);

/** A change whose gates, or whose budget, are about the role's other hosts, too; what Pacemaker may run is changed through another of them. */
export const asksOthers = (verb: UnitVerb, entries: readonly Pick<CatalogueEntry, 'id' | 'resource'>[]): boolean =>
  verb === 'stop' || (verb === 'start' && entries.some(({ resource }) => resource !== undefined));
