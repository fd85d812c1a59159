import type { MongoTicket } from '../../domain/mongodb-gates.js';
import { listed } from '../../domain/names.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { BatchKey } from '../../domain/rollout.js';
import { HostFailed, type Procedure } from '../rollout/procedure.js';
import { orFailed, siteActivities, someOf } from '../rollout/site-activities.js';

/** For a primary to step down: gates that may open by themselves, the command, and an election. */
const STEP_DOWN_MS = 10 * 60_000;

const STEP_DOWN_AGAIN =
  'mend that, or have it step down by hand (`rs.stepDown()` on it); then `ostler retry` gives it another turn, and `ostler skip` leaves it as it is';

/**
 * Restarting the members of a replica set on one host after the other (domain reference, C10). The primary steps down before, and does not stand for
 * election for two minutes, which ends by itself: nothing is to be put back.
 */
export function replicaSet({ cloud, target }: RolloutRequest): Procedure<MongoTicket> {
  let lease: BatchKey | undefined;
  /** When the primaries among the hosts of the batch were elected, as seen in this turn: one that is open still has the ticket of an earlier one. */
  let elected = new Map<string, number>();
  const within = siteActivities(cloud);
  return {
    async admit(request) {
      const { owner, run, batch, deadlineMs, nodes } = request;
      lease = { owner, run, batch };
      const admission = await within(deadlineMs, `room and gates for ${listed(nodes, 3)}`).admitReplicaSet(request);
      const hosts = admission.admitted ? Object.entries(admission.hosts) : [];
      elected = new Map(
        hosts.flatMap(([node, one]) => ('ticket' in one && one.ticket.electedMs ? [[node, one.ticket.electedMs]] : [])),
      );
      return admission;
    },
    async drain({ node, ticket }, run) {
      const electedMs = elected.get(node) ?? ticket.electedMs;
      if (electedMs === undefined || !lease) return;
      run.say(node, 'stepping down ...');
      const { stepDownPrimary } = within(STEP_DOWN_MS, `${node} steps down`);
      const result = await orFailed(stepDownPrimary({ node, electedMs, lease }));
      if (result.state === 'refused') throw new HostFailed({ why: `step down: ${result.why}`, next: STEP_DOWN_AGAIN });
    },
    act: (order) => within(order.deadlineMs, `restart ${target} on ${order.node}`).restartMongod(order),
    verify: (request) =>
      within(request.deadlineMs, `prove ${target} back on ${someOf(request.hosts)}`).verifyReplicaSet(request),
  };
}
