import { banId } from './controller-commands.js';
import type { IntentFacts } from './intent.js';
import type { ResourceSeen } from './pacemaker-resources.js';
import type { UnitVerb } from './unit-change.js';

/** What may be asked of a resource of Pacemaker on one controller: by a ban, and by taking that away. */
export type ResourceVerb = Extract<UnitVerb, 'start' | 'stop'>;

/**
 * What one resource on one controller looked like when its change was decided, recorded in history before anything is sent. One controller alone
 * gets the command, so that one PID 1 takes the intent, and only once.
 */
export interface ResourceTicket {
  /** Catalogue id. */
  target: string;
  /** As it is banned. */
  resource: string;
  /** Pacemaker's name of the controller. */
  member: string;
  /** The controller that the command is sent from, and the boot in which its PID 1 takes the intent. */
  via: string;
  bootId: string;
  /** Addresses that a stop was decided to leave nowhere: those that were there then. */
  vips?: string[];
}

/** What a change of a resource came to, read from the cluster and from whoever was to send it (design, rule 2). */
export type ResourceVerdict =
  | { kind: 'reached'; byUs: boolean }
  | { kind: 'still-running' }
  /** The constraint is as wanted, and Pacemaker has still to follow it. */
  | { kind: 'under-way' }
  | { kind: 'failed'; exitStatus: number }
  /** It was done, and somebody has done the opposite since. */
  | { kind: 'undone' }
  /** What was to send it has been rebooted, and knows of no intent any more. */
  | { kind: 'rebooted' }
  | { kind: 'never-arrived' };

/** The constraint is as the verb wants it. */
const isOrdered = (verb: ResourceVerb, { isBanned }: ResourceSeen): boolean => isBanned === (verb === 'stop');

/** It is as the verb wants it, whoever has made it so. A stop lasts only where the ban is there. */
export const isResourceReached = (verb: ResourceVerb, seen: ResourceSeen): boolean =>
  isOrdered(verb, seen) && (verb === 'stop' ? !seen.isHere : seen.isStarted);

/**
 * Decides what became of a change of a resource: a function of what the cluster and the sender say now and of what was recorded before anything was
 * sent, so that whoever asks, however late and however often, gets the same answer.
 */
export function resolveResource(
  verb: ResourceVerb,
  ticket: Pick<ResourceTicket, 'bootId'>,
  seen: ResourceSeen,
  { bootId, intent }: { bootId: string; intent?: IntentFacts },
): ResourceVerdict {
  if (isOrdered(verb, seen))
    return isResourceReached(verb, seen) ? { kind: 'reached', byUs: intent !== undefined } : { kind: 'under-way' };
  if (intent?.active === 'failed') return { kind: 'failed', exitStatus: intent.exitStatus };
  if (intent) return { kind: intent.sub === 'exited' ? 'undone' : 'still-running' };
  return { kind: bootId === ticket.bootId ? 'never-arrived' : 'rebooted' };
}

/** What a resource is, in words: where it is, and whether it is kept off. */
export function resourceSaid({ resource, member, isHere, isBanned, hindrance }: ResourceSeen): string {
  const where = `${resource} ${isHere ? 'runs' : 'does not run'} on ${member}`;
  const ban = isBanned ? `, and is kept off by ${banId(resource, member)}` : '';
  return `${where}${ban}${hindrance === undefined ? '' : `; ${hindrance}`}`;
}
