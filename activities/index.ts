import type { Client } from '@temporalio/client';
import { turnsOf } from '../domain/catalogue.js';
import type { RolloutRequest } from '../domain/plan.js';
import type { SiteInventory } from '../inventory/load.js';
import { createAuditActivities } from './audit/index.js';
import { createBudgetActivities } from './budget.js';
import { createCephActivities } from './ceph/index.js';
import { planCeph, whyNotStop as whyCephNotStop } from './ceph/plan.js';
import { createControllerActivities } from './controllers/index.js';
import { planControllers } from './controllers/plan.js';
import { createControllerSite } from './controllers/site.js';
import { createRunOnHost } from './hosts.js';
import { createKeeper } from './keeper.js';
import { createMongodbActivities } from './mongodb/index.js';
import { outageNow, planReplicaSet, whyNotStop as whyMongodNotStop } from './mongodb/plan.js';
import { createNotifyActivities } from './notify/index.js';
import type { ComputeServices } from './openstack/compute-services.js';
import { createAskCluster } from './pacemaker/ask.js';
import { createPacemakerActivities } from './pacemaker/index.js';
import { createPlanActivities, type PlanDeps } from './plan.js';
import { createServiceActivities } from './services/index.js';
import { planServices } from './services/plan.js';
import type { MayStop } from './services/plan-one.js';
import { createServiceReader } from './services/reader.js';
import type { SshTransport } from './ssh/types.js';
import { createSystemdActivities } from './systemd/index.js';
import { createObserver } from './systemd/observe.js';

export interface SiteDeps {
  inventory: SiteInventory;
  ssh: SshTransport;
  /** A client of the namespace, for the cloud's keeper. */
  client: Client;
  /** Only where the inventory has OpenStack credentials. */
  computeServices?: ComputeServices;
}

/** Every activity of a site worker: the side effects on one cloud. */
export function createActivities({ inventory, ssh, client, computeServices }: SiteDeps) {
  const run = createRunOnHost(inventory, ssh);
  const observer = createObserver(inventory, run);
  const keeper = createKeeper(client, inventory.cloud);
  const askCluster = createAskCluster({ inventory, run });
  const site = createControllerSite({ inventory, run, keeper, observer, askCluster });
  const planOfControllers = (request: RolloutRequest, signal: AbortSignal) => planControllers(site, request, signal);
  const daemons = { inventory, run, keeper, observer };
  const planOfTurns: PlanDeps['planOfTurns'] = {
    ceph: (plan, _request, signal) => planCeph(daemons, plan, signal),
    mongodb: (plan, request, signal) => planReplicaSet(daemons, plan, request, signal),
  };
  const mayStop: MayStop = async (entries, nodes, signal) =>
    (await whyCephNotStop(daemons, entries, nodes, signal)) ?? whyMongodNotStop(daemons, entries, nodes, signal);
  const outageOf = async (target: string, signal: AbortSignal): Promise<string | undefined> =>
    turnsOf(target)?.by === 'mongodb' ? outageNow(daemons, signal) : undefined;
  const reader = createServiceReader({ inventory, run, askCluster });
  const planOfServices = (request: RolloutRequest, signal: AbortSignal) =>
    planServices({ inventory, reader, whyNotStop: mayStop, outageOf }, request, signal);
  const deps = { inventory, run, observer, keeper, client, ...(computeServices && { computeServices }) };
  return {
    ...createPlanActivities({ ...deps, askCluster, planOfControllers, planOfServices, planOfTurns }),
    ...createSystemdActivities(deps),
    ...createPacemakerActivities(deps),
    ...createControllerActivities(site),
    ...createCephActivities(daemons),
    ...createMongodbActivities(daemons),
    ...createServiceActivities({ ...deps, reader, whyNotStop: mayStop }),
    ...createBudgetActivities(deps),
    ...createNotifyActivities(deps),
    ...createAuditActivities({ inventory, run, ssh, client }),
  };
}

export type SiteActivities = ReturnType<typeof createActivities>;
