import { setWorkflowOptions } from '@temporalio/workflow';
import type { Before } from '../domain/failover.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { onControllers, rebooted } from './procedures/controllers.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), restartControllers);

/** Reboots every controller, one at a time, each out of service meanwhile and back with everything before the next (domain reference, C6). */
export async function restartControllers(args: RolloutArgs<RunState<Before>>): Promise<RolloutProgress> {
  return rollout(args, onControllers(args.request, rebooted(args.request)));
}
