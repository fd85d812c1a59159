import type { Evidence, Finding } from './finding.js';
import { rabbitmqQueuesCheck } from './rabbitmq-checks.js';
import { onHost } from './service-answer.js';

const { id: check } = rabbitmqQueuesCheck;

export interface Queue {
  name: string;
  messages: number;
  /** In bytes. */
  memory: number;
  consumers: number;
}

export type QueueLimits = Record<keyof (typeof rabbitmqQueuesCheck)['thresholds'], number>;

/** So many are told one by one: where more are in trouble, they have it in common. */
export const MOST_QUEUES = 20;

const LIST = 'rabbitmqctl list_queues name messages memory consumers';

/** @param controller whose broker has listed them */
export function judgeQueues(queues: readonly Queue[], controller: string, limits: QueueLimits): Finding[] {
  const command = onHost(LIST, controller);
  const long = queues
    .filter((one) => !isOfDeadAgent(one) && excess(one, limits) > 1)
    .sort((a, b) => excess(b, limits) - excess(a, limits) || (a.name < b.name ? -1 : 1));
  const rest = long.slice(MOST_QUEUES);
  return [
    ...long.slice(0, MOST_QUEUES).map((one) => queueFinding(one, limits, command)),
    ...(rest.length > 0 ? [restFinding(rest, limits, command)] : []),
  ];
}

/** How many times over its limits a queue is, by the worse of the two. A limit of none is passed by anything. */
const excess = ({ messages, memory }: Queue, limits: QueueLimits): number =>
  Math.max(ratio(messages, limits.messages), ratio(memory, limits.memory));

const ratio = (value: number, limit: number): number => (value === 0 ? 0 : value / limit);

/** An agent that runs has its queue open. One that does not gets messages all the same, and nobody misses them. */
const isOfDeadAgent = ({ name, consumers }: Queue): boolean => name.startsWith('dhcp_agent.') && consumers === 0;

function queueFinding({ name, messages, memory, consumers }: Queue, limits: QueueLimits, command: string): Finding {
  const evidence: Evidence[] = [
    { value: `${messages} messages`, threshold: `warn above ${limits.messages}`, command },
    { value: `${memory} bytes`, threshold: `warn above ${limits.memory}`, command },
    { value: `${consumers} consumers`, command },
  ];
  const readers =
    consumers === 0 ? 'nobody reads it' : `${consumers} ${consumers === 1 ? 'consumer reads' : 'consumers read'} it`;
  return {
    check,
    about: name,
    severity: 'warn',
    what:
      messages > limits.messages
        ? `${messages} messages wait in the queue ${name}, and ${readers}`
        : `the queue ${name} takes ${memory} bytes of memory, and ${readers}`,
    evidence,
    next:
      consumers === 0
        ? 'start whoever should read it, or restart it where its unit is active and its connection is not'
        : 'look into the log of whoever reads it: it is too slow, or hangs',
  };
}

const restFinding = (rest: readonly Queue[], limits: QueueLimits, command: string): Finding => ({
  check,
  about: 'others',
  severity: 'warn',
  what: `${rest.length} more ${rest.length === 1 ? 'queue of RabbitMQ is' : 'queues of RabbitMQ are'} too long as well`,
  evidence: [
    {
      value: `${rest.reduce((sum, { messages }) => sum + messages, 0)} messages in ${rest.length} queues`,
      threshold: `warn above ${limits.messages} messages or ${limits.memory} bytes in one`,
      command,
    },
  ],
  next: 'look at the worst first: many queues at once have one cause, such as a service that is down everywhere',
});
