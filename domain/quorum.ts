/** Who may vote in something that needs a majority, and who takes part now. */
export interface QuorumGroup {
  /** `Pacemaker`, `Galera`, `RabbitMQ`, `ceph-mon`. */
  name: string;
  members: readonly string[];
  up: readonly string[];
  /**
   * `majority`: more than half of all members, as corosync's votequorum without options, Ceph's monitors and RabbitMQ's pause_minority
   * count. `previous-majority`: more than half of those that took part last, as Galera counts: who leaves in order makes the group smaller, and who
   * is lost does not.
   */
  rule: 'majority' | 'previous-majority';
}

/** `leaves`: it is stopped in order, and says so. `fails`: it is lost. */
export type Manner = 'leaves' | 'fails';

/** Whether a group holds, and the numbers that say so. */
export interface QuorumCount {
  holds: boolean;
  up: number;
  /** How many must be up. */
  needed: number;
  /** Of how many. */
  members: number;
}

/** How many of so many are a majority. */
export const moreThanHalfOf = (count: number): number => Math.floor(count / 2) + 1;

const count = (up: number, members: number): QuorumCount => ({
  up,
  members,
  needed: moreThanHalfOf(members),
  holds: up >= moreThanHalfOf(members),
});

/** Those that take part, without any that is no member. */
const present = ({ members, up }: QuorumGroup): string[] => members.filter((member) => up.includes(member));

/** The group as it is now. A Galera that has lost its majority has nobody in its primary component, and so nobody up. */
export function quorumNow(group: QuorumGroup): QuorumCount {
  const up = present(group).length;
  return count(up, group.rule === 'majority' ? group.members.length : up);
}

/** The group after `node` has gone in that manner. A node that is no member, or is not up, changes nothing. */
export function survives(group: QuorumGroup, node: string, manner: Manner): QuorumCount {
  const before = present(group);
  const after = before.filter((member) => member !== node);
  if (group.rule === 'majority') return count(after.length, group.members.length);
  return count(after.length, manner === 'leaves' ? after.length : before.length);
}

/** The group after `node` has gone and then any one more is lost: the worst case, and who that one is. */
export function withOneMoreGone(group: QuorumGroup, node: string, manner: Manner): QuorumCount & { worst?: string } {
  const first = survives(group, node, manner);
  const left = present(group).filter((member) => member !== node);
  const [worst] = left;
  if (!first.holds || worst === undefined) return first;
  return { ...survives({ ...group, up: left }, worst, 'fails'), worst };
}

/** Both answers in one line for operators: `RabbitMQ: 2 of 3 without controller-2, 2 needed: holds; with one more gone 1 of 3: does not`. */
export function sentenceOf(group: QuorumGroup, node: string, manner: Manner): string {
  const without = survives(group, node, manner);
  const worst = withOneMoreGone(group, node, manner);
  const does = ({ holds }: QuorumCount): string => (holds ? 'holds' : 'does not hold');
  const numbers = ({ up, members }: QuorumCount): string => `${up} of ${members}`;
  return `${group.name}: ${numbers(without)} without ${node}, ${without.needed} needed: ${does(without)}${
    without.holds ? `; with one more gone ${numbers(worst)}: ${does(worst)}` : ''
  }`;
}
