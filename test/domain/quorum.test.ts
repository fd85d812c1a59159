import { describe, expect, it } from 'vitest';
import {
  type Manner,
  type QuorumCount,
  type QuorumGroup,
  quorumNow,
  sentenceOf,
  survives,
  withOneMoreGone,
} from '../../domain/quorum.js';

const of = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index + 1}`);

/** All subsets, as lists. */
const subsets = (all: readonly string[]): string[][] =>
  all.reduce<string[][]>((sets, one) => sets.flatMap((set) => [set, [...set, one]]), [[]]);

const without = (all: readonly string[], gone: string): string[] => all.filter((one) => one !== gone);

/**
 * Whether a side may go on as the only one, found without counting to a half: it may when nobody on the other side could say the same of
 * itself with as many of its own. Of two sides that are alike, neither may.
 */
const alone = (side: readonly string[], all: readonly string[]): boolean =>
  !subsets(all.filter((one) => !side.includes(one))).some((other) => other.length >= side.length);

/** Who takes part in a Galera component after each event: who leaves makes it smaller, who is lost must leave a side that may go on alone. */
const component = (start: readonly string[], events: readonly [gone: string, manner: Manner][]): string[] =>
  events.reduce<string[]>(
    (members, [gone, manner]) => {
      const left = without(members, gone);
      return manner === 'leaves' || left.length === members.length || alone(left, members) ? left : [];
    },
    [...start],
  );

/** Whether a group goes on after the events, played through by the rule's own definition. */
function goesOn({ members, up, rule }: QuorumGroup, events: readonly [gone: string, manner: Manner][]): boolean {
  if (rule === 'previous-majority') return component(up, events).length > 0;
  const left = events.reduce<readonly string[]>((side, [gone]) => without(side, gone), up);
  return alone(left, members);
}

const rules = ['majority', 'previous-majority'] as const;
const manners = ['leaves', 'fails'] as const;

/** Every group of up to seven, with everybody that may be up, and everybody that may go (one of them a stranger), in both manners. */
const cases = of(7).flatMap((_, index) => {
  const members = of(index + 1);
  return subsets(members).flatMap((up) =>
    [...members, 'stranger'].flatMap((node) =>
      rules.flatMap((rule) => manners.map((manner) => ({ group: { name: 'G', members, up, rule }, node, manner }))),
    ),
  );
});

/** The cases in which something is not so: none, which also says what they are when there are. */
const wrong = (isRight: (one: (typeof cases)[number]) => boolean) => cases.filter((one) => !isRight(one));

describe('every group of up to seven members, against a search through all sides', () => {
  it('has a quorum now exactly when no other side could have one', () => {
    expect(wrong(({ group }) => quorumNow(group).holds === goesOn(group, []))).toEqual([]);
  });

  it('survives exactly what its own rule survives', () => {
    const events = ({ node, manner }: (typeof cases)[number]): [string, Manner][] => [[node, manner]];
    expect(wrong((one) => survives(one.group, one.node, one.manner).holds === goesOn(one.group, events(one)))).toEqual(
      [],
    );
  });

  it('survives one more exactly when it survives every choice of the one more', () => {
    const everyChoice = ({ group, node, manner }: (typeof cases)[number]): boolean =>
      [undefined, ...without(group.up, node)].every((more) =>
        goesOn(group, [[node, manner], ...(more ? [[more, 'fails'] as [string, Manner]] : [])]),
      );
    expect(wrong((one) => withOneMoreGone(one.group, one.node, one.manner).holds === everyChoice(one))).toEqual([]);
  });

  it('counts right: it holds with as many up as are needed, and not with one less', () => {
    const isRight = ({ holds, up, needed, members }: QuorumCount): boolean =>
      holds === up >= needed && up <= members && needed > members / 2;
    expect(
      wrong(({ group, node, manner }) =>
        [quorumNow(group), survives(group, node, manner), withOneMoreGone(group, node, manner)].every(isRight),
      ),
    ).toEqual([]);
  });

  it('names one that is up, and not the node itself, as the worst', () => {
    expect(
      wrong(({ group, node, manner }) => {
        const { worst } = withOneMoreGone(group, node, manner);
        return worst === undefined || without(group.up, node).includes(worst);
      }),
    ).toEqual([]);
  });
});

describe('a sentence for people', () => {
  const group = (name: string, rule: QuorumGroup['rule'], count: number, up = count): QuorumGroup => ({
    name,
    rule,
    members: of(count),
    up: of(up),
  });

  it.each<[string, QuorumGroup, Manner]>([
    [
      'RabbitMQ: 2 of 3 without n2, 2 needed: holds; with one more gone 1 of 3: does not hold',
      group('RabbitMQ', 'majority', 3),
      'leaves',
    ],
    ['ceph-mon: 1 of 3 without n2, 2 needed: does not hold', group('ceph-mon', 'majority', 3, 2), 'fails'],
    [
      'Pacemaker: 4 of 5 without n2, 3 needed: holds; with one more gone 3 of 5: holds',
      group('Pacemaker', 'majority', 5),
      'fails',
    ],
    // Two of Galera are a component of two after the third has left in order: losing one of them is losing half.
    [
      'Galera: 2 of 2 without n2, 2 needed: holds; with one more gone 1 of 2: does not hold',
      group('Galera', 'previous-majority', 3),
      'leaves',
    ],
    [
      'Galera: 2 of 3 without n2, 2 needed: holds; with one more gone 1 of 2: does not hold',
      group('Galera', 'previous-majority', 3),
      'fails',
    ],
    ['Galera: 1 of 2 without n2, 2 needed: does not hold', group('Galera', 'previous-majority', 3, 2), 'fails'],
    ['Pacemaker: 0 of 1 without n1, 1 needed: does not hold', group('Pacemaker', 'majority', 1), 'leaves'],
  ])('%s', (sentence, of, manner) => {
    expect(sentenceOf(of, sentence.includes('without n1') ? 'n1' : 'n2', manner)).toBe(sentence);
  });
});
