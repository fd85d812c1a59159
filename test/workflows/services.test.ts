import { describe, expect, it, vi } from 'vitest';
import type { RolloutRequest } from '../../domain/plan.js';
import { rolloutId, workflowTypes } from '../../workflows/messages/names.js';
import { devClient, uniqueName } from '../setup/temporal.js';
import { FakeServices, type FakeServicesOptions } from './fake-services.js';
import { endOf, launch, patience, progressOf, tell, untilWaiting } from './steering.js';

const failed = { state: 'failed' as const, note: { why: 'exit 1' } };
const acted = { state: 'acted' as const, byUs: true };

async function operate(
  options: FakeServicesOptions,
  overrides: Partial<RolloutRequest> = {},
  prepare: (site: FakeServices) => void = () => {},
) {
  const site = new FakeServices(options);
  prepare(site);
  const asked = { operation: 'stop' as const, target: 'nova', ...overrides };
  const handle = await launch(site, asked);
  const { client } = await devClient();
  const child = (part: string) => client.workflow.getHandle(rolloutId(asked.operation, site.cloud, part));
  return { site, handle, child };
}

describe('a change of services', () => {
  it('does each host once, with its own intent, and proves each batch', async () => {
    const { site, handle } = await operate({ hosts: ['c1', 'c2', 'c3'] }, { batch: [1, 2] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok', operation: 'stop' });
    // The hosts of one batch are changed at the same time, in whichever order their activities reach the site.
    const [canary, ...together] = site.changed.map(({ node, verb }) => [node, verb]);
    expect([canary, ...together.sort(([a = ''], [b = '']) => a.localeCompare(b))]).toEqual([
      ['c1', 'stop'],
      ['c2', 'stop'],
      ['c3', 'stop'],
    ]);
    expect(new Set(site.changed.map(({ intent }) => intent)).size).toBe(3);
    expect(site.proven.map(({ hosts }) => hosts.map(({ node }) => node))).toEqual([['c1'], ['c2', 'c3']]);
    expect(site.releases).toBe(1);
  });

  it('says at each admission which hosts the whole change is about', async () => {
    const { site, handle } = await operate({ hosts: ['c1', 'c2'] }, { batch: [1], selection: 'c1,c2' });
    await handle.result();
    expect(site.admitted.map(({ nodes, selection }) => [nodes, selection])).toEqual([
      [['c1'], 'c1,c2'],
      [['c2'], 'c1,c2'],
    ]);
  });

  it('stops at the first host that fails, and goes on with a new intent when a person says so', async () => {
    const { site, handle } = await operate({ hosts: ['c1', 'c2'], changes: { c1: [failed, acted] } });
    await untilWaiting(handle, 'failures', 'c1');
    expect(site.changesOf('c2')).toEqual([]);
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    const [first, second] = site.changesOf('c1');
    expect(first?.intent).not.toBe(second?.intent);
  });

  it('resolves what is not known under the same intent', async () => {
    const unknown = { state: 'unknown' as const, note: { why: 'no answer' } };
    const { site, handle } = await operate({ hosts: ['c1'], changes: { c1: [unknown, acted] } });
    await untilWaiting(handle, 'failures');
    await tell(handle, 'retry');
    await handle.result();
    const [first, second] = site.changesOf('c1');
    expect(second).toMatchObject({ intent: first?.intent, maybeSent: true });
  });

  it('goes on where it was when its workers are replaced in the middle', async () => {
    const { site, handle } = await operate({ hosts: ['c1', 'c2'] }, {}, (one) => one.hold('c1'));
    await vi.waitFor(() => expect(site.changesOf('c1')).toHaveLength(1), patience);
    await site.restartWorkers();
    site.let('c1');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(new Set(site.changesOf('c1').map(({ intent }) => intent)).size).toBe(1);
    expect(site.changesOf('c2')).toHaveLength(1);
  });

  it('fails a host that is not as wanted afterwards', async () => {
    const { handle } = await operate(
      { hosts: ['c1'], unproven: { c1: { state: 'failed', note: { why: 'it is active again' } } } },
      { onFailure: 'abort' },
    );
    const { progress } = await endOf(handle);
    expect(progress.notes.c1?.why).toBe('it is active again');
  });
});

describe('an operation on many services', () => {
  const parts = ['mysql.controller', 'nova.controller', 'nova.compute'];
  const each = { each: true, target: 'all', operation: 'start' } as const;

  it('carries out a run for each part, in their order, each about its own role', async () => {
    const { site, handle, child } = await operate({ hosts: ['c1'], parts }, each);
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(site.planned.map(({ target, role }) => [target, role])).toEqual([
      ['all', undefined],
      ['mysql', 'controller'],
      ['nova', 'controller'],
      ['nova', 'compute'],
    ]);
    expect((await child('nova.compute').describe()).status.name).toBe('COMPLETED');
    expect(site.changed).toHaveLength(3);
  });

  it('takes a part that finds everything as wanted for done', async () => {
    const { site, handle } = await operate(
      { hosts: ['c1'], parts, refusals: { mysql: { kind: 'nothing-to-do', why: 'all of it runs' } } },
      each,
    );
    expect(await handle.result()).toMatchObject({
      outcome: 'ok',
      notes: { 'mysql.controller': { why: 'all of it runs' } },
    });
    expect(site.changed).toHaveLength(2);
  });

  it('stops the rest when a part fails, until a person has it tried again', async () => {
    const { site, handle } = await operate({ hosts: ['c1'], parts, changes: { c1: [failed, acted] } }, each);
    await untilWaiting(handle, 'failures', 'mysql.controller');
    expect(site.changed).toHaveLength(1);
    await tell(handle, 'retry', { nodes: ['mysql.controller'] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(site.changed).toHaveLength(4);
  });

  it('resolves what a part left unknown under the same intent, before anything else of it', async () => {
    const unknown = { state: 'unknown' as const, note: { why: 'no answer' } };
    const { site, handle } = await operate(
      { hosts: ['c1', 'c2'], parts, changes: { c2: [acted, unknown, unknown, acted] } },
      each,
    );
    await untilWaiting(handle, 'failures', 'nova.controller');
    expect((await progressOf(handle)).states).toBe('o?.');
    await tell(handle, 'retry', { nodes: ['nova.controller'] });
    await vi.waitFor(() => expect(site.changesOf('c2')).toHaveLength(3), patience);
    await untilWaiting(handle, 'failures', 'nova.controller');
    await tell(handle, 'retry', { nodes: ['nova.controller'] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    const [, sent, again, resolved, ofCompute] = site.changesOf('c2');
    expect(again).toMatchObject({ intent: sent?.intent, maybeSent: true, ticket: sent?.ticket });
    expect(resolved).toMatchObject({ intent: sent?.intent, maybeSent: true, ticket: sent?.ticket });
    expect(ofCompute?.intent).not.toBe(sent?.intent);
    expect(ofCompute?.maybeSent).toBe(false);
    // The hosts that were well are not touched again before it.
    const turns = site.changed
      .filter(({ intent }) => intent === sent?.intent)
      .map((order) => site.changed.indexOf(order));
    expect(site.changed.slice(turns[0], turns[2]).map(({ node }) => node)).toEqual(['c2', 'c2']);
  });

  it('does not take a part for done that has begun and is kept from its end', async () => {
    const refusals: NonNullable<FakeServicesOptions['refusals']> = {};
    const { handle } = await operate({ hosts: ['c1'], parts, changes: { c1: [failed, acted] }, refusals }, each);
    await untilWaiting(handle, 'failures', 'mysql.controller');
    refusals.mysql = { kind: 'nothing-to-do', why: 'clone_p_mysql has failed on c1', kept: ['c1'] };
    await tell(handle, 'retry', { nodes: ['mysql.controller'] });
    await vi.waitFor(async () => {
      expect((await progressOf(handle)).notes['mysql.controller']?.why).toContain('has failed on c1');
    }, patience);
    await untilWaiting(handle, 'failures', 'mysql.controller');
    refusals.mysql = { kind: 'nothing-to-do', why: 'all of it runs' };
    await tell(handle, 'retry', { nodes: ['mysql.controller'] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
  });

  it('resolves what a part left unknown also when that was cancelled', async () => {
    const unknown = { state: 'unknown' as const, note: { why: 'no answer' } };
    const { site, handle, child } = await operate(
      { hosts: ['c1'], parts, changes: { c1: [unknown, acted] } },
      each,
      (one) => one.hold('c1'),
    );
    await vi.waitFor(() => expect(site.changed).toHaveLength(1), patience);
    await child('mysql.controller').cancel();
    site.let('c1');
    await untilWaiting(handle, 'failures', 'mysql.controller');
    expect((await progressOf(handle)).notes['mysql.controller']?.why).toContain('cancelled');
    await tell(handle, 'retry', { nodes: ['mysql.controller'] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    const [sent, resolved] = site.changed;
    expect(resolved).toMatchObject({ node: 'c1', intent: sent?.intent, maybeSent: true });
  });

  it('resolves it also on a host that its plan has left out meanwhile, and does not take a refused plan for its end', async () => {
    const unknown = { state: 'unknown' as const, note: { why: 'no answer' } };
    const refusals: NonNullable<FakeServicesOptions['refusals']> = {};
    const plan: NonNullable<FakeServicesOptions['plan']> = {};
    const options = { hosts: ['c1'], parts, changes: { c1: [unknown, acted] }, refusals, plan };
    const { site, handle } = await operate(options, each);
    await untilWaiting(handle, 'failures', 'mysql.controller');
    refusals.mysql = { kind: 'refused', why: 'no majority' };
    await tell(handle, 'retry', { nodes: ['mysql.controller'] });
    await vi.waitFor(async () => {
      expect((await progressOf(handle)).notes['mysql.controller']?.why).toContain('no majority');
    }, patience);
    await untilWaiting(handle, 'failures', 'mysql.controller');
    delete refusals.mysql;
    Object.assign(plan, { nodes: ['c2'], batches: [1] });
    await tell(handle, 'retry', { nodes: ['mysql.controller'] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    const [sent, resolved] = site.changed;
    expect(resolved).toMatchObject({ node: 'c1', intent: sent?.intent, maybeSent: true });
    expect(site.changesOf('c2').every(({ maybeSent }) => !maybeSent)).toBe(true);
  });

  it('goes on past a failing part when it was told that one may fail', async () => {
    const { site, handle } = await operate(
      { hosts: ['c1'], parts, plan: { maxFailures: 1 }, refusals: { mysql: { kind: 'refused', why: 'no majority' } } },
      each,
    );
    const { progress } = await endOf(handle);
    expect(progress.notes['mysql.controller']?.why).toContain('no majority');
    expect(site.changed).toHaveLength(2);
  });

  it('has the part in hand end when it is aborted, and begins no other', async () => {
    const { site, handle, child } = await operate({ hosts: ['c1', 'c2'], parts }, each, (one) => one.hold('c1'));
    await vi.waitFor(() => expect(site.changesOf('c1')).toHaveLength(1), patience);
    await tell(handle, 'abort');
    await vi.waitFor(async () => {
      const { progress } = { progress: await progressOf(child('mysql.controller')) };
      expect(progress.controls).toMatchObject([{ verb: 'abort', actor: 'ostler' }]);
    }, patience);
    site.let('c1');
    await endOf(handle);
    expect(site.changed).toHaveLength(1);
  });

  it('goes on where it was when its workers are replaced in the middle of a part', async () => {
    const { site, handle } = await operate({ hosts: ['c1'], parts }, each, (one) => one.hold('c1'));
    await vi.waitFor(() => expect(site.changesOf('c1')).toHaveLength(1), patience);
    site.let('c1');
    await site.restartWorkers();
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(new Set(site.changed.map(({ intent }) => intent)).size).toBe(3);
  });
});

it('answers how services are', async () => {
  const services = [
    { module: 'nova', service: 'nova-compute', node: 'c1', manager: 'systemd', state: 'healthy', severity: 'ok' },
  ] as const;
  const site = new FakeServices({ hosts: [], services: [...services] });
  const { client } = await devClient();
  const taskQueue = await site.start();
  const answer = await client.workflow.execute(workflowTypes.serviceStatus, {
    workflowId: uniqueName('status'),
    taskQueue,
    args: [{ cloud: site.cloud, target: 'nova' }],
  });
  expect(answer).toEqual(services);
});
