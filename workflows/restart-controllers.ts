import { setWorkflowOptions } from '@temporalio/workflow';
import type { Before } from '../domain/failover.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { modulesRestarted, onControllers, rebooted } from './procedures/controllers.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), restartControllers);

/**
 * Reboots every controller, or restarts a module of each: one at a time, each out of service meanwhile as far as that needs, and everything back
 * before the next (domain reference, C1 and C6).
 */
export async function restartControllers(args: RolloutArgs<RunState<Before>>): Promise<RolloutProgress> {
  const { request } = args;
  return rollout(
    args,
    request.controller?.module === undefined ? onControllers(request, rebooted(request)) : modulesRestarted(request),
  );
}
