import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './process.js';

/** Make an ed25519 key pair without passphrase at `path` and `path.pub`; returns the public line. */
export async function makeUserKey(path: string, comment: string): Promise<string> {
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
  return readFile(`${path}.pub`, 'utf8');
}

/**
 * Give the host whose disk is mounted at `root` host keys of its own (ed25519 and RSA).
 * Returns its known_hosts lines, under its name and its address.
 */
export async function makeHostKeys(root: string, node: string, address: string): Promise<string> {
  const lines = await Promise.all(
    ['ed25519', 'rsa'].map(async (type) => {
      const path = join(root, `etc/ssh/ssh_host_${type}_key`);
      await must(['ssh-keygen', '-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-f', path]);
      const [algorithm, key] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
      return `${node},${address} ${algorithm} ${key}\n`;
    }),
  );
  return lines.join('');
}
