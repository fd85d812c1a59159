import type { Check } from './check.js';

const about = { module: 'ceph', scope: 'cloud', roles: ['controller', 'ceph-osd'] } as const;

const ASKED = 'Ceph is asked once, by the first controller with its command that gets an answer';

export const cephCheck = {
  id: 'ceph',
  ...about,
  title: 'Ceph health',
  means: `${ASKED}, what is wrong in its own words (ceph status), and in which states its placement groups are. Every health check that is not muted is a finding of its own; flags, disks and monitors that are down are left to ceph-flags, ceph-osds and ceph-mons where these are asked as well. All is well when every placement group is active and clean, scrubbing or not.`,
  warns: 'a health check is HEALTH_WARN, or a placement group is active and not clean',
  fails:
    'a health check is HEALTH_ERR, or a placement group is not active: what it holds can neither be read nor written',
  thresholds: {},
  remedy:
    '`ceph health detail` names disks and placement groups. Disks first: bring those that are down back, and most of the rest heals by itself; watch `ceph -s` until every group is active+clean before anything else of Ceph is restarted. A group that stays down or incomplete wants the disk that it waits for (`ceph pg PG query`), and none of its disks may be thrown away. Mute what you know about (`ceph health mute`) rather than getting used to HEALTH_WARN.',
  source: 'domain reference, B6 and C14',
} as const satisfies Check;

export const cephOsdsCheck = {
  id: 'ceph-osds',
  ...about,
  title: 'Ceph OSDs',
  means: `${ASKED}, for the tree of its OSDs. Every OSD must be up. A host of which all are down is one finding. An OSD that is down and still in has not been given up: its data is missing a copy, and Ceph waits before it makes another one; under noout it waits for ever.`,
  fails: 'an OSD is not up',
  thresholds: {},
  remedy:
    'Where a whole host is down, look at the host. Where one OSD is, look at its disk (`dmesg`, SMART) before you start it: `systemctl start ceph-osd@ID`, with sysvinit `service ceph start osd.ID`. A disk that is dead is taken out (`ceph osd out ID`), and replaced when every placement group is clean again. An OSD that is gone for good is purged, so that nobody expects it any more.',
  source: 'domain reference, B6, C9 and D 14',
} as const satisfies Check;

export const cephMonsCheck = {
  id: 'ceph-mons',
  ...about,
  title: 'Ceph monitors',
  means: `${ASKED}, which of its monitors are in quorum. Every monitor must be. With fewer than three the loss of one stops the storage of the whole cloud. Without a quorum Ceph answers nobody, and this and all other checks of Ceph are unknown.`,
  warns: 'there are fewer than three monitors',
  fails: 'a monitor is not in quorum',
  thresholds: { warn: { value: 3, unit: 'members', source: 'domain reference, B6: fewer refuse a restart' } },
  remedy:
    'Look at the monitor on its host: `ceph daemon mon.NAME mon_status` answers without a quorum. The usual causes are a full disk under /var/lib/ceph/mon, a clock that is off, and the network between the monitors. Restart no other monitor meanwhile.',
  source: 'domain reference, B6, C9 and D 20',
} as const satisfies Check;

export const cephCapacityCheck = {
  id: 'ceph-capacity',
  ...about,
  title: 'Ceph capacity',
  means: `${ASKED}, how full all disks together are, and how full the fullest OSDs and pools. Writes stop for everybody as soon as one OSD is full (95 % by Ceph’s default). OSDs and pools are told only where they are worse than the whole.`,
  warns: '83 % are used, of all disks together, of an OSD or of a pool',
  fails: '93 % are used',
  thresholds: {
    warn: { value: 83, unit: '%', source: 'domain reference, B6: before Ceph’s own nearfull, 85 %' },
    error: { value: 93, unit: '%', source: 'domain reference, B6: before Ceph stops writes, 95 %' },
  },
  remedy:
    'Delete what nobody needs, or add disks: a host that fails leaves its data to the others, so there must be room for that of one more. Where single OSDs are fuller than the rest, let Ceph balance them (`ceph balancer status`, or `ceph osd reweight-by-utilization` on old versions), at a quiet time. Do not raise the full ratio to go on writing.',
  source: 'domain reference, B6 and C14',
} as const satisfies Check;

export const cephFlagsCheck = {
  id: 'ceph-flags',
  ...about,
  title: 'Ceph flags',
  means: `${ASKED}, which flags keep it from doing something: noout, norecover, nobackfill, noscrub and the like, of the whole cluster, of a host, of a class of devices, or of one OSD. Each is right during maintenance, and forgotten afterwards it costs data: under noout the copies of a dead disk are never made again. Ceph does not say who set a flag, or when; since when audits have seen it stands beside the finding. While \`ostler restart ceph-osd\` goes on, it sets noout on one host after the other; one that was terminated leaves it.`,
  warns: 'a flag is set',
  thresholds: {},
  remedy:
    'Ask who works on Ceph, then unset it: `ceph osd unset noout`, `ceph osd unset-group noout HOST`, `ceph osd rm-noout osd.ID`. Before and after, look for OSDs that are down and still in (ceph-osds): after noout was unset late they may stay so.',
  source: 'domain reference, B6, C9 and D 14',
} as const satisfies Check;

export const cephChecks: readonly Check[] = [
  cephCheck,
  cephOsdsCheck,
  cephMonsCheck,
  cephCapacityCheck,
  cephFlagsCheck,
];
