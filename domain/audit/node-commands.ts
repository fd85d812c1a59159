import type { Role } from '../inventory.js';
import type { NodeAuditSection } from './node-settings.js';
import { databaseLogin } from './service-checks.js';

/** Within sudo, as the reads of Pacemaker are, and shorter: all reads of a node are one script that takes ten seconds at most. */
const AT_MOST = ['/usr/bin/timeout', '-k', '1', '5'];

const cat = (path: string): string[] => [...AT_MOST, '/bin/cat', path];

/** A service that logs in to a database of its own, and where it says how. */
export interface DatabaseUser {
  /** Name of its module in the catalogue. */
  module: string;
  /** Its own configuration: of a package, and of Kolla on the host. Those that are there are asked. */
  files: readonly string[];
  /** The sections whose `connection` it logs in with. */
  sections: readonly string[];
}

const databaseUser = (
  module: string,
  file: string,
  kolla: string,
  sections: readonly string[] = ['database'],
): DatabaseUser => ({
  module,
  files: [`/etc/${module}/${file}`, `/etc/kolla/${kolla}/${file}`],
  sections,
});

export const databaseUsers: readonly DatabaseUser[] = [
  databaseUser('keystone', 'keystone.conf', 'keystone'),
  databaseUser('glance', 'glance-api.conf', 'glance-api'),
  databaseUser('cinder', 'cinder.conf', 'cinder-api'),
  databaseUser('neutron', 'neutron.conf', 'neutron-server'),
  databaseUser('placement', 'placement.conf', 'placement-api', ['placement_database']),
  databaseUser('nova', 'nova.conf', 'nova-api', ['database', 'api_database']),
  databaseUser('heat', 'heat.conf', 'heat-api'),
];

/**
 * The reads of a node that only root may do. The containers are listed with a format instead of inspected: an inspection prints their whole
 * environment, secrets included, and has their names in its arguments, which no literal rule could hold.
 */
export const auditReads = {
  openvswitch: [...AT_MOST, '/usr/bin/ovs-vsctl', '--timeout=3', 'show'],
  corosync: [...AT_MOST, '/usr/sbin/corosync-cfgtool', '-s'],
  docker: [...AT_MOST, '/usr/bin/docker', ...containerList()],
  podman: [...AT_MOST, '/usr/bin/podman', ...containerList()],
} as const;

/** Kolla labels every image that it builds. */
function containerList(): string[] {
  return ['ps', '--all', '--filter', 'label=kolla_version', '--format', '{{.Names}}/{{.Status}}'];
}

/**
 * Reads a configuration file that an ordinary account may not. What it prints goes through a filter on the host: a password is used there and
 * nowhere else, and of what an operator wants compared only that is sent.
 */
export const configRead = cat;

/**
 * What the checks of a node read as root on hosts of a role, beside what `readsOf` and `controllerReadsOf` already allow.
 * @param section `audit.node` of ostler.yaml; without it no configuration file of the site's own choice is read
 * @param off checks that the site leaves out: without database-login no service's own configuration is read
 */
export function auditReadsOf(
  role: Role,
  section?: Pick<NodeAuditSection, 'configs'>,
  off: readonly string[] = [],
): string[][] {
  const own = (section?.configs ?? []).flatMap(({ path, roles }) => (roles.some((one) => one === role) ? [path] : []));
  const { openvswitch, corosync, docker, podman } = auditReads;
  const logins = databaseUsers.flatMap(({ files }) => files.map(cat));
  const reads: Partial<Record<Role, readonly (readonly string[])[]>> = {
    controller: [openvswitch, corosync, docker, podman, ...(off.includes(databaseLogin.id) ? [] : logins)],
    compute: [openvswitch, docker, podman],
  };
  const argvs = [...(reads[role] ?? []), ...own.map(cat)];
  return [...new Map(argvs.map((argv) => [argv.join(' '), [...argv]])).values()];
}
