import { setWorkflowOptions } from '@temporalio/workflow';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { type PartTicket, partsInTurn } from './procedures/service-parts.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), operateServices);

/**
 * Starts, stops, restarts, enables or disables all modules, or one whose services live on hosts of several roles: a run for each module and role, one
 * after the other in the order in which they need each other. What was done stays done whatever happens later.
 */
export async function operateServices(args: RolloutArgs<RunState<PartTicket>>): Promise<RolloutProgress> {
  return rollout(args, partsInTurn(args.request));
}
