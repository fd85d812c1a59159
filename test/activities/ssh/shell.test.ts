import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createSshPool } from '../../../activities/ssh/pool.js';
import type { ShellSession, SshTarget } from '../../../activities/ssh/types.js';
import { failureOf } from './support/failure.js';
import { startFakeSshd } from './support/fake-sshd.js';
import { until } from './support/scratch.js';
import { publicKey, type RealSshd, startSshd } from './support/sshd.js';

const pool = createSshPool();
afterAll(() => pool.close());

const open = (target: SshTarget, signal?: AbortSignal): Promise<ShellSession> =>
  pool.shell(target, { limitMs: 5_000, ...(signal && { signal }) });

/** How many connections have ended, as the sshd has noticed. */
const ended = ({ log }: RealSshd): number => log().split(/Received disconnect from|Connection closed by/).length - 1;

describe('a shell on a real sshd', async () => {
  const sshd = await startSshd();

  it('is typed at and read up to what is waited for, and the rest is kept for the next read', async () => {
    const shell = await open(sshd.target);
    shell.type('echo one; echo "end >"; echo two; echo "end >"\n');
    expect(await shell.read(/end >/, 5_000)).toMatch(/one\s+end >$/);
    expect(await shell.read(/end >/, 5_000)).toMatch(/^\s*two\s+end >$/);
    await shell.close();
  });

  it('has a connection of its own, which ends with it', async () => {
    const before = sshd.logins();
    await pool.run(sshd.target, 'true', { limitMs: 5_000 });
    const [one, two] = [await open(sshd.target), await open(sshd.target)];
    expect(sshd.logins() - before).toBe(3);
    const closed = ended(sshd);
    await one.close('exit\n');
    await two.close();
    await until(() => ended(sshd) >= closed + 2);
    await pool.run(sshd.target, 'true', { limitMs: 5_000 });
    expect(sshd.logins() - before).toBe(3);
  });

  it('says when the host closes it, and when nothing comes', async () => {
    const shell = await open(sshd.target);
    shell.type('echo ready\n');
    await shell.read(/ready/, 5_000);
    const silence = await failureOf(shell.read(/prompt/, 50));
    expect(silence).toMatchObject({ kind: 'timed-out', sent: true });
    shell.type('echo bye; exit 3\n');
    expect(await failureOf(shell.read(/prompt/, 5_000))).toMatchObject({ kind: 'unknown-outcome' });
    expect(shell.unread).toContain('bye');
    shell.type('nobody hears this\n');
    await shell.close();
  });

  it('ends a read when it is cancelled, and says goodbye all the same', async () => {
    const signal = new AbortController();
    const shell = await open(sshd.target, signal.signal);
    const reading = failureOf(shell.read(/prompt/, 5_000));
    signal.abort(new Error('enough'));
    expect(await reading).toMatchObject({ kind: 'cancelled' });
    expect(await failureOf(shell.read(/prompt/, 5_000))).toMatchObject({ kind: 'cancelled' });
    const closed = ended(sshd);
    await shell.close('exit\n');
    await until(() => ended(sshd) > closed);
  });

  it('is refused to a host that is not the known one', async () => {
    const other = await startSshd();
    const knownHosts = `${sshd.directory}/wrong`;
    writeFileSync(knownHosts, `[127.0.0.1]:${sshd.target.port} ${publicKey(other.hostKeys.ed25519)}\n`);
    const logins = sshd.logins();
    expect(await failureOf(open({ ...sshd.target, knownHosts: [knownHosts] }))).toMatchObject({
      kind: 'host-key-changed',
    });
    expect(sshd.logins()).toBe(logins);
  });

  it('goes through a bastion, and lets go of it', async () => {
    const bastion = await startSshd([], 'bastion-1');
    const target = { ...sshd.target, proxyJump: { ...bastion.target, name: '127.0.0.1' } };
    const shell = await open(target);
    shell.type('echo through\n');
    expect(await shell.read(/through/, 5_000)).toContain('through');
    await shell.close('exit\n');
    expect(bastion.logins()).toBe(1);
  });
});

describe('a shell on a host that misbehaves', () => {
  it('is given up when it does not open in time, or nobody wants it, and its connection ends', async () => {
    const mute = await startFakeSshd({ onSession: () => undefined });
    expect(await failureOf(pool.shell(mute.target, { limitMs: 300 }))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('opened no shell within 300 ms'),
    });
    await until(() => mute.sockets.size === 0);
    expect(await failureOf(open(mute.target, AbortSignal.timeout(100)))).toMatchObject({ kind: 'cancelled' });
    expect(await failureOf(open(mute.target, AbortSignal.abort()))).toMatchObject({ kind: 'cancelled', sent: false });
    await until(() => mute.sockets.size === 0);
    expect(mute.connections).toBe(2);
  });

  it('is not there on a host that has none', async () => {
    const bare = await startFakeSshd();
    expect(await failureOf(open(bare.target))).toMatchObject({ kind: 'unreachable' });
    await until(() => bare.sockets.size === 0);
  });

  it('stops in the midst of its opening when all connections end', async () => {
    const mute = await startFakeSshd({ onSession: () => undefined });
    const other = createSshPool();
    const opening = failureOf(other.shell(mute.target, { limitMs: 60_000 }));
    await until(() => mute.connections === 1);
    await other.close();
    expect(await opening).toMatchObject({ kind: 'cancelled' });
    expect(await failureOf(other.shell(mute.target, { limitMs: 1_000 }))).toMatchObject({ kind: 'cancelled' });
  });
});
