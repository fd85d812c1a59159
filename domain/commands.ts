import { everyAuditRead } from './audit/commands.js';
import { candidateUnits, catalogue } from './catalogue.js';
import { type CephChange, cephChangeArgv, cephChangesOf, cephReadsOf } from './ceph-commands.js';
import { type ControllerChange, changeArgv, controllerChangesOf, controllerReadsOf } from './controller-commands.js';
import type { Distribution, Inventory, Role } from './inventory.js';
import { isIntent, isUnitName } from './names.js';
import { readsOf } from './pacemaker-commands.js';
import { type UnitVerb, unitVerbs } from './unit-change.js';

/** Where systemd-run stands on every supported distribution; Debian before /usr was merged included. */
const SYSTEMD_RUN = '/usr/bin/systemd-run';

/** `/bin/systemctl` is right everywhere: Debian before the merge has only this one, merged systems have both. */
const SYSTEMCTL = '/bin/systemctl';

/** Sixteen hexadecimal digits in sudoers' notation: the only part of a rule that varies (design, rule 9). */
const ANY_INTENT = '[0-9a-f]'.repeat(16);

/**
 * What an intent may do to a unit. `try-restart` leaves a stopped unit stopped; `start` is for a person's retry of a host whose
 * unit is down since our first try, which try-restart would leave down, and does nothing to a unit that is up.
 */
export type IntentVerb = 'try-restart' | 'start';

/** Every verb with a unit's rule: those of a restart, and those that a person may ask of a service by itself. */
const INTENT_VERBS: readonly (IntentVerb | UnitVerb)[] = ['try-restart', ...unitVerbs];

const intentWords = (intent: string, argv: readonly string[]): string[] => [
  SYSTEMD_RUN,
  '--unit',
  `ostler-${intent}`,
  '--remain-after-exit',
  ...argv,
];

/** An intent, and a mark, that is never used: it stands where any may stand. */
const NO_INTENT = '0'.repeat(16);

/** The transient unit that holds an intent on its host for the rest of the boot. */
export const intentUnit = (intent: string): string => `ostler-${intent}.service`;

/**
 * The words that sudo is asked to run for one intent: PID 1 takes the job over under the intent's name and refuses a
 * second of that name (design, rule 1).
 * @throws {RangeError} for anything but 16 hexadecimal digits and a unit name
 */
export function intentArgv(verb: IntentVerb | UnitVerb, intent: string, unit: string): string[] {
  if (!isIntent(intent)) throw new RangeError(`not an intent: ${JSON.stringify(intent)}`);
  if (!isUnitName(unit)) throw new RangeError(`not a unit name: ${JSON.stringify(unit)}`);
  return intentWords(intent, [SYSTEMCTL, verb, unit]);
}

/**
 * The words that sudo is asked to run for one change to the controllers' cluster or to Ceph, under an intent like any restart: a change that
 * arrives late, from a worker that nobody waits for any more, is refused by PID 1.
 * @throws {RangeError} for anything but 16 hexadecimal digits
 */
export function changeIntentArgv(intent: string, change: ControllerChange | CephChange): string[] {
  if (!isIntent(intent)) throw new RangeError(`not an intent: ${JSON.stringify(intent)}`);
  return intentWords(intent, 'scope' in change ? cephChangeArgv(change) : changeArgv(change));
}

/** Every command about single hosts of Ceph that Ostler may ask sudo for on hosts of a role, with an intent that is never used. */
export function cephArgvs(role: Role, site: Pick<Inventory, 'nodes'>): string[][] {
  const changes = cephChangesOf(role, site);
  const taken = changes.length > 0 ? [{ kind: 'void' } as const, ...changes] : [];
  return [...cephReadsOf(role, site), ...taken.map((change) => changeIntentArgv(NO_INTENT, change))];
}

/** Every command of one unit that Ostler may ask sudo for, with an intent that is never used: for permission checks. */
export const intentArgvs = (unit: string): string[][] => INTENT_VERBS.map((verb) => intentArgv(verb, NO_INTENT, unit));

/** What of the inventory says what may be done on its controllers. */
export type ControllerSite = Pick<Inventory, 'nodes' | 'cluster'> & Partial<Pick<Inventory, 'audit'>>;

/** Every command of the controllers' cluster that Ostler may ask sudo for, with an intent that is never used: for permission checks. */
export const controllerArgvs = (site: ControllerSite): string[][] => [
  ...controllerReadsOf(site),
  ...controllerChangesOf(site).map((change) => changeIntentArgv(NO_INTENT, change)),
];

/**
 * The sudo rules of a role's hosts, one literal command line each.
 * @param own a site's own unit names by catalogue id
 * @param hint only that distribution's unit names
 * @param site names the controllers and what is theirs; without it they may only be looked at
 */
export function sudoCommands(
  role: Role,
  own: Record<string, string[]>,
  hint?: Distribution,
  site?: ControllerSite,
): string[] {
  const units = [...catalogue.values()]
    .filter((entry) => entry.roles.includes(role) && entry.never === undefined)
    .flatMap((entry) => candidateUnits(entry, own[entry.id] ?? [], hint));
  const acts = [...new Set(units)].flatMap((unit) => INTENT_VERBS.map((verb) => intentArgv(verb, NO_INTENT, unit)));
  const cluster = role === 'controller' && site ? controllerArgvs(site) : [];
  const ceph = site ? cephArgvs(role, site) : [];
  const reads = [...readsOf(role), ...everyAuditRead(role, site)];
  const commands = [...reads, ...cluster, ...ceph, ...acts].map((words) =>
    words.join(' ').replaceAll(NO_INTENT, ANY_INTENT),
  );
  return [...new Set(commands)];
}
