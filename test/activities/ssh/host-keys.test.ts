import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSshPool } from '../../../activities/ssh/pool.js';
import type { SshTarget } from '../../../activities/ssh/types.js';
import { failureOf } from './support/failure.js';
import { atEnd, generateKey } from './support/scratch.js';
import { keygenFingerprint, publicKey, type RealSshd, startSshd } from './support/sshd.js';

const sshd = await startSshd();
const stranger = {
  ed25519: generateKey(join(sshd.directory, 'stranger'), 'ed25519'),
  rsa: generateKey(join(sshd.directory, 'stranger_rsa'), 'rsa'),
};
let files = 0;

/** The server's target with a known_hosts file of these lines; HOST stands for how the file names it. */
function knowing(server: RealSshd, lines: string[]): SshTarget & { knownHosts: [string] } {
  const file = join(server.directory, `known_hosts_${files++}`);
  const host = `[127.0.0.1]:${server.target.port}`;
  writeFileSync(file, lines.map((line) => `${line.replaceAll('HOST', host)}\n`).join(''));
  return { ...server.target, knownHosts: [file] };
}

async function connectTo(target: SshTarget): Promise<string> {
  const pool = createSshPool();
  atEnd(() => pool.close());
  return (await pool.run(target, 'echo in', { limitMs: 10_000 })).stdout;
}

describe('host keys', () => {
  it.each(['ed25519', 'ecdsa', 'rsa'] as const)('accepts a host of which only the %s key is known', async (type) => {
    expect(await connectTo(knowing(sshd, [`HOST ${publicKey(sshd.hostKeys[type])}`]))).toBe('in\n');
  });

  it('accepts a host known by its name alone, hashed by ssh-keygen', async () => {
    const target = knowing(sshd, [`[${sshd.target.name}]:${sshd.target.port} ${publicKey(sshd.hostKeys.rsa)}`]);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', target.knownHosts[0]], { stdio: 'ignore' });
    expect(await connectTo(target)).toBe('in\n');
  });

  it('talks to an sshd whose RSA key signs only as OpenSSH 6.6 does, with the algorithms of its age', async () => {
    const old = await startSshd([
      'HostKeyAlgorithms ssh-rsa',
      'PubkeyAcceptedAlgorithms +ssh-rsa',
      'KexAlgorithms diffie-hellman-group14-sha1',
      'Ciphers aes128-ctr',
      'MACs hmac-sha1',
    ]);
    expect(await connectTo(knowing(old, [`HOST ${publicKey(old.hostKeys.rsa)}`]))).toBe('in\n');
  });

  it('refuses an unknown key with its fingerprint, and logs nobody in', async () => {
    const before = sshd.logins();
    const failure = await failureOf(connectTo(knowing(sshd, ['elsewhere ssh-ed25519 AAAA'])));
    expect(failure).toMatchObject({ kind: 'host-key-unknown', host: 'compute-1', sent: false });
    expect(failure.message).toContain(keygenFingerprint(sshd.hostKeys.ed25519));
    expect(failure.hint).toContain('ostler check --learn-host-keys');
    expect(sshd.logins()).toBe(before);
  });

  it('refuses every host when the known_hosts file does not exist', async () => {
    const failure = await failureOf(connectTo({ ...sshd.target, knownHosts: ['/nonexistent/known_hosts'] }));
    expect(failure).toMatchObject({
      kind: 'host-key-unknown',
      message: expect.stringContaining('/nonexistent/known_hosts'),
    });
  });

  it('tells a changed key apart, with both fingerprints and the line that differs', async () => {
    const target = knowing(sshd, ['# first line', `HOST ${publicKey(stranger.ed25519)}`]);
    const failure = await failureOf(connectTo(target));
    expect(failure).toMatchObject({ kind: 'host-key-changed', sent: false });
    expect(failure.message).toContain(keygenFingerprint(sshd.hostKeys.ed25519));
    expect(failure.message).toContain(
      `${target.knownHosts[0]}:2 has the ssh-ed25519 key ${keygenFingerprint(stranger.ed25519)}`,
    );
    expect(failure.hint).toContain(`delete line 2 of ${target.knownHosts[0]}`);
  });

  it('does not let a host escape a changed key by showing one of another type', async () => {
    const target = knowing(sshd, [`HOST ${publicKey(stranger.rsa)}`]);
    expect(await failureOf(connectTo(target))).toMatchObject({ kind: 'host-key-changed' });
    const ed25519Only = await startSshd([`HostKey ${sshd.hostKeys.ed25519}`]);
    const failure = await failureOf(connectTo(knowing(ed25519Only, [`HOST ${publicKey(stranger.rsa)}`])));
    expect(failure).toMatchObject({
      kind: 'host-key-changed',
      message: expect.stringContaining('has the ssh-rsa key'),
    });
  });

  it('refuses a revoked key, even where the same key is also listed as known', async () => {
    const key = publicKey(sshd.hostKeys.ed25519);
    const failure = await failureOf(connectTo(knowing(sshd, [`HOST ${key}`, `@revoked * ${key}`])));
    expect(failure).toMatchObject({ kind: 'host-key-revoked', message: expect.stringMatching(/:2 marks as @revoked/) });
  });

  it('says that certificate authorities are not supported, without connecting', async () => {
    const target = knowing(sshd, [`@cert-authority HOST ${publicKey(stranger.ed25519)}`]);
    const failure = await failureOf(connectTo({ ...target, address: '127.0.0.1' }));
    expect(failure).toMatchObject({
      kind: 'host-key-unsupported',
      message: expect.stringContaining('@cert-authority'),
    });
    expect(failure.message).toContain(`${target.knownHosts[0]}:1`);
  });

  it('uses a plain key although a certificate authority is listed too', async () => {
    const lines = [`@cert-authority HOST ${publicKey(stranger.ed25519)}`, `HOST ${publicKey(sshd.hostKeys.rsa)}`];
    expect(await connectTo(knowing(sshd, lines))).toBe('in\n');
  });
});
