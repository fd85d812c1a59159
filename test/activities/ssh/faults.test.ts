import { describe, expect, it } from 'vitest';
import { createSshPool, type SshPoolOptions } from '../../../activities/ssh/pool.js';
import { anyFreePort } from '../../../worker/server/ports.js';
import { failureOf } from './support/failure.js';
import { exit, startFakeSshd } from './support/fake-sshd.js';
import { atEnd, until } from './support/scratch.js';

const LIMIT = { limitMs: 30_000 };

function newPool(options: SshPoolOptions = {}) {
  const pool = createSshPool(options);
  atEnd(() => pool.close());
  return pool;
}

describe('a host that cannot be connected to', () => {
  it('is unreachable when nothing listens, and nothing was sent', async () => {
    const { target } = await startFakeSshd();
    const failure = await failureOf(newPool().run({ ...target, port: await anyFreePort() }, 'true', LIMIT));
    expect(failure).toMatchObject({ kind: 'unreachable', host: 'fake-1', sent: false });
    expect(failure.message).toContain('refused the connection');
  });

  it('is unreachable when its name does not resolve', async () => {
    const { target } = await startFakeSshd();
    const failure = await failureOf(newPool().run({ ...target, address: 'no-such-host.invalid' }, 'true', LIMIT));
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/resolve/) });
  });

  it('is unreachable when it accepts and then says nothing', async () => {
    const { target } = await startFakeSshd({ onSocket: () => 'handled' });
    const failure = await failureOf(newPool().run({ ...target, connectTimeoutMs: 150 }, 'true', LIMIT));
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('within 150 ms') });
  });

  it('is unreachable when it talks something else than SSH', async () => {
    const { target } = await startFakeSshd({
      onSocket: (_nth, socket) => {
        socket.write('SSH-1.5-ancient\r\n');
        return 'handled';
      },
    });
    expect(await failureOf(newPool().run(target, 'true', LIMIT))).toMatchObject({ kind: 'unreachable', sent: false });
  });

  it('may drop a few connections before its banner: they are tried again', async () => {
    const host = await startFakeSshd({
      onSocket: (nth, socket) => {
        if (nth > 3) return 'serve';
        if (nth === 1) socket.resetAndDestroy();
        else socket.end(nth === 2 ? 'Exceeded MaxStartups\r\n' : '');
        return 'handled';
      },
    });
    expect(await newPool().run(host.target, 'true', LIMIT)).toMatchObject({ exitCode: 0 });
    expect(host.connections).toBe(4);
    expect(host.commands).toHaveLength(1);
  });

  it('is unreachable when it drops connections until the deadline', async () => {
    const host = await startFakeSshd({
      onSocket: (_nth, socket) => {
        socket.destroy();
        return 'handled';
      },
    });
    const failure = await failureOf(newPool().run({ ...host.target, connectTimeoutMs: 2_000 }, 'true', LIMIT));
    expect(failure).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('MaxStartups') });
    expect(host.connections).toBeGreaterThan(1);
  });

  it('is not tried again when it rejects the login', async () => {
    const host = await startFakeSshd({ publicKeyAccepted: false });
    expect(await failureOf(newPool().run(host.target, 'true', LIMIT))).toMatchObject({ kind: 'auth', sent: false });
    expect(host.connections).toBe(1);
  });

  it('leaves its turn to others while it is waited for', async () => {
    const silent = await startFakeSshd({ onSocket: () => 'handled' });
    const dropping = await startFakeSshd({
      onSocket: (_nth, socket) => {
        socket.destroy();
        return 'handled';
      },
    });
    const healthy = await startFakeSshd();
    const pool = newPool({ maxConcurrentConnects: 1 });
    const lost = failureOf(pool.run({ ...dropping.target, connectTimeoutMs: 60_000 }, 'true', LIMIT)).catch(
      () => undefined,
    );
    expect(await pool.run(healthy.target, 'true', LIMIT)).toMatchObject({ exitCode: 0 });
    const waiting = failureOf(pool.run({ ...silent.target, connectTimeoutMs: 60_000 }, 'true', LIMIT));
    await until(() => silent.connections === 1);
    await pool.close();
    expect(await waiting).toMatchObject({ kind: 'cancelled', sent: false });
    await lost;
  });
});

describe('a command that was sent', () => {
  it('is sent as exactly /bin/sh -c and one quoted word', async () => {
    const host = await startFakeSshd();
    await newPool().run(host.target, `echo "it's"; exit 0`, LIMIT);
    expect(host.commands).toEqual([`/bin/sh -c 'echo "it'\\''s"; exit 0'`]);
  });

  it('and never answered is timed out, as possibly sent', async () => {
    const host = await startFakeSshd({ onExec: () => undefined });
    const failure = await failureOf(newPool().run(host.target, 'true', { limitMs: 2_000 }));
    expect(failure).toMatchObject({ kind: 'timed-out', sent: true });
    expect(host.commands).toHaveLength(1);
  });

  it('and whose channel closes without an exit code has an unknown outcome, and is not repeated', async () => {
    const host = await startFakeSshd({ onExec: (_command, accept) => accept().end() });
    const failure = await failureOf(newPool().run(host.target, 'true', LIMIT));
    expect(failure).toMatchObject({ kind: 'unknown-outcome', sent: true });
    expect(host.commands).toHaveLength(1);
  });

  it('and cut off before its answer has an unknown outcome, also on a pooled connection', async () => {
    let cut = false;
    const host = await startFakeSshd({
      onExec: (_command, accept) => {
        if (!cut) return exit(accept());
        for (const socket of host.sockets) socket.destroy();
      },
    });
    const pool = newPool();
    await pool.run(host.target, 'true', LIMIT);
    cut = true;
    expect(await failureOf(pool.run(host.target, 'true', LIMIT))).toMatchObject({
      kind: 'unknown-outcome',
      sent: true,
    });
    expect(host.commands).toHaveLength(2);
    expect(host.connections).toBe(1);
  });

  it('on a host that dies with several in flight has an unknown outcome for each', async () => {
    const host = await startFakeSshd({ onExec: (_command, accept) => void accept() });
    const pool = newPool();
    const lost = Array.from({ length: 3 }, () => failureOf(pool.run(host.target, 'true', LIMIT)));
    await until(() => host.commands.length === 3);
    for (const socket of host.sockets) socket.destroy();
    expect((await Promise.all(lost)).map(({ kind }) => kind)).toEqual(Array(3).fill('unknown-outcome'));
  });

  it('is noticed as lost by unanswered keepalives', async () => {
    const host = await startFakeSshd({
      onExec: (_command, accept) => {
        accept();
        for (const socket of host.sockets) socket.pause();
      },
    });
    const failure = await failureOf(newPool().run({ ...host.target, keepaliveMs: 50 }, 'true', LIMIT));
    expect(failure).toMatchObject({ kind: 'unknown-outcome', sent: true });
  });

  it('keeps its exit code when the link breaks right after it', async () => {
    const host = await startFakeSshd({
      onExec: (_command, accept) => {
        const channel = accept();
        channel.write('partial');
        channel.exit(7);
        setImmediate(() => {
          for (const socket of host.sockets) socket.end();
        });
      },
    });
    const result = await newPool().run(host.target, 'true', LIMIT);
    expect(result).toEqual({ exitCode: 7, stdout: 'partial', stderr: '', truncated: true });
  });
});

describe('a command that was certainly not sent', () => {
  it('gets a new connection when the pooled one goes silent before its channel is confirmed', async () => {
    let first = true;
    const host = await startFakeSshd({
      onSession: (accept) => {
        if (!first || host.commands.length === 0) return accept();
        first = false;
        for (const socket of host.sockets) socket.destroy();
        return undefined;
      },
    });
    const pool = newPool();
    await pool.run(host.target, 'true', LIMIT);
    expect(await pool.run(host.target, 'echo second', LIMIT)).toMatchObject({ exitCode: 0 });
    expect(host.connections).toBe(2);
    expect(host.commands).toHaveLength(2);
  });

  it('is given up after one more connection', async () => {
    let refusing = false;
    const host = await startFakeSshd({
      onSession: (accept) => {
        if (!refusing) return accept();
        for (const socket of host.sockets) socket.destroy();
        return undefined;
      },
    });
    const pool = newPool();
    await pool.run(host.target, 'true', LIMIT);
    refusing = true;
    expect(await failureOf(pool.run(host.target, 'true', LIMIT))).toMatchObject({ kind: 'unreachable', sent: false });
    expect(host.connections).toBe(2);
    expect(host.commands).toHaveLength(1);
  });

  it('waits for a channel on a host that allows one session at a time', async () => {
    let open = 0;
    let most = 0;
    const host = await startFakeSshd({
      onSession: (accept, reject) => {
        if (open >= 1) {
          reject();
          return undefined;
        }
        most = Math.max(most, ++open);
        return accept();
      },
      onExec: (_command, accept) => {
        const channel = accept();
        channel.on('close', () => open--).resume();
        setImmediate(() => exit(channel));
      },
    });
    const pool = newPool();
    const results = await Promise.all(Array.from({ length: 6 }, () => pool.run(host.target, 'true', LIMIT)));
    expect(results.every(({ exitCode }) => exitCode === 0)).toBe(true);
    expect({ most, connections: host.connections, commands: host.commands.length }).toEqual({
      most: 1,
      connections: 1,
      commands: 6,
    });
  });

  it('is an error on a host that opens no session at all', async () => {
    const host = await startFakeSshd({
      onSession: (_accept, reject) => {
        reject();
        return undefined;
      },
    });
    const failure = await failureOf(newPool().run(host.target, 'true', LIMIT));
    expect(failure).toMatchObject({
      kind: 'unreachable',
      sent: false,
      message: expect.stringContaining('opens no session'),
    });
  });
});

describe('giving up while the host has not confirmed the channel', () => {
  it('never lets a host that wakes up later run the command', async () => {
    let confirm: (() => unknown) | undefined;
    const host = await startFakeSshd({
      onSession: (accept) => {
        confirm = accept;
        return undefined;
      },
    });
    const failure = await failureOf(newPool().run(host.target, 'true', { limitMs: 2_000 }));
    expect(failure.kind).toBe('timed-out');
    await until(() => host.sockets.size === 0);
    confirm?.();
    expect(host.commands).toEqual([]);
  });
});
