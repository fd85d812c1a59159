import type { LeaseAnswer, LeaseKey, LeaseRequest } from '../../domain/budget.js';
import type { Plan, RolloutRequest } from '../../domain/plan.js';
import type { OpenActs } from '../../domain/rollout.js';

/** Who steers and why; part of every control message and so of the history. */
export interface Control {
  actor: string;
  reason: string;
}

/** A control of some hosts; without `nodes`, of every host that it can apply to. */
export interface HostControl extends Control {
  nodes?: string[];
}

/** Updates of a rollout. Each answers one sentence for the operator; a refusal is a validation error. */
export const rolloutUpdates = {
  pause: 'pause',
  resume: 'resume',
  abort: 'abort',
  retry: 'retry',
  skip: 'skip',
  promote: 'promote',
  return: 'return',
} as const;

/** What pause and abort fall back to when no worker answers: recorded, and obeyed when one is back. */
export const rolloutSignals = { pause: 'pauseWhenBack', abort: 'abortWhenBack' } as const;

export const rolloutQueries = { progress: 'progress' } as const;

/** Updates of a cloud's keeper, and the query that lists what it holds. */
export const keeperUpdates = { acquire: 'acquire', renew: 'renew', release: 'release', unlock: 'unlock' } as const;
export const keeperQueries = { leases: 'leases' } as const;

export type { LeaseAnswer, LeaseKey, LeaseRequest };

/** Gives back another run's leases by hand. */
export interface Unlock extends Control {
  owner: string;
}

/** Argument of every rollout workflow. `carried` is there only when it continues as new. */
export interface RolloutArgs<State = unknown> {
  request: RolloutRequest;
  carried?: { plan: Plan; state: State };
  /** What an ended run of the same request left unresolved: those hosts come first, each under the intent that it has. */
  open?: OpenActs;
}

/** What a rollout that failed or was aborted says beside its sentence: what it leaves unresolved, to the next of the same request. */
export interface LeftOpen {
  open: OpenActs;
}
