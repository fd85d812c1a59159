import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshTarget } from '../../../../activities/ssh/types.js';
import { anyFreePort } from '../../../../worker/server/ports.js';
import { atEnd, generateKey, scratchDirectory, until } from './scratch.js';

const SSHD = '/usr/sbin/sshd';

export interface RealSshd {
  target: SshTarget;
  directory: string;
  knownHosts: string;
  /** Private host key files by type. */
  hostKeys: Record<'ed25519' | 'rsa' | 'ecdsa', string>;
  /** The log so far, at level DEBUG1. */
  log(): string;
  /** How many connections were accepted and logged in so far. */
  logins(): number;
  process: ChildProcess;
}

/**
 * A real OpenSSH server on loopback, run as the current user with a configuration of its own, and a target that may
 * log in to it. `settings` are further lines of sshd_config; `known` is what known_hosts holds, by default its ed25519
 * key under the target's name and address.
 */
export async function startSshd(settings: string[] = [], name = 'compute-1'): Promise<RealSshd> {
  if (!existsSync(SSHD)) throw new Error(`these tests need a real ${SSHD}: install openssh-server`);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const directory = scratchDirectory();
  const file = (base: string) => join(directory, base);
  const hostKeys = {
    ed25519: generateKey(file('host_ed25519'), 'ed25519'),
    rsa: generateKey(file('host_rsa'), 'rsa'),
    ecdsa: generateKey(file('host_ecdsa'), 'ecdsa'),
  };
  const identity = generateKey(file('id'), 'ed25519');
  writeFileSync(file('authorized_keys'), readFileSync(`${identity}.pub`), { mode: 0o600 });
  const port = await anyFreePort();
  writeFileSync(
    file('sshd_config'),
    [
      ...settings,
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      ...(settings.some((line) => line.startsWith('HostKey '))
        ? []
        : Object.values(hostKeys).map((key) => `HostKey ${key}`)),
      `AuthorizedKeysFile ${file('authorized_keys')}`,
      `PidFile ${file('pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      // Unlike for other keywords, sshd takes the last MaxStartups it reads.
      ...(settings.some((line) => line.startsWith('MaxStartups ')) ? [] : ['MaxStartups 100:30:200']),
      'LogLevel DEBUG1',
    ].join('\n'),
  );
  const server = spawn(SSHD, ['-D', '-f', file('sshd_config'), '-E', file('log')], { stdio: 'ignore' });
  atEnd(() => server.kill('SIGKILL'));
  const log = () => (existsSync(file('log')) ? readFileSync(file('log'), 'utf8') : '');
  await until(() => {
    if (server.exitCode !== null) throw new Error(`sshd ended: ${log()}`);
    return answers(port);
  });

  const knownHosts = file('known_hosts');
  writeFileSync(knownHosts, `[${name}]:${port},[127.0.0.1]:${port} ${publicKey(hostKeys.ed25519)}\n`);
  return {
    directory,
    knownHosts,
    hostKeys,
    log,
    logins: () => log().split('Accepted publickey').length - 1,
    process: server,
    target: {
      name,
      address: '127.0.0.1',
      port,
      user: userInfo().username,
      identity: { kind: 'file', path: identity },
      knownHosts: [knownHosts],
      connectTimeoutMs: 10_000,
      keepaliveMs: 10_000,
    },
  };
}

/** Type and base64 of a key pair, as a known_hosts line ends. */
export function publicKey(privateKeyPath: string): string {
  return readFileSync(`${privateKeyPath}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
}

/** What `ssh-keygen -lf` calls the key: `SHA256:...`. */
export function keygenFingerprint(path: string): string {
  return execFileSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' }).split(' ')[1] ?? '';
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
