import type { Away } from '../../domain/controller-troubles.js';
import { memberOf, viewOf } from '../../domain/controllers.js';
import {
  type Before,
  type ControllerRequest,
  gatesFor,
  isForceable,
  recordBefore,
  refusalSaid,
  troubleGates,
  unforced,
} from '../../domain/failover.js';
import type { Operation } from '../../domain/plan.js';
import type { AdmitRequest, Inspection } from '../../domain/rollout.js';
import type { Look } from '../admit.js';
import { answeringVips } from './knock.js';
import { inspectRestarts } from './restarts.js';
import { type ControllerSite, surveyAtRest } from './site.js';

/** An admission of controllers: with what was asked for beside their names. */
export interface AdmitControllers extends AdmitRequest {
  operation: Operation;
  controller: ControllerRequest;
}

/** Looks at the controllers of a batch: whether each may be taken in hand, and what is there before anything is changed. */
export async function inspectControllers(
  site: ControllerSite,
  { nodes, again, operation, controller }: AdmitControllers,
  signal: AbortSignal,
): Promise<Look<Before>> {
  const survey = await surveyAtRest(site, signal);
  const best = viewOf(survey);
  const inspect = (node: string): Inspection<Before> => {
    const away: Away | undefined = controller.dead ? { node, isDead: true } : undefined;
    const all =
      operation === 'return'
        ? []
        : operation === 'move'
          ? troubleGates(survey)
          : gatesFor(survey, node, site.listed, { names: site.namesOf(node), ...(away && { away }) });
    // What a return finds and is not about stays as it is.
    const found = operation === 'return' ? troubleGates(survey).filter(({ gate }) => isForceable(gate)) : [];
    const known = [...all, ...found];
    const refusals = unforced(all, controller.force);
    if (refusals.length > 0) return { state: 'vetoed', note: { why: refusals.map(refusalSaid).join('; ') } };
    return { ticket: recordBefore(survey, node, site.listed, { known, drains: operation !== 'return' }) };
  };
  // Whoever is not online for the others, or says nothing. A return takes nobody away, and so needs no room.
  const missing = (operation === 'return' ? [] : survey)
    .filter(({ controller, cluster }) => {
      const member = memberOf(survey, controller);
      const seen = best?.view.nodes.find(({ name }) => name === member);
      return cluster.state !== 'read' || !seen?.online || seen.standby;
    })
    .map(({ controller }) => controller);
  const hosts: Record<string, Inspection<Before>> = {};
  for (const node of nodes) {
    const inspection = inspect(node);
    const takesOut = operation === 'failover' || operation === 'restart';
    if (takesOut && 'ticket' in inspection)
      inspection.ticket.answering = await answeringVips(site, node, inspection.ticket.vips, signal);
    hosts[node] = inspection;
    if (controller.module === undefined || !('ticket' in inspection)) continue;
    const { ticket } = inspection;
    const subject = { node, member: ticket.member, module: controller.module, again: again.includes(node) };
    const restarts = await inspectRestarts(site, survey, subject, signal);
    hosts[node] = 'ticket' in restarts ? { ticket: { ...ticket, restarts: restarts.ticket } } : restarts;
  }
  return { hosts, missing };
}
