import type { CatalogueEntry } from '../../domain/catalogue.js';
import type { CephFacts } from '../../domain/ceph.js';
import { isCephDaemon } from '../../domain/ceph-daemons.js';
import { listed } from '../../domain/names.js';
import { canonical, type Plan } from '../../domain/plan.js';
import { quorumNow } from '../../domain/quorum.js';
import { sentenceOf } from '../../domain/refusal.js';
import { planRefused } from '../failures.js';
import { sha256 } from '../services/plan-one.js';
import type { TurnSite } from '../turns.js';
import { lookAt, nameInCeph, notLet } from './site.js';

/**
 * A plan to restart daemons of Ceph, when Ceph lets the first host go; of monitors the leader comes last. Changes nothing.
 * @throws {ApplicationFailure} PlanRefused with every gate that is shut
 */
export async function planCeph(site: TurnSite, plan: Plan, signal: AbortSignal): Promise<Plan> {
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
 * Why Ceph does not let its daemons on these hosts be stopped; undefined when it does, or none of them is about Ceph. Ceph answers for one host at
 * a time, as if only that one went: OSDs of several are not stopped in one go, and no more monitors than the quorum spares. Before there was
 * `ok-to-stop`, nothing may be missing already. What else keeps from a restart does not keep from a stop: whoever has set noout may have done it
 * for that.
 */
export async function whyNotStop(
  site: TurnSite,
  entries: readonly Pick<CatalogueEntry, 'id'>[],
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const [first] = nodes;
  if (nodes.length > 1 && entries.some(({ id }) => id === 'ceph-osd'))
    return `OSDs are stopped on one host at a time, and not on ${nodes.length}: each stop changes what Ceph says to the next; begin with \`ostler service stop ceph-osd --on ${first}\``;
  const asked = entries.flatMap(({ id }) => (isCephDaemon(id) ? nodes.map((node) => ({ id, node })) : []));
  for (const { id, node } of asked) {
    const { seen, leave, refusals } = await lookAt(site, id, node, { signal });
    if (leave?.state === 'refused') return notLet(node, leave.why);
    if (seen.asked === undefined || leave === undefined) return sentenceOf(refusals);
    const tooMany = id === 'ceph-mon' ? moreThanSpared(site, seen.facts, nodes) : undefined;
    if (tooMany !== undefined) return tooMany;
    if (leave.state === 'given') continue;
    const missing = refusals.filter(({ passes }) => passes);
    if (missing.length > 0) return sentenceOf(missing);
  }
  return undefined;
}

/** Why the monitors on these hosts cannot all go: those in quorum are not enough. */
function moreThanSpared(site: TurnSite, facts: CephFacts, nodes: readonly string[]): string | undefined {
  const { monitors: members, quorum } = facts.mons;
  const { up, needed } = quorumNow({ name: 'ceph-mon', members, up: quorum, rule: 'majority' });
  const going = nodes.filter((node) => {
    const named = nameInCeph(site, 'ceph-mon', node, facts);
    return 'name' in named && quorum.includes(named.name);
  });
  if (up - going.length >= needed) return undefined;
  const why = `of ${members.length} monitors of Ceph ${up} are in quorum, ${needed} must be, and ${going.length} would go`;
  return up > needed ? `${why}; begin with \`ostler service stop ceph-mon --on ${going[0]}\`` : why;
}
