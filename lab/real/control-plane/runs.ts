import type { LabHost, RealFleet } from '../index.js';
import { controllersOf, untilClusterRuns } from '../pacemaker/index.js';
import { until } from '../wait.js';
import { galeraView } from './galera.js';
import { haproxyView } from './haproxy.js';
import { rabbitmqView, rabbitOf } from './rabbitmq.js';
import { apiServices } from './services.js';

/** Seconds on an idle machine; a busy one takes many times that. */
const limitMs = 300_000;

/**
 * Wait until all controllers are on and the whole control plane runs, as each of them sees it by itself: the cluster (see
 * {@link untilClusterRuns}), HAProxy with every frontend open and every server checked and up, three Synced members in
 * Galera's primary component, and three running members of RabbitMQ without a partition.
 */
export async function untilControlPlaneRuns(fleet: RealFleet): Promise<void> {
  await untilClusterRuns(fleet);
  const controllers = controllersOf(fleet);
  const names = controllers.map(({ name }) => name);
  await Promise.all(
    controllers.map(async (host) => {
      await until(`${host.name} to see all of Galera`, limitMs, () => seesGalera(host, names));
      // Two processors have to share the second that each question to RabbitMQ costs, so it is asked only now.
      await until(`${host.name} to see all of RabbitMQ`, limitMs, () => seesRabbitmq(host, names));
      await until(`HAProxy on ${host.name} to see everything up`, limitMs, () => seesServers(host, names));
    }),
  );
}

async function seesGalera(host: LabHost, members: readonly string[]): Promise<true> {
  const view = await galeraView(host);
  const seen = ['wsrep_cluster_size', 'wsrep_cluster_status', 'wsrep_local_state_comment', 'wsrep_ready'].map((name) =>
    view.get(name),
  );
  if (seen.join() === `${members.length},Primary,Synced,ON`) return true;
  throw new Error(`it sees ${seen.join(', ')}`);
}

async function seesRabbitmq(host: LabHost, members: readonly string[]): Promise<true> {
  const view = await rabbitmqView(host);
  if (!view.partitioned && view.running.join() === members.map(rabbitOf).join()) return true;
  throw new Error(JSON.stringify(view));
}

async function seesServers(host: LabHost, members: readonly string[]): Promise<true> {
  const rows = await haproxyView(host);
  const expected = [...apiServices.map(({ proxy }) => proxy), 'mysqld', 'rabbitmq'].flatMap((proxy) =>
    ['FRONTEND', ...members].map((server) => `${proxy}/${server}`),
  );
  const well = rows.filter(({ server, status, check }) =>
    // HAProxy takes a server for up until it has been checked for the first time.
    server === 'FRONTEND' ? status === 'OPEN' : status === 'UP' && /^L[47]OK$/.test(check),
  );
  const found = new Set(well.map(({ proxy, server }) => `${proxy}/${server}`));
  const absent = expected.filter((name) => !found.has(name));
  if (absent.length === 0) return true;
  throw new Error(`not well: ${absent.join(', ')}`);
}
