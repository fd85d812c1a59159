import { setWorkflowOptions } from '@temporalio/workflow';
import type { Before } from '../domain/failover.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { held, onControllers } from './procedures/controllers.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), failoverController);

/**
 * Takes one controller out of service and brings it back: planned, or one that died by itself (domain reference, C5).
 *
 * 1. plan     every gate is open; nothing is changed yet
 * 2. admit    no other controller is away; what is there now is recorded
 * 3. take out marked, drained in every HAProxy, in standby; the others hold everything, or it comes back at once
 * 4. hold     for as long as was asked, watched over
 * 5. return   out of standby, its services back, its servers enabled, nothing left behind
 */
export async function failoverController(args: RolloutArgs<RunState<Before>>): Promise<RolloutProgress> {
  return rollout(args, onControllers(args.request, held));
}
