import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './process.js';

/** What makes one host's disk its own. */
export interface DiskContents {
  node: string;
  address: string;
  /** Lines for /etc/hosts: all hosts of the fleet, so that nothing waits on DNS. */
  hosts: string;
  /** Public key that lets `ops` in. */
  authorizedKey: string;
  /** Text of /etc/sudoers.d/ostler; without it `ops` may do nothing as root. */
  sudoers?: string;
}

/**
 * Write a host's identity, network and access onto its disk mounted at `root`.
 * Rejects with visudo's own words when `sudoers` does not parse.
 */
export async function personalise(root: string, disk: DiskContents): Promise<void> {
  await writeFile(join(root, 'etc/hostname'), `${disk.node}\n`);
  await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${disk.hosts}`);
  // A machine id of its own from the start: systemd would treat an empty one as a first boot and preset every unit.
  await writeFile(join(root, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
  await writeFile(
    join(root, 'etc/systemd/network/10-lab.network'),
    `[Match]\nName=host0\n\n[Network]\nAddress=${disk.address}/24\nLinkLocalAddressing=no\n`,
  );
  await letIn(root, disk.authorizedKey);
  if (disk.sudoers !== undefined) await installSudoers(root, disk.sudoers);
}

async function letIn(root: string, authorizedKey: string): Promise<void> {
  const entry = /^ops:[^:]*:(\d+):(\d+):/m.exec(await readFile(join(root, 'etc/passwd'), 'utf8'));
  if (!entry) throw new Error(`${root}: the image has no user ops; remove the image and build it again`);
  const [uid, gid] = [Number(entry[1]), Number(entry[2])];
  const dir = join(root, 'home/ops/.ssh');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'authorized_keys'), authorizedKey);
  await chmod(dir, 0o700);
  await chmod(join(dir, 'authorized_keys'), 0o600);
  await chown(dir, uid, gid);
  await chown(join(dir, 'authorized_keys'), uid, gid);
}

async function installSudoers(root: string, text: string): Promise<void> {
  const path = 'etc/sudoers.d/ostler';
  await writeFile(join(root, path), text);
  await chmod(join(root, path), 0o440);
  await must(['chroot', root, 'visudo', '--check', '--strict', '--file', `/${path}`]);
}
