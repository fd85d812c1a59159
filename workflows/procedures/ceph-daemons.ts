import { ActivityFailure } from '@temporalio/workflow';
import { type CephTicket, nooutOwed, type OsdTicket } from '../../domain/ceph-daemons.js';
import { listed } from '../../domain/names.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { BatchKey } from '../../domain/rollout.js';
import { describeError } from '../rollout/engine-activities.js';
import { newIntent } from '../rollout/intent.js';
import { HostFailed, type Procedure, type RunInHand } from '../rollout/procedure.js';
import { orFailed, siteActivities, someOf } from '../rollout/site-activities.js';

/** For a flag: gates, one command, and a look at what Ceph says then; monitors may elect a leader meanwhile. */
const FLAG_MS = 10 * 60_000;

/**
 * Restarting Ceph's own daemons on one host after the other (domain reference, C9). The OSDs of a host are held in their places by noout while they
 * are down, which is unset again before the next host has its turn, whatever happened; a monitor needs nothing of the kind.
 */
export function cephDaemons({ cloud, target }: RolloutRequest): Procedure<CephTicket> {
  /** The intents of flags that were set, or may have been, by node. */
  const taken = new Map<string, string>();
  let lease: BatchKey | undefined;
  const within = siteActivities(cloud);
  const procedure: Procedure<CephTicket> = {
    admit: (request) => {
      const { owner, run, batch, deadlineMs, nodes } = request;
      lease = { owner, run, batch };
      return within(deadlineMs, `room and gates for ${listed(nodes, 3)}`).admitCeph(request);
    },
    act: (order) => within(order.deadlineMs, `restart ${target} on ${order.node}`).restartCephDaemons(order),
    verify: (request) =>
      within(request.deadlineMs, `prove ${target} back on ${someOf(request.hosts)}`).verifyCeph(request),
  };
  if (target !== 'ceph-osd') return procedure;

  return {
    ...procedure,
    async drain({ node, ticket: { osds } }, run) {
      if (!osds || !lease) return;
      const intent = newIntent();
      taken.set(node, intent);
      run.owe(nooutOwed(node, osds.noout));
      run.say(node, 'noout ...');
      const result = await orFailed(within(FLAG_MS, `noout for ${node}`).setNoout({ node, osds, intent, lease }));
      if (result.state === 'done') return;
      if (result.isUntouched) forget(node, osds, run);
      throw new HostFailed({ why: `noout: ${result.why}` });
    },
    async restore({ node, ticket: { osds } }, run) {
      const was = taken.get(node);
      if (!osds || was === undefined) return;
      for (;;) {
        const why = await unset(node, osds, was, run);
        if (why === undefined) return;
        const trouble = `noout is still to be unset: ${why}`;
        if ((await run.askToRestore(node, trouble)) === 'leave') throw new HostFailed({ why: trouble });
      }
    },
  };

  /** @returns what stands in the way, if anything */
  async function unset(node: string, osds: OsdTicket, was: string, run: RunInHand): Promise<string | undefined> {
    run.say(node, 'unsetting noout ...');
    try {
      const { unsetNoout } = within(FLAG_MS, `unset noout for ${node}`);
      const result = await unsetNoout({ node, osds, intent: newIntent(), taken: was });
      if (result.state === 'refused') return result.why;
    } catch (error) {
      if (error instanceof ActivityFailure) return describeError(error);
      throw error;
    }
    forget(node, osds, run);
    return undefined;
  }

  function forget(node: string, osds: OsdTicket, run: RunInHand): void {
    taken.delete(node);
    run.settle(nooutOwed(node, osds.noout));
  }
}
