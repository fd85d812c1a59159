import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ControlPlaneOptions, mysqldPort, password, upControlPlane } from '../control-plane/index.js';
import type { FleetNode } from '../fleet-state.js';
import type { RealFleet } from '../index.js';
import { vipAddress } from '../pacemaker/index.js';
import { must } from '../process.js';
import { clockPackages, writeChrony, writeClock } from './clock.js';
import { writeGuestBridge } from './guest-bridge.js';

/** A filesystem of its own on every host, small enough to be filled at once. */
export const smallMount = { path: '/srv/images', megabytes: 16, inodes: 200 };

/** The configuration of a service on controllers, which only root may read, with the login that it has in the database. */
export const keystoneConf = '/etc/keystone/keystone.conf';

const packages = [
  ...clockPackages,
  ...'memcached iputils-ping openvswitch-switch libvirt-daemon-system libvirt-clients polkitd'.split(' '),
];

/** What the image's packages would start on every host belongs on some only. */
const finishImage = `
systemctl disable -q memcached libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket \\
  libvirt-guests.service virtlogd.socket virtlockd.socket
`;

/**
 * Bring up a control plane and one compute with what an audit of hosts asks for: clocks that follow a source of time, a small filesystem
 * of its own, a bridge and Open vSwitch, memcached, pcsd and a service with a login in the database on controllers, libvirt on the compute.
 */
export const upAuditedCloud = (
  options: Omit<ControlPlaneOptions, 'computes' | 'packages' | 'finishImage' | 'prepare' | 'standIns'>,
): Promise<RealFleet> =>
  upControlPlane({
    ...options,
    ...{ computes: 1, packages, finishImage, standIns: { libvirt: false } },
    prepare: async (root, node, nodes) => {
      const [first] = nodes as [FleetNode];
      await writeChrony(root, first.address);
      if (node === first) await writeClock(root, node);
      await writeGuestBridge(root);
      await writeSmallMount(root);
      await must(['chroot', root, 'systemctl', 'enable', '--quiet', ...unitsOf(node)]);
      if (node.role === 'controller') await writeKeystoneConf(root, node);
    },
  });

const unitsOf = ({ role }: FleetNode): string[] => (role === 'controller' ? ['memcached', 'pcsd'] : ['libvirtd']);

async function writeSmallMount(root: string): Promise<void> {
  const { path, megabytes, inodes } = smallMount;
  await mkdir(join(root, path), { recursive: true });
  await writeFile(join(root, 'etc/fstab'), `tmpfs ${path} tmpfs size=${megabytes}m,nr_inodes=${inodes} 0 0\n`);
}

/** It logs in through HAProxy, as services do. */
async function writeKeystoneConf(root: string, { address }: FleetNode): Promise<void> {
  const file = join(root, keystoneConf);
  await mkdir(dirname(file), { recursive: true });
  const at = `${vipAddress('vip__management', address)}:${mysqldPort}`;
  await writeFile(
    file,
    `[DEFAULT]
debug = false
admin_token = ${password}

[database]
connection = mysql+pymysql://ledger:${password}@${at}/ledger

[token]
provider = fernet
`,
    { mode: 0o600 },
  );
}
