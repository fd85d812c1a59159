import { createHash } from 'node:crypto';
import { type CatalogueEntry, catalogue } from '../../domain/catalogue.js';
import { controllerPlan, turnOrder } from '../../domain/controller-plan.js';
import { marksOn, memberOf, type Survey, viewOf } from '../../domain/controllers.js';
import { type GateRefusal, gatesFor, leftOn, refusalSaid, troubleGates, unforced } from '../../domain/failover.js';
import { ALL_CONTROLLERS, type Plan, type RolloutRequest } from '../../domain/plan.js';
import { parseSelection, SelectionError, select } from '../../domain/selection.js';
import { didYouMean } from '../../inventory/suggest.js';
import { invalidRequest, invalidSelection, planRefused } from '../failures.js';
import { whyNot } from '../hosts.js';
import { proveDead } from './dead.js';
import { inspectRestarts, restartable, restartLines } from './restarts.js';
import { simulated, whyStranded } from './simulate.js';
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
  const module = controller?.module;
  if (module !== undefined) restartable(module);
  const chosen = request.selection === undefined ? names : selectedControllers(site, request);
  const survey = await surveyAtRest(site, signal);
  const nodes = subject === ALL_CONTROLLERS ? turnOrder(survey, chosen) : [subject];
  const refusals = unforced(refusalsOf(site, survey, request, nodes), controller?.force);
  if (refusals.length > 0) throw planRefused(refusals.map(refusalSaid).join('; '));
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
  const forecasts =
    operation === 'failover' || (operation === 'restart' && module === undefined)
      ? await Promise.all(nodes.map((node) => orRefused(simulated(site, survey, node, signal), signal)))
      : [];
  // What a dead controller ran is down already, or has moved.
  const stranded = controller?.dead
    ? []
    : forecasts.flatMap((moves, index) => whyStranded(survey, nodes[index] as string, moves) ?? []);
  if (stranded.length > 0) throw planRefused(stranded.join('; '));
  const moves = forecasts[0] ?? [];
  const restarts = module === undefined ? undefined : await whatRestarts(site, survey, nodes, module, signal);
  return controllerPlan(
    site.inventory.inventory,
    survey,
    request,
    { nodes: restarts?.nodes ?? nodes, moves, ...(restarts && { restarts: restarts.lines }) },
    (text) => createHash('sha256').update(text).digest('hex'),
  );
}

/** @throws {ApplicationFailure} InvalidRequest for a selection of anything but controllers */
function selectedControllers({ inventory }: ControllerSite, { selection = '', role }: RolloutRequest): string[] {
  try {
    const selected = parseSelection(selection);
    // Where hosts of other roles are another run's, they may be named beside them.
    const chosen = role ? select(selected, inventory.nodes) : select(selected, inventory.nodes, 'controller');
    return chosen.filter(({ roles }) => roles.includes('controller')).map(({ name }) => name);
  } catch (error) {
    if (error instanceof SelectionError) throw invalidSelection(error);
    throw error;
  }
}

/** The controllers on which something of a module runs, and what that is, each told once. */
async function whatRestarts(
  site: ControllerSite,
  survey: Survey,
  nodes: readonly string[],
  module: string,
  signal: AbortSignal,
): Promise<{ nodes: string[]; lines: string[] }> {
  const found = await Promise.all(
    nodes.map(async (node) => {
      const member = memberOf(survey, node) ?? node;
      const inspection = await inspectRestarts(site, survey, { node, member, module, again: false }, signal);
      if ('ticket' in inspection) {
        const unitOf = (target: string) => site.observer.namesOn(node, catalogue.get(target) as CatalogueEntry)?.unit;
        return { node, lines: restartLines(inspection.ticket, unitOf) };
      }
      if (inspection.state === 'skipped') return undefined;
      throw planRefused(inspection.note.why);
    }),
  );
  const running = found.filter((one) => one !== undefined);
  if (running.length === 0)
    throw planRefused(`nothing of ${module} runs on ${nodes.join(', ')}: there is nothing to restart`);
  return { nodes: running.map(({ node }) => node), lines: [...new Set(running.flatMap(({ lines }) => lines))] };
}

function refusalsOf(
  site: ControllerSite,
  survey: Survey,
  { operation, target, controller }: RolloutRequest,
  nodes: readonly string[],
): GateRefusal[] {
  switch (operation) {
    case 'move': {
      const [to = ''] = nodes;
      const member = memberOf(survey, to);
      const known = member !== undefined && site.namesOf(to).includes(member);
      return [
        ...troubleGates(survey),
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

/** What was simulated, or a refusal that says why it could not be. */
async function orRefused<T>(simulation: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await simulation;
  } catch (error) {
    if (signal.aborted) throw error;
    throw planRefused(`Pacemaker could not be asked what would move: ${whyNot(error)}`);
  }
}
