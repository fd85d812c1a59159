import type { Finding } from './finding.js';

/** What one controller said of a service of the cloud, or why it said nothing. */
export type ServiceAnswer<View> =
  | { state: 'read'; view: View }
  /** It is not there. */
  | { state: 'absent'; why?: string }
  /** It is there, it was asked, and did not answer as one that is well does. */
  | { state: 'silent'; why: string }
  /** It could not be asked: sudo refuses, its tool is missing, it runs in a container. */
  | { state: 'unasked'; why: string; next: string }
  /** The controller itself was not reached, which is for the check `reachable` to tell. */
  | { state: 'unreached'; why: string };

/** An answer with who gave it, by the inventory's name. */
export type Answered<View> = ServiceAnswer<View> & { controller: string };

/** A service in the words of its findings. */
export interface ServiceWords {
  check: string;
  /** `Galera`. */
  name: string;
  /** What an operator would run on a controller to see what was seen. */
  command: string;
  /** What to do where it is there and does not answer. */
  mend(controller: string): string;
}

/** A command, and where to run it: as a comment, so that the line can be pasted. */
export const onHost = (command: string, host: string): string => `${command}  # on ${host}`;

/** The views that were read, with who has them. */
export const viewsOf = <View>(answers: readonly Answered<View>[]): { controller: string; view: View }[] =>
  answers.flatMap((one) => (one.state === 'read' ? [{ controller: one.controller, view: one.view }] : []));

/**
 * What is to be said of the controllers without a view. A service that is on one controller is expected on all; one that none has is no trouble,
 * and one that nobody could be asked about is unknown. A controller that was not reached is left to the check that says so: what the others
 * miss of it, they tell.
 */
export function unheard(
  service: ServiceWords,
  answers: readonly Answered<unknown>[],
  check = service.check,
): { findings: Finding[]; isJudged: boolean } {
  if (!answers.some(({ state }) => state === 'read' || state === 'silent')) {
    const why = answers.filter(({ state }) => state === 'unasked' || state === 'unreached');
    const isAbsent = why.every(({ state }) => state === 'unreached') && why.length < answers.length;
    return { findings: why.length === 0 || isAbsent ? [] : [nobodySays(service, check, why)], isJudged: false };
  }
  return { findings: answers.flatMap((answer) => silence(service, check, answer)), isJudged: true };
}

function nobodySays({ name, command }: ServiceWords, check: string, answers: readonly Answered<unknown>[]): Finding {
  const unasked = answers.find((one) => one.state === 'unasked');
  return {
    check,
    severity: 'unknown',
    what: `${name} could not be asked on any controller`,
    evidence: answers.map((one) => ({
      value: `${one.controller}: ${one.state === 'unasked' || one.state === 'unreached' ? one.why : one.state}`,
      command: onHost(command, one.controller),
    })),
    next: unasked?.next ?? 'the controllers must be reached first: `ostler check` says what keeps us out',
  };
}

function silence({ name, command, mend }: ServiceWords, check: string, answer: Answered<unknown>): Finding[] {
  const { controller } = answer;
  const found = (severity: Finding['severity'], what: string, value: string, next: string): Finding[] => [
    { check, node: controller, severity, what, evidence: [{ value, command: onHost(command, controller) }], next },
  ];
  switch (answer.state) {
    case 'silent':
      return found('error', `${name} on ${controller} does not answer`, answer.why, mend(controller));
    case 'unasked':
      return found('unknown', `${name} on ${controller} could not be asked`, answer.why, answer.next);
    case 'absent':
      return found(
        'error',
        `there is no ${name} on ${controller}, and on other controllers there is`,
        answer.why ?? 'not installed',
        `install it there, or take the role controller from ${controller} in ostler.yaml`,
      );
    default:
      return [];
  }
}
