import type { CatalogueEntry } from '../../domain/catalogue.js';
import { isCephDaemon } from '../../domain/ceph-daemons.js';
import { listed } from '../../domain/names.js';
import { canonical, type Plan, type RolloutRequest } from '../../domain/plan.js';
import { planRefused } from '../failures.js';
import { sha256 } from '../services/plan-one.js';
import { type CephSite, lookAt, nameInCeph, notLet, sentenceOf } from './site.js';

/**
 * The request as it is planned: hosts of Ceph take their turns one at a time.
 * @throws {ApplicationFailure} PlanRefused for another batch
 */
export function oneByOne(request: RolloutRequest): RolloutRequest {
  if (request.batch?.some((share) => share !== 1))
    throw planRefused('hosts of Ceph take their turns one at a time: leave out --batch');
  return { ...request, batch: [1] };
}

/**
 * A plan to restart daemons of Ceph, when Ceph lets the first host go; of monitors the leader comes last. Changes nothing.
 * @throws {ApplicationFailure} PlanRefused with every gate that is shut
 */
export async function planCeph(site: CephSite, plan: Plan, signal: AbortSignal): Promise<Plan> {
  const { target, nodes } = plan;
  const [first] = nodes;
  if (!isCephDaemon(target) || first === undefined) return plan;
  const { seen, refusals } = await lookAt(site, target, first, { signal });
  if (refusals.length > 0 || seen.asked === undefined) throw planRefused(sentenceOf(refusals));
  const named = new Map(nodes.map((node) => [node, nameInCeph(site, target, node, seen.facts)]));
  const nameless = [...named.values()].flatMap((one) => ('why' in one ? [one.why] : []));
  if (nameless.length > 0) throw planRefused(listed(nameless, 3));
  const isLeader = (node: string): boolean => {
    const one = named.get(node);
    return target === 'ceph-mon' && one !== undefined && 'name' in one && one.name === seen.facts.mons.leader;
  };
  const ordered = [...nodes.filter((node) => !isLeader(node)), ...nodes.filter(isLeader)];
  return { ...plan, nodes: ordered, hash: sha256(canonical([plan.hash, ordered])) };
}

/**
 * Why Ceph does not let its daemons on these hosts be stopped; undefined when it does, or none of them is about Ceph. Before there was `ok-to-stop`,
 * nothing may be missing already. What else keeps from a restart does not keep from a stop: whoever has set noout may have done it for that.
 */
export async function whyNotStop(
  site: CephSite,
  entries: readonly Pick<CatalogueEntry, 'id'>[],
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const asked = entries.flatMap(({ id }) => (isCephDaemon(id) ? nodes.map((node) => ({ id, node })) : []));
  for (const { id, node } of asked) {
    const { seen, leave, refusals } = await lookAt(site, id, node, { signal });
    if (leave?.state === 'given') continue;
    if (leave?.state === 'refused') return notLet(node, leave.why);
    if (seen.asked === undefined || leave === undefined) return sentenceOf(refusals);
    const missing = refusals.filter(({ passes }) => passes);
    if (missing.length > 0) return sentenceOf(missing);
  }
  return undefined;
}
