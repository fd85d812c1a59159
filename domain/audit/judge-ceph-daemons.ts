import type { CephOsd } from '../ceph.js';
import type { CephMonView } from '../ceph-mon.js';
import { listed, naturalOrder } from '../names.js';
import { pairNames } from '../node-names.js';
import { cephMonsCheck, cephOsdsCheck } from './ceph-checks.js';
import type { Finding } from './finding.js';
import { onHost } from './service-answer.js';

/** Where Ceph was asked, and the names of the inventory. */
export interface CephPlace {
  asked: string;
  /** Every node of the inventory. */
  nodes: readonly string[];
}

/** Every OSD that is not up; of a host without any that is, the host. */
export function judgeCephOsds(osds: readonly CephOsd[], { asked, nodes }: CephPlace): Finding[] {
  const hosts = [...new Set(osds.flatMap(({ host }) => host ?? []))];
  const ours = inventoryNames(nodes, hosts);
  return [undefined, ...hosts].flatMap((host) => {
    const own = osds.filter((one) => one.host === host);
    const down = own.filter(({ status }) => status !== 'up').sort((a, b) => naturalOrder(a.name, b.name));
    const node = host === undefined ? undefined : ours.get(host);
    const found = (about: string, what: string, of: readonly CephOsd[], next: string): Finding => ({
      check: cephOsdsCheck.id,
      ...(node !== undefined && { node }),
      about,
      severity: 'error',
      what,
      evidence: [
        {
          value: listed(of.map(({ name, status, isIn }) => `${name} ${status} and ${isIn ? 'in' : 'out'}`)),
          threshold: 'up',
          command: onHost('ceph osd tree', asked),
        },
      ],
      next,
    });
    if (host !== undefined && down.length === own.length && down.length > 1)
      return [
        found(
          node === undefined ? `host:${host}` : 'host',
          `all ${down.length} OSDs of ${node ?? host} are down`,
          down,
          `look at ${node ?? host} itself and at its network to the monitors`,
        ),
      ];
    return down.map((one) =>
      found(
        one.name,
        `${one.name}${host === undefined ? '' : ` on ${node ?? host}`} is ${one.status}${one.isIn ? ' and still in: Ceph has not given it up yet' : ''}`,
        [one],
        `look at its disk on ${node ?? host ?? 'its host'} (\`dmesg\`) before you start it again`,
      ),
    );
  });
}

/** Every monitor that is not in quorum, and whether there are enough of them. */
export function judgeCephMons(
  { monitors, quorum }: CephMonView,
  { asked, nodes }: CephPlace,
  { warn }: Record<keyof (typeof cephMonsCheck)['thresholds'], number>,
): Finding[] {
  const ours = inventoryNames(nodes, monitors);
  const command = onHost('ceph quorum_status', asked);
  const few: Finding[] =
    monitors.length < warn
      ? [
          {
            check: cephMonsCheck.id,
            about: 'count',
            severity: 'warn',
            what: `Ceph has only ${monitors.length} ${monitors.length === 1 ? 'monitor' : 'monitors'}: it does not survive the loss of one`,
            evidence: [{ value: monitors.join(', '), threshold: `warn below ${warn}`, command }],
            next: 'add monitors on other hosts, so that there are three',
          },
        ]
      : [];
  const missing = monitors
    .filter((name) => !quorum.includes(name))
    .map((name): Finding => {
      const node = ours.get(name);
      return {
        check: cephMonsCheck.id,
        ...(node !== undefined && { node }),
        about: `mon.${name}`,
        severity: 'error',
        what: `the monitor of Ceph on ${node ?? name} is not in quorum`,
        evidence: [
          {
            value: `in quorum: ${quorum.join(', ')}`,
            threshold: `all of ${monitors.join(', ')}`,
            command,
          },
        ],
        next: `\`ceph daemon mon.${name} mon_status\` on ${node ?? name}, if it runs there at all; restart no other monitor meanwhile`,
      };
    });
  return [...missing, ...few];
}

/** The inventory's names by those that Ceph has. */
const inventoryNames = (nodes: readonly string[], theirs: readonly string[]): Map<string, string> =>
  new Map([...pairNames(nodes, theirs)].map(([name, other]) => [other, name]));
