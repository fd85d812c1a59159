import type { Role } from '../inventory.js';
import type { Check } from './check.js';

const PROOFS = 'domain reference, B8a';

/** A proof, on a node itself, that a service there does its work: none has numbers of its own. */
const proof = (
  roles: readonly Role[],
  check: Omit<Check, 'scope' | 'roles' | 'thresholds' | 'source'> & { source?: string },
): Check => ({ scope: 'node', roles, thresholds: {}, source: PROOFS, ...check });

const controller = ['controller'] as const;
const both = ['controller', 'compute'] as const;

export const corosyncNode = proof(controller, {
  id: 'corosync-node',
  module: 'pacemaker',
  title: 'Corosync',
  means:
    'Whether the rings of Corosync are whole as this node sees them, and whether the controller of Pacemaker here is at rest (S_IDLE or S_NOT_DC). Asked where the units run.',
  warns: 'Pacemaker is in another state: a transition or an election, which usually passes',
  fails: 'a ring has a fault, a node is disconnected, or one of the two does not answer',
  remedy:
    'A ring with a fault is a network with one: look at the interface and the switch between the nodes that `corosync-cfgtool -s` names. `ostler cluster status` shows how every controller sees the others.',
});

export const memcachedNode = proof(controller, {
  id: 'memcached-node',
  module: 'memcached',
  title: 'memcached',
  means: 'Whether memcached answers `stats` over TCP on this node. Asked where the unit runs.',
  fails: 'nothing listens, or what listens does not answer',
  remedy: 'Restart it with `ostler restart memcached`; that logs users out of Horizon and empties caches of tokens.',
});

export const keystoneNode = proof(controller, {
  id: 'keystone-node',
  module: 'keystone',
  title: 'Keystone',
  means:
    'Whether Keystone answers HTTP on port 5000 of this node itself, not through a VIP. Any answer that is no failure of the server counts; 401 proves as much as 200. Asked where its unit, or the web server that carries it, runs.',
  fails: 'nothing listens, nothing answers, or the answer is 404 or 5xx',
  remedy:
    'Read its log: it usually misses the database or its keys (fernet). `ostler restart keystone` restarts it in turn.',
});

export const glanceNode = proof(controller, {
  id: 'glance-node',
  module: 'glance',
  title: 'Glance',
  means: 'Whether Glance answers HTTP on port 9292 of this node itself, not through a VIP. Asked where its unit runs.',
  fails: 'nothing listens, nothing answers, or the answer is 404 or 5xx',
  remedy:
    'Read its log: it needs the database, Keystone, and the store of the images. `ostler restart glance` restarts it in turn.',
});

export const neutronNode = proof(both, {
  id: 'neutron-node',
  module: 'neutron',
  title: 'Open vSwitch and namespaces',
  means:
    'Whether Open vSwitch answers where it runs, and whether network namespaces can be listed where the agents of routers and networks run.',
  warns: 'Open vSwitch has ports that it cannot use, as of a device that is gone',
  fails: 'Open vSwitch does not answer, or the namespaces cannot be listed',
  remedy:
    'A restart of Open vSwitch interrupts the networks of guests, so look first: `ovs-vsctl show`, `journalctl -u openvswitch-switch`. Ports of guests that are gone are removed with `ovs-vsctl del-port`.',
});

export const novaComputeNode = proof(['compute'], {
  id: 'nova-compute-node',
  module: 'nova',
  title: 'libvirt',
  means:
    'Whether libvirt lists its guests. A libvirt that hangs leaves nova-compute active and useless. Asked where its unit runs, without any privilege; in a container of Kolla, its health check says the same.',
  fails: '`virsh list` fails, or has not answered after some seconds',
  remedy:
    'Restart libvirt and then nova-compute, which on old clouds does not connect again by itself. Guests keep running.',
  source: 'domain reference, B8a and D11',
});

export const horizonNode = proof(controller, {
  id: 'horizon-node',
  module: 'horizon',
  title: 'Horizon',
  means:
    'Whether the login page of Horizon answers on port 80 of this node itself, under the paths that RDO, Debian and Kolla have for it. A Horizon that refuses to be called by an address has answered, too.',
  fails: 'nothing listens, nothing answers, or every answer is 404 or 5xx',
  remedy:
    'Read the error log of the web server: Horizon needs Keystone and memcached. The web server carries other services, too.',
});

export const kollaHealth = proof(both, {
  id: 'kolla-health',
  module: 'kolla',
  title: 'containers of Kolla',
  means:
    'Whether the containers of Kolla run, and what their health checks say. Their units are active as long as the process of the container is there, which proves less. A container without a health check only has to run.',
  warns: 'its health check has not come to a result yet',
  fails: 'it is unhealthy, or does not run and did not end well',
  remedy:
    '`docker inspect` shows the last outputs of its health check, and /var/log/kolla what the service has to say. `ostler restart` restarts it by its unit.',
  source: 'domain reference, B8',
});

export const databaseLogin = proof(controller, {
  id: 'database-login',
  module: 'mysql',
  title: 'database logins',
  means:
    'Whether every service that runs on this controller can log in to its database with the connection that its own configuration has. The file is read and the password used on the host alone: it is in no argument, no output and no report. Needs the client of MariaDB or MySQL on the host.',
  fails: 'a server does not answer, or refuses the login',
  remedy:
    'A server that answers nobody is Galera or the VIP before it. A single login that is refused is a password, or a grant, that was changed on one side only.',
  source: 'domain reference, B8 and C14',
});

/** The proofs of services on nodes, in the order in which the services start. */
export const serviceChecks: readonly Check[] = [
  corosyncNode,
  memcachedNode,
  databaseLogin,
  keystoneNode,
  glanceNode,
  neutronNode,
  novaComputeNode,
  horizonNode,
  kollaHealth,
];
