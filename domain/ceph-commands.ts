import { memberNames } from './controller-commands.js';
import type { Inventory, Node, Role } from './inventory.js';

/** Its client, where every package of it has it. */
export const CEPH = '/usr/bin/ceph';

/** Without a quorum of monitors Ceph's command waits for ever by itself. */
const CLIENT = [CEPH, '--connect-timeout', '20'];

/** A question of Ceph, or a change to it, with its limit. */
export const cephWords = (...words: string[]): string[] => ['/usr/bin/timeout', '-k', '2', '25', ...CLIENT, ...words];

/** Roles of the hosts that Ceph is asked from, best first: the former have the key of its administrator in any case. */
export const CEPH_ASKED = ['controller', 'ceph-osd'] as const satisfies readonly Role[];

/** The flag that keeps Ceph from giving up OSDs which are down: of one host since Nautilus, before that of the whole cluster. */
export type NooutScope = { kind: 'host'; host: string } | { kind: 'cluster' };

/** A change to Ceph's flags; each is undone by the other. */
export interface CephChange {
  kind: 'noout' | 'unset-noout';
  scope: NooutScope;
}

/** The words of one change. */
export function cephChangeArgv({ kind, scope }: CephChange): string[] {
  const verb = kind === 'noout' ? 'set' : 'unset';
  return scope.kind === 'host'
    ? cephWords('osd', `${verb}-group`, 'noout', scope.host)
    : cephWords('osd', verb, 'noout');
}

/**
 * Whether every placement group stays active without a host (Luminous). Ceph is asked by the numbers of its OSDs, which a sudo rule cannot know:
 * the host's name is what the rule has, and Ceph's own tree tells the numbers. Sudo does not see where one word ends: input is closed first of all,
 * since a client that is cut off from its words would take commands from there.
 */
export const osdOkToStop = (host: string): string[] => {
  const client = CLIENT.join(' ');
  const said = `exec </dev/null && ids=$(${client} osd ls-tree ${host}) && exec ${client} osd ok-to-stop $ids`;
  return ['/usr/bin/timeout', '-k', '2', '28', '/bin/sh', '-c', said];
};

/** Whether the others keep a quorum without a monitor (Nautilus). */
export const monOkToStop = (monitor: string): string[] => cephWords('mon', 'ok-to-stop', monitor);

/** What of the inventory names the hosts of Ceph. */
type CephSite = Pick<Inventory, 'nodes'>;

const namesOf = ({ nodes }: CephSite, role: Role): string[] => [
  ...new Set(nodes.filter(({ roles }) => roles.includes(role)).flatMap(cephNames)),
];

/** What Ceph may call a node. */
export const cephNames = (node: Pick<Node, 'name' | 'clusterName'>): string[] => [
  ...new Set([...memberNames(node), ...memberNames({ name: node.name })]),
];

/** Every question about a single host of Ceph that needs root on a host of the role, beside an audit's. */
export const cephReadsOf = (role: Role, site: CephSite): string[][] =>
  (CEPH_ASKED as readonly Role[]).includes(role)
    ? [...namesOf(site, 'ceph-osd').map(osdOkToStop), ...namesOf(site, 'controller').map(monOkToStop)]
    : [];

/** Every change to Ceph that may be made from a host of the role, each once. */
export function cephChangesOf(role: Role, site: CephSite): CephChange[] {
  const hosts = namesOf(site, 'ceph-osd');
  if (hosts.length === 0 || !(CEPH_ASKED as readonly Role[]).includes(role)) return [];
  const scopes: NooutScope[] = [...hosts.map((host) => ({ kind: 'host' as const, host })), { kind: 'cluster' }];
  return scopes.flatMap((scope): CephChange[] => [
    { kind: 'noout', scope },
    { kind: 'unset-noout', scope },
  ]);
}
