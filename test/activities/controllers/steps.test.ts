import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { forgetFailures, takeStep, undoStep } from '../../../activities/controllers/steps.js';
import type { RunOnHost } from '../../../activities/hosts.js';
import { recordBefore, type Step } from '../../../domain/failover.js';
import { aVip, withNode } from '../../domain/cluster-samples.js';
import { aHaproxy, aSurvey, read, seeing, silent } from '../../domain/controller-samples.js';
import { fakeSite, printed } from './fake-site.js';

const { signal } = new AbortController();
const intent = '0123456789abcdef';
const taken = 'fedcba9876543210';
const well = aSurvey();
const before = recordBefore(well, 'c2', ['keystone-1', 'mysqld'], { known: [] });
const standby: Step = { kind: 'standby' };
const inStandby = seeing(withNode('c2', { standby: true }));

/** Hosts on which every change runs and ends well, and every simulation moves what there is; what was sent where is kept. */
function hosts(): { run: RunOnHost; sent: string[] } {
  const sent: string[] = [];
  const run: RunOnHost = async (node, script) => {
    if (script.includes('crm_simulate')) return printed('Transition Summary:\n  * Start vip ( c1 )\n');
    const words = /--remain-after-exit' (.*) 2>&1 <\/dev\/null\)$/m.exec(script)?.[1]?.replaceAll("'", '') ?? script;
    sent.push(`${node}: ${words}`);
    return printed('LoadState=loaded\nSubState=exited\nExecMainStatus=0\nsaid \n');
  };
  return { run, sent };
}

const take = (surveys: Parameters<typeof fakeSite>[0]['surveys'], step: Step, run: RunOnHost) =>
  new MockActivityEnvironment().run(() =>
    takeStep(
      fakeSite({ surveys, run }),
      { node: 'c2', before, step, intent, controller: {}, lease: { owner: 'o', run: 'r', batch: 0 } },
      signal,
    ),
  );

describe('a step', () => {
  it('is sent once, from a controller that stays, and is done when that is seen', async () => {
    const { run, sent } = hosts();
    expect(await take([well, well, inStandby], standby, run)).toEqual({ state: 'done' });
    expect(sent).toEqual(['c1: /usr/sbin/crm_attribute -N c2 -n standby -v on']);
  });

  it('that is done already is sent no more', async () => {
    const { run, sent } = hosts();
    expect(await take([inStandby], standby, run)).toEqual({ state: 'done' });
    expect(sent).toEqual([]);
  });

  it('is kept back by every gate, with its number, and nothing was sent then', async () => {
    const { run, sent } = hosts();
    expect(await take([seeing(withNode('c3', { online: false }))], standby, run)).toEqual({
      state: 'refused',
      why: expect.stringContaining('Pacemaker would have 1 of 3 without c2, and needs 2'),
      isUntouched: true,
    });
    expect(sent).toEqual([]);
  });

  it('of standby is kept back when an address would have nowhere to go', async () => {
    const on = seeing(
      withNode('c2', {}, { resources: [aVip({ nodes: ['c2'] }), aVip({ id: 'stays', nodes: ['c2'] })] }),
    );
    const result = await take([on], standby, hosts().run);
    expect(result).toMatchObject({
      state: 'refused',
      why: expect.stringContaining('stays would run nowhere without c2'),
    });
  });

  it('that drains tells every HAProxy by itself, and believes only what these say then', async () => {
    const { run, sent } = hosts();
    expect(await take([well], { kind: 'drain' }, run)).toMatchObject({
      state: 'refused',
      why: expect.stringContaining('did not obey: keystone-1/c2 is UP on c1'),
    });
    expect(sent).toHaveLength(6);
    expect(sent).toContain(
      'c3: /bin/sh -c echo "disable server mysqld/c2" | socat -t5 stdio unix-connect:/run/haproxy/admin.sock',
    );
  }, 30_000);

  it('that drains is not done where a HAProxy does not answer', async () => {
    const drained = read(aHaproxy({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'MAINT' }));
    const survey = aSurvey({ haproxy: drained }, { c3: { haproxy: silent() } });
    expect(await take([well, survey], { kind: 'drain' }, hosts().run)).toMatchObject({
      state: 'refused',
      why: expect.stringContaining('keystone-1/c2 is not to be seen on c3'),
    });
  }, 30_000);
});

describe('what a step did', () => {
  const undo = (surveys: Parameters<typeof fakeSite>[0]['surveys'], step: Step, run: RunOnHost) =>
    new MockActivityEnvironment().run(() =>
      undoStep(fakeSite({ surveys, run }), { node: 'c2', before, step, intent, taken }, signal),
    );

  it('is undone after its intent was made void wherever it could have been sent', async () => {
    const { run, sent } = hosts();
    expect(await undo([inStandby, inStandby, well], standby, run)).toEqual({ state: 'done' });
    expect(sent).toEqual([
      'c1: /bin/true',
      'c3: /bin/true',
      'c2: /bin/true',
      'c1: /usr/sbin/crm_attribute -N c2 -n standby -D',
    ]);
  });

  it('of a drain is undone on the HAProxys that run, and those that surely do not have forgotten it', async () => {
    const { run, sent } = hosts();
    const drained = { haproxy: read(aHaproxy({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'MAINT' })) };
    const stopped = { c2: { haproxy: silent('socat: Connection refused') } };
    const surveys = [aSurvey(drained, stopped), aSurvey(drained, stopped), aSurvey({}, stopped)];
    expect(await undo(surveys, { kind: 'drain' }, run)).toEqual({ state: 'done' });
    expect(sent.filter((line) => line.includes('enable server keystone-1/c2'))).toHaveLength(3);
  });

  it('of a drain is owed as long as a HAProxy only does not answer', async () => {
    const survey = aSurvey({}, { c3: { haproxy: silent('no answer in time') } });
    expect(await undo([survey], { kind: 'drain' }, hosts().run)).toMatchObject({ state: 'refused' });
  }, 30_000);
});

it('forgets only failures that were not there before', async () => {
  const { run, sent } = hosts();
  const failure = (resource: string, node: string) => ({ resource, node, task: 'start', result: 'error' });
  const failed = seeing(withNode('c2', {}, { failures: [failure('old', 'c3'), failure('new', 'c1')] }));
  const known = seeing(withNode('c2', {}, { failures: [failure('old', 'c3')] }));
  const site = fakeSite({ surveys: [failed, known], run });
  const order = { before: { ...before, failures: ['old on c3'] }, intent };
  const forgotten = await new MockActivityEnvironment().run(() => forgetFailures(site, order, signal));
  expect(forgotten).toEqual({ state: 'done' });
  expect(sent).toEqual(['c1: /usr/sbin/crm_resource --cleanup -N c1']);
});
