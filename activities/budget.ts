import type { BatchKey } from '../domain/rollout.js';
import type { Keeper } from './keeper.js';

/** Giving a lease back, as an activity of its own for runs that pause or end. */
export const createBudgetActivities = ({ keeper }: { keeper: Keeper }) => ({
  /** Gives back whatever the run holds. Idempotent. */
  releaseBudget: (key: Omit<BatchKey, 'batch'>): Promise<void> => keeper.release(key),
});

export type BudgetActivities = ReturnType<typeof createBudgetActivities>;
