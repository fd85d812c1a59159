import { isInOrder, lagOf, type MongoMember, type MongoView, primariesOf, selfOf } from './mongodb.js';
import { listed } from './names.js';
import { moreThanHalfOf } from './quorum.js';
import type { Refusal } from './refusal.js';
import type { RestartTicket } from './rollout.js';

/** What a host of a replica set must still look like for its mongod to be restarted, recorded in history before anything is done. */
export interface MongoTicket {
  restart: RestartTicket;
  /** Of the primary that another can take over from: when it was elected, in milliseconds since 1970. It steps down from that election alone. */
  electedMs?: number;
}

/** What every mongo node says, by name. */
export interface MongoSeen {
  /** The replica set as its member there sees it; `alone` where mongod is in none. */
  said: ReadonlyMap<string, MongoView | 'alone'>;
  silent: ReadonlyMap<string, Silence>;
}

/** Why a mongo node says nothing of the set. */
export interface Silence extends Refusal {
  /** No mongod listens there. */
  isDown?: true;
}

/** The replica set as each member sees it, by node. */
const viewsIn = ({ said }: MongoSeen): { node: string; view: MongoView }[] =>
  [...said].flatMap(([node, view]) => (view === 'alone' ? [] : [{ node, view }]));

/** Who says that it is the primary. */
const claimsOf = (seen: MongoSeen): { node: string; view: MongoView }[] =>
  viewsIn(seen).filter(({ view }) => selfOf(view)?.state === 'PRIMARY');

/** The replica set in the words of its primary, and on which node that is; undefined where none, or more than one, says that it is. */
export function viewOfPrimary(seen: MongoSeen): { node: string; view: MongoView } | undefined {
  const [claim, ...others] = claimsOf(seen);
  return others.length === 0 ? claim : undefined;
}

/** The replica set has no member but one, or mongod is in none: nothing takes over. */
export const isAlone = ({ said, silent }: MongoSeen): boolean =>
  said.size === 1 && silent.size === 0 && [...said.values()].every((view) => view === 'alone');

const NO_DATABASE = 'Ceilometer has no database meanwhile';

/**
 * Why nobody can use the database while one of its members restarts; undefined where the others carry on. Two are no majority without either, and
 * arbiters have nothing to carry on with (domain reference, C10 and D 24).
 */
export function outageOf(seen: MongoSeen): string | undefined {
  if (isAlone(seen)) return `${NO_DATABASE}: mongod is in no replica set`;
  const members = viewOfPrimary(seen)?.view.members ?? [];
  const withData = members.filter(({ state }) => state !== 'ARBITER').length;
  if (withData === 1) return `${NO_DATABASE}: one member of the replica set has data`;
  return members.length === 2 ? `${NO_DATABASE}: of two members neither is a majority` : undefined;
}

/** How far a member may be behind, in seconds, and whether one that is down is to be started rather than one taken down. */
interface Gate {
  lagS: number;
  isStart?: boolean;
}

/**
 * What must hold before any member is taken down (domain reference, C10): every host says how it is, one primary that all agree on, every member in
 * order, and none of them behind.
 */
export function mongoGates(seen: MongoSeen, { lagS, isStart }: Gate): Refusal[] {
  // To start one takes nothing from the others, and may be what they wait for.
  if (isStart) return rollingBack(seen).map((name) => ({ why: `${name} is ROLLBACK` }));
  if (seen.silent.size > 0) return [...seen.silent.values()];
  if (isAlone(seen)) return [];
  const alone = [...seen.said].filter(([, view]) => view === 'alone').map(([node]) => node);
  if (alone.length > 0)
    return [{ why: `mongod on ${listed(alone, 8)} is in no replica set, and there are other mongo nodes` }];
  const primary = viewOfPrimary(seen);
  if (!primary) return [{ why: whoIsPrimary(seen), passes: true }];
  const views = viewsIn(seen);
  const strangers = views.filter(({ view }) => view.set !== primary.view.set).map(({ node }) => node);
  if (strangers.length > 0)
    return [{ why: `${listed(strangers, 8)} is not in the replica set ${primary.view.set} of ${primary.node}` }];
  const { members } = primary.view;
  const [head] = primariesOf(primary.view);
  return [
    ...(views.some(({ view }) => primariesOf(view).length !== 1)
      ? [{ why: `not every member knows of the primary ${primary.node}`, passes: true as const }]
      : []),
    ...members
      .filter((member) => !isInOrder(member))
      .map(({ name, state, isHealthy }): Refusal => {
        const why = `${name} is ${isHealthy ? state : `${state}, out of reach of the primary`}`;
        // What it throws away is for a person to look at first.
        return state === 'ROLLBACK' ? { why } : { why, passes: true };
      }),
    ...members.flatMap((member): Refusal[] => {
      if (!head || !isInOrder(member) || member.state !== 'SECONDARY') return [];
      const behind = lagOf(member, head);
      if (behind !== undefined && behind <= lagS) return [];
      const how = behind === undefined ? 'does not say when its last write was' : `is ${Math.round(behind)} s behind`;
      return [{ why: `${member.name} ${how}, and at most ${lagS} s may be`, passes: true }];
    }),
  ];
}

function whoIsPrimary(seen: MongoSeen): string {
  const claims = claimsOf(seen).map(({ node }) => node);
  return claims.length === 0
    ? `none of ${listed([...seen.said.keys()], 8)} is the primary`
    : `${claims.join(' and ')} both say that they are the primary`;
}

/** Whether a majority of the members reach each other, so that they elect a primary. */
export const hasMajority = (seen: MongoSeen): boolean =>
  viewsIn(seen).some(
    ({ view: { members } }) => members.filter(({ isHealthy }) => isHealthy).length >= moreThanHalfOf(members.length),
  );

/** Every member that anybody sees as the primary, by name: also one that cannot be asked itself. */
export const primariesSeen = (seen: MongoSeen): string[] => namesIn(seen, primariesOf);

/** Members that throw away what they alone have written: whatever is done next, a person looks at that first. */
export const rollingBack = (seen: MongoSeen): string[] =>
  namesIn(seen, ({ members }) => members.filter(({ state }) => state === 'ROLLBACK'));

/** The members that any view has among some, by name, each once. */
const namesIn = (seen: MongoSeen, of: (view: MongoView) => MongoMember[]): string[] => [
  ...new Set(viewsIn(seen).flatMap(({ view }) => of(view).map(({ name }) => name))),
];

/** Whether a node has the primary, and another member could take over from it. */
export function isToStepDown(seen: MongoSeen, node: string): boolean {
  const view = memberOn(seen, node);
  const self = view && selfOf(view);
  return (
    self?.state === 'PRIMARY' &&
    view?.members.some((one) => one !== self && isInOrder(one) && one.state === 'SECONDARY') === true
  );
}

/** When the primary on a node was elected, in milliseconds since 1970; undefined where it is none, or does not say. */
export function electionOf(seen: MongoSeen, node: string): number | undefined {
  const view = memberOn(seen, node);
  return view && selfOf(view)?.electedMs;
}

/** The set as the member on a node sees it; undefined where none answers. */
export function memberOn({ said }: MongoSeen, node: string): MongoView | undefined {
  const view = said.get(node);
  return view === 'alone' ? undefined : view;
}

/**
 * Whether a majority of the members stays in order when those on these nodes go; undefined where nobody can say. The primary believes for ten seconds
 * in a member that is gone: where no mongod listens there is none, whatever it says.
 */
export function majorityWithout(
  seen: MongoSeen,
  going: readonly string[],
): { left: number; needed: number; of: number } | undefined {
  const members = viewOfPrimary(seen)?.view.members;
  if (!members) return undefined;
  const nameOn = (node: string): string | undefined => {
    const view = memberOn(seen, node);
    return view && selfOf(view)?.name;
  };
  const heard = new Set([...seen.said.keys()].map(nameOn));
  const gone = new Set(going.map(nameOn));
  const left = members.filter((member) => isInOrder(member) && heard.has(member.name) && !gone.has(member.name));
  // Members elsewhere than on our nodes may be among those of which nothing is heard, as far as nodes that are down leave any.
  const unheard = members.filter(({ name }) => !heard.has(name));
  const elsewhere = Math.max(0, Math.min(unheard.filter(isInOrder).length, unheard.length - seen.silent.size));
  return { left: left.length + elsewhere, needed: moreThanHalfOf(members.length), of: members.length };
}
