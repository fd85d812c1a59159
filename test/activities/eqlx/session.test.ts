import { describe, expect, it } from 'vitest';
import { ArrayFailure, withArraySession } from '../../../activities/eqlx/session.js';
import { createSshPool } from '../../../activities/ssh/pool.js';
import { SshFailure } from '../../../activities/ssh/types.js';
import { SimArray } from '../../../lab/sim/eqlx/array.js';
import { type ArrayOnTrial, PASSWORD, startArray } from './array-on-trial.js';

const POOL = 'pool select default show';
const never = new AbortController().signal;

const askPool = ({ ssh, target }: ArrayOnTrial, group?: string, signal = never): Promise<string[]> =>
  withArraySession(ssh, { target, group }, signal, ({ ask }) => ask(POOL));

const failureOf = (promise: Promise<unknown>): Promise<Error & { kind?: string; hint?: string }> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: Error) => error,
  );

/** Resolves as soon as the array has the command. */
const untilAsked = ({ array }: ArrayOnTrial): Promise<void> => expect.poll(() => array.typed).toContain(POOL);

/** Resolves as soon as the array has noticed. */
const untilGone = ({ array, front }: ArrayOnTrial): Promise<void> =>
  expect.poll(() => [array.sessions - array.heldByOthers, front.connections]).toEqual([0, 0]);

describe('a session on an array', () => {
  it('sets the command line up, gets one fact a line, and logs out', async () => {
    const site = await startArray();
    const lines = await askPool(site, 'group0');
    expect(lines).toContain('TotalCapacity: 2.5TB');
    expect(lines).toContain('FreeSpace: 600GB');
    expect(lines.at(-1)).toBe('volume-0041');
    expect(site.array.typed).toEqual([
      'stty columns 255',
      'cli-settings events off',
      'cli-settings formatoutput off',
      'cli-settings paging off',
      POOL,
      'logout',
    ]);
    expect(site.array.ended).toEqual({ byLogout: 1, byConnection: 0 });
    await untilGone(site);
  });

  it('logs in with a password, which is seen nowhere', async () => {
    const site = await startArray(new SimArray(), { key: undefined as never });
    const identity = { kind: 'password' as const, password: async () => PASSWORD };
    await expect(askPool({ ...site, target: { ...site.target, identity } })).resolves.toContain('FreeSpace: 600GB');
    expect(site.array.typed.join()).not.toContain(PASSWORD);

    const wrong = { kind: 'password' as const, password: async () => 'another-secret' };
    const failure = await failureOf(askPool({ ...site, target: { ...site.target, identity: wrong } }));
    expect(failure).toMatchObject({ kind: 'auth' });
    expect(`${failure.message} ${failure.hint}`).not.toMatch(/another-secret|s3cret/);
    expect(failure.hint).toContain('password');
  });

  it('is not opened to a host with another key, which never sees the password', async () => {
    const site = await startArray();
    const other = await startArray();
    const identity = { kind: 'password' as const, password: async () => PASSWORD };
    const target = { ...site.target, identity, knownHosts: other.target.knownHosts };
    expect(await failureOf(askPool({ ...site, target }))).toMatchObject({ kind: 'host-key-unknown' });
    expect(site.array.mostAtOnce).toBe(0);
  });

  it('is one at a time on an array, whoever asks', async () => {
    const site = await startArray();
    site.array.faults.promptAfterMs = 30;
    const another = createSshPool();
    await Promise.all([askPool(site), askPool({ ...site, ssh: another }), askPool(site)]);
    await another.close();
    expect(site.array.mostAtOnce).toBe(1);
    expect(site.array.ended.byLogout).toBe(3);
  });

  it('does not wait for the sessions on another array', async () => {
    const [slow, fast] = [await startArray(), await startArray()];
    slow.array.faults.promptAfterMs = 1_000;
    const later = askPool(slow);
    await askPool(fast);
    expect(slow.array.ended.byLogout).toBe(0);
    await later;
  });

  it('says what the array says that has no session left, and frees its place', async () => {
    const site = await startArray();
    site.array.heldByOthers = 7;
    const failure = await failureOf(askPool(site));
    expect(failure).toBeInstanceOf(ArrayFailure);
    expect(failure.message).toBe(
      'the array array-1 lets nobody in: % Error - Maximum number of management sessions reached.',
    );
    await untilGone(site);
    site.array.heldByOthers = 6;
    await expect(askPool(site)).resolves.toContain('FreeSpace: 600GB');
  });

  it('refuses another group than the one that is meant', async () => {
    const site = await startArray(new SimArray('lab-group'));
    const failure = await failureOf(askPool(site, 'group0'));
    expect(failure.message).toBe('array-1 is the group lab-group, and not group0');
    expect(site.array.ended).toEqual({ byLogout: 1, byConnection: 0 });
  });

  it('finds an error in the midst of an answer, and what is not there', async () => {
    const site = await startArray();
    const failures = await withArraySession(site.ssh, site, never, async ({ ask }) => [
      await failureOf(ask('pool explode')),
      await failureOf(ask('pool select fast show')),
      await ask(POOL),
    ]);
    expect(failures).toMatchObject([
      { kind: 'refused', message: 'the array array-1 answers `pool explode` with: % Error - Bad command or syntax.' },
      { kind: 'missing', message: 'the array array-1 answers `pool select fast show` with: Pool fast does not exist.' },
      expect.arrayContaining(['FreeSpace: 600GB']),
    ]);
  });

  it('reads on where the array pages its answers and does not let us change that', async () => {
    const site = await startArray();
    const { ssh } = site;
    // An account that may change no setting: its settings are refused, and all else is as at the beginning.
    const stubborn: typeof ssh = {
      ...ssh,
      shell: async (target, options) => {
        const shell = await ssh.shell(target, options);
        const type = shell.type.bind(shell);
        shell.type = (keys) => type(keys.replace('cli-settings', 'not-for-you'));
        return shell;
      },
    };
    const lines = await askPool({ ...site, ssh: stubborn });
    expect(lines.join('\n')).toMatch(/TotalCapacity: 2.5TB\s+FreeSpace: 600GB/);
    expect(lines.at(-1)).toBe('volume-0041');
    expect(lines.join('\n')).not.toContain('Press any key');
  });

  it('is not led astray by events, before and while they are turned off', async () => {
    const site = await startArray();
    site.array.faults.isNoisy = true;
    await expect(askPool(site)).resolves.toContain('TotalCapacity: 2.5TB');
  });

  it('ends when nobody wants it any more, logged out all the same', async () => {
    const site = await startArray();
    site.array.faults.hangsAt = 'pool';
    const stop = new AbortController();
    const asking = failureOf(askPool(site, undefined, stop.signal));
    await untilAsked(site);
    stop.abort();
    const failure = await asking;
    expect(failure).toBeInstanceOf(SshFailure);
    expect(failure).toMatchObject({ kind: 'cancelled' });
    await untilGone(site);
    expect(site.array.ended.byConnection).toBe(1);
  });

  it('leaves no session behind when the login is not wanted any more', async () => {
    const site = await startArray();
    site.array.faults.isMute = true;
    expect(await failureOf(askPool(site, undefined, AbortSignal.timeout(100)))).toMatchObject({ kind: 'cancelled' });
    await untilGone(site);
    site.array.faults.isMute = false;
    await expect(askPool(site)).resolves.toContain('FreeSpace: 600GB');
  });

  it('waits for its turn no longer than it is wanted', async () => {
    const site = await startArray();
    site.array.faults.promptAfterMs = 1_000;
    const first = askPool(site);
    const reason = new Error('enough');
    const second = new AbortController();
    const waiting = failureOf(askPool(site, undefined, second.signal));
    second.abort(reason);
    expect(await waiting).toBe(reason);
    await first;
    expect(site.array.mostAtOnce).toBe(1);
  });

  it('says what it last heard when the array breaks off', async () => {
    const site = await startArray();
    site.array.faults.hangsAt = 'pool';
    const asking = failureOf(askPool(site));
    await untilAsked(site);
    site.front.cut();
    const failure = await asking;
    expect(failure.message).toMatch(/^the array array-1 ended the session/);
    await untilGone(site);
  });

  it('logs out after work that fails', async () => {
    const site = await startArray();
    const reason = new Error('no more');
    const work = withArraySession(site.ssh, site, never, () => Promise.reject(reason));
    expect(await failureOf(work)).toBe(reason);
    expect(site.array.ended).toEqual({ byLogout: 1, byConnection: 0 });
  });
});
