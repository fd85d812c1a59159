import type { Finding } from './finding.js';
import { rabbitmqRestartedCheck } from './rabbitmq-checks.js';
import { onHost } from './service-answer.js';

/** The process of a broker and for how long it has run, in seconds; none where there is no such process. */
export interface BrokerAge {
  controller: string;
  upForSeconds?: number;
}

export type RestartedLimits = Record<keyof (typeof rabbitmqRestartedCheck)['thresholds'], number>;

/** A broker that does not run is for the check `rabbitmq` to tell. */
export const judgeRestarted = (ages: readonly BrokerAge[], { warn }: RestartedLimits): Finding[] =>
  ages.flatMap(({ controller, upForSeconds }) =>
    upForSeconds === undefined || upForSeconds >= warn
      ? []
      : [
          {
            check: rabbitmqRestartedCheck.id,
            node: controller,
            severity: 'warn',
            what: `RabbitMQ on ${controller} was started a short while ago, and has dropped every connection to it`,
            evidence: [
              {
                value: `up for ${upForSeconds} s`,
                threshold: `warn below ${warn} s`,
                command: onHost('ps -u rabbitmq -o etimes=,comm=', controller),
              },
            ],
            next: 'find out who restarted it, or why it ended; then look whether compute services and agents have fresh heartbeats',
          },
        ],
  );
