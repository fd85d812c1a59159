import { cephCapacityCheck, cephMonsCheck } from '../../domain/audit/ceph-checks.js';
import { limitsOf } from '../../domain/audit/check.js';
import type { CephFacts } from '../../domain/ceph.js';
import { cephNames, monOkToStop, type NooutScope, osdOkToStop } from '../../domain/ceph-commands.js';
import type { CephDaemon } from '../../domain/ceph-daemons.js';
import { type CephLimits, cephGates, isSet, monitorGates } from '../../domain/ceph-gates.js';
import { listed } from '../../domain/names.js';
import { pairNames } from '../../domain/node-names.js';
import type { Refusal } from '../../domain/refusal.js';
import { settled } from '../settled.js';
import type { TurnSite } from '../turns.js';
import { type CephReading, readCeph } from './ask.js';
import { type Leave, okToStop } from './ok-to-stop.js';

/** The numbers of the gates, as the site has them for its audits. */
export const limitsAt = ({ inventory }: Pick<TurnSite, 'inventory'>): CephLimits => ({
  used: limitsOf(cephCapacityCheck, inventory.audit.thresholds).warn as number,
  monitors: limitsOf(cephMonsCheck, inventory.audit.thresholds).warn as number,
});

/** What Ceph calls a node as a host of OSDs, or as a monitor; or why nothing can be done to it. */
export function nameInCeph(
  { inventory }: Pick<TurnSite, 'inventory'>,
  daemon: CephDaemon,
  node: string,
  { osds, mons }: CephFacts,
): { name: string } | { why: string } {
  const theirs = daemon === 'ceph-osd' ? [...new Set(osds.flatMap(({ host }) => host ?? []))] : mons.monitors;
  const what = daemon === 'ceph-osd' ? 'host of OSDs' : 'monitor';
  const ours = inventory.nodes.map((one) => one.name);
  const name = pairNames(ours, theirs).get(node);
  if (name === undefined) return { why: `Ceph knows no ${what} ${node}: it has ${listed(theirs) || 'none at all'}` };
  return cephNames(inventory.node(node)).includes(name)
    ? { name }
    : {
        why: `Ceph calls ${node} ${name}, and sudo does not permit that name: set clusterName to it in ostler.yaml, and install what \`ostler sudoers\` prints`,
      };
}

/** Ceph as it is right now, what it calls a node, and all that speaks against a restart of the daemons of that node. */
export interface CephLook {
  seen: CephReading;
  name?: string;
  /** Whether Ceph lets that node's daemons go. */
  leave?: Leave;
  refusals: Refusal[];
}

/**
 * Looks at Ceph for one of its hosts. Changes nothing.
 * @param own the flag that this run has set itself: it must be there
 */
export async function lookAt(
  site: TurnSite,
  daemon: CephDaemon,
  node: string,
  { own, signal }: { own?: NooutScope; signal: AbortSignal },
): Promise<CephLook> {
  // Which of its names Ceph has for it is known with the answer.
  const names = cephNames(site.inventory.node(node));
  const ask = daemon === 'ceph-osd' ? osdOkToStop : monOkToStop;
  const questions = Object.fromEntries(names.map((name, index) => [okQuestion(index), ask(name)]));
  const seen = await readCeph(site, signal, questions);
  if (seen.asked === undefined) return { seen, refusals: [{ why: seen.why, passes: true }] };
  const { facts, printed } = seen;
  const limits = limitsAt(site);
  const gates = [...cephGates(facts, limits, own), ...(daemon === 'ceph-mon' ? monitorGates(facts, limits) : [])];
  if (own && !isSet(facts, own)) gates.push({ why: 'noout, which this run has set, is not set any more' });
  const found = nameInCeph(site, daemon, node, facts);
  if ('why' in found) return { seen, refusals: [...gates, found] };
  const { name } = found;
  const leave = okToStop(printed.get(okQuestion(names.indexOf(name))));
  // What is wrong already tells more than what would be.
  if (leave.state === 'refused' && gates.length === 0) gates.push({ why: notLet(node, leave.why), passes: true });
  return { seen, name, leave, refusals: gates };
}

/** A refusal of Ceph's own, in a sentence. */
export const notLet = (node: string, why: string): string => `Ceph does not let ${node} go: ${why}`;

/** {@link lookAt}, settled. */
export const settledLook = (
  site: TurnSite,
  daemon: CephDaemon,
  node: string,
  options: { patienceMs: number; own?: NooutScope; signal: AbortSignal },
): Promise<CephLook> => settled(() => lookAt(site, daemon, node, options), options);

/** A node has three names at most, and a question's has no digits. */
const okQuestion = (index: number): string => `ok-to-stop-${'abc'[index]}`;
