import { onTestFinished } from 'vitest';
import { createSshPool } from '../../../activities/ssh/pool.js';
import type { SshTarget, SshTransport } from '../../../activities/ssh/types.js';
import { SimArray } from '../../../lab/sim/eqlx/array.js';
import { type ArrayAccount, ArrayFront } from '../../../lab/sim/eqlx/ssh-front.js';
import { newKey } from '../../../lab/sim/keys.js';
import { folderWith } from '../../inventory/scratch.js';

export const PASSWORD = 's3cret-of-the-array';

/** An array, what reaches it, and a folder with the key, the password and the known host. */
export interface ArrayOnTrial {
  array: SimArray;
  front: ArrayFront;
  folder: string;
  ssh: SshTransport;
  /** With the key. */
  target: SshTarget;
}

/** Starts an array that takes a key and a password, and is gone at the end of the test. */
export async function startArray(array = new SimArray(), own: Partial<ArrayAccount> = {}): Promise<ArrayOnTrial> {
  const key = newKey();
  const front = new ArrayFront(array, { user: 'grpadmin', password: PASSWORD, key: key.public, ...own });
  await front.open();
  const folder = await folderWith({ id: key.private, known_hosts: front.knownHost, password: `${PASSWORD}\n` });
  const ssh = createSshPool();
  onTestFinished(async () => {
    await ssh.close();
    front.close();
  });
  const target: SshTarget = {
    name: 'array-1',
    address: '127.0.0.1',
    port: front.port,
    user: 'grpadmin',
    identity: { kind: 'file', path: `${folder}/id` },
    knownHosts: [`${folder}/known_hosts`],
    connectTimeoutMs: 5_000,
    keepaliveMs: 10_000,
  };
  return { array, front, folder, ssh, target };
}
