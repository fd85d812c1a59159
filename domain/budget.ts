import type { Role } from './inventory.js';

/** Leave to have hosts of a role down for the length of one batch. */
export interface Lease {
  /** Workflow id of the operation that holds it; the lease lives as long as that workflow. */
  owner: string;
  /** First run id of the owner, which stays the same while it continues as new. */
  run: string;
  batch: number;
  role: Role;
  nodes: string[];
  actor: string;
  reason: string;
  /** It was given back, and holds only what is unresolved: nobody may touch a host under it any more. */
  givenBack?: boolean;
}

export type LeaseKey = Pick<Lease, 'owner' | 'run' | 'batch'>;

/** A lease asked for, with what the asker has just seen of the role. */
export interface LeaseRequest extends Lease {
  maxUnavailable: number;
  /** Hosts of the role that are down, or that did not answer. */
  missing: string[];
  /** Those of `nodes` whose earlier outcome nobody knows: they stay leased, granted or not. */
  unresolved?: string[];
}

/** What is to be given back. */
export interface ReleaseRequest extends Pick<LeaseKey, 'owner' | 'run'> {
  batch?: number;
  /** Hosts of which nobody knows whether they are up. */
  unresolved?: string[];
}

/** What a keeper remembers; carried when it continues as new. */
export interface BudgetState {
  leases: Lease[];
  /** What was given back last, so that a worker that wakes late cannot take it again for a run that pauses or has ended. */
  givenBack?: LeaseKey[];
}

/** Far more runs than one cloud has while a worker sleeps; three short words each. */
const MOST_GIVEN_BACK = 200;

export type LeaseAnswer =
  | { granted: true }
  | {
      granted: false;
      unavailable: number;
      maxUnavailable: number;
      /** Other owners whose leases are in the way, for the asker to check that they still run. */
      holders: Pick<Lease, 'owner' | 'run' | 'actor' | 'reason' | 'nodes'>[];
      missing: string[];
    };

const sameKey = (a: LeaseKey, b: LeaseKey): boolean => a.owner === b.owner && a.run === b.run && a.batch === b.batch;

/**
 * Admits a lease when hosts leased by anybody, seen down and not answering, taken together, stay within the budget. What the same
 * run held before is given back first, granted or not, but for what is unresolved: that is the release at the barrier, and two runs never wait for each
 * other. Asking again for a lease that is held grants it again, so a retry is safe; asking for an earlier batch than the run
 * is at, or for one that was given back, changes nothing, so a worker that wakes late neither takes nor leaves anything.
 */
export function acquire(
  state: BudgetState,
  { missing, maxUnavailable, unresolved = [], ...lease }: LeaseRequest,
): LeaseAnswer {
  const mine = (held: LeaseKey): boolean => held.owner === lease.owner && held.run === lease.run;
  const isPast =
    state.leases.some((held) => mine(held) && held.batch >= lease.batch + (held.givenBack ? 0 : 1)) ||
    (state.givenBack ?? []).some((held) => mine(held) && held.batch >= lease.batch);
  if (isPast) {
    return { granted: false, unavailable: lease.nodes.length, maxUnavailable, holders: [], missing: [] };
  }
  const foreign = state.leases.filter((held) => !mine(held));
  const wanted = new Set(lease.nodes);
  // A host can serve several roles: whoever works on it as a controller keeps everyone else off it.
  const others = foreign.filter((held) => held.role === lease.role || held.nodes.some((node) => wanted.has(node)));
  const overlapping = others.filter((held) => held.nodes.some((node) => wanted.has(node)));
  const unavailable = new Set([...lease.nodes, ...missing, ...others.flatMap(({ nodes }) => nodes)]).size;
  const granted = overlapping.length === 0 && unavailable <= maxUnavailable;
  if (granted) {
    state.leases = [...foreign, lease];
    return { granted };
  }
  // What is held under this very key stays: a worker that wakes late asks with what it saw long ago.
  const last = state.leases.findLast((held) => mine(held) && !sameKey(held, lease));
  if (last) release(state, { ...last, unresolved });
  const holders = others.map(({ owner, run, actor, reason, nodes }) => ({
    owner,
    run,
    actor,
    reason,
    nodes: nodes.slice(0, 20),
  }));
  return { granted: false, unavailable, maxUnavailable, holders, missing: missing.slice(0, 20) };
}

/** Whether a lease still lets its hosts be touched; asked right before each act. */
export const renew = (state: BudgetState, key: LeaseKey): boolean =>
  state.leases.some((held) => sameKey(held, key) && !held.givenBack);

/**
 * Gives back what an owner's run holds, up to `batch` or all of it, and for good; harmless when there is nothing. A worker that wakes
 * late with an earlier release so takes nothing from a run that has gone on. Hosts whose outcome is `unresolved` stay leased.
 */
export function release(state: BudgetState, { owner, run, batch, unresolved = [] }: ReleaseRequest): number {
  const given = state.leases.filter(
    (held) => held.owner === owner && held.run === run && held.batch <= (batch ?? held.batch),
  );
  const kept =
    unresolved.length > 0 ? given.slice(-1).map((held) => ({ ...held, nodes: unresolved, givenBack: true })) : [];
  state.leases = [...state.leases.filter((held) => !given.includes(held)), ...kept];
  const last = batch === undefined ? given.map((held) => held.batch) : [batch];
  const keys = last.map((done) => ({ owner, run, batch: done }));
  const others = (state.givenBack ?? []).filter((back) => !keys.some((key) => sameKey(key, back)));
  state.givenBack = [...others, ...keys].slice(-MOST_GIVEN_BACK);
  return given.length;
}
