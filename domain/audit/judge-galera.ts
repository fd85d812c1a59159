import type { GaleraView } from '../galera.js';
import { isDonor } from '../galera.js';
import type { Finding } from './finding.js';
import { galeraCheck } from './galera-checks.js';
import { type Answered, onHost, type ServiceWords, unheard, viewsOf } from './service-answer.js';

/** A member's state, and how much it holds the others up. */
export interface GaleraHealth extends GaleraView {
  /** The fraction of the time for which writes were held back; missing where the server does not say. */
  flowControlPaused?: number;
  /** How many write sets were waiting to be applied, on average. */
  receiveQueue?: number;
}

export type GaleraLimits = Record<keyof (typeof galeraCheck)['thresholds'], number>;

const STATUS = `mysql -N -B -e "SHOW GLOBAL STATUS LIKE 'wsrep%'"`;

const galera: ServiceWords = {
  check: galeraCheck.id,
  name: 'Galera',
  command: STATUS,
  mend: (controller) =>
    `start it; \`journalctl -u mariadb\` or its error log on ${controller} says why it ended. While no member is Primary, bootstrap none before the positions of all are known`,
};

/** One member in its view. */
interface Member {
  controller: string;
  view: GaleraHealth;
}

/** @param answers of every controller of the inventory */
export function judgeGalera(answers: readonly Answered<GaleraHealth>[], limits: GaleraLimits): Finding[] {
  const { findings, isJudged } = unheard(galera, answers);
  if (!isJudged) return findings;
  const members = viewsOf(answers);
  const state = commonState(members);
  const together = members.filter(({ view }) => view.status === 'Primary' && view.stateUuid === state);
  return [
    ...findings,
    ...members.flatMap((member) => stateFinding(member, state, members)),
    ...sizeFinding(together, answers),
    ...members.flatMap((member) => loadFindings(member, limits)),
  ];
}

/** The state that most members of a primary component have; what few have is the odd one out. */
function commonState(members: readonly Member[]): string | undefined {
  const votes = new Map<string, number>();
  for (const { view } of members)
    if (view.status === 'Primary') votes.set(view.stateUuid, (votes.get(view.stateUuid) ?? 0) + 1);
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** The first thing that is wrong with a member: what comes after it follows from it. */
function stateFinding({ controller, view }: Member, common: string | undefined, all: readonly Member[]): Finding[] {
  const found = (what: string, value: string, threshold: string, next: string): Finding[] => [
    {
      check: galeraCheck.id,
      node: controller,
      severity: 'error',
      what: `Galera on ${controller} ${what}`,
      evidence: [{ value, threshold, command: onHost(STATUS, controller) }],
      next,
    },
  ];
  if (view.status !== 'Primary')
    return found(
      `is ${view.status}: it serves nothing`,
      `wsrep_cluster_status ${view.status}, of ${view.size} members`,
      'Primary',
      'bring the members back that it misses; bootstrap nothing while the position of one of them is unknown',
    );
  if (view.stateUuid !== common) {
    const others = all.filter((one) => one.view.stateUuid === common).map((one) => one.controller);
    return found(
      `has another state than ${others.join(' and ')}: there are two databases`,
      `wsrep_cluster_state_uuid ${view.stateUuid}`,
      `${common}`,
      'keep clients away from both until a person has decided which one counts; the other then joins it anew',
    );
  }
  if (!view.isSynced)
    return found(
      `is ${view.state}, not Synced`,
      `wsrep_local_state_comment ${view.state}`,
      'Synced',
      isDonor(view)
        ? `it gives its state to one that joins: do not stop it, and look again`
        : `wait for it to join; if it stays so, its error log on ${controller} says what it waits for`,
    );
  if (!view.connected || !view.ready)
    return found(
      `is ${view.connected ? 'not ready' : 'not connected'}: it refuses queries`,
      `wsrep_connected ${view.connected ? 'ON' : 'OFF'}, wsrep_ready ${view.ready ? 'ON' : 'OFF'}`,
      'ON',
      `its error log on ${controller} says why`,
    );
  return [];
}

/** How many members the primary component counts. Those that have a finding of their own are missing by that. */
function sizeFinding(together: readonly Member[], answers: readonly Answered<unknown>[]): Finding[] {
  if (together.length === 0) return [];
  const expected = answers.length;
  const sizes = together.map(({ view }) => view.size);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const told =
    answers.filter(({ state }) => state === 'read' || state === 'silent' || state === 'absent').length -
    together.length;
  const evidence = together.map(({ controller, view }) => ({
    value: `wsrep_cluster_size ${view.size}`,
    threshold: `${expected}, the number of controllers`,
    command: onHost(STATUS, controller),
  }));
  const found = (severity: Finding['severity'], what: string, next: string): Finding[] => [
    { check: galeraCheck.id, about: 'size', severity, what, evidence, next },
  ];
  if (least < expected - told) {
    const unreached = answers.filter(({ state }) => state === 'unreached').map(({ controller }) => controller);
    const whom = unreached.length > 0 ? `; ${unreached.join(' and ')} could not be asked` : '';
    return found(
      'error',
      least === most
        ? `Galera counts ${least} of ${expected} members${whom}`
        : `the members of Galera count differently: ${least} to ${most} of ${expected}${whom}`,
      'find the controller whose database is missing, start it there, and wait until it is Synced; it joins by itself',
    );
  }
  if (most > expected)
    return found(
      'warn',
      `Galera counts more members than the cloud has controllers`,
      'if it is an arbitrator (garbd) or a member elsewhere, acknowledge this; otherwise wsrep_incoming_addresses tells who it is',
    );
  return [];
}

function loadFindings({ controller, view }: Member, limits: GaleraLimits): Finding[] {
  const over = (about: string, what: string, row: string, value: number | undefined, limit: number): Finding[] =>
    value !== undefined && value > limit
      ? [
          {
            check: galeraCheck.id,
            node: controller,
            about,
            severity: 'warn',
            what,
            evidence: [
              { value: `${row} ${value}`, threshold: `warn above ${limit}`, command: onHost(STATUS, controller) },
            ],
            next: `find the member that is behind: the one with the longest wsrep_local_recv_queue; then \`FLUSH STATUS\` on ${controller} begins the average anew`,
          },
        ]
      : [];
  return [
    ...over(
      'flow-control',
      `Galera on ${controller} was held back by a slow member for much of the time`,
      'wsrep_flow_control_paused',
      view.flowControlPaused,
      limits.paused,
    ),
    ...over(
      'receive-queue',
      `Galera on ${controller} does not keep up with what the others write`,
      'wsrep_local_recv_queue_avg',
      view.receiveQueue,
      limits.queue,
    ),
  ];
}
