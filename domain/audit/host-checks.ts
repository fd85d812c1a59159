import type { Check } from './check.js';

/** Every host that is managed; an array of disks is no host. */
const everyHost: Check['roles'] = ['controller', 'compute', 'mongo', 'ceph-osd', 'fuel'];

const TABLE = 'domain reference, C14';

/** A number that the table of the domain reference has. */
const from = (value: number, unit: Check['thresholds'][string]['unit'], source = TABLE) => ({ value, unit, source });

/** What all checks of the machine itself have in common. */
const host = (
  check: Omit<Check, 'module' | 'scope' | 'roles' | 'source'> & Partial<Pick<Check, 'module' | 'source'>>,
): Check => ({
  module: 'host',
  scope: 'node',
  roles: everyHost,
  source: TABLE,
  ...check,
});

export const rootFilesystem = host({
  id: 'root-filesystem',
  title: 'root filesystem',
  means:
    'How full the root filesystem is, and every filesystem that `audit.node.mounts` names for the roles of the node; in blocks and in inodes, as `df` counts them. A full root filesystem stops databases, brokers and logs at the same time. A filesystem that should be mounted and is not is an error: what is written there fills another one.',
  warns: 'so much of its blocks or inodes is in use',
  fails: 'so much of its blocks or inodes is in use, or a filesystem that should be mounted is not',
  thresholds: { warn: from(85, '%'), error: from(95, '%') },
  remedy:
    'Find what grows with `du -xh --max-depth=2 / | sort -h | tail`. It usually is /var/log, the journal (`journalctl --vacuum-size=500M`), old kernels, or images that a conversion of Glance or Cinder has left in /var/lib.',
});

export const memory = host({
  id: 'memory',
  title: 'memory',
  means:
    'How much of the memory is in use: the total without what is free, in buffers and in the page cache. Huge pages that are set aside for guests count as used, so hosts that have them want a limit of their own in `audit.thresholds`.',
  fails: 'so much of it is in use',
  thresholds: { error: from(85, '%') },
  remedy:
    'See who has it with `ps aux --sort=-rss | head`. On a compute host that is overcommitted, move guests away; on a controller, a service that grows without end is restarted with `ostler restart`.',
});

export const load = host({
  id: 'load',
  title: 'load',
  means:
    'The load average over five minutes, for each core. It counts what runs and what waits for disks, so a high load with idle processors means storage that does not keep up.',
  warns: 'it is above this',
  fails: 'it is above this',
  thresholds: { warn: from(0.7, 'per core'), error: from(0.9, 'per core') },
  remedy: 'See with `top` whether processes run (R) or wait for a disk (D). A backup or a migration passes by itself.',
});

export const processMemory = host({
  id: 'process-memory',
  title: 'process memory',
  means:
    'Whether one process has a large share of the memory of its host. A leak shows here long before memory is used up. A guest counts as any other process: where a single guest may have that much, raise the limits.',
  warns: 'one has more than this',
  fails: 'one has more than this',
  thresholds: { warn: from(30, '%'), error: from(50, '%') },
  remedy:
    '`systemctl status PID` tells whose process it is. A database has what its buffer pool was given; a service that leaks is restarted, one host at a time, with `ostler restart`.',
});

export const cpuFrequency = host({
  id: 'cpu-frequency',
  title: 'CPU frequency',
  means:
    'Whether every processor runs within the range that its frequency policy allows. One that is far below is being throttled, and makes its host slow without being busy. Hosts whose frequency the kernel does not govern, such as most virtual machines, have nothing to check.',
  fails: 'a processor is outside of the range by more than the tolerance',
  thresholds: {
    tolerance: from(5, '%', 'what is measured is an average over a moment, and lies a little beside what was set'),
  },
  remedy:
    'Look for heat (`dmesg | grep -i thermal`, the sensors of the management board) and at the power profile in the firmware.',
});

export const bridges = host({
  id: 'bridges',
  title: 'bridges and links',
  means:
    'Whether the bridges and interfaces that `audit.node.bridges` names for the roles of the node are there and have a link, and so do the network cards and bonds in them, be it a bridge of the kernel or of Open vSwitch. Every leg of a bond counts: a bond with one leg still works, and has nothing left to lose.',
  fails: 'one does not exist, is switched off, or has no carrier',
  thresholds: {},
  remedy:
    '`ip link show NAME` says whether it was switched off here; if not, it is the cable or the port at its other end.',
});

export const peers = host({
  id: 'peers',
  title: 'peers on every network',
  means:
    'Whether the node reaches the addresses that `audit.node.peers` names for its roles, network by network: two pings, of which one must come back. It finds what a check over the management network cannot see, such as a storage network that is down on one host.',
  fails: 'an address does not answer',
  thresholds: {},
  remedy:
    'Compare with the same finding of other nodes: one address that nobody reaches is that host, one node that reaches nobody is its own interface or its VLAN.',
});

export const ntp = host({
  id: 'ntp',
  module: 'ntp',
  title: 'time',
  means:
    'Whether a time service (chronyd, ntpd or systemd-timesyncd) is active and enabled, follows a server, and how far the clock is off. Clocks that differ break the quorum of Ceph monitors, the tokens of Keystone, and every comparison of heartbeats. On a Fuel cloud all nodes follow the master, so all of them losing it at once means the master.',
  warns: 'the clock is further off than this, or the service is not enabled',
  fails: 'no time service is there or active, or it follows no server',
  thresholds: { warn: from(0.5, 's') },
  remedy:
    'Look whether the configured servers answer (`chronyc sources`, `ntpq -pn`). A clock that is far off is corrected while its node is out of service, since a step backwards disturbs databases and tokens.',
});

export const selinux = host({
  id: 'selinux',
  title: 'SELinux',
  means:
    'Whether SELinux runs in the mode that `audit.node.selinux` declares, and whether it will do so after the next boot. Without a declared mode only a difference between now and then is told. A host without SELinux counts as `disabled`.',
  warns: 'the mode that runs is not the configured one',
  fails: 'the mode that runs is not the declared one',
  thresholds: {},
  remedy: 'Set `SELINUX=` in /etc/selinux/config. Between disabled and the other modes lies a boot.',
});

export const units = host({
  id: 'units',
  title: 'services',
  means:
    'Whether the services that belong to the roles of the node are active and enabled: every unit of the catalogue that is installed there. What Pacemaker runs in this cluster must not be enabled in systemd, which would start a second one at boot, and is looked after by the checks of Pacemaker. What runs on demand only, such as cinder-backup, must not run all the time. A unit that is neither active nor enabled is a warning: packages bring more than a site uses.',
  warns:
    'a unit is not enabled or is masked, is enabled although Pacemaker runs it, or runs although it should only on demand',
  fails:
    'a unit is enabled and not active, or has failed, or one that no such node does without is not installed or not active',
  thresholds: {},
  remedy:
    'Read the journal of the unit first: starting it again hides the cause. A unit that Pacemaker runs is never started with systemctl. Units of other names than the usual ones belong under `units:` in ostler.yaml.',
  source: 'domain reference, B1, C1 and C14',
});

export const configs = host({
  id: 'configs',
  title: 'configuration files',
  means:
    'Whether configuration files hold what `audit.node.configs` says, key by key. Only the values that are asked for leave the host, and none whose name looks like that of a secret. Keys beyond the listed ones are told, unless the list of those to ignore has them.',
  warns: 'a key is missing, or there is one that nobody has listed',
  fails: 'a value differs, or the file is not there',
  thresholds: {},
  remedy:
    'See who changed the file, and bring it and ostler.yaml together. A service reads its file when it starts: `ostler restart` does that host by host.',
});

/** The checks of the machine itself. */
export const hostChecks: readonly Check[] = [
  rootFilesystem,
  memory,
  load,
  processMemory,
  cpuFrequency,
  bridges,
  peers,
  ntp,
  selinux,
  units,
  configs,
];
