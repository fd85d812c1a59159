import type { CatalogueEntry } from './catalogue.js';
import { listed } from './names.js';
import type { Exclusion } from './plan.js';
import { type ClusteredReading, couldHost, whyLeft } from './resource-judgement.js';
import { type Called, isNamed } from './services.js';
import { canBeEnabled, isReached, isRunning, type UnitReading, type UnitVerb } from './unit-change.js';

/** What was seen of one service on one host. */
export type ServiceReading =
  | { state: 'read'; unit?: UnitReading }
  | ClusteredReading
  | { state: 'unreachable'; why: string };

/** What a change would do to one service on one host: something, or nothing and why. */
export type UnitJudgement = { isDue: true } | { isDue: false; kind: Exclusion; why: string };

/** Whether a service is to be changed on a host that looks like this. */
export function judgeUnit(verb: UnitVerb, entry: CatalogueEntry, seen: ServiceReading, called: Called): UnitJudgement {
  // What runs on demand, was disabled, or is banned, is started by nothing less than its own name.
  const named = isNamed(called, entry);
  const leave = (kind: Exclusion, why: string): UnitJudgement => ({ isDue: false, kind, why: `${entry.id} ${why}` });
  if (seen.state === 'unreachable') return leave('unreachable', `is not known: ${seen.why}`);
  if (seen.state === 'clustered') {
    const left = whyLeft(verb, entry, seen, { named });
    return left ? { isDue: false, ...left } : { isDue: true };
  }
  const { unit } = seen;
  if (!unit) return leave('not-installed', 'is not installed');
  if (entry.never !== undefined) return leave('left-alone', `is left alone: ${entry.never}`);
  if (unit.load === 'masked') return leave('masked', `is masked (${unit.unit}), and stays so`);
  if (isReached(verb, unit)) return leave('already', already(verb, unit));
  if ((verb === 'enable' || verb === 'disable') && !canBeEnabled(unit))
    return leave('left-alone', `is ${unit.fileState || 'without a unit file'}: systemd has nothing to ${verb} there`);
  if (named || verb === 'stop' || verb === 'disable') return { isDue: true };
  if (entry.onDemand)
    return leave('on-demand', `runs only while there is work for it: \`ostler service ${verb} ${entry.id}\` means it`);
  if (verb === 'start' && unit.fileState === 'disabled')
    return leave('disabled', `is disabled at boot, and left as it is: \`ostler service start ${entry.id}\` means it`);
  return { isDue: true };
}

function already(verb: UnitVerb, unit: UnitReading): string {
  if (verb === 'enable' || verb === 'disable') return `is ${unit.fileState} already`;
  return `is ${unit.active} already`;
}

/** What was read of every host of the role, by host and then by catalogue id. */
export type RoleReading = ReadonlyMap<string, ReadonlyMap<string, ServiceReading>>;

const NOT_READ: ServiceReading = { state: 'unreachable', why: 'it was not read' };

/** What a change would do to one host: each service with its judgement, in the order in which they are changed. */
export type HostJudgement = readonly { entry: CatalogueEntry; judgement: UnitJudgement }[];

/** Whom a change is asked of, and how. */
export interface Asked extends Called {
  /** Every host that is meant. */
  selected: readonly string[];
}

/**
 * What a change would do to each of these hosts.
 * @param observed every host of the role, where others than these decide, too
 */
export function judgeHosts(
  verb: UnitVerb,
  entries: readonly CatalogueEntry[],
  nodes: readonly string[],
  observed: RoleReading,
  asked: Asked,
): Map<string, HostJudgement> {
  const moving = new Map(verb === 'stop' ? entries.flatMap((entry) => onlyMoves(entry, observed, asked)) : []);
  return new Map(nodes.map((node) => [node, judgeHost(verb, entries, observed.get(node), { ...asked, moving })]));
}

function judgeHost(
  verb: UnitVerb,
  entries: readonly CatalogueEntry[],
  seen: ReadonlyMap<string, ServiceReading> | undefined,
  asked: Asked & { moving: ReadonlyMap<string, string> },
): HostJudgement {
  const judged = entries.map((entry) => {
    const judgement = judgeUnit(verb, entry, seen?.get(entry.id) ?? NOT_READ, asked);
    const why = asked.moving.get(entry.id);
    if (!judgement.isDue || why === undefined) return { entry, judgement };
    return { entry, judgement: { isDue: false as const, kind: 'clustered' as const, why } };
  });
  if (verb !== 'stop') return judged;
  // Pacemaker keeps the order of what it runs itself; of what is below that, it knows nothing.
  return judged.map(({ entry, judgement }) => {
    if (!judgement.isDue || seen?.get(entry.id)?.state !== 'read') return { entry, judgement };
    const above = judged.find(({ entry: { id, needs }, judgement: its }) => {
      const one = seen.get(id);
      return needs.includes(entry.id) && one?.state === 'clustered' && one.isHere && !its.isDue;
    });
    if (!above) return { entry, judgement };
    const why = `${entry.id} is needed by ${above.entry.id}, which Pacemaker runs there and which is not stopped`;
    return { entry, judgement: { isDue: false, kind: 'clustered', why } };
  });
}

/** Of what there is one of in the cluster, a ban moves it: it is stopped by one on every controller that could have it. */
function onlyMoves(entry: CatalogueEntry, observed: RoleReading, asked: Asked): [id: string, why: string][] {
  const seen = [...observed].map(([node, all]) => [node, all.get(entry.id) ?? NOT_READ] as const);
  const single = seen.find(([, one]) => one.state === 'clustered' && !one.isClone)?.[1];
  if (single?.state !== 'clustered') return [];
  const strangers = single.cluster.findings.flatMap(({ kind, about }) =>
    kind === 'not-in-inventory' && about !== undefined ? [about] : [],
  );
  const others = seen
    .filter(([node, one]) => {
      if (one.state === 'read') return false;
      if (one.state === 'clustered' && !couldHost(one)) return false;
      return !(asked.selected.includes(node) && judgeUnit('stop', entry, one, asked).isDue);
    })
    .map(([node]) => node)
    .concat(strangers);
  if (others.length === 0) return [];
  const why = `${entry.id} would only move: ${single.resource} runs once, and ${listed(others)} could have it; stop it on all controllers, which is an outage of it, or move it (\`crm_resource --move -r ${single.resource} -N NODE\`, then \`--clear\`)`;
  return [[entry.id, why]];
}

export const isDue = (host: HostJudgement | undefined, id?: string): boolean =>
  host?.some(({ entry, judgement }) => judgement.isDue && (id === undefined || entry.id === id)) ?? false;

/** Of all reasons for which nothing is done to a host the one that tells most. */
const TELLING: readonly Exclusion[] = [
  'unreachable',
  'clustered',
  'masked',
  'disabled',
  'already',
  'on-demand',
  'left-alone',
  'not-installed',
];

export const exclusionOf = (host: HostJudgement): Exclusion =>
  TELLING.find((kind) => host.some(({ judgement }) => !judgement.isDue && judgement.kind === kind)) ?? 'not-installed';

/** The host lacks something of the target that it should have running. */
export function isShort(
  entries: readonly CatalogueEntry[],
  seen: ReadonlyMap<string, ServiceReading> | undefined,
): boolean {
  return entries.some((entry) => {
    const one = seen?.get(entry.id);
    if (one === undefined || one.state === 'unreachable') return true;
    if (one.state === 'clustered') return one.isClone && !one.isHere && !one.isDisabled;
    if (!one.unit || entry.onDemand || entry.never !== undefined) return false;
    return one.unit.load === 'masked' || (!isRunning(one.unit) && one.unit.fileState !== 'disabled');
  });
}
