import { pairNames } from '../node-names.js';
import { hostOf, type RabbitmqView } from '../rabbitmq.js';
import type { Finding } from './finding.js';
import { rabbitmqCheck } from './rabbitmq-checks.js';
import { type Answered, onHost, type ServiceWords, unheard, viewsOf } from './service-answer.js';

const { id: check } = rabbitmqCheck;

/** A cluster as one of its brokers sees it, and whether an old one mirrors its queues. */
export interface RabbitmqHealth extends RabbitmqView {
  /** Missing for brokers that need no policy for that, and where the policies could not be read. */
  isMirrored?: boolean;
  /** Why the policies of an old broker could not be read. */
  policiesUnread?: string;
}

const STATUS = 'rabbitmqctl cluster_status';

export const rabbitmqWords: ServiceWords = {
  check,
  name: 'RabbitMQ',
  command: STATUS,
  mend: (controller) =>
    `if its unit is active all the same, it has paused itself and waits for the others: look at the network of ${controller}; else start it, and \`journalctl -u rabbitmq-server\` says why it ended`,
};

interface Broker {
  controller: string;
  view: RabbitmqHealth;
}

/** @param answers of every controller of the inventory */
export function judgeRabbitmq(answers: readonly Answered<RabbitmqHealth>[]): Finding[] {
  const { findings, isJudged } = unheard(rabbitmqWords, answers);
  if (!isJudged) return findings;
  const brokers = viewsOf(answers);
  const told = new Set(findings.flatMap(({ node, severity }) => (node && severity === 'error' ? [node] : [])));
  const split = partitionFinding(brokers, answers);
  // In a partition each side misses the other, and that is told.
  const gone =
    split.length > 0
      ? []
      : answers.flatMap(({ controller }) => (told.has(controller) ? [] : missing(controller, brokers, answers)));
  return [
    // What others say of one that could not be asked is better than that.
    ...findings.filter(({ node }) => !gone.some((one) => one.node === node)),
    ...split,
    ...gone,
    ...alarmFindings(brokers, answers),
    ...policyFinding(brokers),
  ];
}

const namesOf = (answers: readonly Answered<unknown>[]): string[] => answers.map(({ controller }) => controller);

/** Whether a list of brokers has one that can be told to be on the controller. */
const has = (nodes: readonly string[], controller: string, controllers: readonly string[]): boolean =>
  pairNames(controllers, nodes.map(hostOf)).has(controller);

/** Brokers that run, and do not see each other run. */
function partitionFinding(brokers: readonly Broker[], answers: readonly Answered<unknown>[]): Finding[] {
  const controllers = namesOf(answers);
  const running = brokers.filter(({ controller, view }) => has(view.running, controller, controllers));
  const isSplit =
    brokers.some(({ view }) => view.partitions.length > 0) ||
    running.some((one) => running.some(({ view }) => !has(view.running, one.controller, controllers)));
  if (!isSplit) return [];
  return [
    {
      check,
      about: 'partition',
      severity: 'error',
      what: 'RabbitMQ is partitioned: its brokers do not all see each other',
      evidence: brokers.map(({ controller, view }) => ({
        value: [`sees ${view.running.join(', ') || 'nobody'} running`, ...view.partitions].join('; '),
        threshold: 'every broker sees every other',
        command: onHost(STATUS, controller),
      })),
      next: 'restart no broker of the side that you trust (most brokers, then most clients); restart those of the other side one by one',
    },
  ];
}

/** The broker of a controller that others do not see running, or that does not count itself to those that run. */
function missing(controller: string, brokers: readonly Broker[], answers: readonly Answered<unknown>[]): Finding[] {
  const controllers = namesOf(answers);
  // A broker whose application is stopped sees nobody, and knows it of itself alone.
  const seers = brokers.filter(
    ({ controller: seer, view }) =>
      (view.running.length > 0 || seer === controller) && !has(view.running, controller, controllers),
  );
  if (seers.length === 0) return [];
  const isMember = brokers.some(({ view }) => has(view.members, controller, controllers));
  // Names that cannot be paired: as many run as there are controllers, whatever they are called.
  if (!isMember && brokers.every(({ view }) => view.running.length >= controllers.length)) return [];
  const by = seers.map((one) => one.controller).join(' and ');
  return [
    {
      check,
      node: controller,
      severity: 'error',
      what: isMember
        ? `RabbitMQ on ${controller} does not run, as ${by} ${seers.length === 1 ? 'sees' : 'see'} it`
        : `RabbitMQ has no member that can be told to be on ${controller}`,
      evidence: seers.map(({ controller: seer, view }) => ({
        value: `running: ${view.running.join(', ') || 'nobody'}; members: ${view.members.join(', ')}`,
        threshold: 'a running broker on every controller',
        command: onHost(STATUS, seer),
      })),
      next: isMember
        ? rabbitmqWords.mend(controller)
        : `make it join (\`rabbitmqctl join_cluster\`), or give ${controller} the name in ostler.yaml that RabbitMQ has for its host`,
    },
  ];
}

/** An alarm blocks everybody who publishes, on all brokers: one finding for each broker that raised one. */
function alarmFindings(brokers: readonly Broker[], answers: readonly Answered<unknown>[]): Finding[] {
  const controllers = namesOf(answers);
  const raised = new Map<string, { limits: Set<string>; by: Set<string> }>();
  for (const { controller, view } of brokers)
    for (const words of view.alarms) {
      const [, node = '', limit = words] = /^(\S+): (.+)$/.exec(words) ?? [];
      const alarm = raised.get(node) ?? { limits: new Set(), by: new Set() };
      alarm.limits.add(limit);
      alarm.by.add(controller);
      raised.set(node, alarm);
    }
  return [...raised].map(([broker, { limits, by }]) => {
    const host = hostOf(broker);
    const [node] = [...pairNames(controllers, [host])].flatMap(([name, theirs]) => (theirs === host ? [name] : []));
    const words = [...limits].join(', ');
    return {
      check,
      ...(node !== undefined && { node }),
      about: node === undefined ? `alarm:${broker}` : 'alarm',
      severity: 'error',
      what: `RabbitMQ on ${node ?? (host || 'a host')} has an alarm (${words}): nobody can publish`,
      evidence: [...by].map((seer) => ({
        value: `${broker}: ${words}`,
        threshold: 'no alarm',
        command: onHost(STATUS, seer),
      })),
      next: words.includes('disk')
        ? `free space where its data is (/var/lib/rabbitmq on ${node ?? host}); the alarm ends by itself`
        : 'look which queues are long (check rabbitmq-queues) and start whoever should read them; the alarm ends by itself',
    };
  });
}

function policyFinding(brokers: readonly Broker[]): Finding[] {
  const asked = brokers.filter(({ view }) => view.isMirrored !== undefined);
  const [first] = asked;
  if (!first) return policiesUnread(brokers);
  if (asked.some(({ view }) => view.isMirrored)) return [];
  return [
    {
      check,
      about: 'policy',
      severity: 'warn',
      what: 'no policy of RabbitMQ mirrors the queues: the loss of a controller loses those that live there',
      evidence: [
        {
          value: 'no policy with ha-mode all',
          threshold: 'ha-all',
          command: onHost('rabbitmqctl list_policies', first.controller),
        },
      ],
      next: `\`rabbitmqctl set_policy ha-all '.*' '{"ha-mode":"all","ha-sync-mode":"automatic"}'\`, at a quiet time: it copies every queue`,
    },
  ];
}

/** Old brokers of which none could be asked whether it mirrors its queues. */
function policiesUnread(brokers: readonly Broker[]): Finding[] {
  const unread = brokers.flatMap(({ controller, view: { policiesUnread: why } }) =>
    why === undefined
      ? []
      : [{ value: `${controller}: ${why}`, command: onHost('rabbitmqctl list_policies', controller) }],
  );
  if (unread.length === 0) return [];
  return [
    {
      check,
      about: 'policy',
      severity: 'unknown',
      what: 'whether a policy of RabbitMQ mirrors the queues is not known',
      evidence: unread,
      next: 'install what `ostler sudoers --role controller` prints, where sudo refuses',
    },
  ];
}
