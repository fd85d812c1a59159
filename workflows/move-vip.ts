import { proxyActivities, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import type { Before } from '../domain/failover.js';
import type { RolloutProgress } from '../domain/progress.js';
import type { RolloutArgs } from './messages/controls.js';
import { siteQueue } from './messages/names.js';
import { ControllerService } from './procedures/controller-service.js';
import { admitControllers } from './procedures/controllers.js';
import { rollout } from './rollout/engine.js';
import { HEARTBEAT_TIMEOUT } from './rollout/engine-activities.js';
import { HostFailed } from './rollout/procedure.js';
import type { RunState } from './rollout/run-state.js';
import { unless } from './rollout/unless.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), moveVip);

/** Moves one address to another controller, measures for how long it did not answer, and leaves no constraint behind. */
export async function moveVip(args: RolloutArgs<RunState<Before>>): Promise<RolloutProgress> {
  const { request } = args;
  const { target: vip, cloud } = request;
  let batch = 0;
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return rollout(args, {
    admit: (asked) => {
      batch = asked.batch;
      return admitControllers(request, asked);
    },
    async act({ node, ticket }, run) {
      const lease = { owner: workflowId, run: firstExecutionRunId, batch };
      const service = new ControllerService(request, node, ticket, lease, run);
      const { probeVip } = proxyActivities<SiteActivities>({
        taskQueue: siteQueue(cloud),
        heartbeatTimeout: HEARTBEAT_TIMEOUT,
        startToCloseTimeout: '30m',
        // A gap that was measured half tells nothing.
        retry: { maximumAttempts: 1 },
        cancellationType: 'WAIT_CANCELLATION_COMPLETED',
        summary: `measure for how long ${vip} does not answer`,
      });
      let moved = false;
      const measured = unless(
        () => moved,
        () => probeVip({ vip }),
      ).catch(() => undefined);
      try {
        await service.moveVip(vip, ticket.member, node);
      } catch (error) {
        if (!(error instanceof HostFailed)) throw error;
        return { state: 'failed', note: error.note };
      } finally {
        moved = true;
      }
      const gap = await measured;
      return { state: 'acted', byUs: true, ...(gap && { note: { why: gap.said } }) };
    },
    verify: async () => ({}),
  });
}
