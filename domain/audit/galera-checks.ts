import type { Check } from './check.js';

export const galeraCheck = {
  id: 'galera',
  module: 'mysql',
  scope: 'cloud',
  roles: ['controller'],
  title: 'Galera',
  means:
    'Every controller is asked for the status of its own member of the Galera cluster (SHOW GLOBAL STATUS), at the same time. All is well when each is in the primary component, has the same state as the others, is connected, ready and Synced, and counts as many members as the cloud has controllers. A member that is missing because its controller is off is a finding of the others. The two warnings are about members that hold the others up: both numbers are averages since the start of that server, or since the last FLUSH STATUS there.',
  warns:
    'writes were held back for more than a tenth of the time, more than one write set was waiting on average, or there are more members than controllers',
  fails:
    'a member does not answer, is not Primary, has a state of its own, is not Synced, not ready or not connected, or members are missing',
  thresholds: {
    paused: { value: 0.1, unit: '', source: 'domain reference, B4: wsrep_flow_control_paused, a fraction of the time' },
    queue: { value: 1, unit: '', source: 'domain reference, B4: wsrep_local_recv_queue_avg, write sets' },
  },
  remedy:
    'A Donor/Desynced member gives its state to one that joins, and a Joiner takes one: do not stop either, and look again. A member that is non-Primary serves nothing: bring the missing ones back, and do not bootstrap before the positions of all of them are known. Where the whole cluster is down, recover those positions on every controller first. For flow control and queues look for the slowest member, which is where the queue is: its disk, its load, and the one large transaction.',
  source: 'domain reference, B4 and C14',
} as const satisfies Check;

export const galeraChecks: readonly Check[] = [galeraCheck];
