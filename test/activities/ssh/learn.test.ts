import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appendKnownHost, scanHostKeys } from '../../../activities/ssh/learn.js';
import { createSshPool } from '../../../activities/ssh/pool.js';
import { anyFreePort } from '../../../worker/server/ports.js';
import { failureOf } from './support/failure.js';
import { generateKey } from './support/scratch.js';
import { keygenFingerprint, publicKey, startSshd } from './support/sshd.js';

const sshd = await startSshd();
const stranger: { target: (typeof sshd)['target'] } = { target: { ...sshd.target, knownHosts: [] } };

describe('scanning host keys', () => {
  it('finds the key of each type with the fingerprint ssh-keygen shows, without logging in', async () => {
    const found = await scanHostKeys(stranger.target);
    expect(found.map(({ algorithm, fingerprint }) => [algorithm, fingerprint])).toEqual([
      ['ssh-ed25519', keygenFingerprint(sshd.hostKeys.ed25519)],
      ['ecdsa-sha2-nistp256', keygenFingerprint(sshd.hostKeys.ecdsa)],
      ['ssh-rsa', keygenFingerprint(sshd.hostKeys.rsa)],
    ]);
    const { port } = sshd.target;
    expect(found[0]?.line).toBe(`[compute-1]:${port},[127.0.0.1]:${port} ${publicKey(sshd.hostKeys.ed25519)}`);
    expect(sshd.logins()).toBe(0);
  });

  it('goes through a bastion that is known, and stops at one that is not', async () => {
    const bastion = await startSshd([], 'bastion-1');
    const behind = { ...stranger.target, proxyJump: bastion.target };
    expect(await scanHostKeys(behind)).toHaveLength(3);
    expect(bastion.logins()).toBe(1);
    const unknown = { ...behind, proxyJump: { ...bastion.target, knownHosts: [] } };
    expect(await failureOf(scanHostKeys(unknown))).toMatchObject({ kind: 'host-key-unknown', host: 'bastion-1' });
  });

  it('says that a host is unreachable', async () => {
    const failure = await failureOf(scanHostKeys({ ...stranger.target, port: await anyFreePort() }));
    expect(failure).toMatchObject({ kind: 'unreachable', host: 'compute-1' });
  });
});

describe('adding to known_hosts', () => {
  const line = (type: 'ed25519' | 'rsa') => `[compute-1]:22022,[10.0.0.1]:22022 ${publicKey(sshd.hostKeys[type])}`;
  const newFile = (base: string) => join(sshd.directory, base);

  it('creates the file for its owner alone, and adds further types', async () => {
    const file = newFile('created');
    expect(await appendKnownHost(file, line('ed25519'))).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await appendKnownHost(file, line('rsa'))).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(`${line('ed25519')}\n${line('rsa')}\n`);
  });

  it('adds nothing twice', async () => {
    const file = newFile('twice');
    await appendKnownHost(file, line('rsa'));
    expect(await appendKnownHost(file, line('rsa'))).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe(`${line('rsa')}\n`);
  });

  it('does not run into a last line without a newline', async () => {
    const file = newFile('unterminated');
    writeFileSync(file, '# mine');
    await appendKnownHost(file, line('rsa'));
    expect(readFileSync(file, 'utf8')).toBe(`# mine\n${line('rsa')}\n`);
  });

  it('never replaces or contradicts a key of the same type, known or revoked', async () => {
    const other = generateKey(newFile('other'), 'ed25519');
    for (const [base, before] of [
      ['known', `[10.0.0.1]:22022 ${publicKey(other)}\n`],
      ['revoked', `@revoked [compute-1]:22022 ${publicKey(sshd.hostKeys.ed25519)}\n`],
    ] as const) {
      writeFileSync(newFile(base), before);
      await expect(appendKnownHost(newFile(base), line('ed25519'))).rejects.toThrow(`${newFile(base)}:1`);
      expect(readFileSync(newFile(base), 'utf8')).toBe(before);
    }
  });

  it('makes the host acceptable', async () => {
    const file = newFile('learned');
    for (const key of await scanHostKeys(stranger.target)) await appendKnownHost(file, key.line);
    const pool = createSshPool();
    const result = await pool.run({ ...sshd.target, knownHosts: [file] }, 'echo in', { limitMs: 10_000 });
    await pool.close();
    expect(result.stdout).toBe('in\n');
  });
});
