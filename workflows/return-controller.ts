import { setWorkflowOptions } from '@temporalio/workflow';
import type { Before } from '../domain/failover.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { returned } from './procedures/controllers.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), returnController);

/** Brings back a controller that a run which goes on no longer, or a person, left out of service (domain reference, C5 steps 6 to 8). */
export async function returnController(args: RolloutArgs<RunState<Before>>): Promise<RolloutProgress> {
  return rollout(args, returned(args.request));
}
