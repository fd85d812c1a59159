import { type CatalogueEntry, resourceNames } from './catalogue.js';
import type { ClusterResource, ClusterView } from './cluster.js';

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
