import type { Unit, UnitFile } from './unit.js';

/** What `systemctl show` says about a unit that systemd does not have. */
const ABSENT = {
  activeState: 'inactive',
  subState: 'dead',
  result: 'success',
  mainPid: 0,
  execMainPid: 0,
  execMainCode: 0,
  execMainStatus: 0,
  execMainStartUs: 0,
  execMainExitUs: 0,
  activeExitUs: 0,
  activeEnterUs: 0,
  invocationId: '',
  restarts: 0,
  job: undefined,
} as const;

/**
 * A unit's properties in the order in which systemd 252 prints them (taken from a real one), whatever order was asked.
 * Version 219 knows neither InvocationID (new in 232) nor NRestarts (new in 235).
 */
export function unitProperties(
  name: string,
  file: UnitFile | undefined,
  unit: Unit | undefined,
  systemdVersion: number,
): [name: string, value: string][] {
  const state = unit ?? ABSENT;
  const recent = systemdVersion >= 235;
  return [
    ['Type', file || unit ? 'simple' : ''],
    ['MainPID', `${state.mainPid}`],
    ['Result', state.result],
    ...(recent ? [['NRestarts', `${state.restarts}`] as [string, string]] : []),
    ['ExecMainStartTimestampMonotonic', `${state.execMainStartUs}`],
    ['ExecMainExitTimestampMonotonic', `${state.execMainExitUs}`],
    ['ExecMainPID', `${state.execMainPid}`],
    ['ExecMainCode', `${state.execMainCode}`],
    ['ExecMainStatus', `${state.execMainStatus}`],
    ['Id', name],
    ['Names', name],
    ['Requires', requires(file, unit).join(' ')],
    ['BindsTo', file?.bindsTo.join(' ') ?? ''],
    ['Description', unit?.description ?? name],
    ['LoadState', loadState(file, unit)],
    ['ActiveState', state.activeState],
    ['SubState', state.subState],
    ['UnitFileState', unitFileState(file, unit)],
    ['ActiveEnterTimestampMonotonic', `${state.activeEnterUs}`],
    ['ActiveExitTimestampMonotonic', `${state.activeExitUs}`],
    ['Job', state.job ? `${state.job.id}` : ''],
    ...(recent ? [['InvocationID', state.invocationId] as [string, string]] : []),
  ];
}

/** `enabled`, `disabled`, `masked`, `transient`, or empty for a unit without a file. */
export function unitFileState(file: UnitFile | undefined, unit: Unit | undefined): string {
  if (unit?.transient) return 'transient';
  if (!file) return '';
  if (file.masked) return 'masked';
  return file.enabled ? 'enabled' : 'disabled';
}

function loadState(file: UnitFile | undefined, unit: Unit | undefined): string {
  if (file?.masked) return 'masked';
  return unit ? 'loaded' : 'not-found';
}

function requires(file: UnitFile | undefined, unit: Unit | undefined): readonly string[] {
  if (file) return file.requires;
  return unit ? ['sysinit.target', 'system.slice'] : [];
}
