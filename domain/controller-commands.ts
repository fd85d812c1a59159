import type { Inventory, Node } from './inventory.js';
import { isIntent } from './names.js';
import { AT_MOST } from './pacemaker-commands.js';

/** One change to the cluster of the controllers. Every one can be undone by another, and is found done or not done by looking. */
export type ControllerChange =
  /** Pacemaker moves everything off the member, and on again. */
  | { kind: 'standby' | 'unstandby'; member: string }
  /** Which run has the member in hand: an attribute of the member in the CIB, whose value is 16 hexadecimal digits. */
  | { kind: 'mark'; member: string; mark: string }
  | { kind: 'unmark'; member: string }
  /** Forgets failed operations of the member. */
  | { kind: 'cleanup'; member: string }
  /** One server of one HAProxy gets no new connections, and gets them again. */
  | { kind: 'disable-server' | 'enable-server'; socket: string; proxy: string; server: string }
  /** An address is drawn to a member by the constraint `cli-prefer-<vip>`, and that constraint alone is taken away. */
  | { kind: 'prefer'; vip: string; member: string }
  | { kind: 'unprefer'; vip: string; member: string }
  /** A resource is kept off a member by the constraint `cli-ban-<resource>-on-<member>`, and that constraint alone is taken away. */
  | { kind: 'ban' | 'unban'; resource: string; member: string }
  /** Boots the host anew. */
  | { kind: 'reboot' }
  /** Nothing; whoever comes late with a change of the same intent is refused by PID 1. */
  | { kind: 'void' };

const CRM_ATTRIBUTE = '/usr/sbin/crm_attribute';

/** The attribute of a member that says which run has it in hand. */
export const MARK_ATTRIBUTE = 'ostler';

/** The constraint that a move of an address makes, under the very id that Pacemaker's own `crm_resource --move` gives it. */
export const preferId = (vip: string): string => `cli-prefer-${vip}`;

/** The constraint that keeps a resource off a member, under the very id that Pacemaker's own `crm_resource --ban` gives it. */
export const banId = (resource: string, member: string): string => `cli-ban-${resource}-on-${member}`;

/** The words of one change. Pacemaker's own tools are the same in all its generations, unlike those of pcs. */
export function changeArgv(change: ControllerChange): string[] {
  switch (change.kind) {
    case 'standby':
      return [CRM_ATTRIBUTE, '-N', change.member, '-n', 'standby', '-v', 'on'];
    case 'unstandby':
      return [CRM_ATTRIBUTE, '-N', change.member, '-n', 'standby', '-D'];
    case 'mark':
      if (!isIntent(change.mark)) throw new RangeError(`not a mark: ${JSON.stringify(change.mark)}`);
      return markWords(change.member, change.mark);
    case 'unmark':
      return [CRM_ATTRIBUTE, '-N', change.member, '-n', MARK_ATTRIBUTE, '-D'];
    case 'cleanup':
      return ['/usr/sbin/crm_resource', '--cleanup', '-N', change.member];
    case 'disable-server':
    case 'enable-server': {
      const verb = change.kind === 'disable-server' ? 'disable' : 'enable';
      return haproxyWords(change.socket, `${verb} server ${change.proxy}/${change.server}`);
    }
    case 'prefer':
      return ['/usr/sbin/crm_resource', '--move', '-r', change.vip, '-N', change.member];
    case 'unprefer':
      return withoutConstraint(preferId(change.vip), change.member);
    case 'ban':
      return ['/usr/sbin/crm_resource', '--ban', '-r', change.resource, '-N', change.member];
    case 'unban':
      return withoutConstraint(banId(change.resource, change.member), change.member);
    case 'reboot':
      return ['/bin/systemctl', 'reboot'];
    case 'void':
      return ['/bin/true'];
  }
}

const withoutConstraint = (id: string, member: string): string[] => [
  '/usr/sbin/cibadmin',
  '-D',
  '-oconstraints',
  `-X<rsc_location id="${id}" node="${member}"/>`,
];

const markWords = (member: string, mark: string): string[] => [
  CRM_ATTRIBUTE,
  '-N',
  member,
  '-n',
  MARK_ATTRIBUTE,
  '-v',
  mark,
];

/**
 * HAProxy is spoken to through its admin socket, and what is said there is part of the command: a rule for a bare `socat` would let the
 * account say anything.
 */
const haproxyWords = (socket: string, said: string): string[] => [
  '/bin/sh',
  '-c',
  `echo "${said}" | socat -t5 stdio unix-connect:${socket}`,
];

/** What is read as root of the services beside Pacemaker. A host has of these what it runs. */
export const controllerReads = {
  nodes: [...AT_MOST, '/usr/sbin/cibadmin', '-Q', '-onodes'],
  // Each call of rabbitmqctl starts an Erlang machine, which takes a second or two.
  rabbitmq: ['/usr/bin/timeout', '-k', '2', '20', '/usr/sbin/rabbitmqctl', 'cluster_status', '--formatter', 'json'],
  'old-rabbitmq': ['/usr/bin/timeout', '-k', '2', '20', '/usr/sbin/rabbitmqctl', 'cluster_status'],
  'ceph-mon': [
    '/usr/bin/timeout',
    '-k',
    '2',
    '25',
    '/usr/bin/ceph',
    '--connect-timeout',
    '20',
    'quorum_status',
    '-f',
    'json',
  ],
} as const;

/** How Pacemaker calls the node that is asked. */
export const NODE_NAME_READ = [...AT_MOST, '/usr/sbin/crm_node', '-n'];

/** Whether the node that is asked counts itself to a majority: `1` when it does. A minority takes every change, and may force it on the others later. */
export const QUORUM_READ = [...AT_MOST, '/usr/sbin/crm_node', '-q'];

/** What Pacemaker's controller on a member is doing. Without an answer it waits for half a minute by itself. */
export const stateRead = (member: string): string[] => [...AT_MOST, '/usr/sbin/crmadmin', '-S', member];

/** The statistics of one HAProxy, over one of its possible sockets. */
export const haproxyRead = (socket: string): string[] => [...AT_MOST, ...haproxyWords(socket, 'show stat')];

/** What Pacemaker would do if the member were gone. Prints no parameters of resources. */
export const simulation = (member: string): string[] => [
  ...AT_MOST,
  '/usr/sbin/crm_simulate',
  '-L',
  '-S',
  '-d',
  member,
];

/** The address of a VIP, as its resource has it. */
export const addressRead = (vip: string): string[] => [...AT_MOST, '/usr/sbin/crm_resource', '-r', vip, '-g', 'ip'];

/** What Pacemaker or HAProxy may call a node: what the inventory says they do, else its name, or the first label of that. */
export function memberNames({ name, clusterName = name }: Pick<Node, 'name' | 'clusterName'>): string[] {
  return [...new Set([clusterName, clusterName.split('.', 1)[0] as string])];
}

/** Every read of the controllers' services that needs root. */
export function controllerReadsOf(inventory: Pick<Inventory, 'nodes' | 'cluster'>): string[][] {
  const { cluster } = inventory;
  return [
    ...Object.values(controllerReads).map((argv) => [...argv]),
    ...cluster.haproxySockets.map(haproxyRead),
    NODE_NAME_READ,
    QUORUM_READ,
    ...membersOf(inventory).flatMap((member) => [stateRead(member), simulation(member)]),
    ...cluster.vips.map(addressRead),
  ];
}

/** Every change that may be made on a controller of this site, each once; a mark stands with zeros for its digits. */
export function controllerChangesOf(inventory: Pick<Inventory, 'nodes' | 'cluster'>): ControllerChange[] {
  const { vips, resources, backends, haproxySockets } = inventory.cluster;
  const members = membersOf(inventory);
  const servers = haproxySockets.flatMap((socket) =>
    backends.flatMap((proxy) => members.map((server) => ({ socket, proxy, server }))),
  );
  return [
    { kind: 'void' },
    { kind: 'reboot' },
    ...members.flatMap((member): ControllerChange[] => [
      { kind: 'mark', member, mark: '0'.repeat(16) },
      { kind: 'unmark', member },
      { kind: 'standby', member },
      { kind: 'unstandby', member },
      { kind: 'cleanup', member },
      ...vips.flatMap((vip): ControllerChange[] => [
        { kind: 'prefer', vip, member },
        { kind: 'unprefer', vip, member },
      ]),
      ...resources.flatMap((resource): ControllerChange[] => [
        { kind: 'ban', resource, member },
        { kind: 'unban', resource, member },
      ]),
    ]),
    ...servers.flatMap((server): ControllerChange[] => [
      { kind: 'disable-server', ...server },
      { kind: 'enable-server', ...server },
    ]),
  ];
}

const membersOf = ({ nodes }: Pick<Inventory, 'nodes'>): string[] =>
  nodes.filter(({ roles }) => roles.includes('controller')).flatMap(memberNames);
