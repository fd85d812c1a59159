import { cephWords } from '../ceph-commands.js';
import type { Role } from '../inventory.js';

/** Each call of rabbitmqctl starts an Erlang machine, and a list of thousands of queues asks each of them. */
const RABBITMQCTL = ['/usr/bin/timeout', '-k', '2', '25', '/usr/sbin/rabbitmqctl'];

/** What an audit reads of RabbitMQ beside the status that everybody reads. */
export const rabbitmqReads = {
  queues: [...RABBITMQCTL, 'list_queues', 'name', 'messages', 'memory', 'consumers'],
  policies: [...RABBITMQCTL, 'list_policies'],
} as const;

/** What an audit reads of Ceph, as its administrator. None of it prints a key. */
export const cephReads = {
  status: cephWords('status', '-f', 'json'),
  quorum: cephWords('quorum_status', '-f', 'json'),
  'osd-tree': cephWords('osd', 'tree', '-f', 'json'),
  'osd-dump': cephWords('osd', 'dump', '-f', 'json'),
  'osd-df': cephWords('osd', 'df', '-f', 'json'),
  df: cephWords('df', '-f', 'json'),
} as const;

/** Every read of an audit of the cloud's clusters that needs root on a host of the role, beside those of the controllers' services. */
export function clusterAuditReads(role: Role): string[][] {
  const ceph = Object.values(cephReads).map((argv) => [...argv]);
  if (role === 'ceph-osd') return ceph;
  return role === 'controller' ? [...Object.values(rabbitmqReads).map((argv) => [...argv]), ...ceph] : [];
}
