import type { ExecResult } from 'just-bash';
import { Refused } from '../systemd/manager.js';
import { unitFileState, unitProperties } from '../systemd/properties.js';
import { type JobResult, mangle } from '../systemd/unit.js';
import { type Call, complained, type Options, readOptions, type Session, said } from './program.js';

const TABLE = {
  '-p': 'property',
  '--property': 'property',
  '--value': 'value',
  '-q': 'quiet',
  '--quiet': 'quiet',
  '-a': 'all',
  '--all': 'all',
  '--no-pager': 'no-pager',
  '--no-legend': 'no-legend',
  '--no-ask-password': 'no-ask-password',
  '--no-block': 'no-block',
  '--system': 'system',
  '--plain': 'plain',
  '--state': 'state',
  '--version': 'version',
};
const CHANGING = ['start', 'stop', 'restart', 'try-restart'] as const;
type Changing = (typeof CHANGING)[number];

/** systemctl(1): show, list-units, is-active, is-enabled, is-failed, start, stop, restart, try-restart, enable, disable, reset-failed, --version. */
export async function systemctl({ session, args }: Call): Promise<ExecResult> {
  const options = readOptions(args, TABLE, new Set(['property', 'state']));
  if (typeof options === 'string') return complained(`systemctl: ${options}`);
  if (options.flags.has('version')) return said(versionText(session.host.settings.systemdVersion));
  const [verb = 'list-units', ...names] = options.rest;
  const units = names.map(mangle);
  if (verb === 'list-units') return listUnits(session, options);
  if (verb === 'show') return show(session, units, options);
  if (verb === 'is-active' || verb === 'is-failed') return isInState(session, verb, units, options);
  if (verb === 'is-enabled') return isEnabled(session, units, options);
  if (verb === 'reset-failed') return resetFailed(session, units);
  if (verb === 'enable' || verb === 'disable') return link(session, verb, units);
  const changing = CHANGING.find((known) => known === verb);
  if (changing) return change(session, changing, units, options);
  return complained(`Unknown ${session.host.settings.systemdVersion < 240 ? 'operation' : 'command verb'} ${verb}.`);
}

function versionText(version: number): string {
  return version === 252
    ? 'systemd 252 (252.39-1~deb12u2)\n+PAM +AUDIT +SELINUX +APPARMOR +IMA +SMACK +SECCOMP default-hierarchy=unified\n'
    : `systemd ${version}\n+PAM +AUDIT +SELINUX +IMA -APPARMOR +SMACK +SYSVINIT +UTMP\n`;
}

function show({ host }: Session, units: readonly string[], options: Options): ExecResult {
  const asked = new Set(options.values('property').flatMap((list) => list.split(',')));
  const everything = asked.size === 0;
  const blocks = units.map((name) =>
    unitProperties(name, host.files.get(name), host.manager.unit(name), host.settings.systemdVersion)
      .filter(([property, value]) => (everything ? value !== '' || options.flags.has('all') : asked.has(property)))
      .map(([property, value]) => `${options.flags.has('value') ? '' : `${property}=`}${value}\n`)
      .join(''),
  );
  return said(blocks.join('\n'));
}

function listUnits({ host }: Session, options: Options): ExecResult {
  const states = options.values('state').flatMap((list) => list.split(','));
  const listed = host.manager.loaded().filter((unit) => states.length === 0 || states.includes(unit.activeState));
  return said(
    listed.map(({ name, activeState, subState }) => `${name} loaded ${activeState} ${subState} ${name}\n`).join(''),
  );
}

function isInState(session: Session, verb: string, units: readonly string[], options: Options): ExecResult {
  const states = units.map((name) => session.host.manager.unit(name)?.activeState ?? 'inactive');
  const wanted = states.includes(verb === 'is-active' ? 'active' : 'failed');
  return {
    stdout: options.flags.has('quiet') ? '' : states.map((state) => `${state}\n`).join(''),
    stderr: '',
    exitCode: wanted ? 0 : verb === 'is-active' ? 3 : 1,
  };
}

function isEnabled({ host }: Session, units: readonly string[], options: Options): ExecResult {
  const states = units.map((name) => [name, unitFileState(host.files.get(name), host.manager.unit(name))] as const);
  const missing = states.filter(([, state]) => state === '');
  return {
    stdout: options.flags.has('quiet') ? '' : states.flatMap(([, state]) => (state ? [`${state}\n`] : [])).join(''),
    stderr: missing.map(([name]) => `Failed to get unit file state for ${name}: No such file or directory\n`).join(''),
    exitCode: states.some(([, state]) => state === 'enabled') ? 0 : 1,
  };
}

function resetFailed(session: Session, units: readonly string[]): ExecResult {
  for (const name of units) {
    if (session.user !== 'root') return denied(session, 'reset failed state of unit', name);
    try {
      session.host.manager.resetFailed(name);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return complained(`Failed to reset failed state of unit ${name}: ${error.message}`);
    }
  }
  return said('');
}

function link(session: Session, verb: 'enable' | 'disable', units: readonly string[]): ExecResult {
  for (const name of units) {
    if (session.user !== 'root') return denied(session, verb, name);
    try {
      session.host.manager.setEnabled(name, verb === 'enable');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return complained(`Failed to ${verb} unit: ${error.message}`);
    }
  }
  return said('');
}

async function change(session: Session, verb: Changing, units: readonly string[], options: Options) {
  const { manager, settings } = session.host;
  const result: ExecResult = { stdout: '', stderr: '', exitCode: 0 };
  const jobs: [name: string, done: Promise<JobResult>][] = [];
  for (const name of units) {
    if (session.user !== 'root') return denied(session, verb, name);
    try {
      jobs.push([name, manager.request(verb, name, session.cause)]);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      result.stderr += `Failed to ${verb} ${name}: ${error.message}\n`;
      result.exitCode = error.reason === 'masked' ? 1 : 5;
    }
  }
  if (options.flags.has('no-block')) return result;
  for (const [name, done] of jobs) {
    const outcome = await done;
    if (outcome === 'done') continue;
    result.exitCode = 1;
    result.stderr += outcome === 'canceled' ? `Job for ${name} canceled.\n` : failureText(name, manager, settings);
  }
  return result;
}

/** What a job's failure is called, from systemctl's own table (252 says it on two lines, 219 on one). */
function failureText(
  name: string,
  manager: Session['host']['manager'],
  { systemdVersion }: { systemdVersion: number },
): string {
  const limited = manager.unit(name)?.result === 'start-limit-hit';
  const because = limited
    ? 'start of the service was attempted too often'
    : 'the control process exited with error code';
  const recent = systemdVersion >= 240;
  const journal = recent ? `journalctl -xeu ${name}` : 'journalctl -xe';
  const gap = recent ? '\n' : ' ';
  const force = `To force a start use "systemctl reset-failed ${name}"${gap}followed by "systemctl start ${name}" again.\n`;
  const text = `Job for ${name} failed because ${because}.${gap}See "systemctl status ${name}" and "${journal}" for details.\n`;
  return limited ? text + force : text;
}

/** A change without root: polkit has nobody to ask (252), or is not there at all (219). */
function denied({ host }: Session, what: string, name: string): ExecResult {
  if (host.settings.systemdVersion < 240) return complained(`Failed to ${what} ${name}: Access denied`, 4);
  const more = `See system logs and 'systemctl status ${name}' for details.`;
  return complained(`Failed to ${what} ${name}: Interactive authentication required.\n${more}`);
}
