import { setWorkflowOptions } from '@temporalio/workflow';
import type { CephTicket } from '../domain/ceph-daemons.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { cephDaemons } from './procedures/ceph-daemons.js';
import { rollout } from './rollout/engine.js';
import type { RunState } from './rollout/run-state.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), restartCeph);

/**
 * Restarts Ceph's OSDs, or its monitors, host by host: each once, when Ceph lets it go, and the next when Ceph says that all is back. What a flag held
 * meanwhile is let go again, whatever happens (domain reference, C9).
 */
export async function restartCeph(args: RolloutArgs<RunState<CephTicket>>): Promise<RolloutProgress> {
  return rollout(args, cephDaemons(args.request));
}
