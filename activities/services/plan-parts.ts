import type { Role } from '../../domain/inventory.js';
import { listed } from '../../domain/names.js';
import { NothingToDo, type Plan, PlanRefusal, type RolloutRequest } from '../../domain/plan.js';
import {
  bringersOf,
  type Part,
  partName,
  partRequest,
  partsOf,
  type ServiceOperation,
} from '../../domain/service-parts.js';
import { servicesCalled, servicesFor } from '../../domain/services.js';
import { isRunning } from '../../domain/unit-change.js';
import type { RoleReading } from '../../domain/unit-judgement.js';
import { type PlannedPart, wholePlan } from '../../domain/whole-plan.js';
import { planOne, readRole, type ServicePlanner, selectedOf, sha256 } from './plan-one.js';

/**
 * Plans every part of an operation on many services as if its turn were now; what each will do is decided anew when it is. A part that must not be
 * carried out keeps all from beginning. Every host is read once for each of its roles, whatever is asked about it.
 */
export async function planParts(site: ServicePlanner, request: RolloutRequest, signal: AbortSignal): Promise<Plan> {
  const { inventory, reader } = site;
  const { operation, target, selection } = request;
  const roles = [...new Set(inventory.nodes.flatMap((node) => node.roles))].filter(
    (role) => selectedOf(inventory, role, selection).length > 0,
  );
  const readings = new Map<Role, Promise<RoleReading>>();
  const observe = (role: Role): Promise<RoleReading> => {
    // Those that are stopped are all that any change could be about.
    const entries = servicesFor('stop', target, role);
    const reading = readings.get(role) ?? readRole(inventory, reader, { role, entries }, signal);
    readings.set(role, reading);
    return reading;
  };
  const planned: PlannedPart[] = [];
  const leftOut: string[] = [];
  for (const part of partsOf(operation as ServiceOperation, target, roles)) {
    if (operation === 'restart') {
      const observed = await observe(part.role);
      const selected = selectedOf(inventory, part.role, selection);
      const bringers = bringersOf(
        part,
        planned.map((one) => one.part),
      );
      const running = whatRuns(part, observed, selected);
      const outage = running.length > 0 ? await site.outageOf(part.target, signal) : undefined;
      if (outage !== undefined)
        leftOut.push(
          `${part.target} is not restarted: ${outage}; \`ostler restart ${part.target}\` does that, and asks before`,
        );
      else if (bringers.length === 0 && running.length > 0)
        planned.push({ part, steps: running, state: running, estimateMs: 0 });
      if (bringers.length > 0) leftOut.push(...notBrought(part, bringers, observed, selected));
      continue;
    }
    try {
      const { hash, units, estimateMs } = await planOne(site, partRequest(request, part), observe, signal);
      const { steps = [], outages = [] } = units ?? {};
      planned.push({ part, steps, outages, state: hash, estimateMs });
      leftOut.push(...(units?.leftOut ?? []));
    } catch (error) {
      if (error instanceof NothingToDo) leftOut.push(...error.leftOut);
      else if (error instanceof PlanRefusal) throw new PlanRefusal(`${partName(part)}: ${error.message}`);
      else throw error;
    }
  }
  return wholePlan(request, planned, leftOut, sha256);
}

function runs(observed: RoleReading, node: string, id: string): boolean {
  const one = observed.get(node)?.get(id);
  return one?.state === 'clustered' || (one?.state === 'read' && one.unit !== undefined && isRunning(one.unit));
}

/** Hosts on which a part runs that is brought by others, and none of these does. */
function notBrought({ target }: Part, bringers: readonly Part[], observed: RoleReading, selected: readonly string[]) {
  const alone = selected.filter(
    (node) => runs(observed, node, target) && !bringers.some((one) => runs(observed, node, one.target)),
  );
  const by = bringers.map((one) => one.target).join(' or ');
  return alone.length === 0
    ? []
    : [
        `${target} on ${listed(alone, 8)} is not restarted, since ${by}, which would bring it with it, does not run there: \`ostler service restart ${target} --on ...\` means it`,
      ];
}

/** The services of a part that run on a selected host, and so can be restarted there. */
function whatRuns({ target, role }: Part, observed: RoleReading, selected: readonly string[]): string[] {
  return servicesCalled(target)
    .filter(({ roles, never, onDemand }) => roles.includes(role) && never === undefined && !onDemand)
    .map(({ id }) => id)
    .filter((id) => selected.some((node) => runs(observed, node, id)));
}
