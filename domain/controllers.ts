import type { CephMonView } from './ceph-mon.js';
import { type ClusterView, type ControllerAnswer, isVip } from './cluster.js';
import { bestOf, type Vantage, vantagesOf } from './cluster-vantage.js';
import { MARK_ATTRIBUTE } from './controller-commands.js';
import type { GaleraView } from './galera.js';
import type { HaproxyView } from './haproxy.js';
import { pairNames } from './node-names.js';
import type { QuorumGroup } from './quorum.js';
import { hostOf, type RabbitmqView } from './rabbitmq.js';

/** What a service of a controller answered: its state, that it is not installed there, or why it said nothing. */
export type Reading<View> = { state: 'read'; view: View } | { state: 'absent' } | { state: 'silent'; why: string };

/** Everything that one controller says of itself and of the others. */
export interface ControllerFacts {
  /** The inventory's name. */
  controller: string;
  /** Missing where the controller could not be reached. */
  bootId?: string;
  cluster: ControllerAnswer;
  /** What Pacemaker calls the state of its own controller: `S_IDLE`, `S_NOT_DC`, `S_TRANSITION_ENGINE`, ...; missing where it does not say. */
  fsa?: string;
  /** Permanent attributes of Pacemaker's nodes, by its own names of these; missing where they could not be read. */
  attributes?: Record<string, Record<string, string>>;
  galera: Reading<GaleraView>;
  rabbitmq: Reading<RabbitmqView>;
  /** With the socket that answered. */
  haproxy: Reading<HaproxyView & { socket: string }>;
  cephMon: Reading<CephMonView>;
}

/** What all controllers said at about the same time. */
export type Survey = readonly ControllerFacts[];

/** The view to go by where one must do. */
export const viewOf = (survey: Survey): Vantage | undefined => bestOf(vantagesOf(survey.map(({ cluster }) => cluster)));

/** Pacemaker's name of a controller of the inventory, as long as one view knows it. */
export function memberOf(survey: Survey, node: string): string | undefined {
  const names = survey.map(({ controller }) => controller);
  for (const { cluster } of survey) {
    if (cluster.state !== 'read') continue;
    const member = pairNames(
      names,
      cluster.view.nodes.map(({ name }) => name),
    ).get(node);
    if (member !== undefined) return member;
  }
  return undefined;
}

/** The marks that a member carries, as any controller sees them; undefined when none could say. */
export function marksOn(survey: Survey, member: string): string[] | undefined {
  const said = survey.flatMap(({ attributes }) => (attributes ? [attributes] : []));
  if (said.length === 0) return undefined;
  return [...new Set(said.flatMap((attributes) => attributes[member]?.[MARK_ATTRIBUTE] ?? []))];
}

/** Resources with an instance on a node, by Pacemaker's name of it. */
export const runningOn = (view: ClusterView, member: string): string[] =>
  view.resources.filter(({ nodes }) => nodes.includes(member)).map(({ id }) => id);

/** Where each address is, by the inventory's names. */
export const vipPlaces = ({ view, nameOf }: Vantage): Record<string, string> =>
  Object.fromEntries(
    view.resources
      .filter((one) => isVip(one) && one.nodes.length > 0)
      .map(({ id, nodes }) => [id, nodes.map(nameOf).join(' and ')]),
  );

/** The servers of a node in one HAProxy, whatever part of its name they go by; each backend may have another. */
export const serversOf = (view: HaproxyView, node: string, controllers: readonly string[]): HaproxyView['servers'] =>
  backendsOf(view).flatMap(({ servers, names }) => {
    const server = pairNames(controllers, names).get(node);
    return servers.filter((one) => one.server === server);
  });

/** Backends of controllers in which none can be told to be the node, and somebody's name is nobody's: it may be that one. */
export const strangersTo = (
  view: HaproxyView,
  node: string,
  controllers: readonly string[],
): { proxy: string; servers: string[] }[] =>
  backendsOf(view).flatMap(({ proxy, names }) => {
    const pairs = pairNames(controllers, names);
    if (pairs.size === 0 || pairs.has(node)) return [];
    const known = [...pairs.values()];
    const servers = names.filter((name) => !known.includes(name));
    return servers.length > 0 ? [{ proxy, servers }] : [];
  });

/** The servers of one HAProxy by their backends, and the names of each. */
function backendsOf({ servers }: HaproxyView): { proxy: string; servers: HaproxyView['servers']; names: string[] }[] {
  return [...new Set(servers.map(({ proxy }) => proxy))].map((proxy) => {
    const own = servers.filter((one) => one.proxy === proxy);
    return { proxy, servers: own, names: [...new Set(own.map(({ server }) => server))] };
  });
}

/** The read views of one service, by controller. */
export function readings<Name extends 'galera' | 'rabbitmq' | 'haproxy' | 'cephMon'>(
  survey: Survey,
  name: Name,
): [string, Extract<ControllerFacts[Name], { state: 'read' }>['view']][] {
  return survey.flatMap((facts) => {
    const reading = facts[name];
    return reading.state === 'read' ? [[facts.controller, reading.view as never]] : [];
  });
}

/** Who counts to which quorum, and who is there of them. Groups that no controller has are left out. */
export function quorumGroups(survey: Survey): QuorumGroup[] {
  const controllers = survey.map(({ controller }) => controller);
  const best = viewOf(survey);
  const groups: QuorumGroup[] = [];
  if (best) {
    const members = best.view.nodes.filter(({ isRemote }) => !isRemote);
    groups.push({
      name: 'Pacemaker',
      members: members.map(({ name }) => best.nameOf(name)),
      up: members.filter(({ online }) => online).map(({ name }) => best.nameOf(name)),
      rule: 'majority',
    });
  }
  const galera = readings(survey, 'galera');
  if (galera.length > 0)
    groups.push({
      name: 'Galera',
      members: survey.filter(({ galera }) => galera.state !== 'absent').map(({ controller }) => controller),
      up: galera.filter(([, view]) => view.status === 'Primary').map(([controller]) => controller),
      rule: 'previous-majority',
    });
  const rabbitmq = readings(survey, 'rabbitmq');
  const [broker] = rabbitmq;
  if (broker) {
    const nameOf = (node: string): string => {
      const pairs = pairNames(controllers, broker[1].members.map(hostOf));
      return [...pairs].find(([, theirs]) => theirs === hostOf(node))?.[0] ?? hostOf(node);
    };
    groups.push({
      name: 'RabbitMQ',
      members: broker[1].members.map(nameOf),
      up: broker[1].members.filter((node) => rabbitmq.every(([, view]) => view.running.includes(node))).map(nameOf),
      rule: 'majority',
    });
  }
  const mon = readings(survey, 'cephMon')[0];
  if (mon) {
    const pairs = pairNames(controllers, mon[1].monitors);
    const nameOf = (name: string): string => [...pairs].find(([, theirs]) => theirs === name)?.[0] ?? name;
    groups.push({
      name: 'ceph-mon',
      members: mon[1].monitors.map(nameOf),
      up: mon[1].quorum.map(nameOf),
      rule: 'majority',
    });
  }
  return groups;
}
