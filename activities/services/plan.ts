import { NothingToDo, type Plan, PlanRefusal, type RolloutRequest } from '../../domain/plan.js';
import { servicesCalled } from '../../domain/services.js';
import { isUnitVerb } from '../../domain/unit-change.js';
import { nothingToDo, planRefused } from '../failures.js';
import { planOne, readRole, type ServicePlanner } from './plan-one.js';
import { planParts } from './plan-parts.js';

/** True for a start, a stop, an enable or a disable of services, and for a restart of many. */
export const isOnServices = ({ operation, each }: RolloutRequest): boolean => isUnitVerb(operation) || each === true;

/**
 * Reads every host of the role and decides what a change of services will do. Changes nothing.
 * @throws {ApplicationFailure} InvalidRequest for what this site does not have, PlanRefused or NothingToDo with every reason
 */
export async function planServices(site: ServicePlanner, request: RolloutRequest, signal: AbortSignal): Promise<Plan> {
  const { operation, target } = request;
  const called = servicesCalled(target);
  if (called.length > 0 && called.every(({ never }) => never !== undefined))
    throw planRefused(called.map(({ id, never }) => `Ostler does not ${operation} ${id}: ${never}`).join('; '));
  try {
    if (request.each) return await planParts(site, request, signal);
    const { inventory, reader } = site;
    const observe: Parameters<typeof planOne>[2] = (role, entries) =>
      readRole(inventory, reader, { role, entries }, signal);
    return await planOne(site, request, observe, signal);
  } catch (error) {
    if (error instanceof NothingToDo) throw nothingToDo(error.message, [...error.kept]);
    if (error instanceof PlanRefusal) throw planRefused(error.message);
    throw error;
  }
}
