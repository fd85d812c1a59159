import { setWorkflowOptions } from '@temporalio/workflow';
import type { RolloutProgress } from '../domain/progress.js';
import type { RestartTicket } from '../domain/rollout.js';
import type { RolloutArgs } from './messages/controls.js';
import { restartUnits } from './procedures/restart-units.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), rollingRestart);

/**
 * Restarts a systemd unit on every host of a plan, a batch at a time: each unit at most once, proven up for its soak before the
 * next batch. Hosts already done stay done whatever happens later; a failed start is left as it is for a person.
 */
export async function rollingRestart(args: RolloutArgs<RunState<RestartTicket>>): Promise<RolloutProgress> {
  return rollout(args, restartUnits(args.request.cloud, args.request.target));
}
