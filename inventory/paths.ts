import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Inventory } from '../domain/inventory.js';

/** An absolute path: `~/` is the home folder, anything relative starts from `baseDir`. */
export const absolutePath = (path: string, baseDir: string): string =>
  path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(baseDir, path);

/** A `file:` reference with an absolute path; anything else, such as an `env:` reference, as it is. */
export const absoluteReference = (reference: string, baseDir: string): string =>
  reference.startsWith('file:') ? `file:${absolutePath(reference.slice('file:'.length), baseDir)}` : reference;

interface SshPaths {
  identityFile?: string | undefined;
  passphrase?: string | undefined;
  agent?: string | true | undefined;
  knownHosts?: string | string[] | undefined;
}

/** The inventory with every path in it absolute. `baseDir` is the folder of its file. */
export function withAbsolutePaths(inventory: Inventory, baseDir: string): Inventory {
  const at = (path: string): string => absolutePath(path, baseDir);
  const reference = (text: string): string => absoluteReference(text, baseDir);

  const identity = <T extends SshPaths>(ssh: T): T => ({
    ...ssh,
    ...(ssh.identityFile !== undefined && { identityFile: at(ssh.identityFile) }),
    ...(ssh.passphrase !== undefined && { passphrase: reference(ssh.passphrase) }),
    ...(typeof ssh.agent === 'string' && { agent: at(ssh.agent) }),
    ...(ssh.knownHosts !== undefined && { knownHosts: [ssh.knownHosts].flat().map(at) }),
  });
  const withJump = <T extends SshPaths & { proxyJump?: 'none' | SshPaths | undefined }>(ssh: T): T => {
    const { proxyJump } = ssh;
    return { ...identity(ssh), ...(typeof proxyJump === 'object' && { proxyJump: identity(proxyJump) }) };
  };

  const { openstack, notify } = inventory;
  return {
    ...inventory,
    ssh: withJump(inventory.ssh),
    nodes: inventory.nodes.map((node) => (node.ssh ? { ...node, ssh: withJump(node.ssh) } : node)),
    ...(openstack && {
      openstack:
        'cloudsYaml' in openstack
          ? { ...openstack, cloudsYaml: at(openstack.cloudsYaml) }
          : {
              ...openstack,
              password: reference(openstack.password),
              ...(openstack.caFile !== undefined && { caFile: at(openstack.caFile) }),
            },
    }),
    ...(notify && {
      notify: 'webhook' in notify ? { webhook: reference(notify.webhook) } : { command: program(notify.command, at) },
    }),
  };
}

/** A program named by a path is relative to the file like any other; a bare name is looked up on the PATH. */
const program = ([name = '', ...args]: readonly string[], at: (path: string) => string): string[] => [
  name.includes('/') ? at(name) : name,
  ...args,
];
