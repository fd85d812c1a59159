import type { Distribution } from '../../domain/inventory.js';
import type { HostSettings } from './options.js';
import type { UnitFile } from './systemd/unit.js';

/** A service as its package installs it: enabled, not masked. */
export const unitFile = (name: string, settings: HostSettings): UnitFile => ({
  name,
  description: DESCRIPTIONS.find(([part]) => name.includes(part))?.[1] ?? name,
  enabled: true,
  masked: false,
  requires: REQUIRES,
  bindsTo: [],
  restartOnFailure: settings.restartOnFailure,
});

const REQUIRES = ['sysinit.target', 'system.slice'] as const;
const DESCRIPTIONS = [
  ['compute', 'OpenStack Nova Compute Server'],
  ['libvirt', 'Virtualization daemon'],
] as const;

/** The text of /etc/os-release. */
export const osRelease = (distribution: Distribution): string => OS_RELEASE[distribution];

const OS_RELEASE = {
  debian: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
  rdo: 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n',
  kolla: 'NAME="Rocky Linux"\nVERSION="9.4 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n',
} as const;
