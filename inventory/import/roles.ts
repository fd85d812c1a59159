import type { Role } from '../../domain/inventory.js';

/** `--role GROUP=ROLE`: what an operator says of a group, a role of Fuel or a pattern of host names. */
export interface RoleRule {
  of: string;
  role: Role;
}

/** Written out, for the schema that holds them would load zod with every command line. */
export const ROLES: readonly Role[] = ['controller', 'compute', 'mongo', 'ceph-osd', 'eqlx', 'fuel'];

/** Reads `storage=ceph-osd`; undefined for anything else. */
export function parseRoleRule(text: string): RoleRule | undefined {
  const at = text.lastIndexOf('=');
  const role = ROLES.find((known) => known === text.slice(at + 1));
  return at > 0 && role ? { of: text.slice(0, at), role } : undefined;
}

/**
 * What Kolla-ansible, OpenStack-Ansible, TripleO and ceph-ansible call the hosts of a role, in lower case, with hyphens and
 * without `overcloud-` and `-hosts`.
 */
const GROUPS: Partial<Record<string, Role>> = {
  control: 'controller',
  controller: 'controller',
  controllers: 'controller',
  'shared-infra': 'controller',
  'os-infra': 'controller',
  'compute-infra': 'controller',
  'storage-infra': 'controller',
  compute: 'compute',
  computes: 'compute',
  'nova-compute': 'compute',
  mongo: 'mongo',
  mongodb: 'mongo',
  'ceph-osd': 'ceph-osd',
  'ceph-osds': 'ceph-osd',
  cephstorage: 'ceph-osd',
  osd: 'ceph-osd',
  osds: 'ceph-osd',
  eqlx: 'eqlx',
  fuel: 'fuel',
};

/** The role that a group's name says by itself. */
export function roleOfGroup(group: string): Role | undefined {
  const plain = group
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^overcloud-/, '')
    .replace(/-(?:hosts|nodes)$/, '');
  return Object.hasOwn(GROUPS, plain) ? GROUPS[plain] : undefined;
}

/** The role that a host's name begins with: `compute-12`, `controller1.example.org`. */
export const roleOfHost = (name: string): Role | undefined => ROLES.find((role) => name.toLowerCase().startsWith(role));

/** Each once, in the usual order. */
export const sortedRoles = (roles: Iterable<Role>): Role[] => {
  const held = new Set(roles);
  return ROLES.filter((role) => held.has(role));
};
