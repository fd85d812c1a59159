import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { SiteActivities } from '../../activities/index.js';
import { REBOOT_DEADLINE_MS } from '../../domain/controller-deadlines.js';
import type { Before } from '../../domain/failover.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { ActOrder, ActResult, AdmitRequest, BatchKey } from '../../domain/rollout.js';
import { siteQueue } from '../messages/names.js';
import { HEARTBEAT_TIMEOUT } from '../rollout/engine-activities.js';
import { HostFailed, type HostInHand, type Procedure, type RunInHand } from '../rollout/procedure.js';
import { siteActivities } from '../rollout/site-activities.js';
import { ControllerService } from './controller-service.js';

/** What is done to a controller while it is out of service. */
type Deed = (service: ControllerService, order: ActOrder<Before>) => Promise<ActResult>;

/**
 * A procedure on controllers, one at a time: each is taken out of service, something is done, and it comes back. The ticket is what
 * was there before.
 */
export function onControllers(
  request: RolloutRequest,
  deed: Deed,
  takeOut: (service: ControllerService) => Promise<void> = (service) => service.takeOut(),
): Procedure<Before> {
  const services = new Map<string, ControllerService>();
  let batch = 0;
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const serviceOf = (
    { node, ticket }: Pick<HostInHand<Before>, 'node' | 'ticket'>,
    run: RunInHand,
  ): ControllerService => {
    const lease: BatchKey = { owner: workflowId, run: firstExecutionRunId, batch };
    const known = services.get(node) ?? new ControllerService(request, node, ticket, lease, run);
    services.set(node, known);
    return known;
  };
  return {
    admit: (asked) => {
      batch = asked.batch;
      return admitControllers(request, asked);
    },
    async drain(host, run) {
      const service = serviceOf(host, run);
      if (request.controller?.dead) await proveDead(request, host.node);
      await takeOut(service);
    },
    act: (order, run) => deed(serviceOf(order, run), order),
    verify: async () => ({}),
    async restore(host, run) {
      try {
        await serviceOf(host, run).bringBack();
      } finally {
        // Another turn begins anew, with what is there then.
        services.delete(host.node);
      }
    },
  };
}

/** Room in the budget, gates, and what is there before anything is changed. */
export const admitControllers: (
  request: RolloutRequest,
  asked: AdmitRequest,
) => ReturnType<Procedure<Before>['admit']> = ({ cloud, operation, controller = {} }, asked) =>
  siteActivities(cloud)(asked.deadlineMs, `room and gates for ${asked.nodes.join(', ')}`).admitControllers({
    ...asked,
    operation,
    controller,
  });

/** @throws {HostFailed} while anything speaks against it */
async function proveDead({ cloud, controller }: RolloutRequest, node: string): Promise<void> {
  const { proveControllerDead } = proxyActivities<SiteActivities>({
    taskQueue: siteQueue(cloud),
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    startToCloseTimeout: '5m',
    scheduleToCloseTimeout: '1h',
    retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 10 },
    summary: `is ${node} really gone?`,
  });
  const { doubts } = await proveControllerDead({ node, confirmed: controller?.dead?.confirmed ?? false });
  if (doubts.length > 0) throw new HostFailed({ why: `${node} is not proven gone: ${doubts.join('; ')}` });
}

/** Brings back what somebody left out of service: whatever of a failover's steps is found is undone as if it were this run's own. */
export function returned(request: RolloutRequest): Procedure<Before> {
  return onControllers(
    request,
    async () => ({ state: 'acted', byUs: true }),
    async (service) => service.adopt(),
  );
}

/** Holds the controller out of service until it may come back. */
export const held: Deed = async (service) => {
  await service.hold();
  return { state: 'acted', byUs: true };
};

/** Activities that do something to a controller while it is out of service, each within the time of a reboot. */
const deeds = (cloud: string, summary: string) => siteActivities(cloud)(REBOOT_DEADLINE_MS, summary);

/** Restarts one module of every controller, which takes no new connections meanwhile and keeps everything else that runs on it. */
export function modulesRestarted(request: RolloutRequest): Procedure<Before> {
  const { cloud } = request;
  const deed: Deed = async (service, { node, ticket: { restarts }, intent, maybeSent, lease }) => {
    const { units = [], resources = [] } = restarts ?? {};
    const named = units.map(({ target }) => target).join(', ');
    const result: ActResult =
      units.length === 0
        ? { state: 'acted', byUs: true }
        : await deeds(cloud, `restart ${named} on ${node}`).restartControllerUnits({
            node,
            units,
            intent,
            maybeSent,
            lease,
          });
    if (result.state !== 'acted') return result;
    try {
      for (const resource of resources) await service.restartResource(resource);
    } catch (error) {
      if (error instanceof HostFailed) return { state: 'failed', note: error.note };
      throw error;
    }
    return result;
  };
  return {
    ...onControllers(request, deed, (service) => service.takeOutOfHaproxy()),
    verify: ({ hosts, soakMs }) =>
      deeds(cloud, `prove what was restarted on ${hosts.map(({ node }) => node).join(', ')}`).verifyControllerUnits({
        hosts: hosts.map(({ node, ticket, byUs }) => ({ node, units: ticket.restarts?.units ?? [], byUs })),
        soakMs,
      }),
  };
}

/** Boots the controller anew; another boot id is the proof. */
export const rebooted =
  ({ cloud }: RolloutRequest): Deed =>
  (_service, { node, ticket, intent }) =>
    deeds(cloud, `reboot ${node}`).rebootController({ node, before: ticket, intent, deadlineMs: REBOOT_DEADLINE_MS });
