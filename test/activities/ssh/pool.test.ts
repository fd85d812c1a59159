import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSshPool, type SshPoolOptions } from '../../../activities/ssh/pool.js';
import { shellWord } from '../../../activities/ssh/quote.js';
import { failureOf } from './support/failure.js';
import { atEnd, until } from './support/scratch.js';
import { startSshd } from './support/sshd.js';

const sshd = await startSshd();
const at = (base: string) => join(sshd.directory, base);
const LIMIT = { limitMs: 30_000 };

function newPool(options: SshPoolOptions = {}) {
  const pool = createSshPool(options);
  atEnd(() => pool.close());
  return pool;
}
const pool = newPool();

describe('a command on a real sshd', () => {
  it('returns exit code, stdout and stderr', async () => {
    const result = await pool.run(sshd.target, 'echo out; echo err >&2; exit 3', LIMIT);
    expect(result).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n', truncated: false });
  });

  it('takes the script as one literal word of /bin/sh', async () => {
    const script = `printf '%s\n' "it's \\"quoted\\"" 'Grüße 🐎' -n; echo "$0 $#"`;
    expect((await pool.run(sshd.target, script, LIMIT)).stdout).toBe(`it's "quoted"\nGrüße 🐎\n-n\n/bin/sh 0\n`);
  });

  it('reports the signal that ended a command', async () => {
    expect(await pool.run(sshd.target, 'kill -KILL $$', LIMIT)).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  it('gives the command its stdin, and an empty one otherwise', async () => {
    expect((await pool.run(sshd.target, 'cat', { ...LIMIT, stdin: 'line\n' })).stdout).toBe('line\n');
    expect(await pool.run(sshd.target, 'cat; echo done', LIMIT)).toMatchObject({ stdout: 'done\n', exitCode: 0 });
  });

  it('cuts each stream at its cap, between characters, and lets the command end', async () => {
    const script = `printf 'é%.0s' $(seq 1 3000); echo short >&2; exit 4`;
    const result = await pool.run(sshd.target, script, { ...LIMIT, maxOutputBytes: 1001 });
    expect(result).toEqual({ exitCode: 4, stdout: 'é'.repeat(500), stderr: 'short\n', truncated: true });
  });

  it('caps at 1 MiB by default without stalling a command that writes more than a channel window', async () => {
    const result = await pool.run(sshd.target, 'head -c 8000000 /dev/zero; exit 5', LIMIT);
    expect(result).toMatchObject({ exitCode: 5, truncated: true });
    expect(result.stdout).toHaveLength(1024 * 1024);
  });

  it('refuses a script with NUL before anything is sent', async () => {
    await expect(pool.run(sshd.target, 'echo \0', LIMIT)).rejects.toThrow('NUL');
  });
});

describe('connections', () => {
  it('are shared by the commands of one target, one after the other and at once', async () => {
    const before = sshd.logins();
    const shared = newPool();
    await shared.run(sshd.target, 'true', LIMIT);
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) => shared.run(sshd.target, `echo ${n}`, LIMIT)),
    );
    expect(results.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect(sshd.logins() - before).toBe(1);
  });

  it('carry no more commands at once than allowed', async () => {
    const shared = newPool({ channelsPerConnection: 2 });
    const counter = at('at-once');
    writeFileSync(counter, '');
    const script = `d=${shellWord(at('slots'))}; mkdir -p $d/$$; ls $d | wc -l >> ${shellWord(counter)}; sleep 0.1; rmdir $d/$$`;
    await Promise.all(Array.from({ length: 8 }, () => shared.run(sshd.target, script, LIMIT)));
    const seen = readFileSync(counter, 'utf8').trim().split('\n').map(Number);
    expect(seen).toHaveLength(8);
    expect(Math.max(...seen)).toBeLessThanOrEqual(2);
  });

  it('adapt to a host whose MaxSessions is lower than assumed', async () => {
    const narrow = await startSshd(['MaxSessions 2']);
    const shared = newPool();
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => shared.run(narrow.target, `sleep 0.05; echo ${n}`, LIMIT)),
    );
    expect(results.map(({ stdout }) => Number(stdout))).toEqual(Array.from({ length: 12 }, (_, n) => n));
    expect(narrow.logins()).toBe(1);
  });

  it('survive an sshd that drops newcomers over its MaxStartups', { timeout: 120_000 }, async () => {
    const busy = await startSshd(['MaxStartups 2:90:4']);
    const shared = newPool();
    const targets = Array.from({ length: 25 }, (_, n) => ({
      ...busy.target,
      name: `alias-${n}`,
      connectTimeoutMs: 60_000,
    }));
    const results = await Promise.all(targets.map((target) => shared.run(target, 'echo in', LIMIT)));
    expect(results.every(({ stdout }) => stdout === 'in\n')).toBe(true);
    expect(/past MaxStartups|MaxStartups throttling/.test(busy.log())).toBe(true);
  });

  it('close when idle, and the next command opens another', async () => {
    const shared = newPool({ idleCloseMs: 1 });
    const before = sshd.logins();
    const { stdout } = await shared.run(sshd.target, 'echo $SSH_CLIENT', LIMIT);
    const [address, port] = stdout.split(' ');
    await until(() => sshd.log().includes(`Received disconnect from ${address} port ${port}:`));
    await shared.run(sshd.target, 'true', LIMIT);
    expect(sshd.logins() - before).toBe(2);
  });

  it('make room for others: the idle one used longest ago goes first', async () => {
    const shared = newPool({ maxConnections: 2 });
    const host = (name: string) => shared.run({ ...sshd.target, name }, 'true', LIMIT);
    await host('a');
    await host('b');
    await host('a');
    const before = sshd.logins();
    await host('c');
    await host('a');
    expect(sshd.logins() - before).toBe(1);
    await host('b');
    expect(sshd.logins() - before).toBe(2);
  });

  it('are opened anew when the pooled one has died unnoticed', async () => {
    const host = await startSshd();
    const shared = newPool();
    const { stdout } = await shared.run(host.target, 'echo $PPID', LIMIT);
    process.kill(Number(stdout), 'SIGKILL');
    expect(await shared.run(host.target, 'echo again', LIMIT)).toMatchObject({ stdout: 'again\n' });
  });

  it('end with the pool, which then takes no more commands', async () => {
    const shared = newPool();
    await shared.run(sshd.target, 'true', LIMIT);
    await shared.close();
    expect(await failureOf(shared.run(sshd.target, 'true', LIMIT))).toMatchObject({ kind: 'cancelled', sent: false });
  });
});

describe('a command that does not end', () => {
  it('is timed out, and its connection goes on', async () => {
    const shared = newPool();
    await shared.run(sshd.target, 'true', LIMIT);
    const before = sshd.logins();
    const failure = await failureOf(shared.run(sshd.target, 'sleep 20', { limitMs: 2_000 }));
    expect(failure).toMatchObject({ kind: 'timed-out', sent: true, host: 'compute-1' });
    expect(failure.message).toContain('within 2000 ms');
    expect(await shared.run(sshd.target, 'echo still', LIMIT)).toMatchObject({ stdout: 'still\n' });
    expect(sshd.logins()).toBe(before);
  });

  it('has a result when only a process it left behind holds the output open', async () => {
    const result = await pool.run(sshd.target, 'sleep 20 & echo started; exit 6', { limitMs: 3_000 });
    expect(result).toEqual({ exitCode: 6, stdout: 'started\n', stderr: '', truncated: true });
  });

  it('does not starve its host: with all channels hung, newcomers get another connection', async () => {
    const shared = newPool({ channelsPerConnection: 1 });
    const before = sshd.logins();
    await failureOf(shared.run(sshd.target, 'sleep 20', { limitMs: 2_000 }));
    expect(await shared.run(sshd.target, 'echo free', LIMIT)).toMatchObject({ stdout: 'free\n' });
    expect(sshd.logins() - before).toBe(2);
  });

  it('is reported as not sent when it only ever waited for a channel', async () => {
    const shared = newPool({ channelsPerConnection: 1 });
    const blocking = shared.run(sshd.target, 'sleep 1', LIMIT);
    const marker = at('never-ran');
    const failure = await failureOf(shared.run(sshd.target, `touch ${shellWord(marker)}`, { limitMs: 300 }));
    expect(failure).toMatchObject({ kind: 'timed-out', sent: false });
    await blocking;
    await shared.run(sshd.target, 'true', LIMIT);
    expect(existsSync(marker)).toBe(false);
  });

  it('is cancelled by its signal: before, while waiting and while running', async () => {
    expect(await failureOf(pool.run(sshd.target, 'true', { ...LIMIT, signal: AbortSignal.abort() }))).toMatchObject({
      kind: 'cancelled',
      sent: false,
    });

    const controller = new AbortController();
    const started = at('started');
    const running = pool.run(sshd.target, `touch ${shellWord(started)}; sleep 20`, {
      ...LIMIT,
      signal: controller.signal,
    });
    await until(() => existsSync(started));
    controller.abort(new Error('worker shuts down'));
    const failure = await failureOf(running);
    expect(failure).toMatchObject({ kind: 'cancelled', sent: true });
    expect(failure.cause).toEqual(new Error('worker shuts down'));

    const connecting = new AbortController();
    const early = newPool().run(sshd.target, 'true', { ...LIMIT, signal: connecting.signal });
    connecting.abort();
    expect(await failureOf(early)).toMatchObject({ kind: 'cancelled', sent: false });
  });

  it('has an unknown outcome when its connection is cut', async () => {
    const host = await startSshd();
    const running = newPool().run(host.target, 'kill -KILL $PPID; sleep 1', LIMIT);
    const failure = await failureOf(running);
    expect(failure).toMatchObject({ kind: 'unknown-outcome', sent: true });
    expect(failure.hint).toContain('Read the state of the host');
  });
});
