import { type CatalogueEntry, resourceNames } from './catalogue.js';
import {
  type ClusterFailure,
  type ClusterNode,
  type ClusterResource,
  type ClusterView,
  isRunning,
  isTrue,
} from './cluster.js';
import type { Vantage } from './cluster-vantage.js';
import { banId } from './controller-commands.js';

/**
 * The resource by which Pacemaker runs an entry of the catalogue in this cluster, under the name by which it is banned and cleared; undefined where
 * it runs none of it. It is told by the name it has in the domain reference (B1), and by its agent where that is a unit of systemd.
 */
export function resourceFor(view: Pick<ClusterView, 'resources'>, entry: CatalogueEntry): string | undefined {
  const names = entry.resource ? resourceNames(entry.resource) : [];
  const units = Object.values(entry.units).flat();
  const found = view.resources.find(
    ({ id, parent, agent = '' }) =>
      names.includes(id) ||
      (parent !== undefined && names.includes(parent)) ||
      units.includes(`${SYSTEMD_AGENT.exec(agent)?.[1]}.service`),
  );
  return found && nameOf(found);
}

/** `systemd:haproxy`, also as Pacemaker writes it with the suffix. */
const SYSTEMD_AGENT = /^systemd::?(.+?)(?:\.service)?$/;

/** What a constraint is about: the clone, where it is one. */
const nameOf = ({ id, kind, parent }: ClusterResource): string =>
  kind === 'clone-instance' && parent !== undefined ? parent : id;

/** Members on which a resource, or an instance of the clone of that name, runs. */
export const placesOf = (view: Pick<ClusterView, 'resources'>, resource: string): string[] =>
  view.resources.filter((one) => nameOf(one) === resource).flatMap(({ nodes }) => nodes);

/** True for a clone, of which every controller has an instance. */
export const isClone = (view: Pick<ClusterView, 'resources'>, resource: string): boolean =>
  view.resources.some((one) => one.kind === 'clone-instance' && one.parent === resource);

/** What one member has of a resource, for whoever would stop it there by a ban, or start it by taking that away. */
export interface ResourceSeen {
  /** By this name it is banned: the clone's, where it is one. */
  resource: string;
  /** Pacemaker's name of the controller. */
  member: string;
  /** Every controller has an instance; of any other there is one in the cluster. */
  isClone: boolean;
  /** It, or an instance of it, is there: also one that is on its way down. */
  isHere: boolean;
  /** It does its work there, or, of what there is one of, anywhere. */
  isStarted: boolean;
  /** Members that have it. */
  places: string[];
  /** The constraint by which it is kept off the member is there: `cli-ban-RESOURCE-on-MEMBER`, without an end. */
  isBanned: boolean;
  /** Pacemaker stops and starts it there, or, where it is not, anywhere. */
  isManaged: boolean;
  /** Somebody has told it to be stopped, everywhere. */
  isDisabled: boolean;
  /** What beside that ban keeps Pacemaker from running it there, as far as is seen, and the command that ends it. */
  hindrance?: string;
}

/** What is seen of a resource on a member. */
export function resourceOn(view: ClusterView, resource: string, member: string): ResourceSeen {
  const all = view.resources.filter((one) => nameOf(one) === resource);
  const places = placesOf(view, resource);
  const clone = isClone(view, resource);
  const isBanned = view.constraints.some((one) => isPlainBan(one, resource, member));
  const works = all.filter((one) => isRunning(one) && one.nodes.length > 0 && !one.failed);
  const here = all.filter(({ nodes }) => nodes.includes(member));
  const hindrance = hindranceOf(view, all, { resource, member, isBanned });
  return {
    resource,
    member,
    isClone: clone,
    isHere: here.length > 0,
    isStarted: works.some(({ nodes }) => !clone || nodes.includes(member)),
    places,
    isBanned,
    isManaged: (here.length > 0 ? here : all).every(({ managed }) => managed),
    isDisabled: all.some(({ disabled }) => disabled),
    ...(hindrance !== undefined && { hindrance }),
  };
}

/** What is seen of a service on a controller of the inventory; undefined where Pacemaker does not run it there. */
export function serviceOn({ view, nameOf }: Vantage, node: string, entry: CatalogueEntry): ResourceSeen | undefined {
  const member = view.nodes.find(({ name }) => nameOf(name) === node)?.name;
  const resource = member === undefined ? undefined : resourceFor(view, entry);
  return member !== undefined && resource !== undefined ? resourceOn(view, resource, member) : undefined;
}

/** The ban that `crm_resource --ban` makes, and that is taken away by its id and its node: one with an end names its node elsewhere. */
export const isPlainBan = (
  { id, node, until, role }: ClusterView['constraints'][number],
  resource: string,
  member: string,
): boolean => id === banId(resource, member) && node === member && until === undefined && role === undefined;

function hindranceOf(
  view: ClusterView,
  all: readonly ClusterResource[],
  { resource, member, isBanned }: Pick<ResourceSeen, 'resource' | 'member' | 'isBanned'>,
): string | undefined {
  const names = [resource, ...all.map(({ id }) => id)];
  const other = view.constraints.find(
    (one) =>
      names.includes(one.resource) &&
      one.node === member &&
      one.score.startsWith('-') &&
      !isPlainBan(one, resource, member),
  );
  if (other)
    return `the constraint ${other.id} keeps it off, too: \`crm_resource --clear -r ${other.resource} -N ${member}\``;
  const node = view.nodes.find(({ name }) => name === member);
  const unable = node && whyUnable(node);
  if (unable) return unable;
  if (isTrue(view.properties['maintenance-mode']))
    return 'the cluster is in maintenance mode: `pcs property set maintenance-mode=false`';
  const here = all.filter(({ nodes }) => nodes.includes(member));
  const about = here.length > 0 ? here : all;
  if (all.some(({ disabled }) => disabled)) return `it is disabled in Pacemaker: \`pcs resource enable ${resource}\``;
  if (about.some(({ managed }) => !managed)) return `it is unmanaged: \`pcs resource manage ${resource}\``;
  const broken = about.find((one) => one.failed || one.blocked);
  if (broken)
    return `Pacemaker calls it ${broken.blocked ? 'blocked' : 'failed'}: mend that, then \`pcs resource cleanup ${resource}\``;
  const failure = isBanned
    ? undefined
    : view.failures.find((one) => one.node === member && names.includes(one.resource));
  return failure && here.length === 0 ? failureSaid(failure, resource) : undefined;
}

const failureSaid = ({ task, result, reason }: ClusterFailure, resource: string): string =>
  `${task} failed there (${result}${reason ? `: ${reason}` : ''}): mend that, then \`pcs resource cleanup ${resource}\``;

/** Why Pacemaker runs nothing on a member. */
function whyUnable(node: ClusterNode): string | undefined {
  const { name } = node;
  if (!node.online || node.pending || node.unclean) return `${name} is not online in the cluster`;
  if (node.standbyOnFail) return `${name} is in standby because something failed there: \`pcs resource cleanup\``;
  if (node.standby)
    return `${name} is in standby: \`ostler return\` where a failover left it so, else \`pcs node unstandby ${name}\``;
  if (node.maintenance) return `${name} is in maintenance: \`pcs node unmaintenance ${name}\``;
  return undefined;
}
