import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogueEntry } from '../../domain/catalogue.js';
import type { ResourceSeen } from '../../domain/pacemaker-resources.js';
import { isResourceReached, type ResourceVerb, resourceSaid } from '../../domain/resource-change.js';
import type { Verdicts } from '../../domain/rollout.js';
import { isPassing, whyNot } from '../hosts.js';
import { CLUSTER_LOOK_MS } from './change-resource.js';
import type { ServiceReader } from './reader.js';

/** A resource that was changed on a controller. */
export interface ChangedResource {
  node: string;
  entry: CatalogueEntry;
}

/**
 * Looks until the soak is over whether resources stay as they were made, and tells of each that did not, or is not known to, in the order of the
 * question: one that did not keeps no other from its soak. Changes nothing.
 */
export async function verifyResources(
  { reader }: { reader: Pick<ServiceReader, 'readResources'> },
  verb: ResourceVerb,
  changed: readonly ChangedResource[],
  { soakMs, deadlineMs }: { soakMs: number; deadlineMs: number },
  signal: AbortSignal,
): Promise<(Verdicts[string] | undefined)[]> {
  if (changed.length === 0) return [];
  const deadline = Date.now() + deadlineMs;
  const bad = new Map<ChangedResource, Verdicts[string]>();
  let goodSince: number | undefined;
  for (;;) {
    try {
      const all = await reader.readResources(changed, signal);
      for (const [index, one] of changed.entries()) {
        const verdict = bad.get(one) ?? notAsMade(verb, one, all[index]);
        if (verdict) bad.set(one, verdict);
      }
      goodSince ??= Date.now();
      if (bad.size === changed.length || Date.now() - goodSince >= soakMs) return changed.map((one) => bad.get(one));
    } catch (error) {
      if (signal.aborted) throw error;
      if (!isPassing(error) || Date.now() > deadline)
        return changed.map(
          (one) =>
            bad.get(one) ?? {
              state: 'unknown',
              note: { why: `the ${verb} was done, but is not proven: ${whyNot(error)}` },
            },
        );
    }
    const left = goodSince === undefined ? CLUSTER_LOOK_MS : soakMs - (Date.now() - goodSince);
    await sleep(Math.max(5, Math.min(CLUSTER_LOOK_MS, left)), undefined, { signal });
  }
}

function notAsMade(
  verb: ResourceVerb,
  { node, entry }: ChangedResource,
  seen: ResourceSeen | undefined,
): Verdicts[string] | undefined {
  if (!seen) return { state: 'failed', note: { why: `Pacemaker does not run ${entry.id} on ${node} any more` } };
  if (isResourceReached(verb, seen)) return undefined;
  return {
    state: 'failed',
    note: { why: `after the ${verb}: ${resourceSaid(seen)}: somebody, or a failure, is at it too` },
  };
}
