import { log } from '@temporalio/activity';
import { type CatalogueEntry, entriesCalled, sharersOf } from '../../domain/catalogue.js';
import { type Survey, viewOf } from '../../domain/controllers.js';
import type { Restarts } from '../../domain/failover.js';
import { placesOf, resourceFor } from '../../domain/pacemaker-resources.js';
import type { ActResult, BatchKey, Inspection, Verdicts } from '../../domain/rollout.js';
import { entryOf } from '../catalogue.js';
import { invalidRequest } from '../failures.js';
import { inspect } from '../systemd/inspect.js';
import type { Observation } from '../systemd/observe.js';
import { restartOnce } from '../systemd/restart.js';
import { verifyRestarted } from '../systemd/verify.js';
import { intentFor } from './change.js';
import type { ControllerSite } from './site.js';

/** What is restarted on one controller, in this order, each unit under an intent of its own that the host's intent and its name make. */
export interface RestartsOrder {
  node: string;
  units: Restarts['units'];
  intent: string;
  maybeSent: boolean;
  lease: BatchKey;
}

/** Controllers on which units were restarted, to be proven well. */
export interface VerifyRestartsOrder {
  hosts: { node: string; units: Restarts['units']; byUs: boolean }[];
  soakMs: number;
}

/**
 * The services of controllers that a name stands for and that may be restarted, in the order of their starts.
 * @throws {ApplicationFailure} InvalidRequest when there is none
 */
export function restartable(module: string): CatalogueEntry[] {
  const named = entriesCalled(module, 'controller');
  if (named.length === 0) throw invalidRequest(`${module} is no module of controllers, and no service of one`);
  const entries = named.filter(({ never, onDemand, turns }) => never === undefined && !onDemand && !turns);
  if (entries.length === 0)
    throw invalidRequest(
      `${module} is not restarted: ${named.map(({ id, never, turns }) => `${id}: ${never ?? (turns ? `ostler restart ${id} does that` : 'it runs only while there is work for it')}`).join('; ')}`,
    );
  return entries;
}

/** What of a module is to be restarted on a controller as it is now, or what stands in the way. */
export async function inspectRestarts(
  site: ControllerSite,
  survey: Survey,
  { node, member, module, again }: { node: string; member: string; module: string; again: boolean },
  signal: AbortSignal,
): Promise<Inspection<Restarts>> {
  const view = viewOf(survey)?.view;
  if (!view) return { state: 'vetoed', note: { why: 'no controller says how it sees the cluster' } };
  // Services in one web server are restarted with it, and it once.
  const units = new Map<string, Restarts['units'][number]>();
  const resources = new Set<string>();
  for (const entry of restartable(module)) {
    const resource = resourceFor(view, entry);
    if (resource !== undefined) {
      if (placesOf(view, resource).includes(member)) resources.add(resource);
      continue;
    }
    const seen = (await site.observer.sweep([node], entry, { signal })).get(node) as Observation;
    const inspection = inspect(entry, seen, again);
    if ('ticket' in inspection) {
      const unit = site.observer.namesOn(node, entry)?.unit ?? entry.id;
      if (!units.has(unit)) units.set(unit, { target: entry.id, ticket: inspection.ticket });
    } else if (inspection.state !== 'skipped') return inspection;
  }
  const unlisted = [...resources].filter((resource) => !site.inventory.cluster.resources.includes(resource));
  if (unlisted.length > 0)
    return {
      state: 'vetoed',
      note: {
        why: `Pacemaker runs ${unlisted.join(', ')}, which Ostler may not ban: list it under cluster.resources of ostler.yaml, and install what \`ostler sudoers --role controller\` prints`,
      },
    };
  return units.size + resources.size > 0
    ? { ticket: { units: [...units.values()], resources: [...resources] } }
    : { state: 'skipped', note: { why: `nothing of ${module} runs on ${node}` } };
}

/** What is told of restarts in a plan: in their order, with what else lives in the same unit. */
export const restartLines = (
  { units, resources }: Restarts,
  unitOf: (target: string) => string | undefined,
): string[] => [
  ...units.map(({ target }) => {
    const unit = unitOf(target);
    const sharers = unit === undefined ? [] : sharersOf(entryOf(target), unit);
    return sharers.length > 0 ? `${target} (${unit}; with it ${sharers.join(', ')}, where they are in it)` : target;
  }),
  ...resources.map((resource) => `${resource} (Pacemaker)`),
];

/**
 * Restarts units of one controller one after the other, each at most once for its intent; the first that does not come up ends it. A retry goes
 * through all of them again, and finds out what became of those that were sent.
 */
export async function restartUnits(
  site: ControllerSite,
  { node, units, intent, maybeSent, lease }: RestartsOrder,
  signal: AbortSignal,
): Promise<ActResult> {
  let byUs = false;
  for (const { target, ticket } of units) {
    const entry = entryOf(target);
    const own = intentFor(intent, target);
    const order = { node, target, ticket, intent: own, maybeSent, lease, deadlineMs: entry.startDeadlineMs };
    const result = await restartOnce(site, entry, order, { maybeSent, signal });
    log.info('unit of a controller restarted', { node, target, intent: own, state: result.state });
    if (result.state === 'acted') byUs ||= result.byUs;
    // Somebody has stopped it meanwhile, and it stays so; the others are restarted all the same.
    else if (result.state !== 'skipped')
      return { ...result, note: { ...result.note, why: `${target}: ${result.note.why}` } };
  }
  return { state: 'acted', byUs };
}

/** Proves the restarted units of controllers well, or says of which controller one is not. Changes nothing. */
export async function verifyUnits(
  site: ControllerSite,
  { hosts, soakMs }: VerifyRestartsOrder,
  signal: AbortSignal,
): Promise<Verdicts> {
  const verdicts: Verdicts = {};
  for (const { node, units, byUs } of hosts) {
    const seen = await Promise.all(
      units.map(async ({ target, ticket }) => {
        const entry = entryOf(target);
        const limits = { soakMs, deadlineMs: Math.max(entry.verifyDeadlineMs, 2 * soakMs), signal };
        const verdict = await verifyRestarted(site, entry, { node, ticket, byUs }, limits);
        return verdict && { ...verdict, note: { ...verdict.note, why: `${target}: ${verdict.note.why}` } };
      }),
    );
    // What somebody has stopped since is not ours to judge, as long as the others are well.
    const bad = seen.filter((verdict) => verdict !== undefined);
    const worst = bad.find(({ state }) => state === 'failed') ?? bad.find(({ state }) => state === 'unknown');
    if (worst) verdicts[node] = worst;
  }
  return verdicts;
}
