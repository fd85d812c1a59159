import { setWorkflowOptions } from '@temporalio/workflow';
import type { HostTicket } from '../activities/services/change-host.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { unitsChanged } from './procedures/units.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), changeServices);

/**
 * Starts, stops, enables or disables a module, or one service, on every host of a plan, a batch at a time: each unit at most once, in the order of
 * their starts or its reverse, and proven. What was done stays done whatever happens later.
 */
export async function changeServices(args: RolloutArgs<RunState<HostTicket>>): Promise<RolloutProgress> {
  return rollout(args, unitsChanged(args.request));
}
