import type { CatalogueEntry } from './catalogue.js';
import type { Exclusion } from './plan.js';
import { canBeEnabled, isReached, isRunning, type UnitReading, type UnitVerb } from './unit-change.js';

/** What was seen of one service on one host. */
export type ServiceReading =
  | { state: 'read'; unit?: UnitReading }
  /** Pacemaker runs it there: systemctl would fight it. */
  | { state: 'clustered'; resource: string }
  | { state: 'unreachable'; why: string };

/** What a change would do to one service on one host: something, or nothing and why. */
export type UnitJudgement = { isDue: true } | { isDue: false; kind: Exclusion; why: string };

/**
 * Whether a service is to be changed on a host that looks like this.
 * @param named it was asked for by its own name: what runs on demand, or was disabled, is started by nothing less
 */
export function judgeUnit(
  verb: UnitVerb,
  entry: CatalogueEntry,
  seen: ServiceReading,
  { named }: { named: boolean },
): UnitJudgement {
  const leave = (kind: Exclusion, why: string): UnitJudgement => ({ isDue: false, kind, why: `${entry.id} ${why}` });
  if (seen.state === 'unreachable') return leave('unreachable', `is not known: ${seen.why}`);
  if (seen.state === 'clustered') return leave('clustered', `is run by Pacemaker, as ${seen.resource}`);
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

export function judgeHost(
  verb: UnitVerb,
  entries: readonly CatalogueEntry[],
  seen: ReadonlyMap<string, ServiceReading> | undefined,
  asked: { named: boolean },
): HostJudgement {
  return entries.map((entry) => {
    const judgement = judgeUnit(verb, entry, seen?.get(entry.id) ?? NOT_READ, asked);
    if (verb !== 'stop' || !judgement.isDue) return { entry, judgement };
    const above = entries.find(({ id, needs }) => needs.includes(entry.id) && seen?.get(id)?.state === 'clustered');
    if (!above) return { entry, judgement };
    const why = `${entry.id} is needed by ${above.id}, which Pacemaker runs there and only Pacemaker may stop`;
    return { entry, judgement: { isDue: false, kind: 'clustered', why } };
  });
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
    if (one.state === 'clustered' || !one.unit || entry.onDemand || entry.never !== undefined) return false;
    return one.unit.load === 'masked' || (!isRunning(one.unit) && one.unit.fileState !== 'disabled');
  });
}
