import { createHash } from 'node:crypto';
import { simulation } from '../../domain/controller-commands.js';
import { controllerPlan, turnOrder } from '../../domain/controller-plan.js';
import { controllerTroubles } from '../../domain/controller-troubles.js';
import { marksOn, memberOf, type Survey, viewOf } from '../../domain/controllers.js';
import { type GateRefusal, gatesFor, leftOn, type SimulatedMove, unforced } from '../../domain/failover.js';
import { ALL_CONTROLLERS, type Plan, type RolloutRequest } from '../../domain/plan.js';
import { didYouMean } from '../../inventory/suggest.js';
import { invalidRequest, planRefused } from '../failures.js';
import { whyNot } from '../hosts.js';
import { parseSimulation } from '../pacemaker/simulation.js';
import { shellCommand } from '../ssh/quote.js';
import { proveDead } from './dead.js';
import { type ControllerSite, surveyAtRest } from './site.js';

/** True for an operation on controllers, which is planned from a survey of them. */
export const isOnControllers = ({ operation, target }: RolloutRequest): boolean =>
  operation !== 'restart' || target === ALL_CONTROLLERS;

/**
 * Reads every controller and decides what an operation on them will do. Changes nothing.
 * @throws {ApplicationFailure} InvalidRequest for what this site does not have, PlanRefused with every gate that is shut
 */
export async function planControllers(
  site: ControllerSite,
  request: RolloutRequest,
  signal: AbortSignal,
): Promise<Plan> {
  const names = site.controllers.map(({ name }) => name);
  if (names.length === 0) throw invalidRequest(`no node of ${request.cloud} has the role controller`);
  const { operation, target, controller } = request;
  const subject = operation === 'move' ? (controller?.to ?? '') : target;
  if (subject !== ALL_CONTROLLERS && !names.includes(subject))
    throw invalidRequest(`${subject} is no controller of ${request.cloud}${didYouMean(subject, names) ?? ''}`);
  const { vips } = site.inventory.cluster;
  if (operation === 'move' && !vips.includes(target))
    throw invalidRequest(
      `${target} is none of the addresses that may be moved (cluster.vips of ostler.yaml)${didYouMean(target, vips) ?? `: ${vips.join(', ')}`}`,
    );
  const survey = await surveyAtRest(site, signal);
  const nodes = subject === ALL_CONTROLLERS ? turnOrder(survey, names) : [subject];
  const refusals = unforced(refusalsOf(site, survey, request, nodes), controller?.force);
  if (refusals.length > 0) throw planRefused(refusals.map(({ why }) => why).join('; '));
  const [first = ''] = nodes;
  if (controller?.dead) {
    const { doubts } = await proveDead(site, site.inventory.node(first), survey, controller.dead.confirmed, signal);
    if (doubts.length > 0) throw planRefused(`${first} is not proven gone: ${doubts.join('; ')}`);
  }
  if (
    operation === 'move' &&
    viewOf(survey)?.view.resources.some(({ id, nodes: at }) => id === target && at.join() === memberOf(survey, first))
  )
    throw planRefused(`${target} is on ${first} already`);
  const moves = operation === 'failover' || operation === 'restart' ? await simulated(site, survey, first, signal) : [];
  const stranded = operation === 'failover' && !controller?.dead ? strandedBy(survey, first, moves) : [];
  if (stranded.length > 0)
    throw planRefused(
      `${stranded.join(', ')} would run nowhere without ${first}, says Pacemaker's simulation (crm_simulate)`,
    );
  return controllerPlan(site.inventory.inventory, survey, request, { nodes, moves }, (text) =>
    createHash('sha256').update(text).digest('hex'),
  );
}

function refusalsOf(
  site: ControllerSite,
  survey: Survey,
  { operation, target, controller }: RolloutRequest,
  nodes: readonly string[],
): GateRefusal[] {
  const troubles = (away?: { node: string; isDead?: boolean }): GateRefusal[] =>
    controllerTroubles(survey, away).map(({ kind, what }) => ({ gate: kind, why: what }));
  switch (operation) {
    case 'move': {
      const [to = ''] = nodes;
      const member = memberOf(survey, to);
      const known = member !== undefined && site.namesOf(to).includes(member);
      return [
        ...troubles(),
        ...(known
          ? []
          : [
              {
                gate: 'member' as const,
                why: `Pacemaker calls ${to} ${member ?? 'nothing'}, and sudo does not permit that name`,
              },
            ]),
        ...(survey.some(
          ({ cluster }) => cluster.state === 'read' && cluster.view.resources.some(({ id }) => id === target),
        )
          ? []
          : [{ gate: 'member' as const, why: `Pacemaker has no resource ${target}` }]),
      ];
    }
    case 'return':
      return leftOn(survey, target).length > 0
        ? []
        : [
            {
              gate: 'standby',
              why: `${target} is not in standby, carries no mark of a run and has no disabled server: there is nothing to return`,
            },
          ];
    default: {
      const away = controller?.dead ? { away: { node: target, isDead: true } } : {};
      return nodes
        .flatMap((node) => {
          const gates = gatesFor(survey, node, site.listed, { names: site.namesOf(node), ...away });
          const marks = marksOn(survey, memberOf(survey, node) ?? node);
          return [
            ...gates,
            ...(marks ?? []).map(
              (mark): GateRefusal => ({
                gate: 'standby',
                why: `${node} carries the mark ${mark} of a run that has it in hand, or ended without giving it back: see \`ostler leases\``,
              }),
            ),
            ...(marks ? [] : [{ gate: 'standby' as const, why: 'no controller says which marks the nodes carry' }]),
          ];
        })
        .filter(({ why }, index, all) => all.findIndex((one) => one.why === why) === index);
    }
  }
}

/** What runs once in the cluster, on the node, and has nowhere to go. */
function strandedBy(survey: Survey, node: string, moves: readonly SimulatedMove[]): string[] {
  const member = memberOf(survey, node) ?? node;
  const goes = new Set(
    moves
      .filter(({ action, to }) => ['move', 'start', 'recover'].includes(action) && to)
      .map(({ resource }) => resource),
  );
  const once =
    viewOf(survey)?.view.resources.filter(({ kind, nodes }) => kind !== 'clone-instance' && nodes.includes(member)) ??
    [];
  return once.map(({ id }) => id).filter((id) => !goes.has(id));
}

/** What Pacemaker says it would do without a node, by its own simulation on the live cluster. */
async function simulated(
  site: ControllerSite,
  survey: Survey,
  node: string,
  signal: AbortSignal,
): Promise<SimulatedMove[]> {
  const member = memberOf(survey, node);
  const asked = survey.find(({ controller, cluster }) => controller !== node && cluster.state === 'read')?.controller;
  if (!member || !asked) return [];
  try {
    const { stdout, exitCode, stderr } = await site.run(asked, `exec sudo -n ${shellCommand(simulation(member))}`, {
      limitMs: 30_000,
      signal,
    });
    if (exitCode !== 0)
      throw planRefused(`crm_simulate on ${asked} failed (exit ${exitCode}): ${stderr.trim().slice(0, 300)}`);
    return parseSimulation(stdout);
  } catch (error) {
    if (signal.aborted) throw error;
    throw planRefused(`Pacemaker could not be asked what would move: ${whyNot(error)}`);
  }
}
