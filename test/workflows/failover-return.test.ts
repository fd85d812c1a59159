import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';
import type { RolloutProgress } from '../../domain/progress.js';
import type { Call } from './fake-controllers.js';
import { endOf, operate, patience, progressOf, refusal, tell, untilWaiting } from './steering.js';

const untilReturned = { hold: { kind: 'until-returned', limitMs: 24 * 3_600_000 } } as const;
const OUT: Call[] = ['admit', 'take mark', 'take drain', 'take standby', 'away'];
const BACK: Call[] = ['online', 'undo standby', 'back, drained', 'undo drain', 'undo mark', 'back'];
const refused = (why: string) => ({ state: 'refused' as const, why });
const done = { state: 'done' as const };
const reached = { state: 'reached' as const };
const silent = ApplicationFailure.nonRetryable('no controller answers');

describe.concurrent('a controller that cannot be put back', { timeout: 180_000 }, () => {
  it('is tried again when a person says so', async () => {
    const { site, handle } = await operate({ answers: { 'undo standby': [refused('no quorum'), done] } });
    const { waiting, owed } = await untilWaiting(handle, 'restore');
    expect(waiting?.why).toContain('standby is owed: no quorum');
    expect(owed).toContain('controller-2: standby');
    await vi.waitFor(() => expect(site.events.map(({ event }) => event)).toEqual(['needs-person']), patience);
    expect(await refusal(tell(handle, 'return'))).toMatch(/^it waits for retry or skip: /);
    expect(await refusal(tell(handle, 'retry', { reason: ' ' }))).toBe('an actor and a reason are needed');
    expect(site.story).toEqual([...OUT, 'online', 'undo standby']);
    expect(await tell(handle, 'retry')).toBe('tries again to put it back');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [], controls: [{ verb: 'retry' }] });
    expect(site.story).toEqual([...OUT, 'online', 'undo standby', ...BACK]);
  });

  it('is asked about as often as it cannot be put back, and every undo has an intent of its own', async () => {
    const { site, handle } = await operate({ answers: { 'undo drain': [refused('one'), refused('two'), done] } });
    for (const why of ['one', 'two']) {
      await untilWaiting(handle, 'restore', why);
      await tell(handle, 'retry');
    }
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    const undone = site.calls.filter(({ call }) => call === 'undo drain');
    expect(new Set(undone.map(({ intent }) => intent)).size).toBe(3);
    expect(new Set(undone.map(({ taken }) => taken)).size).toBe(1);
  });

  it('stays owed when a person leaves it so, and the run does not end ok', async () => {
    const { site, handle } = await operate({ answers: { 'undo standby': [refused('no quorum')] } });
    await untilWaiting(handle, 'restore');
    expect(await tell(handle, 'skip')).toBe('left as it is, and owed');
    const { failure, progress } = await endOf(handle);
    expect(failure.type).toBe('RolloutFailed');
    expect(progress).toMatchObject({ outcome: 'failed', states: 'f' });
    expect(progress.owed).toEqual(
      expect.arrayContaining(['controller-2: standby', 'controller-2: its servers disabled in HAProxy']),
    );
    expect(progress.notes['controller-2']?.why).toContain('no quorum');
    expect(site.story).toEqual([...OUT, 'online', 'undo standby']);
    expect((await handle.describe()).memo?.progress).toMatchObject({ owed: progress.owed });
  });

  it('stays owed when nobody decides in time', async () => {
    const { site, handle } = await operate(
      { answers: { 'undo mark': [refused('no quorum')] } },
      {},
      { pauseDeadlineMs: 1_000 },
    );
    const { progress } = await endOf(handle);
    expect(progress.owed[0]).toMatch(/^controller-2: the mark [0-9a-f]{16}$/);
    expect(progress).toMatchObject({ states: 'f', controls: [] });
    expect(site.story).toEqual([...OUT, 'online', 'undo standby', 'back, drained', 'undo drain', 'undo mark']);
  });

  it('is not left behind by an abort', async () => {
    const { site, handle } = await operate({ answers: { 'undo standby': [refused('no quorum'), done] } });
    await untilWaiting(handle, 'restore');
    await tell(handle, 'abort');
    await untilWaiting(handle, 'restore');
    await tell(handle, 'retry');
    expect((await endOf(handle)).progress).toMatchObject({ outcome: 'aborted', owed: [] });
    expect(site.story).toEqual([...OUT, 'online', 'undo standby', ...BACK]);
  });

  it.for(['back, drained', 'back'] as const)(
    'is proven back, and not only undone, when "%s" is tried again',
    async (look) => {
      const { site, handle } = await operate({ answers: { [look]: [silent, silent, reached] } });
      for (const looks of [1, 2]) {
        await untilWaiting(handle, 'restore', 'no controller answers');
        expect(site.story.filter((call) => call === look)).toHaveLength(looks);
        await tell(handle, 'retry');
        await vi.waitFor(
          () => expect(site.story.filter((call) => call === look).length).toBeGreaterThan(looks),
          patience,
        );
      }
      expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
      const from = BACK.indexOf(look);
      expect(site.story).toEqual([...OUT, ...BACK.slice(0, from), look, look, ...BACK.slice(from)]);
    },
  );

  it('does not hide why it failed in the first place', async () => {
    const { handle } = await operate({
      answers: { 'take standby': [refused('2 of 3 in the Galera cluster')], 'undo standby': [refused('no quorum')] },
    });
    await untilWaiting(handle, 'restore');
    await tell(handle, 'skip');
    const { progress } = await endOf(handle);
    expect(progress.notes['controller-2']?.why).toBe('standby: 2 of 3 in the Galera cluster');
    expect(progress.owed).toContain('controller-2: standby');
  });

  it('is asked about once when an address cannot be let go at home', async () => {
    const { site, handle } = await operate(
      { answers: { 'undo prefer': [refused('no quorum')] }, before: { vips: { vip__public: 'controller-2' } } },
      { vipsHome: true },
    );
    await untilWaiting(handle, 'restore');
    await tell(handle, 'skip');
    const { progress } = await endOf(handle);
    expect(progress.controls).toHaveLength(1);
    expect(progress.owed).toContain('vip__public: the constraint cli-prefer-vip__public');
    expect(site.story.at(-1)).toBe('undo prefer');
  });

  it('gets its addresses when a person wants that tried again', async () => {
    const { site, handle } = await operate(
      { answers: { 'address there': [silent, reached] }, before: { vips: { vip__public: 'controller-2' } } },
      { vipsHome: true },
    );
    await untilWaiting(handle, 'restore');
    expect((await progressOf(handle)).owed.join()).not.toContain('cli-prefer');
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    const home: Call[] = ['take prefer', 'address there', 'undo prefer'];
    const looks: Call[] = ['back, marked', ...home];
    expect(site.story).toEqual([
      ...OUT,
      'online',
      'undo standby',
      'back, drained',
      'undo drain',
      ...looks,
      ...looks,
      'undo mark',
      'back',
    ]);
  });

  it('has another turn that begins anew, under a lease of its own, and is held anew', async () => {
    const { site, handle } = await operate(
      { answers: { 'undo standby': [refused('no quorum'), done] } },
      untilReturned,
      {
        onFailure: 'pause',
      },
    );
    await untilWaiting(handle, 'return');
    await tell(handle, 'return');
    await untilWaiting(handle, 'restore');
    await tell(handle, 'skip');
    await untilWaiting(handle, 'failures');
    await tell(handle, 'retry');
    await untilWaiting(handle, 'return');
    expect(site.leases.map(({ batch }) => batch)).toEqual([0, 0, 0, 1, 1, 1]);
    await tell(handle, 'return');
    await endOf(handle);
    expect(site.story.slice(-BACK.length)).toEqual(BACK);
  });
});

describe.concurrent('a dead controller', { timeout: 180_000 }, () => {
  it('is proven dead, taken out of service, and waits to be returned', async () => {
    const { site, handle } = await operate({}, { dead: { confirmed: true }, ...untilReturned });
    await untilWaiting(handle, 'return');
    await tell(handle, 'return');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    expect(site.story).toEqual(['admit', 'prove dead', ...OUT.slice(1), 'guard', ...BACK]);
    const away = site.calls.filter(({ call }) => call.startsWith('take')).map((one) => one.away);
    expect(away).toEqual(Array(3).fill({ node: 'controller-2', isDead: true }));
  });

  it('is kept in standby for as long as it is not a member again', async () => {
    const { site, handle } = await operate(
      { answers: { online: [silent, reached] } },
      { dead: { confirmed: true }, ...untilReturned },
    );
    await untilWaiting(handle, 'return');
    await tell(handle, 'return');
    await untilWaiting(handle, 'restore', 'no controller answers');
    expect(site.story).not.toContain('undo standby');
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    expect(site.story.slice(-BACK.length - 1)).toEqual(['online', ...BACK]);
  });

  it('is left alone while anything speaks against it', async () => {
    const doubts = ['controller-2 answers over SSH', 'nobody has confirmed that it has no power'];
    const { site, handle } = await operate(
      { answers: { 'prove dead': [{ proofs: [], doubts }] } },
      { dead: { confirmed: false } },
    );
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ outcome: 'failed', states: 'f', owed: [] });
    expect(progress.notes['controller-2']?.why).toBe(`controller-2 is not proven gone: ${doubts.join('; ')}`);
    expect(site.story).toEqual(['admit', 'prove dead']);
  });

  it('is left alone when nobody can be asked', async () => {
    const { site, handle } = await operate({ answers: { 'prove dead': [silent] } }, { dead: { confirmed: true } });
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ outcome: 'failed', states: 'v', owed: [] });
    expect(progress.notes['controller-2']?.why).toBe('no controller answers');
    expect(site.story).toEqual(['admit', 'prove dead']);
  });
});

describe.concurrent('a return without a failover', { timeout: 180_000 }, () => {
  const mark = { kind: 'mark', mark: '0123456789abcdef' } as const;
  const drain = { kind: 'drain' } as const;
  const standby = { kind: 'standby' } as const;
  const back = { operation: 'return' } as const;

  it('undoes what was left, as if it were its own', async () => {
    const { site, handle } = await operate({ before: { left: [mark, drain, standby] } }, {}, back);
    expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 'o', owed: [] });
    expect(site.story).toEqual(['admit', ...BACK]);
    expect(site.last('undo mark')?.step).toEqual(mark);
    expect(site.last('undo standby')?.owed).toEqual([
      'controller-2: taken out of service',
      'controller-2: the mark 0123456789abcdef',
      'controller-2: its servers disabled in HAProxy',
      'controller-2: standby',
    ]);
  });

  it.for<{ name: string; left: { kind: 'standby' | 'drain' }[]; story: Call[] }>([
    { name: 'standby alone', left: [standby], story: ['admit', 'online', 'undo standby', 'back'] },
    { name: 'drained servers alone', left: [drain], story: ['admit', 'undo drain', 'back'] },
    { name: 'nothing', left: [], story: ['admit'] },
  ])('proves it back when $name was left', async ({ left, story }) => {
    const { site, handle } = await operate({ before: { left } }, {}, back);
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    expect(site.story).toEqual(story);
  });

  it('asks a person about what it cannot undo', async () => {
    const { site, handle } = await operate(
      { before: { left: [standby] }, answers: { 'undo standby': [refused('no quorum')] } },
      {},
      back,
    );
    await untilWaiting(handle, 'restore', 'no quorum');
    await tell(handle, 'skip');
    const { progress } = await endOf(handle);
    expect(progress.states).toBe('f');
    expect(progress.owed).toContain('controller-2: standby');
    expect(site.story).toEqual(['admit', 'online', 'undo standby']);
  });
});

describe.concurrent('moving an address', { timeout: 180_000 }, () => {
  const move = { operation: 'move', target: 'vip__public' } as const;
  const to = { to: 'controller-2' };
  const constraint = 'vip__public: the constraint cli-prefer-vip__public';

  it('leaves no constraint behind, and tells for how long the address did not answer', async () => {
    const { site, handle } = await operate({}, to, move);
    const report: RolloutProgress = await handle.result();
    expect(report).toMatchObject({ outcome: 'ok', owed: [] });
    expect(report.notes['controller-2']?.why).toBe('vip__public did not answer for 0.4 s');
    expect(site.storyOf('controller-2')).toEqual(['admit', 'take prefer', 'undo prefer']);
    expect(site.last('take prefer')).toMatchObject({
      step: { kind: 'prefer', vip: 'vip__public', to: 'controller-2.example' },
      owed: [constraint],
    });
    expect(site.storyOf('controller-2.example')).toEqual(['address there']);
    expect(site.storyOf('vip__public')).toEqual(['probe']);
  });

  it('takes the constraint away when the address does not come', async () => {
    const { site, handle } = await operate({ answers: { 'address there': [silent] } }, to, move);
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ outcome: 'failed', states: 'f', owed: [] });
    expect(progress.notes['controller-2']?.why).toBe('no controller answers');
    expect(site.storyOf('controller-2')).toEqual(['admit', 'take prefer', 'undo prefer']);
  });

  it('takes the constraint away when nobody knows whether it was made', async () => {
    const { site, handle } = await operate({ answers: { 'take prefer': [silent] } }, to, move);
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ states: 'f', owed: [] });
    expect(site.storyOf('controller-2')).toEqual(['admit', 'take prefer', 'undo prefer']);
    expect(site.story).not.toContain('address there');
  });

  it('asks a person about a constraint that stays', async () => {
    const { handle } = await operate({ answers: { 'undo prefer': [refused('no quorum')] } }, to, move);
    await untilWaiting(handle, 'restore', 'no quorum');
    await tell(handle, 'skip');
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ states: 'f' });
    expect(progress.owed).toContain(constraint);
  });
});

describe.concurrent('rebooting every controller', { timeout: 180_000 }, () => {
  const hosts = ['controller-1', 'controller-2', 'controller-3'];
  const restart = { operation: 'restart', target: 'controllers', batch: [1] } as const;
  const turn: Call[] = [...OUT, 'reboot', ...BACK];

  it('has one out of service at a time, and each is back before the next', async () => {
    const { site, handle } = await operate({ hosts }, {}, { ...restart, batch: [1] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 'ooo', owed: [] });
    expect(site.story).toEqual([...turn, ...turn, ...turn]);
    expect(site.calls.map(({ node }) => node)).toEqual(hosts.flatMap((host) => Array(turn.length).fill(host)));
    expect(site.leases.map(({ batch }) => batch)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect(new Set(site.calls.filter(({ call }) => call === 'reboot').map(({ intent }) => intent)).size).toBe(3);
  });

  it.for([
    {
      name: 'its reboot fails',
      answers: {
        reboot: [
          { state: 'acted', byUs: true },
          { state: 'failed', note: { why: 'it hangs' } },
        ],
      },
      story: turn,
    },
    {
      name: 'it cannot be taken out',
      answers: { 'take standby': [done, refused('it hangs')] },
      story: [...OUT.slice(0, -1), ...BACK],
    },
    {
      name: 'nobody knows whether it came up',
      answers: { reboot: [{ state: 'acted', byUs: true }, ApplicationFailure.nonRetryable('it hangs')] },
      story: turn,
    },
  ] as const)('brings a controller back and goes to no other when $name', async ({ answers, story }) => {
    const { site, handle } = await operate({ hosts, answers: answers as object }, {}, { ...restart, batch: [1] });
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ outcome: 'aborted', states: expect.stringMatching(/^o[f?]\.$/), owed: [] });
    expect(progress.notes['controller-2']?.why).toContain('it hangs');
    expect(site.storyOf('controller-1')).toEqual(turn);
    expect(site.storyOf('controller-2')).toEqual(story);
    expect(site.storyOf('controller-3')).toEqual([]);
  });

  it('goes to no other when one is left out of service', async () => {
    const { site, handle } = await operate(
      { hosts, answers: { 'undo standby': [refused('no quorum')] } },
      {},
      { ...restart, batch: [1] },
    );
    await untilWaiting(handle, 'restore');
    await tell(handle, 'skip');
    expect((await endOf(handle)).progress).toMatchObject({ states: 'f..' });
    expect(new Set(site.calls.map(({ node }) => node))).toEqual(new Set(['controller-1']));
  });

  it('lets a reboot finish when it is aborted, brings that controller back, and goes to no other', async () => {
    const { site, handle } = await operate({ hosts }, {}, { ...restart, batch: [1] }, (fleet) => fleet.hold('reboot'));
    await vi.waitFor(() => expect(site.last('reboot')).toBeDefined(), patience);
    await tell(handle, 'abort');
    site.let('reboot');
    expect((await endOf(handle)).progress).toMatchObject({ outcome: 'aborted', states: 'o..', owed: [] });
    expect(site.story).toEqual(turn);
  });
});

describe.concurrent('restarting a module of every controller', { timeout: 180_000 }, () => {
  const hosts = ['controller-1', 'controller-2'];
  const request = { operation: 'restart', target: 'controllers', batch: [1] } as const;
  const module = { module: 'neutron' };
  const fence = { bootId: 'b', startedUs: 1, mainPid: 1 };
  const units = [{ target: 'neutron-server', ticket: { verb: 'try-restart' as const, fence, failedNeeds: [] } }];
  const before = { restarts: { units, resources: ['clone_p_neutron-l3-agent'] } };
  const out: Call[] = ['admit', 'take mark', 'take drain'];
  const banned: Call[] = ['take ban', 'resource off', 'undo ban', 'back, drained'];
  const back: Call[] = ['back, drained', 'undo drain', 'undo mark', 'back'];

  it('drains a controller, restarts its units and then its resources, proves them, and goes to the next when it is back', async () => {
    const { site, handle } = await operate({ hosts, before }, module, request);
    expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 'oo', owed: [] });
    const turn: Call[] = [...out, 'restart units', ...banned, 'verify units', ...back];
    expect(site.story).toEqual([...turn, ...turn]);
    expect(site.story).not.toContain('take standby');
    expect(site.last('undo ban')?.owed).toContain(
      'clone_p_neutron-l3-agent: the constraint cli-ban-clone_p_neutron-l3-agent-on-controller-2.example',
    );
  });

  it('bans nothing, and goes to no other, when a unit does not come up', async () => {
    const answers = { 'restart units': [{ state: 'failed' as const, note: { why: 'neutron-server: exit 1' } }] };
    const { site, handle } = await operate({ hosts, before, answers }, module, request);
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ outcome: 'aborted', states: 'f.', owed: [] });
    expect(progress.notes['controller-1']?.why).toContain('neutron-server: exit 1');
    expect(site.story).toEqual([...out, 'restart units', 'undo drain', 'undo mark', 'back']);
  });

  it('takes the ban away when the resource does not stop, and fails', async () => {
    const answers = { 'resource off': [{ state: 'hopeless' as const, why: 'it hangs' }] };
    const { site, handle } = await operate({ hosts, before, answers }, module, request);
    expect((await endOf(handle)).progress).toMatchObject({ outcome: 'aborted', states: 'f.', owed: [] });
    expect(site.story).toContain('undo ban');
  });

  it('sends nothing twice after an outcome that nobody knows: the same intent is looked up again', async () => {
    const open = { state: 'unknown' as const, note: { why: 'no answer' } };
    const answers = { 'restart units': [open, { state: 'acted' as const, byUs: true }] };
    const { site, handle } = await operate({ hosts, before, answers }, module, { ...request, onFailure: 'pause' });
    await untilWaiting(handle, 'failures');
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', states: 'oo' });
    const [first, second] = site.calls.filter(({ call }) => call === 'restart units');
    expect(second).toMatchObject({ node: 'controller-1', intent: first?.intent, maybeSent: true });
  });
});
