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
}

export type LeaseKey = Pick<Lease, 'owner' | 'run' | 'batch'>;

/** A lease asked for, with what the asker has just seen of the role. */
export interface LeaseRequest extends Lease {
  maxUnavailable: number;
  /** Hosts of the role that are down, or that did not answer. */
  missing: string[];
}

/** What a keeper remembers; carried when it continues as new. */
export interface BudgetState {
  leases: Lease[];
}

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
 * run held before is given back first, granted or not: that is the release at the barrier, and two runs never wait for each
 * other. Asking again for a lease that is held grants it again, so a retry is safe; asking for an earlier batch than the run
 * is at changes nothing, so a worker that wakes late takes nothing away.
 */
export function acquire(state: BudgetState, { missing, maxUnavailable, ...lease }: LeaseRequest): LeaseAnswer {
  const mine = (held: Lease): boolean => held.owner === lease.owner && held.run === lease.run;
  if (state.leases.some((held) => mine(held) && held.batch > lease.batch)) {
    return { granted: false, unavailable: lease.nodes.length, maxUnavailable, holders: [], missing: [] };
  }
  const foreign = state.leases.filter((held) => !mine(held));
  const wanted = new Set(lease.nodes);
  // A host can serve several roles: whoever works on it as a controller keeps everyone else off it.
  const others = foreign.filter((held) => held.role === lease.role || held.nodes.some((node) => wanted.has(node)));
  const overlapping = others.filter((held) => held.nodes.some((node) => wanted.has(node)));
  const unavailable = new Set([...lease.nodes, ...missing, ...others.flatMap(({ nodes }) => nodes)]).size;
  const granted = overlapping.length === 0 && unavailable <= maxUnavailable;
  state.leases = granted ? [...foreign, lease] : foreign;
  if (granted) return { granted };
  const holders = others.map(({ owner, run, actor, reason, nodes }) => ({
    owner,
    run,
    actor,
    reason,
    nodes: nodes.slice(0, 20),
  }));
  return { granted: false, unavailable, maxUnavailable, holders, missing: missing.slice(0, 20) };
}

/** Whether a lease is still held; asked right before each act. */
export const renew = (state: BudgetState, key: LeaseKey): boolean => state.leases.some((held) => sameKey(held, key));

/** Gives back every lease of an owner's run; harmless when there is none. */
export function release(state: BudgetState, { owner, run }: Pick<LeaseKey, 'owner' | 'run'>): number {
  const before = state.leases.length;
  state.leases = state.leases.filter((held) => held.owner !== owner || held.run !== run);
  return before - state.leases.length;
}
