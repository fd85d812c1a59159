import { z } from 'zod';
import { faultsOf, reasonFor } from '../explain.js';
import { InventoryError, type InventoryProblem, pathText } from '../problems.js';
import { readText } from './files.js';
import type { Imported, ImportedHost } from './hosts.js';
import { type RoleRule, roleOfGroup, sortedRoles } from './roles.js';
import { readYaml } from './yaml-text.js';

const name = { name: z.string().optional(), fqdn: z.string().optional() };

/** The two forms in which Fuel lists the nodes of an environment; of the rest, which is full of passwords, nothing is looked at. */
const astuteSchema = z.object({
  nodes: z
    .array(
      z.object({
        ...name,
        uid: z.union([z.string(), z.number()]).optional(),
        role: z.string(),
        internal_address: z.string().nullish(),
      }),
    )
    .nullish(),
  network_metadata: z
    .object({
      nodes: z
        .record(
          z.string(),
          z.object({
            ...name,
            node_roles: z.array(z.string()),
            network_roles: z.record(z.string(), z.unknown()).default({}),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/** A node as either form lists it. */
interface FuelNode {
  name: string;
  address?: string;
  /** Without the `primary-` that Fuel gives one of each kind: Ostler looks who is. */
  fuelRoles: string[];
}

const plain = (fuelRole: string): string => fuelRole.replace(/^primary-/, '');

/**
 * Reads `/etc/astute.yaml` as Fuel writes it to every node.
 * @param rules the Ostler roles of Fuel's roles that Ostler does not know
 * @throws {InventoryError} with what cannot be read
 */
export async function importAstute(file: string, rules: readonly RoleRule[]): Promise<Imported> {
  return hostsOfAstute(await readText(file), file, rules);
}

/** The same of its text. @throws {InventoryError} when it lists no nodes */
export function hostsOfAstute(text: string, file: string, rules: readonly RoleRule[]): Imported {
  const nodes = nodesOf(readYaml(text, file), file);
  const hosts: ImportedHost[] = [];
  const omissions: InventoryProblem[] = [];
  for (const { name, address, fuelRoles } of nodes) {
    const telling = fuelRoles.filter((fuelRole) => rolesOf(fuelRole, rules).length > 0);
    if (telling.length === 0)
      omissions.push({
        file,
        path: name,
        reason: `left out: its roles in Fuel (${fuelRoles.join(', ')}) are none of Ostler's`,
      });
    else if (address === undefined)
      omissions.push({ file, path: name, reason: 'left out: it has no address in the management network' });
    else
      hosts.push({
        name,
        address,
        roles: sortedRoles(telling.flatMap((fuelRole) => rolesOf(fuelRole, rules))),
        origin: `the Fuel ${telling.length === 1 ? 'role' : 'roles'} ${telling.join(', ')}`,
        at: { file },
        ssh: {},
      });
  }
  return { hosts, omissions };
}

function rolesOf(fuelRole: string, rules: readonly RoleRule[]): ImportedHost['roles'] {
  const said = rules.filter(({ of }) => of === fuelRole).map(({ role }) => role);
  const known = roleOfGroup(fuelRole);
  return said.length > 0 || known === undefined ? said : [known];
}

/** Where SSH answers on a Fuel node, the first that it has: the management network, else that of the Fuel master. */
const NETWORKS = ['management', 'mgmt/vip', 'admin/pxe', 'fw-admin'];

function nodesOf(document: unknown, file: string): FuelNode[] {
  const { data, error } = astuteSchema.safeParse(document, { error: reasonFor });
  if (error) {
    const faults = error.issues.flatMap((issue) => faultsOf(issue, document));
    throw new InventoryError(faults.map(({ path, reason }) => ({ file, path: pathText(path), reason })));
  }
  const byName = Object.entries(data.network_metadata?.nodes ?? {}).map(([key, node]): FuelNode => {
    const address = NETWORKS.map((network) => node.network_roles[network]).find((found) => typeof found === 'string');
    return {
      name: node.fqdn ?? node.name ?? key,
      ...(address !== undefined && { address }),
      fuelRoles: node.node_roles.map(plain).sort(),
    };
  });
  if (byName.length > 0) return byName;

  const byUid = new Map<string, FuelNode>();
  for (const [index, { uid, fqdn, name, role, internal_address: address }] of (data.nodes ?? []).entries()) {
    const called = fqdn ?? name;
    if (called === undefined)
      throw new InventoryError([{ file, path: `nodes[${index}]`, reason: 'has neither fqdn nor name' }]);
    const key = String(uid ?? called);
    const known = byUid.get(key) ?? { name: called, ...(address && { address }), fuelRoles: [] };
    byUid.set(key, { ...known, fuelRoles: [...known.fuelRoles, plain(role)].sort() });
  }
  if (byUid.size > 0) return [...byUid.values()];
  const reason =
    'lists no nodes, neither in nodes nor in network_metadata.nodes; /etc/astute.yaml of a controller does';
  throw new InventoryError([{ file, path: '', reason }]);
}
