import { type CephFlag, type CephHealth, type CephStatus, isClean, unsetCommand } from '../ceph.js';
import { cephCheck, cephFlagsCheck, cephMonsCheck, cephOsdsCheck } from './ceph-checks.js';
import type { Evidence, Finding } from './finding.js';
import { onHost } from './service-answer.js';

/** Whose finding a health check is, where that check is asked as well. */
const TOLD_BY: Readonly<Record<string, string>> = {
  OSDMAP_FLAGS: cephFlagsCheck.id,
  OSD_FLAGS: cephFlagsCheck.id,
  OSD_DOWN: cephOsdsCheck.id,
  OSD_HOST_DOWN: cephOsdsCheck.id,
  OSD_ROOT_DOWN: cephOsdsCheck.id,
  MON_DOWN: cephMonsCheck.id,
};

/** Health checks that say in words what the states of the placement groups say in numbers. */
const OF_GROUPS = ['PG_AVAILABILITY', 'PG_DEGRADED', 'OBJECT_MISPLACED'];

/** How Ceph spoke of them before it had codes. */
const OLD_OF_GROUPS = /^\d+ pgs?\b|^recovery \d+/;

/**
 * @param asked the node that Ceph was asked from
 * @param wanted ids of all checks of Ceph that are asked
 */
export function judgeCeph(status: CephStatus, asked: string, wanted: readonly string[]): Finding[] {
  const told = status.health.filter(({ code = '' }) => !wanted.includes(TOLD_BY[code] ?? ''));
  const ofGroups = told.filter(isOfGroups);
  const groups = groupsFinding(status, ofGroups, asked);
  return [
    ...told.filter((one) => groups.length === 0 || !ofGroups.includes(one)).map((one) => healthFinding(one, asked)),
    ...groups,
  ];
}

const isOfGroups = ({ code, summary }: CephHealth): boolean =>
  code === undefined ? OLD_OF_GROUPS.test(summary) : OF_GROUPS.includes(code);

const detail = (asked: string): string => onHost('ceph health detail', asked);

const healthFinding = ({ code, summary, severity }: CephHealth, asked: string): Finding => ({
  check: cephCheck.id,
  // Without a code it is known by its words: its numbers change from day to day.
  about:
    code ??
    summary
      .replace(/[\d.]+%?/g, '')
      .replace(/\W+/g, '-')
      .replace(/^-|-$/g, ''),
  severity,
  what: `Ceph: ${summary}`,
  evidence: [
    { value: severity === 'error' ? 'HEALTH_ERR' : 'HEALTH_WARN', threshold: 'HEALTH_OK', command: detail(asked) },
  ],
  next: `\`ceph health detail\` names what it is about${code === undefined ? '' : `, and Ceph’s documentation explains ${code}`}`,
});

/** Placement groups that are not active and clean. What Ceph says of them in words is evidence of the same. */
function groupsFinding({ groups }: CephStatus, health: readonly CephHealth[], asked: string): Finding[] {
  const bad = groups.filter(({ state }) => !isClean(state));
  const total = countOf(groups);
  if (bad.length === 0) return [];
  const stuck = bad.filter(({ state }) => !state.split('+').includes('active'));
  const isError = stuck.length > 0 || health.some(({ severity }) => severity === 'error');
  const evidence: Evidence[] = [
    {
      value: bad.map(({ state, count }) => `${count} ${state}`).join(', '),
      threshold: 'active+clean; error when not active',
      command: onHost('ceph pg stat', asked),
    },
    ...health.map(({ summary }) => ({ value: summary, command: detail(asked) })),
  ];
  return [
    {
      check: cephCheck.id,
      about: 'placement-groups',
      severity: isError ? 'error' : 'warn',
      what:
        stuck.length > 0
          ? `${countOf(stuck)} of ${total} placement groups of Ceph are not active: nobody can read or write what they hold`
          : `${countOf(bad)} of ${total} placement groups of Ceph are not clean`,
      evidence,
      next: 'bring back the OSDs that are down, then watch `ceph -s` until all are active+clean; restart nothing else of Ceph meanwhile',
    },
  ];
}

const countOf = (groups: CephStatus['groups']): number => groups.reduce((sum, { count }) => sum + count, 0);

export const judgeCephFlags = (flags: readonly CephFlag[], asked: string): Finding[] =>
  flags.map(({ name, on }) => ({
    check: cephFlagsCheck.id,
    about: on === undefined ? name : `${name}:${on}`,
    severity: 'warn',
    what: `${name} is set on ${on ?? 'all of Ceph'}`,
    evidence: [{ value: name, threshold: 'not set', command: onHost('ceph osd dump | grep flags', asked) }],
    next: `when the maintenance is over that it was set for: \`${unsetCommand({ name, ...(on !== undefined && { on }) })}\``,
  }));
