import type { CatalogueEntry } from '../../domain/catalogue.js';
import { selfOf } from '../../domain/mongodb.js';
import { majorityWithout, outageOf, viewOfPrimary } from '../../domain/mongodb-gates.js';
import { listed } from '../../domain/names.js';
import { canonical, type Plan, type RolloutRequest } from '../../domain/plan.js';
import { sentenceOf } from '../../domain/refusal.js';
import { planRefused } from '../failures.js';
import { sha256 } from '../services/plan-one.js';
import type { TurnSite } from '../turns.js';
import { readSet, settledLook } from './site.js';

/** Somebody waits for a plan: a shell that was too slow once is asked again, and no more. */
const PATIENCE_MS = 10_000;

/**
 * A plan to restart members of the replica set, the primary last, when nothing speaks against it. Changes nothing.
 * @throws {ApplicationFailure} PlanRefused with every gate that is shut; also for an outage that nobody has asked for by its own name
 */
export async function planReplicaSet(
  site: TurnSite,
  plan: Plan,
  { unnamed }: Pick<RolloutRequest, 'unnamed'>,
  signal: AbortSignal,
): Promise<Plan> {
  const { seen, refusals } = await settledLook(site, { patienceMs: PATIENCE_MS, isStart: false, signal });
  if (refusals.length > 0) throw planRefused(sentenceOf(refusals));
  const outage = outageOf(seen);
  if (outage !== undefined && unnamed)
    throw planRefused(`${outage}; only \`ostler restart mongod\` does that, and asks before`);
  const primary = viewOfPrimary(seen)?.node;
  const nodes = [...plan.nodes].sort((a, b) => Number(a === primary) - Number(b === primary));
  return {
    ...plan,
    nodes,
    hash: sha256(canonical([plan.hash, nodes, outage ?? ''])),
    ...(outage !== undefined && { outage }),
  };
}

/** What nobody can use while a member restarts, of a set of which none may; undefined where the others carry on, or nobody says. */
export const outageNow = async (site: TurnSite, signal: AbortSignal): Promise<string | undefined> =>
  outageOf(await readSet(site, signal));

/** Why the members on these hosts cannot all be stopped: the others would have no majority. Undefined when they can, or none of it is about them. */
export async function whyNotStop(
  site: TurnSite,
  entries: readonly Pick<CatalogueEntry, 'turns'>[],
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!entries.some(({ turns }) => turns?.by === 'mongodb')) return undefined;
  const seen = await readSet(site, signal);
  // One of which nothing is heard, beside those that are to go, may be the one that the others cannot do without.
  const unheard = [...seen.silent].flatMap(([node, one]) => (one.isDown || nodes.includes(node) ? [] : [one]));
  if (unheard.length > 0) return sentenceOf(unheard);
  const isReplicated = [...seen.said.values()].some((view) => view !== 'alone' && selfOf(view) !== undefined);
  // What is in no set, or does not run, has no majority to lose.
  if (!isReplicated) return undefined;
  const after = majorityWithout(seen, nodes);
  if (after === undefined) return 'the replica set has no primary now: see `ostler audit --check mongodb`';
  if (after.of === 1 || after.left >= after.needed) return undefined;
  return `the replica set would have ${after.left} of ${after.of} members without ${listed(nodes, 8)}, and needs ${after.needed}`;
}
