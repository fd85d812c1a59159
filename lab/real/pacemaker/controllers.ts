import { type LabHost, type RealFleet, type RealFleetOptions, upRealFleet } from '../index.js';
import { until } from '../wait.js';
import { vips } from './cib.js';
import { type ClusterView, clusterView } from './cluster-view.js';
import { clusterPackages, keepClusterOff, writeCluster } from './member.js';

/** What a fleet with a cluster may choose; the rest of {@link RealFleetOptions} is the cluster's own. */
export type ControllersOptions = Omit<
  RealFleetOptions,
  'computes' | 'controllers' | 'packages' | 'finishImage' | 'prepare'
> & {
  /** Hosts beside the three controllers, not members of the cluster. Default none. */
  computes?: number;
};

/** Measured on two cores: 9 s after the boot, 5 s of them `dc-deadtime`. A busy machine takes many times that. */
const clusterLimitMs = 300_000;

/**
 * Bring up three controllers that form a Corosync and Pacemaker cluster by themselves whenever they boot, and any
 * computes beside them. Resolves when {@link untilClusterRuns} does. On failure nothing is left.
 */
export async function upControllers({ computes = 0, ...options }: ControllersOptions): Promise<RealFleet> {
  const fleet = await upRealFleet({
    ...options,
    ...{ computes, controllers: 3, packages: clusterPackages, finishImage: keepClusterOff },
    prepare: async (root, node, members) => {
      if (node.role === 'controller') await writeCluster(root, node, members, 'stand-in');
    },
  });
  try {
    await untilClusterRuns(fleet);
    options.onProgress?.('the controllers form one cluster, and all its resources run\n');
    return fleet;
  } catch (error) {
    await fleet.down();
    throw error;
  }
}

/** The hosts of `fleet` that are members of its cluster. */
export const controllersOf = (fleet: RealFleet): LabHost[] =>
  fleet.hosts.filter(({ name }) => name.startsWith('controller-'));

/**
 * Wait until every controller is on and sees by itself a quorate cluster with all controllers online, each VIP started
 * once and HAProxy, or what stands in for it, started everywhere.
 */
export async function untilClusterRuns(fleet: RealFleet): Promise<void> {
  const controllers = controllersOf(fleet);
  const names = controllers.map(({ name }) => name);
  await Promise.all(
    controllers.map((host) =>
      until(`${host.name} to see the whole cluster run`, clusterLimitMs, async () => {
        const view = await clusterView(host);
        if (isWhole(view, names)) return true;
        throw new Error(JSON.stringify(view));
      }),
    ),
  );
}

function isWhole({ quorate, online, standby, started }: ClusterView, controllers: readonly string[]): boolean {
  const everywhere = (nodes: readonly string[] = []) => nodes.toSorted().join() === controllers.join();
  const vipsRun = vips.every((vip) => started[vip]?.length === 1);
  return quorate && vipsRun && standby.length === 0 && everywhere(online) && everywhere(started.p_haproxy);
}
