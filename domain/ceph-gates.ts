import { rounded } from './audit/judge-ceph-capacity.js';
import { type CephFacts, type CephFlag, isClean, unsetCommand, usedPercent } from './ceph.js';
import type { NooutScope } from './ceph-commands.js';
import type { OsdTicket } from './ceph-daemons.js';
import { listed } from './names.js';
import type { Refusal } from './refusal.js';

/** The numbers of the gates: those at which an audit warns (`ceph-capacity` and `ceph-mons`). */
export interface CephLimits {
  /** Per cent of all disks. */
  used: number;
  /** With fewer, none is restarted. */
  monitors: number;
}

/** Names told in a refusal; more would not be read. */
const MOST_NAMED = 8;

const setOn = ({ name, on }: CephFlag): string => `${name} is set on ${on ?? 'all of Ceph'}`;

/** A flag as Ceph tells it once it is set. */
export const flagOf = (scope: NooutScope): CephFlag => ({
  name: 'noout',
  ...(scope.kind === 'host' && { on: scope.host }),
});

/** Whether Ceph tells the flag as set, on exactly that scope. */
export const isSet = ({ map }: Pick<CephFacts, 'map'>, scope: NooutScope): boolean => {
  const wanted = flagOf(scope);
  return map.flags.some(({ name, on }) => name === wanted.name && on === wanted.on);
};

/**
 * What must hold before anything of Ceph is restarted or stopped (domain reference, C9): no error, every OSD up and in, every placement group
 * active and clean, every monitor in quorum, room on the disks, and no flag that somebody has set.
 * @param own the flag that this run has set itself
 */
export function cephGates({ status, mons, osds, map }: CephFacts, limits: CephLimits, own?: NooutScope): Refusal[] {
  const errors = status.health.filter(({ severity }) => severity === 'error').map(({ summary }) => summary);
  const away = osds.filter(({ status: now, isIn }) => now !== 'up' || !isIn);
  const bad = status.groups.filter(({ state }) => !isClean(state));
  const count = (groups: typeof bad): number => groups.reduce((sum, one) => sum + one.count, 0);
  const silent = mons.monitors.filter((name) => !mons.quorum.includes(name));
  const used = usedPercent(status.raw);
  const ours = own && flagOf(own);
  const foreign = map.flags.filter(({ name, on }) => !(ours && name === ours.name && on === ours.on));
  const refusals: (Refusal | false)[] = [
    errors.length > 0 && { why: `Ceph is in HEALTH_ERR: ${listed(errors, 3)}; \`ceph health detail\` says more` },
    away.length > 0 && {
      why: `${away.length} of ${osds.length} OSDs are not up and in: ${listed(
        away.map(({ name, status: now, isIn }) => `${name} (${now}, ${isIn ? 'in' : 'out'})`),
        MOST_NAMED,
      )}`,
      passes: true,
    },
    bad.length > 0 && {
      why: `${count(bad)} of ${count(status.groups)} placement groups are not active+clean: ${statesOf(bad)}`,
      passes: true,
    },
    silent.length > 0 && {
      why: `${silent.length} of ${mons.monitors.length} monitors are not in quorum: ${listed(silent, MOST_NAMED)}`,
      passes: true,
    },
    used >= limits.used && {
      why: `${rounded(used)} % of all disks of Ceph are used, and from ${limits.used} % on nothing of it is taken down`,
    },
  ];
  return [
    ...refusals.filter((one) => one !== false),
    ...foreign.map((flag) => ({
      why: `${setOn(flag)}: \`ostler leases\` tells whether a run left it; when the work is over that it was set for: \`${unsetCommand(flag)}\``,
    })),
  ];
}

const statesOf = (groups: CephFacts['status']['groups']): string =>
  listed(
    groups.map(({ state, count }) => `${count} ${state}`),
    MOST_NAMED,
  );

/** What must hold beside that for a monitor to go: enough of them. */
export const monitorGates = ({ mons }: CephFacts, { monitors: least }: CephLimits): Refusal[] =>
  mons.monitors.length < least
    ? [{ why: `Ceph has ${mons.monitors.length} of the ${least} monitors that it takes to spare one` }]
    : [];

/** What is missing of a host's OSDs: each must be up, and in another life than before. */
export const osdsMissing = ({ osds, map }: CephFacts, before: OsdTicket): string[] =>
  Object.entries(before.upFrom).flatMap(([name, upFrom]) => {
    const status = osds.find((one) => one.name === name)?.status ?? 'gone';
    if (status !== 'up') return [`${name} is ${status}`];
    return map.upFrom[name] === upFrom ? [`Ceph has not seen ${name} come up anew`] : [];
  });

/** What is missing of everything else. */
export function othersMissing({ status, mons }: CephFacts): string[] {
  const bad = status.groups.filter(({ state }) => !isClean(state));
  const silent = mons.monitors.filter((name) => !mons.quorum.includes(name));
  return [
    ...(bad.length > 0 ? [`placement groups: ${statesOf(bad)}`] : []),
    ...silent.map((name) => `the monitor ${name} is not in quorum`),
  ];
}

/**
 * What does not come back by waiting (domain reference, C9: abort): placement groups that are down or incomplete, and monitors that are lost.
 * @param restarted the monitor that is waited for
 */
export function hopeless({ status, mons }: CephFacts, restarted?: string): string | undefined {
  const lost = status.groups.filter(({ state }) => /(?:^|\+)(?:down|incomplete)(?:\+|$)/.test(state));
  const silent = mons.monitors.filter((name) => name !== restarted && !mons.quorum.includes(name));
  if (lost.length > 0) return `placement groups cannot be read: ${statesOf(lost)}`;
  return silent.length > 0 ? `the monitor ${silent.join(' and ')} is not in quorum` : undefined;
}
