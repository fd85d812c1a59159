import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { SimHost } from './host.js';
import type { KeyPair } from './keys.js';

/**
 * Writes what an operator would have: `ostler.yaml`, `id_ed25519` (mode 0600) with its `.pub`, and `known_hosts` with
 * the hosts' present keys by name and by address.
 * @returns the path of `ostler.yaml`
 */
export async function writeInventoryFiles(
  dir: string,
  cloud: string,
  hosts: readonly SimHost[],
  userKey: KeyPair,
): Promise<string> {
  const port = hosts[0]?.port ?? 22;
  const inventory = {
    cloud,
    ssh: { user: 'ops', port, identityFile: './id_ed25519', knownHosts: './known_hosts' },
    nodes: hosts.map((host) => ({
      name: host.name,
      address: host.address,
      roles: [host.role],
      failureDomain: host.failureDomain,
      ...(host.port === port ? {} : { ssh: { port: host.port } }),
    })),
  };
  const known = hosts.map((host) => {
    const name = host.port === 22 ? host.name : `[${host.name}]:${host.port}`;
    const address = host.port === 22 ? host.address : `[${host.address}]:${host.port}`;
    return `${name},${address} ${host.hostKey.public}\n`;
  });
  await mkdir(dir, { recursive: true });
  const path = join(dir, 'ostler.yaml');
  await Promise.all([
    writeFile(path, stringify(inventory)),
    writeFile(join(dir, 'id_ed25519'), userKey.private, { mode: 0o600 }),
    writeFile(join(dir, 'id_ed25519.pub'), `${userKey.public}\n`),
    writeFile(join(dir, 'known_hosts'), known.join('')),
  ]);
  return path;
}
