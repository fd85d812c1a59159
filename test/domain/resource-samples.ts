import { catalogue } from '../../domain/catalogue.js';
import type { ClusterView } from '../../domain/cluster.js';
import { clusterFindings } from '../../domain/cluster-findings.js';
import { vantagesOf, vipsOf } from '../../domain/cluster-vantage.js';
import { resourceFor, resourceOn } from '../../domain/pacemaker-resources.js';
import type { ClusteredReading } from '../../domain/resource-judgement.js';
import type { ServiceReading } from '../../domain/unit-judgement.js';
import { aClone, allSee, aResource, aView, aVip, names } from './cluster-samples.js';

/** The instances of a clone of the catalogue, such as `p_haproxy` for clone_p_haproxy. */
export const cloneOf = (id: string, nodes: readonly string[] = names) =>
  aClone(nodes, { id: `p_${id}`, parent: `clone_p_${id}` });

/** What there is one of. */
export const dhcpAgent = (...nodes: string[]) =>
  aResource('p_neutron-dhcp-agent', { nodes, role: nodes.length > 0 ? 'Started' : 'Stopped' });

export const aBan = (resource: string, node: string) => ({
  id: `cli-ban-${resource}-on-${node}`,
  resource,
  node,
  score: '-INFINITY',
});

/** HAProxy, Galera and the OVS agent everywhere, the DHCP agent and the address on c2. */
export const aCloud = (more: Partial<ClusterView> = {}): ClusterView =>
  aView({
    resources: [
      aVip({ nodes: ['c2'] }),
      ...['haproxy', 'mysql', 'neutron-openvswitch-agent'].flatMap((id) => cloneOf(id)),
      dhcpAgent('c2'),
    ],
    ...more,
  });

/** What is read of a service on each controller of such a cluster, changed through another of them. */
export function readingsOf(
  view: ClusterView,
  id: string,
  more: Partial<ClusteredReading> = {},
): Record<string, ServiceReading> {
  const entry = catalogue.get(id);
  const [vantage] = vantagesOf(allSee(view));
  const resource = entry && resourceFor(view, entry);
  if (!vantage || resource === undefined) return {};
  const cluster = { findings: clusterFindings(allSee(view)), vips: vipsOf(vantage) };
  return Object.fromEntries(
    names.map((node) => [
      node,
      {
        state: 'clustered',
        node,
        ...resourceOn(view, resource, node),
        via: { controller: names.find((one) => one !== node) as string, bootId: 'boot-1' },
        cluster,
        ...more,
      },
    ]),
  );
}
