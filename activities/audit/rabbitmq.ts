import { type Limits, limitsOf, type SiteLimits } from '../../domain/audit/check.js';
import { rabbitmqReads } from '../../domain/audit/cluster-commands.js';
import type { Finding } from '../../domain/audit/finding.js';
import { judgeRabbitmq, type RabbitmqHealth, rabbitmqWords } from '../../domain/audit/judge-rabbitmq.js';
import { judgeQueues, type QueueLimits } from '../../domain/audit/judge-rabbitmq-queues.js';
import { judgeRestarted, type RestartedLimits } from '../../domain/audit/judge-rabbitmq-restarted.js';
import {
  rabbitmqCheck,
  rabbitmqChecks,
  rabbitmqQueuesCheck,
  rabbitmqRestartedCheck,
} from '../../domain/audit/rabbitmq-checks.js';
import { type Answered, type ServiceAnswer, unheard } from '../../domain/audit/service-answer.js';
import { controllerReads } from '../../domain/controller-commands.js';
import { answerOf, askAsRoot, askService, type Printout, type ServiceQuestion } from '../ask-service.js';
import { brokerAge } from '../rabbitmq/broker-age.js';
import { parseClusterStatus } from '../rabbitmq/cluster-status.js';
import { mirrorsQueues } from '../rabbitmq/policies.js';
import { parseQueues } from '../rabbitmq/queues.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';
import { controllersOf } from './on-every-controller.js';

const QUEUES = `  ${askAsRoot('queues', rabbitmqReads.queues)}`;

const STATUS = `  ${askAsRoot('rabbitmq', controllerReads.rabbitmq)}
  case $said in *formatter*)
    ${askAsRoot('rabbitmq', controllerReads['old-rabbitmq'])}
    ${askAsRoot('policies', rabbitmqReads.policies)}
  esac`;

const AGE = '  ask age timeout -k 2 10 ps -u rabbitmq -o etimes=,comm=';

const ask = (...asks: string[]): ServiceQuestion => ({
  name: 'RabbitMQ',
  programs: ['/usr/sbin/rabbitmqctl'],
  entry: 'rabbitmq',
  asks: asks.join('\n'),
  // The status twice, policies and queues at half a minute each, and the way there.
  limitMs: 130_000,
});

interface Answer {
  controller: string;
  printout: Printout;
}

/**
 * RabbitMQ, as every controller's own broker sees it. Queues are the same from everywhere, and listing them is work for all brokers: the first controller
 * is asked for them beside its own status, and another only where that one has no answer.
 */
export const rabbitmqCloudChecks: CloudChecks = {
  system: 'rabbitmq',
  checks: rabbitmqChecks,
  async find(site, wanted, limits, signal) {
    const wants = ({ id }: { id: string }): boolean => wanted.includes(id);
    const own = [...(wants(rabbitmqCheck) ? [STATUS] : []), ...(wants(rabbitmqRestartedCheck) ? [AGE] : [])];
    const answers = await Promise.all(
      controllersOf(site).map(async (controller, index): Promise<Answer> => {
        const question = ask(...own, ...(index === 0 && wants(rabbitmqQueuesCheck) ? [QUEUES] : []));
        if (question.asks === '') return { controller, printout: { state: 'printed', printed: new Map() } };
        return { controller, printout: await askService(site, controller, question, signal) };
      }),
    );
    return [
      ...(wants(rabbitmqCheck) ? judgeRabbitmq(answers.map((one) => statusOf(site, one))) : []),
      ...(wants(rabbitmqQueuesCheck) ? await queueFindings(site, answers, limits, signal) : []),
      ...(wants(rabbitmqRestartedCheck) ? restartedFindings(site, answers, limits) : []),
    ];
  },
};

function statusOf(site: CloudSite, { controller, printout }: Answer): Answered<RabbitmqHealth> {
  if (printout.state !== 'printed') return { ...printout, controller };
  const place = { inventory: site.inventory, node: controller };
  const status = answerOf(printout.printed.get('rabbitmq'), parseClusterStatus, place);
  if (status.state !== 'read') return { ...status, controller };
  return {
    controller,
    state: 'read',
    view: { ...status.view, ...policiesOf(printout.printed.get('policies'), place) },
  };
}

/** Of a broker that was asked for its policies, as only old ones are. */
function policiesOf(
  printed: Parameters<typeof answerOf>[0],
  place: Parameters<typeof answerOf>[2],
): Pick<RabbitmqHealth, 'isMirrored' | 'policiesUnread'> {
  if (printed === undefined) return {};
  const policies = answerOf(printed, mirrorsQueues, place);
  if (policies.state === 'read') return { isMirrored: policies.view };
  return { policiesUnread: policies.why ?? 'it has no command for that' };
}

/** By the first broker that lists them. One that is down is for the check `rabbitmq` to tell, so all that matters is whether anybody answers. */
async function queueFindings(
  site: CloudSite,
  answers: readonly Answer[],
  limits: SiteLimits,
  signal: AbortSignal,
): Promise<Finding[]> {
  const tried: Answered<unknown>[] = [];
  for (const [index, { controller, printout }] of answers.entries()) {
    const isAsked = index === 0 || printout.state !== 'printed';
    const own = isAsked ? printout : await askService(site, controller, ask(QUEUES), signal);
    const queues =
      own.state === 'printed'
        ? answerOf(own.printed.get('queues'), parseQueues, { inventory: site.inventory, node: controller })
        : own;
    if (queues.state === 'read')
      return judgeQueues(queues.view, controller, limitsOf(rabbitmqQueuesCheck, limits) as QueueLimits);
    tried.push({ controller, ...asUnasked(queues) });
  }
  const words = { ...rabbitmqWords, name: 'the queues of RabbitMQ', command: rabbitmqReads.queues.slice(4).join(' ') };
  return unheard(words, tried, rabbitmqQueuesCheck.id).findings;
}

function restartedFindings(site: CloudSite, answers: readonly Answer[], limits: SiteLimits): Finding[] {
  const ages = answers.map(({ controller, printout }): Answered<number | undefined> => {
    if (printout.state !== 'printed') return { ...printout, controller };
    const printed = printout.printed.get('age');
    // ps ends with 1 when there is no such process.
    const shown = printed?.exitCode === 1 && printed.stderr === '' ? { ...printed, exitCode: 0 } : printed;
    const age = answerOf(shown, brokerAge, { inventory: site.inventory, node: controller });
    return { controller, ...asUnasked(age) };
  });
  const words = { ...rabbitmqWords, name: 'the process of RabbitMQ', command: 'ps -u rabbitmq -o etimes=,comm=' };
  // Where the broker is not installed is for the check `rabbitmq` to tell.
  const isThere = ages.some(({ state }) => state === 'read');
  const expected = isThere ? ages.filter(({ state }) => state !== 'absent') : ages;
  const read = ages.flatMap((one) =>
    one.state === 'read'
      ? [{ controller: one.controller, ...(one.view !== undefined && { upForSeconds: one.view }) }]
      : [],
  );
  const numbers: Limits = limitsOf(rabbitmqRestartedCheck, limits);
  return [
    ...unheard(words, expected, rabbitmqRestartedCheck.id).findings,
    ...judgeRestarted(read, numbers as RestartedLimits),
  ];
}

/** A broker that is down is the finding of another check; here it only has no answer. */
const asUnasked = <View>(answer: ServiceAnswer<View>): ServiceAnswer<View> =>
  answer.state === 'silent'
    ? { state: 'unasked', why: answer.why, next: 'see the check rabbitmq: nobody can be asked before a broker runs' }
    : answer;
