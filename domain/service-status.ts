import type { CatalogueEntry } from './catalogue.js';
import type { ClusterResource, ClusterView } from './cluster.js';
import { isRunning as runsInCluster } from './cluster.js';
import { formatDuration } from './duration.js';
import { isPlainBan } from './pacemaker-resources.js';
import type { Severity } from './severity.js';
import { isEnabled, isRunning, type UnitReading } from './unit-change.js';

/** How one service is on one host. */
export type ServiceState = 'not installed' | 'masked' | 'inactive' | 'failed' | 'unhealthy' | 'healthy' | 'unknown';

/** One service on one host, judged. */
export interface ServiceStatus {
  module: string;
  /** Catalogue id. */
  service: string;
  node: string;
  manager: 'systemd' | 'pacemaker';
  /** The unit in use there, or the resource. */
  name?: string;
  state: ServiceState;
  /** UnitFileState of its unit: enabled, disabled, static, ... */
  atBoot?: string;
  severity: Severity;
  /** What was seen, where that is more than the state. */
  why?: string;
  /** What to do about it. */
  next?: string;
}

/** Everything that was read about one service on one host. */
export interface ServiceSeen {
  /** The unit that is there, whoever runs it; none where none is installed. */
  unit?: UnitReading;
  /** Its container, where it is one of Kolla's. */
  container?: ContainerSeen;
  /** Where Pacemaker runs it: the resource, and what the cluster says of it on this member. */
  clustered?: { resource: string; member: string; view: Pick<ClusterView, 'resources' | 'failures' | 'constraints'> };
  /** What the service's own API says: up or down, enabled or disabled. */
  reported?: { state: 'up' | 'down'; status: 'enabled' | 'disabled'; reason: string } | { silent: string };
  /** Why nothing is known. */
  unknown?: string;
}

/** What the engine says of a Kolla container, such as `Up 2 days (healthy)`; or why it does not. */
export type ContainerSeen = { status: string } | { silent: string };

type Judged = Pick<ServiceStatus, 'state' | 'severity' | 'why' | 'next'>;

/** A unit that systemd has had to start again this often, and that has been up for less than this, has not come to rest. */
const RESTLESS_RESTARTS = 2;
const RESTLESS_MS = 60_000;

/** What a service on a host is, by everything that was read about it. */
export function judgeService(entry: CatalogueEntry, node: string, seen: ServiceSeen): ServiceStatus {
  const { unit, clustered } = seen;
  const name = clustered?.resource ?? unit?.unit;
  const about = {
    module: entry.module,
    service: entry.id,
    node,
    manager: clustered ? ('pacemaker' as const) : ('systemd' as const),
    ...(name !== undefined && { name }),
    ...(unit?.fileState && { atBoot: unit.fileState }),
  };
  if (seen.unknown !== undefined)
    return { ...about, state: 'unknown', severity: 'error', why: seen.unknown, next: `ostler check --on ${node}` };
  return { ...about, ...(clustered ? inCluster({ entry, node }, clustered, unit) : bySystemd(entry, unit, seen)) };
}

function inCluster(
  { entry, node }: { entry: CatalogueEntry; node: string },
  { resource, member, view }: NonNullable<ServiceSeen['clustered']>,
  unit: UnitReading | undefined,
): Judged {
  const all = view.resources.filter((one) => one.id === resource || one.parent === resource);
  const here = all.filter(({ nodes }) => nodes.includes(member));
  const isClone = all.some(({ kind }) => kind === 'clone-instance');
  const failures = view.failures.filter((one) => one.node === member && all.some(({ id }) => id === one.resource));
  const cleanup = `mend the cause, then: pcs resource cleanup ${resource}`;
  const unmanaged = (here.length > 0 ? here : all).find(({ managed }) => !managed);
  if (unmanaged) return unhealthy('Pacemaker does not manage it', `pcs resource manage ${resource}`);
  const blocked = (here.length > 0 ? here : all).find((one) => one.failed || one.blocked);
  if (blocked)
    return { state: 'failed', severity: 'error', why: `Pacemaker calls it ${blockedWord(blocked)}`, next: cleanup };
  if (here.some((one) => runsInCluster(one))) {
    const [failure] = failures;
    if (failure) return unhealthy(`it runs, and ${failure.task} failed there: ${failure.result}`, cleanup, 'warn');
    if (unit && isEnabled(unit))
      return {
        state: 'healthy',
        severity: 'warn',
        why: `systemd starts ${unit.unit} at boot, too, beside Pacemaker`,
        next: `systemctl disable ${unit.unit}`,
      };
    return { state: 'healthy', severity: 'ok' };
  }
  // Of what there is one of, one controller has it, and the others are as they should be.
  const elsewhere = all.flatMap((one) => (runsInCluster(one) ? one.nodes : []));
  if (!isClone && elsewhere.length > 0)
    return { state: 'inactive', severity: 'ok', why: `it runs on ${elsewhere.join(', ')}` };
  const ban = view.constraints.find((one) => isPlainBan(one, resource, member));
  if (ban)
    return {
      state: 'inactive',
      severity: 'error',
      why: `${ban.id} keeps it off, as \`ostler service stop\` does`,
      next: `when it may run again: ostler service start ${entry.id} --on ${node}`,
    };
  const [failure] = failures;
  if (failure)
    return { state: 'failed', severity: 'error', why: `${failure.task} failed: ${failure.result}`, next: cleanup };
  if (all.some(({ disabled }) => disabled))
    return {
      state: 'inactive',
      severity: 'warn',
      why: 'disabled in Pacemaker',
      next: `pcs resource enable ${resource}`,
    };
  return {
    state: 'inactive',
    severity: 'error',
    why: `Pacemaker does not run it on ${member}`,
    next: '`ostler cluster status` says what keeps it off: standby, a ban, a failure',
  };
}

const blockedWord = ({ failed, blocked }: ClusterResource): string =>
  blocked ? 'blocked' : failed ? 'failed' : 'stopped';

function bySystemd(entry: CatalogueEntry, unit: UnitReading | undefined, seen: ServiceSeen): Judged {
  if (!unit || unit.load === 'not-found') return { state: 'not installed', severity: 'ok' };
  const journal = `journalctl -u ${unit.unit} -n 50`;
  if (unit.load === 'masked' && !isRunning(unit))
    return { state: 'masked', severity: 'warn', why: 'somebody has masked it', next: `systemctl unmask ${unit.unit}` };
  if (unit.load !== 'loaded' && unit.load !== 'masked')
    return unhealthy(`systemd cannot read its unit file (${unit.load})`, `systemctl status ${unit.unit}`);
  if (unit.active === 'failed')
    return { state: 'failed', severity: 'error', why: `it ended with ${endingOf(unit)}`, next: journal };
  if (unit.active === 'inactive') return notRunning(entry, unit);
  if (!isRunning(unit)) {
    const again = unit.restarts ? `, started again ${unit.restarts} times by systemd` : '';
    return unhealthy(`it is ${unit.active} (${unit.sub})${again}`, journal);
  }
  return running(entry, unit, seen);
}

function running(entry: CatalogueEntry, unit: UnitReading, seen: ServiceSeen): Judged {
  const journal = `journalctl -u ${unit.unit} -n 50`;
  if ((unit.restarts ?? 0) >= RESTLESS_RESTARTS && unit.activeForMs < RESTLESS_MS)
    return unhealthy(
      `systemd has had to start it again ${unit.restarts} times, the last ${formatDuration(unit.activeForMs)} ago`,
      journal,
    );
  const { container, reported } = seen;
  if (container && 'silent' in container)
    return {
      state: 'unknown',
      severity: 'error',
      why: `it runs; its container is not known: ${container.silent}`,
      next: 'install what `ostler sudoers` prints',
    };
  if (container && !/^up\b/i.test(container.status))
    return unhealthy(`its container is not up: ${container.status}`, journal);
  if (container && /\(unhealthy\)/i.test(container.status))
    return unhealthy(`its container fails its health check: ${container.status}`, journal);
  if (reported && 'silent' in reported)
    return {
      state: 'unknown',
      severity: 'error',
      why: `it runs; Nova does not say whether it reports: ${reported.silent}`,
      next: journal,
    };
  if (reported?.state === 'down')
    return unhealthy(
      'it runs, and Nova calls it down: it does not report',
      `${journal}; ostler service restart ${entry.id}`,
    );
  if (reported?.status === 'disabled')
    return {
      state: 'healthy',
      severity: 'warn',
      why: `disabled in Nova${reported.reason ? `: ${reported.reason}` : ''}`,
    };
  if (entry.onDemand)
    return {
      state: 'healthy',
      severity: 'warn',
      why: 'it runs, and should only while there is work for it',
      next: `when there is none: ostler service stop ${entry.id}`,
    };
  if (unit.load === 'masked')
    return {
      state: 'healthy',
      severity: 'warn',
      why: 'masked: once stopped it cannot be started',
      next: `systemctl unmask ${unit.unit}`,
    };
  if (unit.fileState === 'disabled')
    return {
      state: 'healthy',
      severity: 'warn',
      why: 'disabled: it does not come up with the host',
      next: `ostler service enable ${entry.id}`,
    };
  return { state: 'healthy', severity: 'ok' };
}

/** A unit that is down, and how that came about: by whom, the order of what happened tells. */
function notRunning(entry: CatalogueEntry, unit: UnitReading): Judged {
  // What ran once and is done, as a oneshot at boot.
  if (unit.type === 'oneshot' && unit.result === 'success')
    return { state: 'inactive', severity: 'ok', why: 'it has done its work' };
  if (entry.onDemand) return { state: 'inactive', severity: 'ok', why: 'it runs only while there is work for it' };
  const start = `ostler service start ${entry.id}`;
  if (endedByItself(unit))
    return {
      state: 'inactive',
      severity: 'error',
      why: `it ended by itself, with ${endingOf(unit)}; nobody stopped it`,
      next: `journalctl -u ${unit.unit} -n 50 says why; then ${start}`,
    };
  const how = unit.fence.startedUs === 0 ? 'it has not run since the host came up' : 'it was stopped by hand';
  if (unit.fileState === 'disabled')
    return { state: 'inactive', severity: 'warn', why: `${how}, and is disabled`, next: start };
  return { state: 'inactive', severity: 'error', why: how, next: start };
}

/**
 * The main process went first and the unit followed: then no stop was asked for. Where one was, the unit leaves `active` before
 * its process ends, which is how systemd tells it to.
 */
export const endedByItself = ({ active, mainEndedUs, leftActiveUs }: UnitReading): boolean =>
  active === 'inactive' && mainEndedUs > 0 && leftActiveUs >= mainEndedUs;

/** `exit 1`, `signal 9`: how its last main process ended, with systemd's word where that says more. */
function endingOf({ mainCode, mainStatus, result }: UnitReading): string {
  const how = mainCode === 2 || mainCode === 3 ? `signal ${mainStatus}` : `exit ${mainStatus}`;
  return result && !['success', 'exit-code', 'signal'].includes(result) ? `${how} (${result})` : how;
}

const unhealthy = (why: string, next: string, severity: Severity = 'error'): Judged => ({
  state: 'unhealthy',
  severity,
  why,
  next,
});
