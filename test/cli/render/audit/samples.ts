import type { Check } from '../../../../domain/audit/check.js';
import { type Finding, type FindingSeverity, findingKey, SEVERITIES } from '../../../../domain/audit/finding.js';
import type { AuditMark, AuditReport, ReportedFinding } from '../../../../domain/audit/report.js';
import type { Role } from '../../../../domain/inventory.js';

const hosts: readonly Role[] = ['controller', 'compute', 'mongo', 'ceph-osd', 'fuel'];

const checkOf = (
  module: string,
  id: string,
  title: string,
  more: Partial<Pick<Check, 'scope' | 'roles' | 'warns' | 'fails'>> = {},
): Check => ({
  id,
  module,
  scope: 'node',
  roles: hosts,
  title,
  means: `What ${title} means: a host that has trouble with it serves its guests badly, and nobody hears of it until it is too late.`,
  thresholds: {},
  remedy: `What to do about ${title} in general, step by step.`,
  source: 'domain reference, C14',
  ...more,
});

const ofCloud = { scope: 'cloud', roles: [] } as const;
const ofControllers: { roles: readonly Role[] } = { roles: ['controller'] };

/** Checks as the catalogue may have them. */
export const sampleChecks: ReadonlyMap<string, Check> = new Map(
  [
    checkOf('host', 'reachable', 'reachable', { fails: 'the host cannot be logged in to' }),
    checkOf('host', 'root-filesystem', 'root filesystem', { warns: '85 % or more used', fails: '95 % or more used' }),
    checkOf('host', 'memory', 'memory used', { fails: '85 % or more used' }),
    checkOf('host', 'load', 'load per core', { warns: 'more than 0.7', fails: 'more than 0.9' }),
    checkOf('host', 'process-memory', 'largest process'),
    checkOf('host', 'links', 'links of bridges'),
    checkOf('host', 'peers', 'peers answer'),
    checkOf('ntp', 'ntp', 'time in step', { warns: 'offset over 0.5 s', fails: 'no peer' }),
    checkOf('host', 'selinux', 'SELinux mode'),
    checkOf('host', 'units', 'units of the role', { warns: 'a unit is not enabled', fails: 'a unit is not active' }),
    checkOf('keystone', 'keystone-api', 'keystone answers', ofCloud),
    checkOf('nova', 'nova-services', 'nova services', ofCloud),
    checkOf('neutron', 'neutron-agents', 'neutron agents', ofCloud),
    checkOf('mysql', 'galera', 'Galera in step', ofControllers),
    checkOf('rabbitmq', 'rabbitmq', 'RabbitMQ whole', ofControllers),
    checkOf('haproxy', 'haproxy', 'HAProxy backends', ofControllers),
    checkOf('ceph', 'ceph-health', 'Ceph health', ofCloud),
    checkOf('ceph', 'ceph-osd', 'Ceph OSDs', { roles: ['ceph-osd'] }),
    checkOf('fuel', 'fuel-backup', 'Fuel backup', { roles: ['fuel'] }),
  ].map((check) => [check.id, check]),
);

const numbered = (role: Role, count: number): { name: string; roles: Role[] }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${role}-${index + 1}`, roles: [role] }));

const nodes = [...numbered('controller', 3), ...numbered('compute', 36), ...numbered('ceph-osd', 4)];

const startedAt = '2026-11-25T07:24:00.000Z';
const endedAt = '2026-11-25T07:24:03.200Z';

/** What {@link sampleReport}'s times are relative to. */
export const sampleNow = Date.parse('2026-11-25T07:30:00.000Z');

type Found = Pick<Finding, 'check' | 'severity' | 'what'> &
  Partial<Finding> &
  Partial<Pick<ReportedFinding, 'since' | 'ack'>>;

/** A finding of a report; what a test does not care about is filled in. */
export function finding(found: Found): ReportedFinding {
  const whole: Finding = { evidence: [], next: 'look at it', ...found };
  return { since: endedAt, ...whole, key: findingKey(whole) };
}

/** Root filesystems that are too full. */
export const fullDisk = (node: string, percent: number, since = '2026-11-25T04:20:00Z'): ReportedFinding => {
  const severity = percent >= 95 ? 'error' : 'warn';
  return finding({
    check: 'root-filesystem',
    node,
    about: '/',
    severity,
    what: `the root filesystem of ${node} is ${percent} % full`,
    evidence: [
      { value: `${percent} %`, threshold: severity === 'error' ? 'error at 95 %' : 'warn at 85 %', command: 'df -P /' },
    ],
    next: `find what fills it: ssh ${node} sudo du -xh -d 2 / | sort -h | tail`,
    since,
  });
};

/** Trouble first, as every report has it. */
const troubleFirst = (findings: readonly ReportedFinding[]): ReportedFinding[] =>
  [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));

const trend: AuditMark[] = Array.from({ length: 24 }, (_, index) => ({
  run: `audit/prod@${(0x1a2b3c00 + index).toString(16)}`,
  at: new Date(Date.parse(endedAt) - (23 - index) * 300_000).toISOString(),
  counts: {
    error: index < 6 ? 0 : index < 12 ? 1 : index < 18 ? 4 : 14,
    unknown: index === 9 || index > 20 ? 1 : 0,
    warn: [2, 2, 3, 3, 3, 5, 4, 4, 4, 3, 3, 3][index % 12] ?? 0,
    acked: 1,
  },
}));

const sampleFindings: ReportedFinding[] = [
  finding({
    check: 'reachable',
    node: 'compute-17',
    severity: 'error',
    what: 'compute-17 cannot be reached: connect EHOSTUNREACH 10.20.0.117:22',
    evidence: [{ value: 'no route to host', command: 'ostler check --on compute-17' }],
    next: 'look at its power and its console, then: ostler check --on compute-17',
    since: endedAt,
  }),
  ...[4, 5, 6, 7, 8, 9, 12, 21, 22].map((number) => fullDisk(`compute-${number}`, 95 + (number % 3))),
  fullDisk('controller-2', 88, '2026-11-23T21:00:00Z'),
  finding({
    check: 'units',
    node: 'controller-1',
    about: 'openstack-cinder-scheduler.service',
    severity: 'error',
    what: 'openstack-cinder-scheduler.service is failed on controller-1 (exit code 1)',
    evidence: [
      {
        value: 'failed',
        threshold: 'should be active',
        command: 'systemctl status openstack-cinder-scheduler.service',
      },
    ],
    next: 'read why it ended (journalctl -u openstack-cinder-scheduler.service), then: ostler service start cinder --on controller-1',
    since: '2026-11-25T07:02:00Z',
  }),
  finding({
    check: 'nova-services',
    node: 'compute-17',
    about: 'nova-compute',
    severity: 'error',
    what: 'nova-compute on compute-17 has not reported for 6 min',
    evidence: [
      { value: 'down', threshold: 'should be up', command: 'openstack compute service list --service nova-compute' },
    ],
    next: 'bring compute-17 back; before evacuating it, make sure that it is off',
    since: endedAt,
  }),
  finding({
    check: 'neutron-agents',
    severity: 'unknown',
    what: 'Neutron could not be asked for its agents: HTTP 503 from the public address',
    evidence: [{ value: 'HTTP 503', threshold: 'should be 200', command: 'openstack network agent list' }],
    next: 'see the findings of HAProxy and neutron-server; the check is asked again at the next audit',
    since: '2026-11-25T07:14:00Z',
  }),
  finding({
    check: 'haproxy',
    node: 'controller-1',
    about: 'neutron',
    severity: 'error',
    what: 'no server of the backend neutron is up, as HAProxy on controller-1 sees it',
    evidence: [
      {
        value: '0 of 3',
        threshold: 'error at 0',
        command: 'echo "show stat" | sudo socat stdio /var/lib/haproxy/stats',
      },
    ],
    next: 'ostler service status neutron --on controller-1',
    since: '2026-11-25T07:14:00Z',
  }),
  finding({
    check: 'ntp',
    node: 'ceph-osd-2',
    severity: 'warn',
    what: 'the clock of ceph-osd-2 is 0.8 s off',
    evidence: [{ value: '0.8 s', threshold: 'warn over 0.5 s', command: 'chronyc tracking' }],
    next: 'chronyc sources -v on ceph-osd-2: is its server the same as of the others?',
    since: '2026-11-24T07:24:03Z',
  }),
  finding({
    check: 'load',
    node: 'compute-30',
    severity: 'warn',
    what: 'compute-30 has a load of 0.74 per core',
    evidence: [{ value: '0.74 per core', threshold: 'warn over 0.7', command: 'cat /proc/loadavg; nproc' }],
    next: 'see which guests are busy: virt-top on compute-30',
    since: '2026-11-25T06:50:00Z',
  }),
  finding({
    check: 'ceph-health',
    about: 'noout',
    severity: 'warn',
    what: 'the flag noout is set: a disk that fails is not replaced by others',
    evidence: [{ value: 'noout', threshold: 'should not be set', command: 'ceph osd dump -f json' }],
    next: 'when the maintenance it was set for is over: ceph osd unset noout',
    since: '2026-11-22T09:00:00Z',
    ack: { actor: 'ada@bastion', reason: 'OPS-12: disks of rack b are being replaced', until: '2026-11-27T18:00:00Z' },
  }),
];

/** A cloud of 43 nodes with some trouble of each kind. */
export const sampleReport: AuditReport = {
  cloud: 'prod',
  run: 'audit/prod@1a2b3c17',
  startedAt,
  endedAt,
  checks: [...sampleChecks.keys()],
  nodes,
  findings: troubleFirst(sampleFindings),
  omitted: 0,
  trend,
  undelivered: [],
};

/** The same cloud when all is well. */
export const calmReport: AuditReport = {
  ...sampleReport,
  findings: [],
  trend: trend.slice(-1).map((mark) => ({ ...mark, counts: { error: 0, unknown: 0, warn: 0, acked: 0 } })),
};

/** What a host may answer to do harm: markup, script, separators of lines, control characters, half a surrogate pair. */
export const HOSTILE =
  '</script><script>window.__pwned=1</script><img src=x onerror="window.__pwned=2"> \u2028\u2029\u0000\u001b[31m\ud800 &quot; {{{cloud}}} \'"`';

/** A report in which every text is hostile, names of nodes and checks among them. */
export const hostileReport: AuditReport = {
  ...sampleReport,
  cloud: HOSTILE,
  run: HOSTILE,
  checks: ['reachable', 'root-filesystem', HOSTILE],
  nodes: [{ name: HOSTILE, roles: ['compute'] }, ...nodes],
  findings: [
    ...(['root-filesystem', HOSTILE] as const).flatMap((check) =>
      [HOSTILE, 'compute-2', undefined].map((node) =>
        finding({
          check,
          ...(node !== undefined && { node }),
          about: HOSTILE,
          severity: 'error',
          what: HOSTILE,
          evidence: [{ value: HOSTILE, threshold: HOSTILE, command: HOSTILE }],
          next: HOSTILE,
        }),
      ),
    ),
    finding({
      check: 'reachable',
      node: 'compute-3',
      severity: 'warn',
      what: HOSTILE,
      ack: { actor: HOSTILE, reason: HOSTILE, until: '2026-11-27T18:00:00Z' },
    }),
  ],
  undelivered: [{ channel: HOSTILE, at: endedAt, why: HOSTILE }],
};

/** As many nodes and checks as a page must bear: 1,000 by 30, with as many findings as fit into one payload. */
export function largeSample(): { report: AuditReport; checks: ReadonlyMap<string, Check> } {
  const checks = new Map(
    Array.from({ length: 30 }, (_, index) =>
      index === 0
        ? (sampleChecks.get('reachable') as Check)
        : checkOf(`module-${Math.floor(index / 5)}`, `check-${index}`, `question ${index}`),
    ).map((check) => [check.id, check]),
  );
  const many = numbered('compute', 1_000);
  const severities: readonly FindingSeverity[] = ['warn', 'error', 'warn', 'unknown'];
  const findings = Array.from({ length: 700 }, (_, index) =>
    finding({
      check: `check-${1 + ((index * 7) % 29)}`,
      node: `compute-${1 + ((index * 37) % 1_000)}`,
      about: `thing-${index % 3}`,
      severity: severities[index % 4] ?? 'warn',
      what: `thing-${index % 3} of compute-${1 + ((index * 37) % 1_000)} is not as it should be: ${index} of 700`,
      evidence: [{ value: `${index} %`, threshold: 'warn at 1 %', command: `cat /proc/thing-${index % 3}` }],
      next: 'make it as it should be, then ask again',
    }),
  );
  return {
    checks,
    report: { ...sampleReport, checks: [...checks.keys()], nodes: many, findings: troubleFirst(findings) },
  };
}
