import { setWorkflowOptions } from '@temporalio/workflow';
import type { Plan } from '../domain/plan.js';
import type { RolloutArgs } from './messages/controls.js';
import { engineActivities } from './rollout/engine-activities.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), planRollout);

/** Plans a rollout without carrying it out: the plan that the operator is shown, made by the worker that holds the inventory. */
export async function planRollout({ request }: RolloutArgs): Promise<Plan> {
  return engineActivities(request.cloud).plan(request);
}
