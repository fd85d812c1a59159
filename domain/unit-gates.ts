import type { CatalogueEntry } from './catalogue.js';
import { listed } from './names.js';
import { isRunning, type UnitVerb } from './unit-change.js';
import { type HostJudgement, isDue, type RoleReading, type ServiceReading } from './unit-judgement.js';

/** Members of a group that needs a majority, by catalogue id. */
const QUORUM: Record<string, string> = { mysql: 'Galera', rabbitmq: 'RabbitMQ' };

const runsOn = (seen: ReadonlyMap<string, ServiceReading> | undefined, id: string): boolean => {
  const one = seen?.get(id);
  return one?.state === 'read' && one.unit !== undefined && isRunning(one.unit);
};

const hasIt = (seen: ReadonlyMap<string, ServiceReading> | undefined, id: string): boolean => {
  const one = seen?.get(id);
  return one === undefined || one.state === 'unreachable' || (one.state === 'read' && one.unit !== undefined);
};

/** The group that would lose its majority if these hosts went, in words with its numbers. */
function majorityLost(
  entries: readonly Pick<CatalogueEntry, 'id'>[],
  going: readonly string[],
  observed: RoleReading,
  judged: ReadonlyMap<string, HostJudgement>,
): string | undefined {
  for (const { id, group, members, leaving, needed } of groupsLeft(entries, going, observed, judged)) {
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
  Math.min(...groupsLeft(...left).map(({ members, needed }) => members.length - needed));

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
    return [{ id, group, members, leaving, needed: Math.floor(members.length / 2) + 1 }];
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
  observed: RoleReading,
  judged: ReadonlyMap<string, HostJudgement>,
): string | undefined =>
  verb === 'stop'
    ? majorityLost(entries, nodes, observed, judged)
    : noMemberToJoin(verb, entries, nodes, observed, judged);

/** A change whose gates, or whose budget, are about the role's other hosts, too. */
export const asksOthers = (verb: UnitVerb, entries: readonly Pick<CatalogueEntry, 'id'>[]): boolean =>
  verb === 'stop' || (verb === 'start' && entries.some(({ id }) => id === 'mysql'));

/** The commands that fit where Pacemaker runs what was asked for. */
export function inCluster(verb: UnitVerb, observed: RoleReading, entries: readonly CatalogueEntry[]): string {
  const found = new Map<string, string>();
  for (const seen of observed.values())
    for (const { id } of entries) {
      const one = seen.get(id);
      if (one?.state === 'clustered') found.set(id, one.resource);
    }
  const said = [...found].map(([id, resource]) => fitting(verb, id, resource));
  return `what Pacemaker runs is not touched by systemctl: ${said.join('; ')}; a restart: ostler restart controllers --module ${[...found.keys()].join(' or ')}`;
}

function fitting(verb: UnitVerb, id: string, resource: string): string {
  switch (verb) {
    case 'stop':
      return `on one controller: crm_resource --ban -r ${resource} -N NODE; on all of them, which is an outage: pcs resource disable ${resource}`;
    case 'start':
      return `on one controller: crm_resource --clear -r ${resource} -N NODE; on all of them: pcs resource enable ${resource}; after a failure: crm_resource --cleanup -r ${resource}`;
    case 'enable':
    case 'disable':
      return `${id} must stay disabled in systemd: Pacemaker starts it`;
  }
}
