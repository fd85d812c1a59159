import { type CatalogueEntry, sharersOf } from './catalogue.js';
import { banId } from './controller-commands.js';
import { listed } from './names.js';
import type { Exclusion } from './plan.js';
import { addressesLost, dueResource, type Judged, outagesOf } from './resource-gates.js';
import type { ClusteredReading } from './resource-judgement.js';
import type { UnitsForecast } from './services.js';
import type { UnitVerb } from './unit-change.js';
import { isDue, type ServiceReading } from './unit-judgement.js';

/** What is asked of which services, in the order in which they are changed. */
interface Wish {
  verb: UnitVerb;
  entries: readonly CatalogueEntry[];
  /** As it was typed. */
  target: string;
}

/** What a plan to change services says beside its hosts. @param nodes those on which anything is changed */
export function forecastOf(wish: Wish, nodes: readonly string[], seen: Judged): UnitsForecast {
  const { verb, entries } = wish;
  const { observed, judged } = seen;
  const steps: string[] = [];
  const leftOut: string[] = [];
  const units = new Set<string>();
  for (const entry of entries) {
    const due = nodes.filter((node) => isDue(judged.get(node), entry.id));
    const here = new Set(due.flatMap((node) => nameOf(observed.get(node)?.get(entry.id)) ?? []));
    // Services in one web server go with it, and it once.
    if ([...here].some((unit) => !units.has(unit))) {
      const resources = due.flatMap((node) => dueResource(node, entry.id, seen) ?? []);
      const aside =
        resources.length > 0 ? banSaid(verb, entry, due, { resources, seen }) : sharersSaid(entry, [...here]);
      steps.push(`${entry.id} on ${due.length === 1 ? due[0] : `${due.length} hosts`}${aside && ` (${aside})`}`);
    }
    for (const unit of here) units.add(unit);
    // Why what Pacemaker runs is left out on one controller, and not on the others, is worth knowing.
    const isTold = (kind: Exclusion): boolean =>
      due.length > 0 ? kind === 'clustered' : !['not-installed', 'unreachable', 'already'].includes(kind);
    leftOut.push(...[...reasonsOf(entry, seen)].filter(([, kind]) => isTold(kind)).map(([why]) => why));
  }
  const outages = verb === 'stop' ? outagesOf(entries, nodes, seen) : [];
  return { steps, leftOut, ...(outages.length > 0 && { outages }) };
}

/** In what a service lives on a host: a unit, or a resource. */
const nameOf = (seen: ServiceReading | undefined): string | undefined =>
  seen?.state === 'clustered' ? seen.resource : seen?.state === 'read' ? seen.unit?.unit : undefined;

/** Why a service is left out, each reason once. */
function reasonsOf({ id }: CatalogueEntry, { judged }: Judged): Map<string, Exclusion> {
  const reasons = new Map<string, Exclusion>();
  for (const host of judged.values())
    for (const { entry, judgement } of host)
      if (entry.id === id && !judgement.isDue) reasons.set(judgement.why, judgement.kind);
  return reasons;
}

/** What a change leaves in the cluster, or takes away there. */
function banSaid(
  verb: UnitVerb,
  entry: CatalogueEntry,
  due: readonly string[],
  { resources, seen }: { resources: readonly ClusteredReading[]; seen: Judged },
): string {
  const of = `${resources[0]?.resource} of Pacemaker`;
  if (verb === 'stop') {
    const lost = addressesLost(entry, due, seen);
    return [
      `${of}, by a ban that stays until \`ostler service start ${entry.id} --on ${due.join(',')}\``,
      ...lost,
    ].join('; ');
  }
  const bans = resources.map(({ resource, member }) => banId(resource, member));
  return `${of}: taken away, whoever left it: ${listed(bans)}`;
}

/** What goes with a unit, where others live in it. */
function sharersSaid(entry: CatalogueEntry, here: readonly string[]): string {
  const sharers = [...new Set(here.flatMap((unit) => sharersOf(entry, unit)))];
  return sharers.length > 0 ? `${here.join(', ')}; with it ${sharers.join(', ')}, where they are in it` : '';
}
