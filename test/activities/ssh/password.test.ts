import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import ssh2, { type AuthenticationType } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { createSshPool } from '../../../activities/ssh/pool.js';
import type { SshTarget } from '../../../activities/ssh/types.js';
import { newKey } from '../../../lab/sim/keys.js';
import { failureOf } from './support/failure.js';
import { exit } from './support/fake-sshd.js';
import { atEnd, scratchDirectory } from './support/scratch.js';

const PASSWORD = 's3cret of ours';

/** A host that takes `PASSWORD` by some of the methods, and remembers what was tried. */
async function startHost(methods: AuthenticationType[]): Promise<{ target: SshTarget; tried: string[] }> {
  const key = newKey();
  const tried: string[] = [];
  const ssh = new ssh2.Server({ hostKeys: [key.private] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (login) => {
      tried.push(login.method);
      if (!methods.includes(login.method)) login.reject(methods);
      else if (login.method === 'password' && login.password === PASSWORD) login.accept();
      else if (login.method === 'keyboard-interactive') {
        login.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
          answers[0] === PASSWORD ? login.accept() : login.reject(methods),
        );
      } else login.reject(methods);
    });
    connection.on('session', (accept) => accept().on('exec', (acceptExec) => exit(acceptExec(), 0, 'in')));
  });
  const front = createServer((socket) => {
    socket.on('error', () => undefined);
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  atEnd(() => front.close());
  const { port } = front.address() as { port: number };
  const knownHosts = join(scratchDirectory(), 'known_hosts');
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${key.public}\n`);
  const target: SshTarget = {
    name: 'array-1',
    address: '127.0.0.1',
    port,
    user: 'grpadmin',
    identity: { kind: 'password', password: async () => PASSWORD },
    knownHosts: [knownHosts],
    connectTimeoutMs: 5_000,
    keepaliveMs: 10_000,
  };
  return { target, tried };
}

const run = async (target: SshTarget): Promise<string> => {
  const pool = createSshPool();
  try {
    return (await pool.run(target, 'true', { limitMs: 5_000 })).stdout;
  } finally {
    await pool.close();
  }
};

describe('a password', () => {
  it('logs in where passwords are taken, with nothing else tried', async () => {
    const { target, tried } = await startHost(['password', 'keyboard-interactive']);
    expect(await run(target)).toBe('in');
    expect(tried).toEqual(['password']);
  });

  it('is the answer where the host asks for it instead', async () => {
    const { target, tried } = await startHost(['keyboard-interactive']);
    expect(await run(target)).toBe('in');
    expect(tried).toEqual(['password', 'keyboard-interactive']);
  });

  it('is said once when it is wrong, and never told', async () => {
    const { target, tried } = await startHost(['password', 'keyboard-interactive']);
    const wrong = { ...target, identity: { kind: 'password' as const, password: async () => 'wrong-one' } };
    const failure = await failureOf(run(wrong));
    expect(failure).toMatchObject({ kind: 'auth' });
    expect(failure.message).toContain('rejected the login of grpadmin with a password');
    expect(`${failure.message} ${failure.hint}`).not.toContain('wrong-one');
    expect(tried).toEqual(['password']);
  });

  it('that cannot be had is our own trouble, and nothing is tried', async () => {
    const { target, tried } = await startHost(['password']);
    const password = () => Promise.reject(new Error('env:ARRAY is not set in the environment of this process'));
    const failure = await failureOf(run({ ...target, identity: { kind: 'password', password } }));
    expect(failure).toMatchObject({ kind: 'identity' });
    expect(failure.message).toContain('the password cannot be had: env:ARRAY is not set');
    expect(tried).toEqual([]);
  });
});
