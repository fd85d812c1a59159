import type { Client } from '@temporalio/client';
import type { SiteInventory } from '../inventory/load.js';
import { createBudgetActivities } from './budget.js';
import { createRunOnHost } from './hosts.js';
import { createKeeper } from './keeper.js';
import { createNotifyActivities } from './notify.js';
import type { ComputeServices } from './openstack/compute-services.js';
import { createPacemakerActivities } from './pacemaker/index.js';
import { createPlanActivities } from './plan.js';
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
  const deps = { inventory, run, observer, keeper, client, ...(computeServices && { computeServices }) };
  return {
    ...createPlanActivities(deps),
    ...createSystemdActivities(deps),
    ...createPacemakerActivities(deps),
    ...createBudgetActivities(deps),
    ...createNotifyActivities(deps),
  };
}

export type SiteActivities = ReturnType<typeof createActivities>;
