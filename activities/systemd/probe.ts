import { isShared } from '../../domain/catalogue.js';
import { intentUnit } from '../../domain/commands.js';
import type { Fence, IntentFacts, UnitFacts } from '../../domain/intent.js';
import { HostSilent } from '../hosts.js';
import { redact } from '../redact.js';
import { shellWord } from '../ssh/quote.js';

/** Every remote read is limited on the remote side too: a closed channel does not end the process there (design, rule 6). */
export const REMOTE_READ = 'timeout -k 2 10';

/** What is read of every unit. */
export const UNIT_PROPERTIES: readonly string[] = [
  // Always printed, so that no unit's block is empty.
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'MainPID',
  'ExecMainStatus',
  'ExecMainStartTimestampMonotonic',
  'ActiveEnterTimestampMonotonic',
  'InvocationID',
  'NRestarts',
  'Job',
  'Requires',
  'BindsTo',
];

/** The kernel's form of /proc/sys/kernel/random/boot_id. */
export const BOOT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const FAILED_UNITS = '-- failed units --';

/** What one probe of a host found. */
export interface Probe {
  /** The unit itself: of its candidate names one that is in use, else one that was, else the first that is loaded or masked. */
  unit?: UnitFacts;
  /** The units it needs on its own host, as far as they are installed. */
  needs: UnitFacts[];
  /** The transient unit of the intent asked about, where there is one. */
  intent?: IntentFacts;
}

/** Candidate unit names: those of the unit itself first, then those of each unit that it needs. */
export type Candidates = readonly (readonly string[])[];

/** So long, in seconds, a read waits for the intent's end before it reads: most units are back in a moment. */
const WAITS_FOR_END = 2;

/** Run on the host with the intent's unit for `$0`. */
const UNTIL_END = `while [ "$(systemctl show -p SubState -- "$0")" = SubState=running ]; do sleep 0.03; done`;

/**
 * The script of one read: boot id, uptime, the state of each candidate unit and of the intent's transient unit, and which
 * units of the host are failed. An intent that runs is waited for on the host, for two seconds at most. One round trip, no privilege, and it
 * changes nothing.
 */
export function probeScript(candidates: Candidates, intent?: string): string {
  const transient = intent ? [intentUnit(intent)] : [];
  const waits = transient.map(
    (unit) => `timeout -k 1 ${WAITS_FOR_END} sh -c ${shellWord(UNTIL_END)} ${shellWord(unit)}\n`,
  );
  return `LC_ALL=C; export LC_ALL
${waits.join('')}${hostStateScript([...candidates.flat(), ...transient], UNIT_PROPERTIES)}`;
}

/** Lines of a script whose output {@link parseHostState} reads: boot id, uptime, the state of each unit, and which units of the host are failed. */
export const hostStateScript = (units: readonly string[], properties: readonly string[]): string =>
  `cat /proc/sys/kernel/random/boot_id /proc/uptime || exit 1
${REMOTE_READ} systemctl show -p ${properties.join(',')} -- ${units.map(shellWord).join(' ')} || exit 1
echo '${FAILED_UNITS}'
${REMOTE_READ} systemctl list-units --state=failed --no-legend --no-pager --plain || exit 1`;

/** A host and its units, as systemd on it told. */
export interface HostState {
  bootId: string;
  uptimeMs: number;
  /** Names of the failed units of the host. */
  failed: ReadonlySet<string | undefined>;
  /** Properties of each unit, in the order in which they were asked for. */
  blocks: Map<string, string>[];
}

/**
 * Reads what {@link hostStateScript} printed.
 * @param units how many were asked for
 * @throws {HostSilent} when the output is cut short or no systemd's
 */
export function parseHostState(stdout: string, units: number): HostState {
  const [state = '', failedList] = stdout.split(`${FAILED_UNITS}\n`);
  const [bootId = '', uptime = '', ...shown] = state.split('\n');
  const blocks = shown.join('\n').trim().split(/\n\n+/).map(properties);
  const uptimeMs = Number.parseFloat(uptime) * 1_000;
  // A login shell that prints something of its own would shift every line.
  if (failedList === undefined || blocks.length !== units || !BOOT_ID.test(bootId) || Number.isNaN(uptimeMs))
    throw unexpected(stdout);
  const failed = failedList.split('\n').map(
    (line) =>
      line
        .trim()
        .replace(/^\W+\s/, '')
        .split(/\s/)[0],
  );
  return { bootId, uptimeMs, failed: new Set(failed), blocks };
}

/** What a host said was cut short, or no systemd's. */
export const unexpected = (stdout: string): HostSilent =>
  new HostSilent(`unexpected answer to systemctl show: ${redact(stdout).slice(0, 200)}`);

/**
 * Reads what {@link probeScript} printed, of any systemd from 219 on: InvocationID and NRestarts may be missing, and an absent
 * job may be printed as `Job=`, `Job=0` or not at all.
 * @param stayWith the unit that was found before: where it is still there, no other one takes its place
 * @throws {HostSilent} when the output is cut short or no systemd's
 */
export function parseProbe(
  stdout: string,
  candidates: Candidates,
  { intent, stayWith }: { intent?: string | undefined; stayWith?: string | undefined } = {},
): Probe {
  const { blocks, ...host } = parseHostState(stdout, candidates.flat().length + (intent ? 1 : 0));
  const transient = intent ? blocks.pop() : undefined;
  const [unit, ...needs] = candidates.map((names, index) => {
    // By the name that was asked for, which is the one in the sudo rules: an alias answers with another.
    const alternatives = names.map((name) => unitFacts(name, blocks.shift() ?? new Map(), host));
    return inUse(alternatives, index === 0 ? stayWith : undefined);
  });
  return {
    ...(unit && { unit }),
    needs: needs.filter((need) => need !== undefined),
    ...(transient && transient.get('LoadState') !== 'not-found' && { intent: intentFacts(transient) }),
  };
}

const properties = (block: string): Map<string, string> =>
  new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

/** A target has no process: one life of it lasts from when it became active. */
const isTarget = (unit: string): boolean => unit.endsWith('.target');

/** The properties that a script compares before it changes a unit. */
export const FENCED =
  'LoadState,ActiveState,MainPID,ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic,InvocationID,Job';

/** What `systemctl show` prints of a unit whose life is the one of a fence, by property. */
export const fenceShown = (unit: string, { mainPid, startedUs, invocationId }: Fence): [string, string | number][] => [
  ...(isTarget(unit)
    ? [['ActiveEnterTimestampMonotonic', startedUs] as [string, number]]
    : ([
        ['MainPID', mainPid],
        ['ExecMainStartTimestampMonotonic', startedUs],
      ] as [string, number][])),
  ...(invocationId ? [['InvocationID', invocationId] as [string, string]] : []),
];

export function unitFacts(
  name: string,
  block: Map<string, string>,
  { bootId, uptimeMs, failed }: Omit<HostState, 'blocks'>,
): UnitFacts {
  const text = (name: string): string => block.get(name) ?? '';
  const count = (name: string): number => Number(block.get(name) || 0);
  const active = text('ActiveState');
  const needs = `${text('Requires')} ${text('BindsTo')}`.split(' ').filter(Boolean);
  const invocationId = block.get('InvocationID');
  return {
    unit: name,
    fence: {
      bootId,
      ...(invocationId ? { invocationId } : {}),
      startedUs: count(isTarget(name) ? 'ActiveEnterTimestampMonotonic' : 'ExecMainStartTimestampMonotonic'),
      mainPid: count('MainPID'),
    },
    load: text('LoadState'),
    active,
    sub: text('SubState'),
    result: text('Result'),
    jobQueued: count('Job') > 0,
    activeForMs: active === 'active' ? Math.max(0, uptimeMs - count('ActiveEnterTimestampMonotonic') / 1_000) : 0,
    ...(block.has('NRestarts') && { restarts: count('NRestarts') }),
    failedNeeds: needs.filter((need) => failed.has(need)),
  };
}

export const intentFacts = (block: Map<string, string>): IntentFacts => ({
  active: block.get('ActiveState') ?? '',
  sub: block.get('SubState') ?? '',
  exitStatus: Number(block.get('ExecMainStatus') ?? 0),
});

/**
 * Of units that may all be installed for the same thing (libvirtd, and virtqemud since libvirt 8; one that another distribution
 * left behind) the one in use: up, else on its way or failed, else the last that was, else the first that is there. One whose file
 * systemd cannot read (bad-setting, error) is there all the same. One that it shares with other services comes after its own: a web server
 * goes on running when the API beside it has stopped, and must not be stopped in its place.
 */
export function inUse<U extends UnitFacts>(alternatives: readonly U[], stayWith: string | undefined): U | undefined {
  const there = alternatives.filter((one) => one.load !== 'not-found');
  const loaded = there.filter((one) => one.load === 'loaded');
  return (
    there.find((one) => one.unit === stayWith) ??
    liveliest(loaded.filter((one) => !isShared(one.unit))) ??
    liveliest(loaded) ??
    loaded[0] ??
    there[0]
  );
}

/** The one that is up, else on its way or failed, else the last that was in this boot. */
const liveliest = <U extends UnitFacts>(loaded: readonly U[]): U | undefined =>
  loaded.find((one) => one.active === 'active' || one.active === 'reloading') ??
  loaded.find((one) => one.active !== 'inactive') ??
  loaded.find((one) => one.fence.startedUs > 0);
