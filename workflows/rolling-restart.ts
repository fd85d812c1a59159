import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RestartTicket } from '../domain/rollout.js';
import type { RolloutArgs } from './messages/controls.js';
import { siteQueue } from './messages/names.js';
import { rollout } from './rollout/engine.js';
import { HEARTBEAT_TIMEOUT } from './rollout/engine-activities.js';
import type { Procedure } from './rollout/procedure.js';
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

/** Time beyond an activity's own deadline for its last reads and the journal of a failed host. */
const MARGIN_MS = 120_000;

function restartUnits(cloud: string, target: string): Procedure<RestartTicket> {
  const activities = proxyActivities<SiteActivities>({
    taskQueue: siteQueue(cloud),
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    startToCloseTimeout: MARGIN_MS,
    retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 20 },
  });
  const on = (nodes: string[]): string =>
    nodes.length > 3 ? `${nodes.length} hosts from ${nodes[0]}` : nodes.join(', ');
  return {
    operation: 'restart',
    admit: (request) =>
      activities.admitRestart.executeWithOptions(
        { startToCloseTimeout: request.deadlineMs + MARGIN_MS, summary: `room and fences for ${on(request.nodes)}` },
        [request],
      ),
    act: (order) =>
      activities.restartUnit.executeWithOptions(
        { startToCloseTimeout: order.deadlineMs + MARGIN_MS, summary: `restart ${target} on ${order.node}` },
        [order],
      ),
    verify: (request) =>
      activities.verifyRestart.executeWithOptions(
        {
          startToCloseTimeout: request.deadlineMs + MARGIN_MS,
          summary: `verify ${target} on ${on(request.hosts.map(({ node }) => node))}`,
        },
        [request],
      ),
  };
}
