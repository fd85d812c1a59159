import { proxyActivities } from '@temporalio/workflow';
import type { SiteActivities } from '../../activities/index.js';
import type { HostTicket } from '../../activities/services/change-host.js';
import { listed } from '../../domain/names.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { UnitVerb } from '../../domain/unit-change.js';
import { siteQueue } from '../messages/names.js';
import { HEARTBEAT_TIMEOUT, MARGIN_MS, SITE_AWAY_MS } from '../rollout/engine-activities.js';
import type { Procedure } from '../rollout/procedure.js';

/**
 * Starting, stopping, enabling or disabling services: the ticket has the units of the host in their order, each with what it must still look like.
 * Nothing is taken that would have to be given back: what is asked for is what stays.
 */
export function unitsChanged({ cloud, target, operation, unnamed, selection }: RolloutRequest): Procedure<HostTicket> {
  const verb = operation as UnitVerb;
  const within = (deadlineMs: number, summary: string) =>
    proxyActivities<SiteActivities>({
      taskQueue: siteQueue(cloud),
      heartbeatTimeout: HEARTBEAT_TIMEOUT,
      startToCloseTimeout: deadlineMs + MARGIN_MS,
      scheduleToCloseTimeout: deadlineMs + MARGIN_MS + SITE_AWAY_MS,
      retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 20 },
      // A lease must not be granted behind the back of a run that has stopped waiting for it.
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      summary,
    });
  return {
    admit: (request) =>
      within(request.deadlineMs, `room for ${listed(request.nodes, 3)}`).admitChange({
        ...request,
        verb,
        ...(unnamed && { unnamed }),
        ...(selection !== undefined && { selection }),
      }),
    act: ({ node, ticket, intent, maybeSent, lease, deadlineMs }) =>
      within(deadlineMs, `${verb} ${target} on ${node}`).changeUnits({ node, verb, ticket, intent, maybeSent, lease }),
    verify: ({ hosts, soakMs, deadlineMs }) =>
      within(
        deadlineMs,
        `prove ${target} on ${listed(
          hosts.map(({ node }) => node),
          3,
        )}`,
      ).verifyChange({
        verb,
        hosts: hosts.map(({ node, ticket }) => ({ node, ticket })),
        soakMs,
      }),
  };
}
