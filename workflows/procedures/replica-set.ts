import type { MongoTicket } from '../../domain/mongodb-gates.js';
import { listed } from '../../domain/names.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { BatchKey } from '../../domain/rollout.js';
import { HostFailed, type Procedure } from '../rollout/procedure.js';
import { orFailed, siteActivities } from '../rollout/site-activities.js';

/** For a primary to step down: gates that may open by themselves, the command, and an election. */
const STEP_DOWN_MS = 10 * 60_000;

/**
 * Restarting the members of a replica set on one host after the other (domain reference, C10). The primary steps down before, and does not stand for
 * election for two minutes, which ends by itself: nothing is to be put back.
 */
export function replicaSet({ cloud, target }: RolloutRequest): Procedure<MongoTicket> {
  let lease: BatchKey | undefined;
  const within = siteActivities(cloud);
  return {
    admit: (request) => {
      const { owner, run, batch, deadlineMs, nodes } = request;
      lease = { owner, run, batch };
      return within(deadlineMs, `room and gates for ${listed(nodes, 3)}`).admitReplicaSet(request);
    },
    async drain({ node, ticket: { electedMs } }, run) {
      if (electedMs === undefined || !lease) return;
      run.say(node, 'stepping down ...');
      const { stepDownPrimary } = within(STEP_DOWN_MS, `${node} steps down`);
      const result = await orFailed(stepDownPrimary({ node, electedMs, lease }));
      if (result.state === 'refused') throw new HostFailed({ why: `step down: ${result.why}` });
    },
    act: (order) => within(order.deadlineMs, `restart ${target} on ${order.node}`).restartMongod(order),
    verify: (request) =>
      within(
        request.deadlineMs,
        `prove ${target} back on ${listed(
          request.hosts.map(({ node }) => node),
          3,
        )}`,
      ).verifyReplicaSet(request),
  };
}
