import { setWorkflowOptions } from '@temporalio/workflow';
import type { MongoTicket } from '../domain/mongodb-gates.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { replicaSet } from './procedures/replica-set.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), restartMongodb);

/**
 * Restarts the members of MongoDB's replica set, host by host: secondaries first, the primary last and after it has stepped down, and the next when
 * all members are in order again (domain reference, C10).
 */
export async function restartMongodb(args: RolloutArgs<RunState<MongoTicket>>): Promise<RolloutProgress> {
  return rollout(args, replicaSet(args.request));
}
