import type { Check } from './check.js';

const about = { module: 'rabbitmq', scope: 'cloud', roles: ['controller'] } as const;

export const rabbitmqCheck = {
  id: 'rabbitmq',
  ...about,
  title: 'RabbitMQ',
  means:
    'Every controller’s own broker is asked for the status of the cluster, at the same time. All is well when each sees a running broker on every controller, no partition and no alarm. A broker of before 3.7, which knows mirrored queues only, must have a policy that mirrors them.',
  warns:
    'a broker of that age has no policy with ha-mode all (Fuel calls it ha-all): the loss of one controller loses its queues',
  fails:
    'a broker does not answer or does not run, brokers do not see each other (a partition), or an alarm of memory or disk blocks everybody who publishes',
  thresholds: {},
  remedy:
    'Mend a partition before anything is restarted, or the damage spreads: trust the side with most brokers, then restart the brokers of the other side one by one. A broker that has paused itself (pause_minority) leaves its unit active, and only rabbitmqctl tells; it comes back with the network. An alarm of disk wants space in the broker’s data folder, one of memory wants consumers: look at the check rabbitmq-queues. After a broker was away, make sure that services talk again: agents and nova-compute may keep a dead connection while their units are active.',
  source: 'domain reference, B5, C8, C14 and D 9',
} as const satisfies Check;

export const rabbitmqQueuesCheck = {
  id: 'rabbitmq-queues',
  ...about,
  title: 'RabbitMQ queues',
  means:
    'The queues of the virtual host / are listed by the first broker that answers, with messages, memory and consumers. A queue that grows has nobody who empties it, or not fast enough. A queue dhcp_agent.<host> without consumers is left out: it belongs to a DHCP agent that does not run, of which there is only one on a cloud where Pacemaker runs it. The twenty worst are told one by one, and the others are counted.',
  warns: 'more than 100 messages wait in one queue, or it takes more than 1 MiB of memory',
  thresholds: {
    messages: { value: 100, unit: 'messages', source: 'domain reference, B5' },
    memory: { value: 1_048_576, unit: 'bytes', source: 'domain reference, B5: 1 MiB' },
  },
  remedy:
    'The name says whose queue it is: conductor, scheduler, cinder-volume, a compute (compute.<host>), notifications.*. Without consumers that service is down, or has lost its connection and not noticed: restart it. With consumers it is too slow, or hangs: look into its log. notifications.* that nobody reads are for Ceilometer: start what collects them, or stop the services from sending.',
  source: 'domain reference, B5 and C14',
} as const satisfies Check;

export const rabbitmqRestartedCheck = {
  id: 'rabbitmq-restarted',
  ...about,
  title: 'RabbitMQ restarted',
  means:
    'How long the process of each broker has been running. One that was started a short while ago has dropped every connection to it, and some services of OpenStack never notice: their units stay active while they hear nothing any more. The audit does not remember the last start, so set the number of seconds to no less than the time between two audits; the finding goes away by itself.',
  warns: 'a broker was started within the last ten minutes',
  thresholds: {
    warn: { value: 600, unit: 's', source: 'twice the time between two audits (domain reference, C14: 300 s)' },
  },
  remedy:
    'When nobody restarted it, `journalctl -u rabbitmq-server` and the kernel’s log (out of memory) tell why it ended. Then look whether everybody is back: compute services and agents with fresh heartbeats, and no queue without consumers.',
  source: 'domain reference, B5, C14 and D 10',
} as const satisfies Check;

export const rabbitmqChecks: readonly Check[] = [rabbitmqCheck, rabbitmqQueuesCheck, rabbitmqRestartedCheck];
