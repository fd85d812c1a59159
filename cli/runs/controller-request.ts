import type { ControllerRequest } from '../../domain/failover.js';
import type { RolloutRequest } from '../../domain/plan.js';

/** A day: after that a person decides again. */
const PAUSE_DEADLINE_MS = 24 * 3_600_000;

/** Whoever else has a controller in hand is done soon, or not at all. */
const ADMIT_DEADLINE_MS = 60_000;

/** Builds the request of an operation on controllers, of which the one that fails ends the run. */
export const controllerRequest = (
  operation: RolloutRequest['operation'],
  target: string,
  controller: ControllerRequest,
  who: { cloud: string; actor: string; reason: string },
): RolloutRequest => ({
  operation,
  target,
  ...who,
  soakMs: 0,
  maxFailures: 0,
  onFailure: 'abort',
  promote: false,
  pauseDeadlineMs: PAUSE_DEADLINE_MS,
  admitDeadlineMs: ADMIT_DEADLINE_MS,
  controller,
});
