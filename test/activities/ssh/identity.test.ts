import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createSshPool } from '../../../activities/ssh/pool.js';
import type { SshIdentity } from '../../../activities/ssh/types.js';
import { failureOf } from './support/failure.js';
import { atEnd, generateKey, until } from './support/scratch.js';
import { startSshd } from './support/sshd.js';

const sshd = await startSshd();
const at = (base: string) => join(sshd.directory, base);
const authorized = (path: string) => {
  execFileSync('/bin/sh', ['-c', 'cat "$1.pub" >> "$2"', 'sh', path, at('authorized_keys')]);
  return path;
};

async function loginWith(identity: SshIdentity): Promise<string> {
  const pool = createSshPool();
  try {
    return (await pool.run({ ...sshd.target, identity }, 'echo in', { limitMs: 10_000 })).stdout;
  } finally {
    await pool.close();
  }
}

describe('identities', () => {
  it('logs in with an RSA key under SHA-2 signatures', async () => {
    expect(await loginWith({ kind: 'file', path: authorized(generateKey(at('rsa'), 'rsa')) })).toBe('in\n');
  });

  it('refuses a private key that others may read and names the remedy', async () => {
    const path = generateKey(at('open'), 'ed25519');
    chmodSync(path, 0o640);
    const failure = await failureOf(loginWith({ kind: 'file', path }));
    expect(failure).toMatchObject({
      kind: 'identity',
      host: 'compute-1',
      hint: expect.stringContaining(`chmod 600 ${path}`),
    });
    expect(failure.message).toContain('mode 0640');
  });

  it('says which file is missing', async () => {
    const failure = await failureOf(loginWith({ kind: 'file', path: at('absent') }));
    expect(failure).toMatchObject({
      kind: 'identity',
      message: expect.stringContaining(`${at('absent')} cannot be read (ENOENT)`),
    });
  });

  it('refuses a public key and a file that is no key', async () => {
    const path = generateKey(at('pair'), 'ed25519');
    chmodSync(`${path}.pub`, 0o600);
    expect(await failureOf(loginWith({ kind: 'file', path: `${path}.pub` }))).toMatchObject({
      kind: 'identity',
      message: expect.stringContaining('is a public key'),
    });
    writeFileSync(at('garbage'), 'hello', { mode: 0o600 });
    expect(await failureOf(loginWith({ kind: 'file', path: at('garbage') }))).toMatchObject({ kind: 'identity' });
  });

  it('decrypts a key with the passphrase it is given, and asks for it once for many hosts', async () => {
    const path = authorized(generateKey(at('encrypted'), 'ed25519', 'open sesame'));
    const askForIt = vi.fn(async () => 'open sesame');
    const identity: SshIdentity = { kind: 'file', path, passphrase: askForIt };
    const pool = createSshPool();
    const names = ['127.0.0.1', 'compute-1', 'alias-1'];
    const results = await Promise.all(
      names.map((name) => pool.run({ ...sshd.target, name, identity }, 'echo in', { limitMs: 10_000 })),
    );
    await pool.close();
    expect(results.map(({ stdout }) => stdout)).toEqual(['in\n', 'in\n', 'in\n']);
    expect(askForIt).toHaveBeenCalledTimes(1);
  });

  it('tells a missing passphrase from a wrong one', async () => {
    const path = generateKey(at('locked'), 'ed25519', 'right');
    expect(await failureOf(loginWith({ kind: 'file', path }))).toMatchObject({
      kind: 'identity',
      message: expect.stringContaining('is encrypted, and no passphrase is configured'),
    });
    const wrong = await failureOf(loginWith({ kind: 'file', path, passphrase: async () => 'hunter2' }));
    expect(wrong).toMatchObject({ kind: 'identity', message: expect.stringContaining('cannot be decrypted') });
    expect(`${wrong.message} ${wrong.hint}`).not.toContain('hunter2');
  });

  it('reports a key the host does not accept as an auth failure naming account and key', async () => {
    const path = generateKey(at('foreign'), 'ed25519');
    const failure = await failureOf(loginWith({ kind: 'file', path }));
    expect(failure).toMatchObject({ kind: 'auth', sent: false, message: expect.stringContaining(path) });
    expect(failure.hint).toContain('authorized_keys');
  });

  it('logs in through a real ssh-agent, and never offers to forward it', async () => {
    const socket = at('agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    atEnd(() => agent.kill());
    await until(() => existsSync(socket));
    const path = authorized(generateKey(at('in-agent'), 'rsa'));
    execFileSync('ssh-add', ['-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
    expect(await loginWith({ kind: 'agent', socket })).toBe('in\n');
    expect(sshd.log()).not.toContain('auth-agent-req');
  });

  it('says that the agent does not answer', async () => {
    const failure = await failureOf(loginWith({ kind: 'agent', socket: at('no-agent') }));
    expect(failure).toMatchObject({ kind: 'identity', message: expect.stringContaining(at('no-agent')) });
    expect(failure.hint).toContain('ssh-add -l');
  });
});
