import type { ExecResult } from 'just-bash';
import { type ClusterCall, complained, said } from './program.js';

const STATE_UUID = 'b9f2a2b4-ffde-11ef-bcd1-a3710702a9fb';

/** mysql(1), of one question: Galera runs on every controller that has power. */
export function mysql({ cluster, args }: ClusterCall): ExecResult {
  if (args.join(' ') !== "-N -B -e SHOW GLOBAL STATUS LIKE 'wsrep%'")
    return complained('ERROR 1045 (28000): Access denied', 1);
  const rows = {
    wsrep_local_state: '4',
    wsrep_local_state_comment: 'Synced',
    wsrep_cluster_size: `${cluster.members.filter(({ isOn }) => isOn).length}`,
    wsrep_cluster_state_uuid: STATE_UUID,
    wsrep_cluster_status: cluster.hasQuorum ? 'Primary' : 'non-Primary',
    wsrep_connected: 'ON',
    wsrep_ready: cluster.hasQuorum ? 'ON' : 'OFF',
  };
  return said(
    Object.entries(rows)
      .map(([name, value]) => `${name}\t${value}\n`)
      .join(''),
  );
}

/** rabbitmqctl(8) cluster_status --formatter json: RabbitMQ runs on every controller that has power. */
export function rabbitmqctl({ cluster, member, args }: ClusterCall): ExecResult {
  if (args.join(' ') !== 'cluster_status --formatter json') return complained('rabbitmqctl: not simulated', 64);
  const nodes = cluster.members.map(({ name }) => `rabbit@${name}`);
  return said(
    `${JSON.stringify({
      cluster_name: `rabbit@${member.name}`,
      disk_nodes: nodes,
      ram_nodes: [],
      running_nodes: cluster.members.filter(({ isOn }) => isOn).map(({ name }) => `rabbit@${name}`),
      partitions: {},
      alarms: [],
      maintenance_status: Object.fromEntries(nodes.map((node) => [node, 'not under maintenance'])),
    })}\n`,
  );
}

const ADMIN_SOCKET = '/run/haproxy/admin.sock';

/** socat(1) between its input and HAProxy's admin socket, the only one that there is. */
export function socat({ cluster, member, args, stdin }: ClusterCall): ExecResult {
  const [, socket = ''] = /^-t5 stdio unix-connect:(\S+)$/.exec(args.join(' ')) ?? [];
  if (socket !== ADMIN_SOCKET) return complained(`socat[1] E connect(5, "${socket}"): No such file or directory`);
  if (!member.haproxy) return complained(`socat[1] E connect(5, "${socket}"): Connection refused`);
  return said(member.haproxy.answer(stdin.trim(), cluster.members));
}
