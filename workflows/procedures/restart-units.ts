import { proxyActivities } from '@temporalio/workflow';
import type { SiteActivities } from '../../activities/index.js';
import type { RestartTicket } from '../../domain/rollout.js';
import { siteQueue } from '../messages/names.js';
import { HEARTBEAT_TIMEOUT, MARGIN_MS, SITE_AWAY_MS } from '../rollout/engine-activities.js';
import type { Procedure } from '../rollout/procedure.js';

/** Restarting a systemd unit of the catalogue: the ticket is the fence under which it may be done. */
export function restartUnits(cloud: string, target: string): Procedure<RestartTicket> {
  const activities = proxyActivities<SiteActivities>({
    taskQueue: siteQueue(cloud),
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    startToCloseTimeout: MARGIN_MS,
    retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 20 },
  });
  const within = (deadlineMs: number, summary: string) => ({
    startToCloseTimeout: deadlineMs + MARGIN_MS,
    scheduleToCloseTimeout: deadlineMs + MARGIN_MS + SITE_AWAY_MS,
    summary,
  });
  const on = (nodes: string[]): string =>
    nodes.length > 3 ? `${nodes.length} hosts from ${nodes[0]}` : nodes.join(', ');
  return {
    admit: (request) =>
      activities.admitRestart.executeWithOptions(
        {
          ...within(request.deadlineMs, `room and fences for ${on(request.nodes)}`),
          // A lease must not be granted behind the back of a run that has stopped waiting for it.
          cancellationType: 'WAIT_CANCELLATION_COMPLETED',
        },
        [request],
      ),
    act: (order) =>
      activities.restartUnit.executeWithOptions(within(order.deadlineMs, `restart ${target} on ${order.node}`), [
        order,
      ]),
    verify: (request) =>
      activities.verifyRestart.executeWithOptions(
        within(request.deadlineMs, `verify ${target} on ${on(request.hosts.map(({ node }) => node))}`),
        [request],
      ),
  };
}
