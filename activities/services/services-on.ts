import type { CatalogueEntry } from '../../domain/catalogue.js';
import { memberNames } from '../../domain/controller-commands.js';
import { type ResourceSeen, serviceOn } from '../../domain/pacemaker-resources.js';
import type { ClusteredReading } from '../../domain/resource-judgement.js';
import type { ServiceReading } from '../../domain/unit-judgement.js';
import type { SiteInventory } from '../../inventory/load.js';
import type { Clustered, HostReading } from './reader.js';

/** The module whose units are Pacemaker's own. */
const OF_ITS_OWN = 'pacemaker';

/** What of a host's services systemd runs and what Pacemaker, by catalogue id. @param all readings of every host that was read */
export function servicesOn(
  node: string,
  entries: readonly CatalogueEntry[],
  all: ReadonlyMap<string, HostReading>,
  cluster: Clustered,
  site: Pick<SiteInventory, 'cluster' | 'nodes'>,
): Map<string, ServiceReading> {
  const { vantage, silent } = cluster;
  const seen = all.get(node);
  const why = silent.get(node);
  return new Map(
    entries.map((entry): [string, ServiceReading] => {
      if (seen === undefined || 'unreachable' in seen)
        return [entry.id, { state: 'unreachable', why: seen?.unreachable ?? 'it was not read' }];
      const resource = vantage && serviceOn(vantage, node, entry);
      if (resource) return [entry.id, clusteredReading(node, resource, all, cluster, site)];
      // Any unit may be a resource; of Pacemaker's own it is known that none is.
      if (why !== undefined && entry.module !== OF_ITS_OWN)
        return [entry.id, { state: 'unreachable', why: `Pacemaker does not say whether it runs it: ${why}` }];
      const unit = seen.units.get(entry.id);
      return [entry.id, { state: 'read', ...(unit && { unit }) }];
    }),
  );
}

function clusteredReading(
  node: string,
  seen: ResourceSeen,
  all: ReadonlyMap<string, HostReading>,
  { quorate, condition }: Clustered,
  { cluster, nodes }: Pick<SiteInventory, 'cluster' | 'nodes'>,
): ClusteredReading {
  const senders = quorate.flatMap((controller) => {
    const reading = all.get(controller);
    return reading && 'bootId' in reading ? [{ controller, bootId: reading.bootId }] : [];
  });
  // Not through the one that it is about, as long as there is another.
  const via = senders.find(({ controller }) => controller !== node) ?? senders[0];
  const mayNot = whyMayNot(seen, { cluster, node: nodes.find(({ name }) => name === node) });
  return {
    state: 'clustered',
    node,
    ...seen,
    ...(via && { via }),
    ...(mayNot !== undefined && { mayNot }),
    cluster: condition,
  };
}

/** Why sudo refuses a ban: it permits those of the resources and the names that the inventory knows. */
function whyMayNot(
  { resource, member }: ResourceSeen,
  { cluster, node }: { cluster: SiteInventory['cluster']; node: SiteInventory['nodes'][number] | undefined },
): string | undefined {
  const rules = 'and install what `ostler sudoers --role controller` prints';
  if (!cluster.resources.includes(resource))
    return `is run by Pacemaker, as ${resource}, which Ostler may not ban: list it under cluster.resources of ostler.yaml, ${rules}`;
  if (node && !memberNames(node).includes(member))
    return `is run by Pacemaker, which calls ${node.name} ${member}: give it clusterName: ${member} in ostler.yaml, ${rules}`;
  return undefined;
}
