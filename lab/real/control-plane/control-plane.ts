import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FleetNode } from '../fleet-state.js';
import { type RealFleet, type RealFleetOptions, upRealFleet } from '../index.js';
import type { ControllersOptions } from '../pacemaker/controllers.js';
import { controllersOf } from '../pacemaker/index.js';
import { clusterPackages, keepClusterOff, writeCluster } from '../pacemaker/member.js';
import { bootstrapNoMore, writeGalera } from './galera.js';
import { type SocketLevel, writeHaproxy } from './haproxy.js';
import { writeRabbitmq } from './rabbitmq.js';
import { untilControlPlaneRuns } from './runs.js';
import { password } from './services.js';
import { writeUnits } from './units.js';

/** What a fleet with a control plane may choose; packages, last steps and configuration come after its own. */
export type ControlPlaneOptions = ControllersOptions & {
  /** What the socket of HAProxy on controller `node` permits. Default `admin` on all. */
  haproxySocket?: (node: string) => SocketLevel;
} & Pick<RealFleetOptions, 'packages' | 'finishImage' | 'prepare'>;

const ownPackages = [
  ...clusterPackages,
  ...'mariadb-server galera-4 rsync rabbitmq-server haproxy socat busybox python3-pymysql lsof procps curl'.split(' '),
];

/**
 * Bring up three controllers as one control plane, every daemon a real one but the APIs: Pacemaker with two VIPs and
 * HAProxy, a Galera and a RabbitMQ cluster behind it; and any computes beside them. A controller that loses its power
 * or reboots takes its place again by itself. Resolves when {@link untilControlPlaneRuns} does. On failure nothing is
 * left.
 */
export async function upControlPlane({
  computes = 0,
  haproxySocket = () => 'admin',
  packages = [],
  finishImage = '',
  prepare,
  ...options
}: ControlPlaneOptions): Promise<RealFleet> {
  const finish = await readFile(fileURLToPath(new URL('./finish-image.sh', import.meta.url)), 'utf8');
  const fleet = await upRealFleet({
    ...options,
    ...{ computes, controllers: 3, packages: [...ownPackages, ...packages] },
    finishImage: `password=${password}\n${keepClusterOff}\n${finish}${finishImage}`,
    prepare: async (root, node, nodes) => {
      if (node.role === 'controller') await writeController(root, node, nodes, haproxySocket(node.name));
      await prepare?.(root, node, nodes);
    },
  });
  try {
    await untilControlPlaneRuns(fleet);
    await Promise.all(controllersOf(fleet).map(bootstrapNoMore));
    options.onProgress?.('the controllers are one control plane, and all of it runs\n');
    return fleet;
  } catch (error) {
    await fleet.down();
    throw error;
  }
}

async function writeController(
  root: string,
  node: FleetNode,
  nodes: readonly FleetNode[],
  socket: SocketLevel,
): Promise<void> {
  const members = nodes.filter(({ role }) => role === 'controller');
  await writeCluster(root, node, members, 'systemd-unit');
  await writeHaproxy(root, node, members, socket);
  await writeGalera(root, node, members);
  await writeRabbitmq(root, node, members);
  await writeUnits(root, node);
}
