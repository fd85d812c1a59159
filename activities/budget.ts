import type { BatchKey } from '../domain/rollout.js';
import type { Keeper } from './keeper.js';

/** Giving a lease back, as an activity of its own for runs that pause or end. */
export const createBudgetActivities = ({ keeper }: { keeper: Keeper }) => ({
  /** Gives back whatever the run holds up to this batch, for good. Idempotent. */
  releaseBudget: (key: BatchKey): Promise<void> => keeper.release(key),
});
