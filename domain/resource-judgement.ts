import type { CatalogueEntry } from './catalogue.js';
import type { ClusterFinding } from './cluster-finding.js';
import { banId } from './controller-commands.js';
import type { ResourceSeen } from './pacemaker-resources.js';
import type { Exclusion } from './plan.js';
import type { UnitVerb } from './unit-change.js';

/** What is true of the cluster as a whole. */
export interface ClusterCondition {
  findings: readonly Pick<ClusterFinding, 'kind' | 'about' | 'what' | 'next'>[];
  /** Its addresses, and the controllers that have them. */
  vips: readonly { id: string; nodes: string[] }[];
}

/** A resource on a controller, and the cluster around it in the same look. */
export interface ResourceInCluster extends ResourceSeen {
  cluster: ClusterCondition;
}

/** A service that Pacemaker runs on a controller: systemctl would fight it there. */
export interface ClusteredReading extends ResourceInCluster {
  state: 'clustered';
  /** The inventory's name of the controller. */
  node: string;
  /** Through whom it is changed: a controller that counts itself to a majority, another one where there is one. */
  via?: { controller: string; bootId: string };
  /** Why sudo would refuse to have it changed. */
  mayNot?: string;
}

/** Why Pacemaker would not follow a ban of a resource on a controller, or the end of one, in words; undefined where it would. */
export function whyNotFollowed(
  verb: UnitVerb,
  { member, isManaged, hindrance }: Pick<ResourceSeen, 'member' | 'isManaged' | 'hindrance'>,
): string | undefined {
  // Pacemaker leaves what is unmanaged, or in maintenance, as it is: the ban would be kept for later.
  if (verb === 'stop' && !isManaged) return `is not stopped on ${member}: ${hindrance ?? 'it is unmanaged'}`;
  if (verb === 'start' && hindrance !== undefined) return `is not started on ${member}: ${hindrance}`;
  return undefined;
}

/**
 * Why a service that Pacemaker runs is left as it is on a controller; undefined where it is changed. A ban that is there is taken away by a start
 * by the service's own name, whoever left it: nothing else that keeps it from running is.
 * @param named it was asked for by its own name: a ban, which somebody may have set for a reason, is ended by nothing less
 */
export function whyLeft(
  verb: UnitVerb,
  { id }: Pick<CatalogueEntry, 'id'>,
  seen: ClusteredReading,
  { named }: { named: boolean },
): { kind: Exclusion; why: string } | undefined {
  const { node, resource, member, isClone, isHere, isStarted, isBanned, places, mayNot, via } = seen;
  const notFollowed = whyNotFollowed(verb, seen);
  const left = (kind: Exclusion, why: string) => ({ kind, why: `${id} ${why}` });
  switch (verb) {
    case 'enable':
    case 'disable':
      return left('clustered', `is run by Pacemaker, as ${resource}, and must stay disabled in systemd`);
    case 'stop':
      if (!isHere && isBanned) return left('already', `is kept off ${member} already, by ${banId(resource, member)}`);
      if (!isHere && isClone) return left('already', `does not run on ${member}`);
      if (notFollowed !== undefined) return left('clustered', notFollowed);
      break;
    case 'start':
      if (isStarted && !isBanned) return left('already', `runs on ${places.join(', ')} already`);
      if (notFollowed !== undefined) return left('clustered', notFollowed);
      if (!isBanned)
        return left(
          'clustered',
          `is not started on ${member}: no ban keeps it off that could be taken away; \`crm_simulate -sL\` shows what keeps ${resource} from running there`,
        );
      if (!named)
        return left(
          'disabled',
          `is kept off ${node} by ${banId(resource, member)}, and left so: \`ostler service start ${id} --on ${node}\` means it`,
        );
  }
  if (mayNot !== undefined) return left('clustered', mayNot);
  if (!via) return left('clustered', 'is not changed: no controller counts itself to a majority');
  return undefined;
}

/** Of what there is one of, this controller has it, or could: no ban keeps it off for good. */
export const couldHost = (seen: ClusteredReading): boolean => !seen.isClone && !(seen.isBanned && !seen.isHere);
