import { canonical, NothingToDo, type Plan, type RolloutRequest } from './plan.js';
import { type Part, partName } from './service-parts.js';

/** One part of an operation on many services, as it would be carried out now. */
export interface PlannedPart {
  part: Part;
  /** What it would do, for people. */
  steps: readonly string[];
  /** What Pacemaker would run nowhere afterwards. */
  outages?: readonly string[];
  /** What its plan depends on: another one is another plan. */
  state: unknown;
  estimateMs: number;
}

/**
 * The plan of an operation on many services: its parts one after the other, each in the place of a host.
 * @param digest SHA-256 of a text in hexadecimal
 * @throws {NothingToDo}
 */
export function wholePlan(
  request: RolloutRequest,
  planned: readonly PlannedPart[],
  leftOut: readonly string[],
  digest: (text: string) => string,
): Plan {
  const [first] = planned;
  if (!first)
    throw new NothingToDo(
      [`there is nothing to ${request.operation} of ${request.target}`, ...leftOut].join('; '),
      leftOut,
    );
  const { actor: _actor, reason: _reason, expect: _expect, agreed: _agreed, ...asked } = request;
  const nodes = planned.map(({ part }) => partName(part));
  const outages = [...new Set(planned.flatMap((one) => one.outages ?? []))];
  return {
    hash: digest(canonical([asked, planned.map(({ part, state }) => [partName(part), state]), leftOut])),
    target: request.target,
    role: first.part.role,
    nodes,
    batches: nodes.map(() => 1),
    excluded: {},
    population: nodes.length,
    maxUnavailable: 1,
    maxFailures: Number(request.maxFailures) || 0,
    // Each part has deadlines of its own.
    startDeadlineMs: 0,
    verifyDeadlineMs: 0,
    estimateMs: planned.reduce((sum, { estimateMs }) => sum + estimateMs, 0),
    units: {
      steps: planned.flatMap(({ part, steps }) => `${partName(part)}: ${steps.join(', ')}`),
      leftOut: [...new Set(leftOut)],
      ...(outages.length > 0 && { outages }),
    },
  };
}
