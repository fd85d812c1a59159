import type { Evidence, Finding } from './finding.js';
import { type Api, type ApiModule, apis } from './openstack-apis.js';

/** What one API said. */
export interface ApiAnswers {
  /** What came of the question through the endpoint. Not certain is what may be our own fault, such as a user who may not ask. */
  endpoint: 'well' | { why: string; isCertain: boolean };
  /** What came of it on the controllers that could be asked directly. */
  controllers: readonly ControllerAnswer[];
}

export interface ControllerAnswer {
  node: string;
  port: number;
  /** An HTTP status, or why there was none. */
  answer: number | string;
}

/** Statuses by which an API without a token says that it is alive (domain reference, B8a). */
const ALIVE = [200, 300, 401];

/**
 * What is wrong with an API. That it answers on no controller while it does through its endpoint can only be a matter of addresses: then
 * nothing is known of the controllers.
 */
export function judgeApi(module: ApiModule, { endpoint, controllers }: ApiAnswers): Finding[] {
  const { name, command, behind } = apis[module];
  const check = `api-${module}`;
  const dead = controllers.filter(({ answer }) => !isAlive(answer));
  const findings: Finding[] = [];
  if (endpoint !== 'well')
    findings.push({
      check,
      severity: endpoint.isCertain ? 'error' : 'unknown',
      what: endpoint.isCertain
        ? `${name} does not answer through its endpoint: ${endpoint.why}`
        : `whether ${name} answers through its endpoint is not known: ${endpoint.why}`,
      evidence: [{ value: endpoint.why, threshold: 'an answer', command }, ...controllers.slice(0, 8).map(evidenceOf)],
      next: nextFor({ name, behind }, endpoint.isCertain, controllers.length - dead.length),
    });
  if (dead.length < controllers.length)
    for (const one of dead)
      findings.push({
        check,
        node: one.node,
        severity: 'error',
        what: `the API of ${name} on ${one.node} is not well: ${textOf(one.answer)}`,
        evidence: [evidenceOf(one)],
        next: `look at the unit of the API of ${name} on ${one.node} and at its log; the other controllers serve users meanwhile`,
      });
  else if (dead.length > 0 && endpoint === 'well')
    findings.push({
      check,
      about: 'controllers',
      severity: 'unknown',
      what: `${name} answers through its endpoint, but at no controller's own address, so what each of them does is not known`,
      evidence: dead.slice(0, 8).map(evidenceOf),
      next: `set audit.openstack.apis.${module} in ostler.yaml to the port on which ${name} listens on controllers, or to none when the worker cannot reach that`,
    });
  return findings;
}

function nextFor({ name, behind }: Pick<Api, 'name' | 'behind'>, isCertain: boolean, alive: number): string {
  if (!isCertain) return 'mend what the reason says, then audit again';
  return alive > 0
    ? `${name} answers on a controller: look at what it asks before it answers in full, ${behind}, then at HAProxy and at the VIP`
    : `look at the units of ${name} on the controllers and at their logs`;
}

const isAlive = (answer: number | string): boolean => typeof answer === 'number' && ALIVE.includes(answer);

const textOf = (answer: number | string): string => (typeof answer === 'number' ? `it answers ${answer}` : answer);

const evidenceOf = ({ node, port, answer }: ControllerAnswer): Evidence => ({
  value: `${node}: ${textOf(answer)}`,
  threshold: ALIVE.join(', '),
  command: `curl -so /dev/null -w '%{http_code}' http://${node}:${port}/`,
});
