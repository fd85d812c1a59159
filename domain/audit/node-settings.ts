import { memberNames } from '../controller-commands.js';
import type { Distribution, Inventory, Node, Role } from '../inventory.js';
import type { NodeAuditSection } from './node-settings.schema.js';

export type { NodeAuditSection } from './node-settings.schema.js';

/** Everything that the checks of one node need to know of the site. */
export interface NodeAuditSettings {
  /** `audit.node` of ostler.yaml. */
  section: NodeAuditSection;
  /** The site's own unit names by catalogue id (`units:` of ostler.yaml). */
  units: Readonly<Record<string, readonly string[]>>;
  /** Whose unit names to expect; without it every distribution's are looked up. */
  distribution?: Distribution;
  roles: readonly Role[];
  /** Where the inventory reaches the node: services that listen everywhere are asked there. */
  address: string;
  /** What Pacemaker may call the node, most likely first. */
  members: readonly string[];
}

/** The settings of one node of an inventory. */
export function nodeAuditSettings(
  { units, distribution: site }: Pick<Inventory, 'units' | 'distribution'>,
  node: Node,
  section: NodeAuditSection,
): NodeAuditSettings {
  const distribution = node.distribution ?? (site === 'auto' ? undefined : site);
  return {
    section,
    units,
    ...(distribution && { distribution }),
    roles: node.roles,
    address: node.address,
    members: memberNames(node),
  };
}

/** What is set for any of a node's roles, each once. */
export const ofRoles = <T>(byRole: Partial<Record<Role, readonly T[]>>, roles: readonly Role[]): T[] => [
  ...new Set(roles.flatMap((role) => byRole[role] ?? [])),
];
