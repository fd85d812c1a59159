import { simulation } from '../../domain/controller-commands.js';
import { memberOf, type Survey, viewOf } from '../../domain/controllers.js';
import type { SimulatedMove } from '../../domain/failover.js';
import { parseSimulation } from '../pacemaker/simulation.js';
import { shellCommand } from '../ssh/quote.js';
import type { ControllerSite } from './site.js';

/**
 * What Pacemaker says it would do without a node, by its own simulation on the live cluster; nothing where nobody else can be asked.
 * @throws {Error} when the simulation fails; {@link SshFailure} when the one that was asked does not answer
 */
export async function simulated(
  site: Pick<ControllerSite, 'run'>,
  survey: Survey,
  node: string,
  signal: AbortSignal,
): Promise<SimulatedMove[]> {
  const member = memberOf(survey, node);
  const asked = survey.find(({ controller, cluster }) => controller !== node && cluster.state === 'read')?.controller;
  if (!member || !asked) return [];
  const { stdout, exitCode, stderr } = await site.run(asked, `exec sudo -n ${shellCommand(simulation(member))}`, {
    limitMs: 30_000,
    signal,
  });
  if (exitCode !== 0)
    throw new Error(`crm_simulate on ${asked} failed (exit ${exitCode}): ${stderr.trim().slice(0, 300)}`);
  return parseSimulation(stdout);
}

/** What runs once in the cluster, on the node, and would run nowhere without it. */
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

/** Why a node must not be put into standby, by Pacemaker's own simulation; undefined when it may. */
export function whyStranded(survey: Survey, node: string, moves: readonly SimulatedMove[]): string | undefined {
  const stranded = strandedBy(survey, node, moves);
  if (stranded.length === 0) return undefined;
  return `${stranded.join(', ')} would run nowhere without ${node}, says Pacemaker's simulation (crm_simulate)`;
}
