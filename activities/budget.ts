import type { ReleaseRequest } from '../domain/budget.js';
import type { Keeper } from './keeper.js';

/** Giving a lease back, as an activity of its own for runs that pause or end. */
export const createBudgetActivities = ({ keeper }: { keeper: Keeper }) => ({
  /** Gives back whatever the run holds up to this batch, for good, but for hosts whose outcome is unresolved. Idempotent. */
  releaseBudget: (request: ReleaseRequest): Promise<void> => keeper.release(request),
});
