import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSshPool } from '../../../activities/ssh/pool.js';
import type { SshTarget } from '../../../activities/ssh/types.js';
import { anyFreePort } from '../../../worker/server/ports.js';
import { failureOf } from './support/failure.js';
import { atEnd, generateKey } from './support/scratch.js';
import { publicKey, startSshd } from './support/sshd.js';

const bastion = await startSshd([], 'bastion-1');
const outer = await startSshd([], 'bastion-0');
const host = await startSshd();
const LIMIT = { limitMs: 30_000 };
const behind: SshTarget = { ...host.target, proxyJump: bastion.target };

function newPool(...options: Parameters<typeof createSshPool>) {
  const pool = createSshPool(...options);
  atEnd(() => pool.close());
  return pool;
}

describe('a bastion', () => {
  it('carries the connection: the host sees a login, the bastion a forwarded stream and no command', async () => {
    const before = host.logins();
    expect(await newPool().run(behind, 'echo inside', LIMIT)).toMatchObject({ stdout: 'inside\n' });
    expect(host.logins() - before).toBe(1);
    expect(bastion.log()).toContain('direct-tcpip');
    expect(bastion.log()).not.toContain('Starting session: command');
  });

  it('gets at most two connections, whatever the number of hosts behind it', async () => {
    const before = bastion.logins();
    const hosts = Array.from({ length: 12 }, (_, n) => ({ ...behind, name: `compute-${n}` }));
    const pool = newPool({ maxConcurrentConnects: 2 });
    const results = await Promise.all(hosts.map((target) => pool.run(target, 'echo in', LIMIT)));
    expect(results.every(({ stdout }) => stdout === 'in\n')).toBe(true);
    expect(bastion.logins() - before).toBe(2);
  });

  it('lends nobody a connection that another identity has opened', async () => {
    const pool = newPool({ connectionsPerBastion: 1 });
    await pool.run(behind, 'true', LIMIT);
    const path = generateKey(join(bastion.directory, 'other-identity'), 'ed25519');
    const stranger = { ...bastion.target, identity: { kind: 'file' as const, path } };
    expect(
      await failureOf(pool.run({ ...behind, name: 'compute-2', proxyJump: stranger }, 'true', LIMIT)),
    ).toMatchObject({ kind: 'auth', host: 'bastion-1' });
  });

  it('may stand behind another bastion', async () => {
    const before = outer.logins();
    const chained = { ...behind, proxyJump: { ...bastion.target, proxyJump: outer.target } };
    expect(await newPool().run(chained, 'echo deep', LIMIT)).toMatchObject({ stdout: 'deep\n' });
    expect(outer.logins() - before).toBe(1);
  });

  it('is refused when its own host key is unknown or changed, and the host behind is never tried', async () => {
    const connections = () => host.log().split('Connection from').length;
    const before = connections();
    const unknown = { ...behind, proxyJump: { ...bastion.target, knownHosts: [host.knownHosts] } };
    expect(await failureOf(newPool().run(unknown, 'true', LIMIT))).toMatchObject({
      kind: 'host-key-unknown',
      host: 'bastion-1',
    });
    const changedHosts = join(bastion.directory, 'changed');
    const stranger = generateKey(join(bastion.directory, 'stranger'), 'ed25519');
    writeFileSync(changedHosts, `[127.0.0.1]:${bastion.target.port} ${publicKey(stranger)}\n`);
    const changed = { ...behind, proxyJump: { ...bastion.target, knownHosts: [changedHosts] } };
    expect(await failureOf(newPool().run(changed, 'true', LIMIT))).toMatchObject({
      kind: 'host-key-changed',
      host: 'bastion-1',
    });
    expect(connections()).toBe(before);
  });

  it('does not vouch for the host behind it', async () => {
    const target = { ...behind, knownHosts: [bastion.knownHosts] };
    const failure = await failureOf(newPool().run(target, 'true', LIMIT));
    expect(failure).toMatchObject({ kind: 'host-key-unknown', host: 'compute-1' });
    expect(failure.message).toContain('via bastion-1');
  });

  it('that cannot reach the host says so about the host', async () => {
    const target = { ...behind, port: await anyFreePort() };
    const failure = await failureOf(newPool().run(target, 'true', LIMIT));
    expect(failure).toMatchObject({ kind: 'unreachable', host: 'compute-1', sent: false });
    expect(failure.message).toContain('from bastion bastion-1');
  });

  it('that is down is named itself', async () => {
    const target = { ...behind, proxyJump: { ...bastion.target, port: await anyFreePort() } };
    expect(await failureOf(newPool().run(target, 'true', LIMIT))).toMatchObject({
      kind: 'unreachable',
      host: 'bastion-1',
      message: expect.stringContaining('refused the connection'),
    });
  });

  it('that dies takes its streams along, and the next command goes through a new connection', async () => {
    const mortal = await startSshd([], 'bastion-2');
    const pool = newPool();
    const target = { ...host.target, proxyJump: mortal.target };
    await pool.run(target, 'true', LIMIT);
    const [server] = (await newPool().run(host.target, `pgrep -P ${mortal.process.pid}`, LIMIT)).stdout.split('\n');
    const running = failureOf(pool.run(target, `kill -KILL $(pgrep -P ${server}) ${server}; sleep 5`, LIMIT));
    expect(await running).toMatchObject({ kind: 'unknown-outcome', host: 'compute-1', sent: true });
    expect(await pool.run(target, 'echo again', LIMIT)).toMatchObject({ stdout: 'again\n' });
    expect(mortal.logins()).toBe(2);
  });
});
