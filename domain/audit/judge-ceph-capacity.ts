import { type CephStatus, type CephUse, usedPercent } from '../ceph.js';
import { cephCapacityCheck } from './ceph-checks.js';
import type { Finding } from './finding.js';
import { onHost } from './service-answer.js';

export type CapacityLimits = Record<keyof (typeof cephCapacityCheck)['thresholds'], number>;

/** What is used of all disks, of each, and of each pool; missing where the version does not tell. */
export interface CephUsage {
  raw?: CephStatus['raw'];
  osds?: readonly CephUse[];
  pools?: readonly CephUse[];
}

type Level = 'ok' | 'warn' | 'error';

const LEVELS: readonly Level[] = ['ok', 'warn', 'error'];

/** The fullest of a kind, of which so many are named. */
const MOST_NAMED = 5;

/**
 * What is full: all disks together, and single OSDs and pools that are worse than these. A pool is as full as the fullest disk that it is on,
 * so it is told only where it is worse than that.
 */
export function judgeCephCapacity(
  { raw, osds = [], pools = [] }: CephUsage,
  asked: string,
  limits: CapacityLimits,
): Finding[] {
  const levelOf = (percent: number): Level =>
    percent >= limits.error ? 'error' : percent >= limits.warn ? 'warn' : 'ok';
  const found = (
    about: string,
    severity: 'warn' | 'error',
    what: string,
    values: string[],
    command: string,
  ): Finding => ({
    check: cephCapacityCheck.id,
    about,
    severity,
    what,
    evidence: values.map((value) => ({
      value,
      threshold: `${severity} at ${limits[severity]} %`,
      command: onHost(command, asked),
    })),
    next:
      about === 'raw'
        ? 'delete what nobody needs, or add disks'
        : `balance what is unequal (\`${command}\` shows by how much), delete what nobody needs, or add disks`,
  });
  const percent = usedPercent(raw);
  const findings: Finding[] = [];
  let told = levelOf(percent);
  if (told !== 'ok')
    findings.push(
      found('raw', told, `${rounded(percent)} % of all disks of Ceph are used`, [`${rounded(percent)} %`], 'ceph df'),
    );
  const fullest = (about: string, kind: string, all: readonly CephUse[], command: string): void => {
    const full = all.filter((one) => LEVELS.indexOf(levelOf(one.percent)) > LEVELS.indexOf(told));
    const [first, ...rest] = full.sort((a, b) => b.percent - a.percent);
    if (!first) return;
    const level = levelOf(first.percent) as 'warn' | 'error';
    const more =
      rest.length > 0 ? `, and ${rest.length} more ${rest.length === 1 ? `${kind} is` : `${kind}s are`} too full` : '';
    const named = [first, ...rest].slice(0, MOST_NAMED).map(({ name, percent }) => `${name} ${rounded(percent)} %`);
    findings.push(
      found(
        about,
        level,
        `the ${kind} ${first.name} of Ceph is ${rounded(first.percent)} % full${more}`,
        named,
        command,
      ),
    );
    told = level;
  };
  fullest('osds', 'OSD', osds, 'ceph osd df');
  fullest('pools', 'pool', pools, 'ceph df');
  return findings;
}

/** Down, so that nothing reads as the limit that it has not reached. */
export const rounded = (percent: number): number => Math.floor(percent * 10) / 10;
