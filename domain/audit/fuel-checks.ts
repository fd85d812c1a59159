import type { Check } from './check.js';

/** What dockerctl itself wants free before a full backup, and before it restores one. */
const BACKUP_BYTES = 11 * 1024 ** 3;

export const fuelContainers: Check = {
  id: 'fuel-containers',
  module: 'fuel',
  scope: 'cloud',
  roles: ['fuel'],
  title: 'containers of Fuel',
  means:
    'Fuel runs nailgun, astute, cobbler, postgres and its other parts in containers. Each that `dockerctl list -l` lists must be running. `dockerctl check all`, which also looks into them, takes too long to be asked every time. The generation of Fuel 9, whose parts are services of the host, has no containers to ask.',
  fails: 'a container is stopped, or was never created',
  thresholds: {},
  remedy:
    'A full /var stops postgres, and nailgun, ostf and keystone after it: make room first. Then `dockerctl start NAME`, and `dockerctl check NAME` until it is ready.',
  source: 'domain reference, B11',
};

export const fuelBackup: Check = {
  id: 'fuel-backup',
  module: 'fuel',
  scope: 'cloud',
  roles: ['fuel'],
  title: 'backup of Fuel',
  means:
    'There is one Fuel node, and it holds what is needed to add a node or to replace one. The age of the newest backup in audit.fuel.backupDir (`fuel_backup_*.tar.lrz` of dockerctl, or a `.tar.gz` of octane that is not one of the package repositories) is told by the clock of the node itself.',
  warns: 'the newest backup is older than the limit',
  fails: 'it is older than the other limit, it is empty, or there is none',
  thresholds: {
    warn: { value: 7, unit: 'd', source: 'domain reference, C14 (general knowledge, not read from a source)' },
    error: { value: 30, unit: 'd', source: 'domain reference, C14 (general knowledge, not read from a source)' },
  },
  remedy:
    'Run `dockerctl backup` (`octane fuel-backup` on Fuel 9) while nothing is deployed: it takes about half an hour, and Fuel keeps working. Copy the file to another machine, for a backup that is lost with its node is none.',
  source: 'domain reference, B11, C12 and C14',
};

export const fuelNtp: Check = {
  id: 'fuel-ntp',
  module: 'fuel',
  scope: 'cloud',
  roles: ['fuel'],
  title: 'time source of the cloud',
  means:
    'Every other node takes its time from the Fuel node. A time service must run there and have selected a source to follow; its own clock counts as one, where the site has configured that.',
  fails: 'no time service is active, or it follows no source',
  thresholds: {},
  remedy:
    'Start the service, and see with `ntpq -pn` or `chronyc sources` which of its sources it reaches. Clocks that drift apart break Ceph monitors, tokens and heartbeats, in that order and without saying why.',
  source: 'domain reference, B11, C14 and D20',
};

export const fuelSpace: Check = {
  id: 'fuel-space',
  module: 'fuel',
  scope: 'cloud',
  roles: ['fuel'],
  title: 'room for a backup of Fuel',
  means:
    'What is free on the filesystem that holds audit.fuel.backupDir. dockerctl refuses a full backup, and to restore one, with less than 11 GB.',
  warns: 'less is free than the limit',
  thresholds: {
    warn: {
      value: BACKUP_BYTES,
      unit: 'bytes',
      source: 'domain reference, B11: 11 GB, which dockerctl counts as 11 × 1024³ bytes',
    },
  },
  remedy:
    'Move old backups to another machine, and look for logs that grow: those of all nodes are kept on the Fuel node.',
  source: 'domain reference, B11 and C12',
};

export const fuelChecks: readonly Check[] = [fuelContainers, fuelBackup, fuelNtp, fuelSpace];
