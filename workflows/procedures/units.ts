import type { HostTicket } from '../../activities/services/change-host.js';
import { listed } from '../../domain/names.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { UnitVerb } from '../../domain/unit-change.js';
import type { Procedure } from '../rollout/procedure.js';
import { siteActivities, someOf } from '../rollout/site-activities.js';

/**
 * Starting, stopping, enabling or disabling services: the ticket has the units of the host in their order, each with what it must still look like.
 * Nothing is taken that would have to be given back: what is asked for is what stays.
 */
export function unitsChanged({ cloud, target, operation, unnamed, selection }: RolloutRequest): Procedure<HostTicket> {
  const verb = operation as UnitVerb;
  const within = siteActivities(cloud);
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
      within(deadlineMs, `prove ${target} on ${someOf(hosts)}`).verifyChange({
        verb,
        hosts: hosts.map(({ node, ticket }) => ({ node, ticket })),
        soakMs,
      }),
  };
}
