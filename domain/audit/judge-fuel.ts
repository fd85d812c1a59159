import type { Limits } from './check.js';
import type { Finding } from './finding.js';
import { fuelBackup, fuelContainers, fuelNtp, fuelSpace } from './fuel-checks.js';

/** One container of the Fuel node. */
export interface FuelContainer {
  name: string;
  isRunning: boolean;
  /** As it was listed: `Running`, `Not created`, `Exited (1) 2 days ago`. */
  status: string;
}

/** A backup on the Fuel node. */
export interface FuelBackup {
  path: string;
  bytes: number;
  /** When it was written, in seconds since 1970, by the node's clock. */
  writtenAt: number;
}

/** What there is of backups. */
export interface FuelBackups {
  /** The clock of the node, in seconds since 1970: only on one clock may times be compared. */
  now: number;
  backups: FuelBackup[];
}

/** What was seen of the time service. */
export interface FuelClock {
  /** Names of the time services that are active. */
  active: readonly string[];
  /** The source that is followed. */
  source?: string;
  /** What lists the sources of the service that is active. */
  command: string;
}

const DAY = 24 * 3600;

/** @param command what an operator would run to see the same */
export const judgeContainers = (node: string, containers: readonly FuelContainer[], command: string): Finding[] =>
  containers
    .filter(({ isRunning }) => !isRunning)
    .map(({ name, status }) => ({
      check: fuelContainers.id,
      node,
      about: name,
      severity: 'error',
      what: `the container ${name} of Fuel on ${node} is not running`,
      evidence: [{ value: status, threshold: 'Running', command }],
      next: `see that /var on ${node} is not full, then \`dockerctl start ${name}\` and \`dockerctl logs ${name}\``,
    }));

/** @param dir where backups are looked for */
export function judgeBackup(
  node: string,
  { now, backups }: FuelBackups,
  dir: string,
  { warn = 0, error = 0 }: Limits,
): Finding[] {
  const place = { check: fuelBackup.id, node };
  const command = `ls -lR ${dir}`;
  const next = `run \`dockerctl backup\` on ${node} while nothing is deployed (about half an hour), and copy the file to another machine`;
  const newest = backups.reduce<FuelBackup | undefined>(
    (best, one) => (best && best.writtenAt >= one.writtenAt ? best : one),
    undefined,
  );
  if (!newest) {
    const evidence = [{ value: 'no file', threshold: 'a backup', command }];
    return [{ ...place, severity: 'error', what: `there is no backup of Fuel in ${dir} on ${node}`, evidence, next }];
  }
  if (newest.bytes === 0) {
    const evidence = [{ value: '0 bytes', threshold: 'a file that holds something', command: `ls -l ${newest.path}` }];
    const what = `the newest backup of Fuel on ${node} is empty: ${newest.path}`;
    return [{ ...place, severity: 'error', what, evidence, next: `remove it, make room on ${node}, and ${next}` }];
  }
  const days = (now - newest.writtenAt) / DAY;
  const severity = days > error ? 'error' : days > warn ? 'warn' : undefined;
  if (!severity) return [];
  const threshold = severity === 'error' ? `error above ${error} d` : `warn above ${warn} d`;
  const evidence = [{ value: `${Math.floor(days)} d`, threshold, command: `ls -l ${newest.path}` }];
  return [{ ...place, severity, what: `the newest backup of Fuel on ${node} is old: ${newest.path}`, evidence, next }];
}

export function judgeClock(node: string, { active, source, command }: FuelClock): Finding[] {
  const place = { check: fuelNtp.id, node, severity: 'error' as const };
  if (active.length === 0) {
    const evidence = [{ value: 'none active', threshold: 'one active', command: 'systemctl is-active ntpd chronyd' }];
    const what = `no time service runs on ${node}, from which every other node takes its time`;
    return [{ ...place, what, evidence, next: `start ntpd or chronyd on ${node}, whichever is installed` }];
  }
  if (source !== undefined) return [];
  return [
    {
      ...place,
      what: `${active.join(' and ')} on ${node} follows no source, and every other node takes its time from there`,
      evidence: [{ value: 'no selected source', threshold: 'one selected', command }],
      next: `see with \`${command}\` on ${node} which sources it reaches; after a long silence, a restart of ${active[0]} makes it look again`,
    },
  ];
}

/** @param free bytes */
export function judgeSpace(node: string, free: number, dir: string, { warn = 0 }: Limits): Finding[] {
  if (free >= warn) return [];
  return [
    {
      check: fuelSpace.id,
      node,
      severity: 'warn',
      what: `there is no room for a backup of Fuel in ${dir} on ${node}`,
      evidence: [
        { value: `${inGigabytes(free)} free`, threshold: `warn below ${inGigabytes(warn)}`, command: `df -h ${dir}` },
      ],
      next: `move old backups from ${node} to another machine, and see what grows with \`du -xh --max-depth=2 /var | sort -h | tail\``,
    },
  ];
}

const inGigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GB`;
