import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Inventory } from '../domain/inventory.js';
import type { ChannelSettings, NotifySettings } from '../domain/notifications.js';

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

  const { openstack, notify, audit } = inventory;
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
    ...(notify && { notify: notifyAt(notify, at, reference) }),
    audit: {
      ...audit,
      eqlx: { ...audit.eqlx, ...(audit.eqlx.password && { password: reference(audit.eqlx.password) }) },
      ...(audit.mongodb && { mongodb: { ...audit.mongodb, password: reference(audit.mongodb.password) } }),
    },
  };
}

/** Where people are told, with every path in it absolute. */
function notifyAt(
  notify: NotifySettings,
  at: (path: string) => string,
  reference: (text: string) => string,
): NotifySettings {
  if ('webhook' in notify) return { webhook: reference(notify.webhook) };
  if ('command' in notify) return { command: program(notify.command, at) };
  const absolute = (channel: ChannelSettings): ChannelSettings => {
    switch (channel.kind) {
      case 'webhook':
        return {
          ...channel,
          url: reference(channel.url),
          ...(channel.secret && { secret: reference(channel.secret) }),
        };
      case 'slack':
        return { ...channel, url: reference(channel.url) };
      case 'command':
        return { ...channel, command: program(channel.command, at) };
      case 'email': {
        const { password, caFile } = channel.smtp;
        const smtp = {
          ...channel.smtp,
          ...(password && { password: reference(password) }),
          ...(caFile && { caFile: at(caFile) }),
        };
        return { ...channel, smtp };
      }
    }
  };
  return { channels: Object.fromEntries(Object.entries(notify.channels).map(([name, one]) => [name, absolute(one)])) };
}

/** A program named by a path is relative to the file like any other; a bare name is looked up on the PATH. */
const program = ([name = '', ...args]: readonly string[], at: (path: string) => string): string[] => [
  name.includes('/') ? at(name) : name,
  ...args,
];
