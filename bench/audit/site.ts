import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { nodeJudges } from '../../activities/audit/node/index.js';
import type { Farm } from '../ssh/farm.js';

export const CLOUD = 'bench';

/** Every check that a node can be asked for. */
export const nodeChecks: readonly string[] = nodeJudges.map(({ check }) => check.id);

/**
 * Writes an inventory in which every host of the farm has every role that a host can have: each is asked everything there is to ask.
 * @returns its path
 */
export async function writeSite({ dir, addresses, port, user }: Farm): Promise<string> {
  const file = join(dir, 'audit.yaml');
  const roles = ['controller', 'compute', 'mongo', 'ceph-osd', 'fuel'];
  await writeFile(
    file,
    stringify({
      cloud: CLOUD,
      ssh: {
        user,
        port,
        identityFile: './id_ed25519',
        knownHosts: './known_hosts',
        connectTimeout: '60s',
        keepalive: '60s',
      },
      nodes: addresses.map((address, index) => ({ name: `node-${index + 1}`, address, roles: [...roles] })),
    }),
  );
  return file;
}
