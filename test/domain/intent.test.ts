import { describe, expect, it } from 'vitest';
import { type Fence, type IntentFacts, type IntentVerdict, resolveIntent, sameFence } from '../../domain/intent.js';

const before: Fence = { bootId: 'boot-1', invocationId: 'a1', startedUs: 1_000, mainPid: 100 };
const restarted: Fence = { ...before, invocationId: 'b2', startedUs: 2_000, mainPid: 200 };
const stopped: Fence = { ...before, mainPid: 0 };
const rebooted: Fence = { bootId: 'boot-2', invocationId: 'c3', startedUs: 500, mainPid: 100 };

const running: IntentFacts = { active: 'active', sub: 'running', exitStatus: 0 };
const starting: IntentFacts = { active: 'activating', sub: 'start', exitStatus: 0 };
const done: IntentFacts = { active: 'active', sub: 'exited', exitStatus: 0 };
const failed: IntentFacts = { active: 'failed', sub: 'failed', exitStatus: 1 };

describe('resolveIntent', () => {
  it.each<[string, Fence, string, IntentFacts | undefined, IntentVerdict]>([
    ['same', before, 'no intent', undefined, { kind: 'never-arrived' }],
    ['same', before, 'a running intent', running, { kind: 'still-running' }],
    ['same', before, 'a starting intent', starting, { kind: 'still-running' }],
    ['same', before, 'a failed intent', failed, { kind: 'failed', exitStatus: 1 }],
    ['same', before, 'a finished intent', done, { kind: 'stopped-before' }],
    ['stopped', stopped, 'no intent', undefined, { kind: 'not-by-us' }],
    ['stopped', stopped, 'a running intent', running, { kind: 'still-running' }],
    ['stopped', stopped, 'a finished intent', done, { kind: 'stopped-before' }],
    ['new', restarted, 'no intent', undefined, { kind: 'not-by-us' }],
    ['new', restarted, 'a running intent', running, { kind: 'still-running' }],
    ['new', restarted, 'a starting intent', starting, { kind: 'still-running' }],
    ['new', restarted, 'a failed intent', failed, { kind: 'failed', exitStatus: 1 }],
    ['new', restarted, 'a finished intent', done, { kind: 'restarted' }],
    ['rebooted', rebooted, 'no intent', undefined, { kind: 'not-by-us' }],
    ['rebooted', rebooted, 'a running intent', running, { kind: 'not-by-us' }],
    ['rebooted', rebooted, 'a starting intent', starting, { kind: 'not-by-us' }],
    ['rebooted', rebooted, 'a failed intent', failed, { kind: 'not-by-us' }],
    ['rebooted', rebooted, 'a finished intent', done, { kind: 'not-by-us' }],
  ])('%s fence and boot (%o), %s: %o', (_fence, now, _intent, intent, verdict) => {
    expect(resolveIntent(before, now, intent)).toEqual(verdict);
  });

  it('gives the same answer however often it is asked', () => {
    expect(resolveIntent(before, restarted, done)).toEqual(resolveIntent({ ...before }, { ...restarted }, { ...done }));
  });
});

describe('sameFence', () => {
  it.each<[string, Partial<Fence>]>([
    ['boot', { bootId: 'boot-2' }],
    ['invocation', { invocationId: 'z9' }],
    ['start time', { startedUs: 1_001 }],
    ['process', { mainPid: 101 }],
  ])('tells another %s apart', (_what, other) => expect(sameFence(before, { ...before, ...other })).toBe(false));

  it('works without InvocationID, which systemd before 232 has not', () => {
    const { invocationId: _none, ...old } = before;
    expect([sameFence(old, { ...old }), sameFence(old, { ...old, startedUs: 2 })]).toEqual([true, false]);
  });
});
