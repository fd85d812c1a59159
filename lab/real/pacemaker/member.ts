import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetNode } from '../fleet-state.js';
import { must } from '../process.js';
import { type HaproxyResource, initialCib } from './cib.js';
import { corosyncConf } from './corosync.js';

/** Debian packages that a member of the cluster needs beside the base image. */
export const clusterPackages = ['pacemaker', 'pacemaker-cli-utils', 'pcs', 'corosync', 'resource-agents', 'nftables'];

/** Finishes an image: computes have the same one and no cluster; pcs works as root without its daemon. */
export const keepClusterOff = 'systemctl disable -q corosync pacemaker pcsd pcsd-ruby';

/** Write the cluster of all controllers of `fleet` onto the disk of its member `node` at `root`, to start at boot. */
export async function writeCluster(
  root: string,
  { address }: FleetNode,
  fleet: readonly FleetNode[],
  haproxy: HaproxyResource,
): Promise<void> {
  const members = fleet.filter((node) => node.role === 'controller');
  await writeFile(join(root, 'etc/corosync/corosync.conf'), corosyncConf(members));
  await writeCib(root, initialCib(members, address, haproxy));
  await must(['chroot', root, 'systemctl', 'enable', '--quiet', 'corosync.service', 'pacemaker.service']);
}

/** Pacemaker takes a CIB without digest on trust, if it belongs to pacemaker's own user. */
async function writeCib(root: string, text: string): Promise<void> {
  const entry = /^hacluster:[^:]*:(\d+):(\d+):/m.exec(await readFile(join(root, 'etc/passwd'), 'utf8'));
  if (!entry) throw new Error(`${root}: the image has no user hacluster: is pacemaker in it?`);
  const file = join(root, 'var/lib/pacemaker/cib/cib.xml');
  await writeFile(file, text, { mode: 0o600 });
  await chown(file, Number(entry[1]), Number(entry[2]));
}
