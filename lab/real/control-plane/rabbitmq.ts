import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetNode } from '../fleet-state.js';
import type { LabHost } from '../host.js';
import { rabbitmqPort } from './services.js';

/** What RabbitMQ calls the node on host `name`. */
export const rabbitOf = (name: string): string => `rabbit@${name}`;

/** Write the RabbitMQ of `node` onto its disk at `root`: those of `members` find one another at their first start. */
export const writeRabbitmq = (root: string, node: FleetNode, members: readonly FleetNode[]): Promise<void> =>
  writeFile(
    join(root, 'etc/rabbitmq/rabbitmq.conf'),
    `listeners.tcp.1 = ${node.address}:${rabbitmqPort}
loopback_users = none
vm_memory_high_watermark.absolute = 256MB
net_ticktime = 10
cluster_partition_handling = pause_minority
cluster_formation.peer_discovery_backend = classic_config
# Only one at a time looks for the others, and the first finds none that runs: waiting there makes all of them wait.
cluster_formation.discovery_retry_limit = 1
${members.map(({ name }, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${rabbitOf(name)}`).join('\n')}
`,
  );

/** What one node of RabbitMQ says about its cluster. */
export interface RabbitmqView {
  running: string[];
  partitioned: boolean;
}

/** A node that is starting or stopping may keep rabbitmqctl waiting. */
const rabbitmqctlSeconds = 30;

/** Ask the RabbitMQ of `host`. Rejects while it is down or paused. Costs about a second of processor time. */
export async function rabbitmqView(host: LabHost): Promise<RabbitmqView> {
  const ask = ['rabbitmqctl', '--quiet', '--timeout', `${rabbitmqctlSeconds}`, 'cluster_status', '--formatter', 'json'];
  const { code, stdout, stderr } = await host.exec(ask);
  if (code !== 0) throw new Error(`${host.name}: rabbitmqctl: exit ${code}: ${(stderr || stdout).trim()}`);
  const status = JSON.parse(stdout) as { running_nodes: string[]; partitions: object };
  return { running: status.running_nodes.toSorted(), partitioned: Object.keys(status.partitions).length > 0 };
}
