import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { SshTarget } from '../../activities/ssh/types.js';
import { must } from '../../lab/real/process.js';
import { until } from '../../lab/real/wait.js';
import { anyFreePort } from '../../worker/server/ports.js';
import { spawnServer } from '../../worker/server/process.js';
import type { Undo } from '../undo.js';
import { greetsAt } from './greets.js';
import { standInSystemctl } from './stand-in-systemctl.js';

/** sshd listens on 16 addresses at most (MAX_LISTEN_SOCKS in its sshd.c), so some daemons share the addresses. */
const ADDRESSES_PER_SSHD = 16;

const SSHD = '/usr/sbin/sshd';

/** Many loopback addresses that a real OpenSSH server answers on: hosts, as far as a client can tell. */
export interface Farm {
  readonly dir: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHosts: string;
  readonly inventoryFile: string;
  /** For peers that run ssh(1): everything they need beside the address. */
  readonly sshConfig: string;
  /** The same, with OpenSSH's own connection sharing. */
  readonly sharingConfig: string;
}

/**
 * Starts real OpenSSH daemons on `count` addresses of 127.0.0.0/8, and writes what clients need to log in: with a cheap shell and no
 * start-up files, so that clients are measured and not the account. Started by root, that is root's account as seen from a mount
 * namespace of the daemons' own; otherwise the current user's.
 */
export async function startFarm(count: number, undo: Undo): Promise<Farm> {
  const dir = await undo.folder('bench-ssh');
  const file = (name: string): string => join(dir, name);
  const port = await anyFreePort();
  const addresses = Array.from(
    { length: count },
    (_, index) => `127.78.${Math.floor(index / 250)}.${1 + (index % 250)}`,
  );
  for (const key of ['host_key', 'id_ed25519'])
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', file(key)]);
  const hostKey = (await readFile(file('host_key.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(file('authorized_keys'), await readFile(file('id_ed25519.pub')), { mode: 0o600 });
  await writeFile(file('known_hosts'), addresses.map((address) => `[${address}]:${port} ${hostKey}\n`).join(''));
  await mkdir(file('bin'));
  await writeFile(file('bin/systemctl'), standInSystemctl, { mode: 0o755 });
  await writeFile(file('passwd'), accountsWithPlainShell(await readFile('/etc/passwd', 'utf8'), dir));
  await chmod(dir, 0o755);

  const user = userInfo().username;
  const farm: Farm = {
    dir,
    addresses,
    port,
    user,
    identityFile: file('id_ed25519'),
    knownHosts: file('known_hosts'),
    inventoryFile: file('ostler.yaml'),
    sshConfig: file('ssh_config'),
    sharingConfig: file('ssh_config_sharing'),
  };
  await writeFile(farm.sshConfig, clientConfig(farm));
  await writeFile(
    farm.sharingConfig,
    `${clientConfig(farm)}ControlMaster auto\nControlPersist 3600\nControlPath ${file(masterSocket('%h'))}\n`,
  );
  await writeFile(farm.inventoryFile, inventory(farm));
  await startDaemons(farm, undo);
  return farm;
}

/** The name of the socket on which a shared connection of ssh(1) listens; it is in the farm's folder. */
export const masterSocket = (address: string): string => `master-${address}`;

/** How Ostler sees one address of the farm. */
export const farmTarget = (farm: Farm, address: string): SshTarget => ({
  name: address,
  address,
  port: farm.port,
  user: farm.user,
  identity: { kind: 'file', path: farm.identityFile },
  knownHosts: [farm.knownHosts],
  connectTimeoutMs: 30_000,
  keepaliveMs: 60_000,
});

async function startDaemons({ dir, addresses, port }: Farm, undo: Undo): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await mkdir('/run/sshd', { recursive: true });
  for (let first = 0; first < addresses.length; first += ADDRESSES_PER_SSHD) {
    const config = join(dir, `sshd_config_${first}`);
    await writeFile(config, serverConfig(dir, port, addresses.slice(first, first + ADDRESSES_PER_SSHD)));
    const daemon = [SSHD, '-D', '-e', '-f', config];
    const inOwnNamespace = 'mount --bind "$0" /etc/passwd && exec "$@"';
    const argv = isRoot
      ? ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', inOwnNamespace, join(dir, 'passwd'), ...daemon]
      : daemon;
    const server = spawnServer(argv[0] as string, argv.slice(1), join(dir, 'sshd.log'));
    undo.push(server.stop);
  }
  for (const address of addresses)
    await until(`an sshd on ${address}; see ${dir}/sshd.log`, 30_000, () => greetsAt(address, port));
}

const serverConfig = (dir: string, port: number, addresses: readonly string[]): string =>
  [
    ...addresses.map((address) => `ListenAddress ${address}`),
    `Port ${port}`,
    `HostKey ${dir}/host_key`,
    `AuthorizedKeysFile ${dir}/authorized_keys`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'PermitUserRC no',
    'PrintMotd no',
    'PrintLastLog no',
    'MaxStartups 1000',
    'MaxSessions 100',
    `SetEnv PATH=${dir}/bin:/usr/bin:/bin`,
    'LogLevel ERROR',
    '',
  ].join('\n');

const clientConfig = ({ port, user, identityFile, knownHosts }: Omit<Farm, 'inventoryFile'>): string =>
  [
    `Port ${port}`,
    `User ${user}`,
    `IdentityFile ${identityFile}`,
    'IdentitiesOnly yes',
    'PreferredAuthentications publickey',
    `UserKnownHostsFile ${knownHosts}`,
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'AddressFamily inet',
    'LogLevel ERROR',
    '',
  ].join('\n');

const inventory = ({ addresses, port, user }: Farm): string =>
  stringify({
    cloud: 'bench',
    ssh: { user, port, identityFile: './id_ed25519', knownHosts: './known_hosts' },
    nodes: addresses.map((address, index) => ({ name: `compute-${index + 1}`, address, roles: ['compute'] })),
  });

/** The accounts of this machine, each with /bin/sh and `home`. */
const accountsWithPlainShell = (passwd: string, home: string): string =>
  passwd
    .split('\n')
    .map((line) => line.replace(/^((?:[^:]*:){5}).*$/, `$1${home}:/bin/sh`))
    .join('\n');
