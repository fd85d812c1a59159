import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';
import type { RolloutProgress } from '../../domain/progress.js';
import type { Call } from './fake-controllers.js';
import { endOf, operate, patience, progressOf, refusal, tell, untilWaiting } from './steering.js';

const hours = (count: number): number => count * 3_600_000;
const untilReturned = { hold: { kind: 'until-returned', limitMs: hours(24) } } as const;

const OUT: Call[] = ['admit', 'take mark', 'take drain', 'take standby', 'away'];
const BACK: Call[] = ['online', 'undo standby', 'back, drained', 'undo drain', 'undo mark', 'back'];

const aborts: [string, (handle: WorkflowHandle) => Promise<unknown>, string, string][] = [
  ['abort', (handle) => tell(handle, 'abort'), 'aborted', 'FAILED'],
  ['Temporal cancel', (handle) => handle.cancel(), 'cancelled', 'CANCELLED'],
];

describe.concurrent('a failover', { timeout: 180_000 }, () => {
  it('takes a controller out step by step, brings it back in reverse, and leaves nothing behind', async () => {
    const { site, handle } = await operate({});
    const report: RolloutProgress = await handle.result();
    expect(report).toMatchObject({ outcome: 'ok', states: 'o', owed: [] });
    expect(report.notes).toEqual({});
    expect(site.story).toEqual([...OUT, ...BACK]);
    expect(site.releases).toBe(1);
    expect(site.events.map(({ event }) => event)).toEqual(['ended']);
    const { historyLength } = await handle.describe();
    expect(historyLength).toBeLessThan(150);
  });

  it('notes what it owes before each step, where no worker is needed to read it, and strikes it off after its undo', async () => {
    const { site, handle } = await operate({});
    await handle.result();
    const mark = site.last('take mark')?.step;
    const marked = `controller-2: the mark ${mark?.kind === 'mark' && mark.mark}`;
    const taken = 'controller-2: taken out of service';
    const drained = 'controller-2: its servers disabled in HAProxy';
    const standby = 'controller-2: standby';
    const everything = [taken, marked, drained, standby];
    expect(Object.fromEntries(site.calls.map(({ call, owed }) => [call, owed]))).toEqual({
      admit: [],
      'take mark': [taken, marked],
      'take drain': [taken, marked, drained],
      'take standby': everything,
      away: everything,
      online: everything,
      'undo standby': everything,
      'back, drained': [taken, marked, drained],
      'undo drain': [taken, marked, drained],
      'undo mark': [taken, marked],
      back: [taken],
    });
    expect((await handle.describe()).memo?.progress).toMatchObject({ owed: [], outcome: 'ok' });
  });

  it('gives every step and every undo an intent of its own, makes the taken ones void, and works under its lease', async () => {
    const { site, handle } = await operate({});
    await handle.result();
    const intents = site.calls.flatMap(({ intent }) => intent ?? []);
    expect(new Set(intents).size).toBe(6);
    for (const intent of intents) expect(intent).toMatch(/^[0-9a-f]{16}$/);
    for (const kind of ['mark', 'drain', 'standby'] as const)
      expect(site.last(`undo ${kind}`)?.taken).toBe(site.last(`take ${kind}`)?.intent);
    expect(site.leases).toEqual(Array(3).fill({ owner: handle.workflowId, run: handle.firstExecutionRunId, batch: 0 }));
    // Only one whose servers may be drained, or that is dead, may be found away by the gates.
    expect(site.calls.map(({ away }) => away !== undefined)).toEqual(
      site.story.map((call) => ['take drain', 'take standby', 'away'].includes(call)),
    );
  });

  it('keeps a small history also of a cloud whose HAProxies have many backends', async () => {
    const servers = ['controller-1', 'controller-2', 'controller-3'].flatMap((on) =>
      Array.from({ length: 40 }, (_, index) => ({ on, proxy: `openstack-service-${index}`, server: 'controller-2' })),
    );
    const { handle } = await operate({ before: { servers } }, { vipsHome: true });
    await handle.result();
    const { events } = await handle.fetchHistory();
    const largest = Math.max(...(events ?? []).map((event) => JSON.stringify(event).length));
    expect(largest).toBeLessThan(64_000);
    expect((await handle.describe()).historySize).toBeLessThan(400_000);
  });

  it('shows what is missing while it waits for the others', async () => {
    const missing = ['vip__public is on controller-2', 'galera is not started'];
    const { site, handle } = await operate(
      { answers: { away: [{ state: 'waiting', missing, transferring: false }, { state: 'reached' }] } },
      {},
      {},
      (fleet) => fleet.hold('away'),
    );
    await vi.waitFor(() => expect(site.last('away')).toBeDefined(), patience);
    expect((await progressOf(handle)).notes['controller-2']?.why).toBe(
      'in standby; waits until the others hold everything',
    );
    site.let('away');
    site.hold('away');
    await vi.waitFor(() => expect(site.calls).toHaveLength(OUT.length + 1), patience);
    expect((await progressOf(handle)).notes['controller-2']?.why).toBe(
      `waits for the others to hold everything without controller-2: ${missing.join('; ')}`,
    );
    site.let('away');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(site.story).toEqual([...OUT, 'away', ...BACK]);
  });

  it('draws those addresses home that were on it, one at a time, while it still carries its mark', async () => {
    const { site, handle } = await operate({}, { vipsHome: true });
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    const home: Call[] = ['take prefer', 'address there', 'undo prefer'];
    expect(site.story).toEqual([
      ...OUT,
      'online',
      'undo standby',
      'back, drained',
      'undo drain',
      'back, marked',
      ...home,
      ...home,
      'undo mark',
      'back',
    ]);
    const preferred = site.calls.filter(({ call }) => call === 'take prefer').map(({ step }) => step);
    expect(preferred).toEqual(
      ['vip__public', 'vip__storage'].map((vip) => ({ kind: 'prefer', vip, to: 'controller-2.example' })),
    );
    expect(site.last('address there')?.owed).toContain('vip__storage: the constraint cli-prefer-vip__storage');
    expect(site.last('address there')?.owed).not.toContain('vip__public: the constraint cli-prefer-vip__public');
  });

  it('touches nothing of a controller that a gate keeps it off', async () => {
    const { site, handle } = await operate({
      answers: { admit: [{ state: 'vetoed', note: { why: 'Galera would have 1 of 3' } }] },
    });
    const { failure, progress } = await endOf(handle);
    expect(failure.type).toBe('RolloutFailed');
    expect(progress).toMatchObject({
      states: 'v',
      owed: [],
      notes: { 'controller-2': { why: 'Galera would have 1 of 3' } },
    });
    expect(site.story).toEqual(['admit']);
  });
});

describe.concurrent('a held controller', { timeout: 180_000 }, () => {
  it('comes back by itself when its time is over, and nobody is asked', async () => {
    const { site, handle } = await operate({}, { hold: { kind: 'for', ms: 2_000 } });
    const { waiting } = await untilWaiting(handle, 'return');
    expect(waiting?.why).toBe('controller-2 is out of service, and comes back by itself when its time is over');
    expect(site.story).not.toContain('undo standby');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [], controls: [] });
    expect(site.story).toEqual([...OUT, 'guard', ...BACK]);
    expect(site.events.filter(({ event }) => event === 'needs-person')).toHaveLength(1);
  });

  it('waits until a person returns it', async () => {
    const { site, handle } = await operate({}, untilReturned, {}, (fleet) => fleet.hold('away'));
    await vi.waitFor(() => expect(site.last('away')).toBeDefined(), patience);
    expect(await refusal(tell(handle, 'return'))).toBe('nothing is held out of service');
    site.let('away');
    const { waiting, phase, states, owed } = await untilWaiting(handle, 'return');
    expect(waiting?.why).toBe('controller-2 is out of service, and waits for `ostler return`');
    expect({ phase, states }).toEqual({ phase: 'waiting', states: 'r' });
    expect(owed).toContain('controller-2: standby');
    await vi.waitFor(() => expect(site.last('guard')).toBeDefined(), patience);
    expect(await refusal(tell(handle, 'return', { reason: '' }))).toBe('an actor and a reason are needed');
    expect(await refusal(tell(handle, 'resume'))).toBe('it is not paused');
    expect(await refusal(tell(handle, 'retry'))).toBe('no host has failed');
    expect(await refusal(tell(handle, 'skip', { nodes: ['controller-2'] }))).toContain('in flight');
    expect(site.story).toEqual([...OUT, 'guard']);

    site.hold('undo standby');
    expect(await tell(handle, 'return')).toBe('it comes back into service');
    await vi.waitFor(() => expect(site.last('undo standby')).toBeDefined(), patience);
    expect(await refusal(tell(handle, 'return'))).toBe('it comes back already, says alice: told so');
    site.let('undo standby');
    const report = await handle.result();
    expect(report).toMatchObject({ outcome: 'ok', owed: [], controls: [{ verb: 'return', actor: 'alice' }] });
    expect(site.story).toEqual([...OUT, 'guard', ...BACK]);
    expect((await handle.describe()).historyLength).toBeLessThan(150);
  });

  it.for(['return', 'abort'] as const)(
    'stays where it is, past its time, when something else goes wrong, until a person says %s',
    async (verb) => {
      const trouble = 'Galera on controller-3 is Joined, not Synced';
      const { site, handle } = await operate(
        { answers: { guard: [{ trouble }] } },
        { hold: { kind: 'for', ms: 1_500 } },
        {},
        (fleet) => fleet.hold('guard'),
      );
      const { waiting } = await untilWaiting(handle, 'return');
      site.let('guard');
      await untilWaiting(handle, 'return', trouble);
      await vi.waitFor(() => expect(Date.now()).toBeGreaterThan((waiting?.deadline ?? 0) + 1_000), patience);
      const still = await progressOf(handle);
      expect(still.waiting?.why).toBe(`${trouble}; \`ostler return controller-2\` brings it back`);
      expect(site.story).toEqual([...OUT, 'guard']);
      await vi.waitFor(
        () => expect(site.events.at(-1)).toMatchObject({ event: 'needs-person', summary: still.waiting?.why }),
        patience,
      );
      await tell(handle, verb);
      if (verb === 'return') expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
      else expect((await endOf(handle)).progress).toMatchObject({ outcome: 'aborted', owed: [] });
      expect(site.story).toEqual([...OUT, 'guard', ...BACK]);
    },
  );

  it('is for a person to decide when nobody watches any more', async () => {
    const { site, handle } = await operate(
      { answers: { guard: [ApplicationFailure.nonRetryable('no controller answers')] } },
      { hold: { kind: 'for', ms: hours(1) } },
    );
    await untilWaiting(handle, 'return', 'nobody watches: no controller answers');
    expect(site.story).toEqual([...OUT, 'guard']);
    await tell(handle, 'return');
    await handle.result();
  });

  it.for(aborts)('comes back on %s', async ([, stop, outcome, status]) => {
    const { site, handle } = await operate({}, untilReturned);
    await untilWaiting(handle, 'return');
    await vi.waitFor(() => expect(site.last('guard')).toBeDefined(), patience);
    await stop(handle);
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ outcome, owed: [] });
    expect(site.story).toEqual([...OUT, 'guard', ...BACK]);
    expect((await handle.describe()).status.name).toBe(status);
  });
});

/** Every step of taking a controller out, and what brings it back from there. */
const stations: { at: Call; undone: Call[] }[] = [
  { at: 'take mark', undone: ['undo mark'] },
  { at: 'take drain', undone: ['undo drain', 'undo mark', 'back'] },
  { at: 'take standby', undone: BACK },
  { at: 'away', undone: BACK },
];

describe.concurrent('a failover that goes wrong', { timeout: 180_000 }, () => {
  it.for(stations)('undoes what was taken when $at is refused, and says why', async ({ at, undone }) => {
    const why = 'RabbitMQ on controller-3 does not answer';
    const { site, handle } = await operate({
      answers: { [at]: [at === 'away' ? { state: 'hopeless', why } : { state: 'refused', why }] },
    });
    const { failure, progress } = await endOf(handle);
    expect(failure.type).toBe('RolloutFailed');
    expect(progress).toMatchObject({ outcome: 'failed', states: 'f', owed: [] });
    expect(progress.notes['controller-2']?.why).toContain(why);
    expect(site.story).toEqual([...OUT.slice(0, OUT.indexOf(at) + 1), ...undone]);
    expect(site.releases).toBe(1);
    expect((await handle.describe()).memo?.progress).toMatchObject({ owed: [] });
  });

  it('need not be proven back when nothing was sent', async () => {
    const { site, handle } = await operate({
      answers: { 'take drain': [{ state: 'refused', why: 'Galera has 2 of 3', isUntouched: true }] },
    });
    expect((await endOf(handle)).progress).toMatchObject({ states: 'f', owed: [] });
    expect(site.story).toEqual(['admit', 'take mark', 'take drain', 'undo drain', 'undo mark']);
  });

  it('undoes a step of which nobody knows whether it had its effect', async () => {
    const { site, handle } = await operate({
      answers: { 'take standby': [ApplicationFailure.nonRetryable('the worker was shut down')] },
    });
    const { progress } = await endOf(handle);
    expect(progress).toMatchObject({ states: 'f', owed: [] });
    expect(progress.notes['controller-2']?.why).toBe('the worker was shut down');
    expect(site.story).toEqual([...OUT.slice(0, -1), ...BACK]);
  });

  it.for(stations.flatMap((station) => aborts.map((abort) => ({ ...station, abort, name: abort[0] }))))(
    'undoes what was taken on $name in $at',
    async ({ at, undone, abort: [, stop, outcome, status] }) => {
      const { site, handle } = await operate({}, untilReturned, {}, (fleet) => fleet.hold(at));
      await vi.waitFor(() => expect(site.last(at)).toBeDefined(), patience);
      await stop(handle);
      // What was sent is waited for; a look is cut short.
      if (at !== 'away') site.let(at);
      const { progress } = await endOf(handle);
      expect(progress).toMatchObject({ outcome, owed: [] });
      expect(site.story).toEqual([...OUT.slice(0, OUT.indexOf(at) + 1), ...undone]);
      expect((await handle.describe()).status.name).toBe(status);
    },
  );
});
