import { catalogue } from './catalogue.js';
import type { Distribution, Node } from './inventory.js';
import type { ServiceStatus } from './service-status.js';

/** What was found on a node, whatever the inventory says of it. */
export interface DetectedNode {
  node: string;
  /** Whose unit names it has; missing where those that it has are the same everywhere, or nothing could be read. */
  distribution?: Distribution;
  /** What is installed there, in the order of starts. */
  services: Pick<ServiceStatus, 'module' | 'service' | 'manager' | 'name'>[];
  /** Why nothing is known of it. */
  unknown?: string;
}

/** What each node has, and who runs it, as its services were read. */
export function detectedNodes(nodes: readonly Pick<Node, 'name'>[], read: readonly ServiceStatus[]): DetectedNode[] {
  return nodes.map(({ name: node }) => {
    const own = read.filter((one) => one.node === node);
    const installed = own.filter(({ name, state }) => state !== 'not installed' && name !== undefined);
    const distribution = distributionOf(installed);
    const unknown = installed.length === 0 ? own.find(({ state }) => state === 'unknown')?.why : undefined;
    return {
      node,
      ...(distribution && { distribution }),
      services: installed.map(({ module, service, manager, name }) => ({
        module,
        service,
        manager,
        ...(name !== undefined && { name }),
      })),
      ...(unknown !== undefined && { unknown }),
    };
  });
}

/** The distribution whose unit names most of the services have, among the names that only one distribution uses. */
function distributionOf(services: readonly Pick<ServiceStatus, 'service' | 'name'>[]): Distribution | undefined {
  const votes = new Map<Distribution, number>();
  for (const { service, name } of services) {
    const users = Object.entries(catalogue.get(service)?.units ?? {}).filter(([, units]) => units.includes(name ?? ''));
    const [only] = users;
    if (only && users.length === 1) votes.set(only[0] as Distribution, (votes.get(only[0] as Distribution) ?? 0) + 1);
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
}
