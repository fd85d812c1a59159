import { describe, expect, it, vi } from 'vitest';
import type { RolloutRequest } from '../../domain/plan.js';
import { FakeReplicaSet, type FakeReplicaSetOptions } from './fake-replica-set.js';
import { endOf, launch, patience, progressOf, tell, untilWaiting } from './steering.js';

const hosts = ['mongo-1', 'mongo-2', 'mongo-3'];
const turnOf = (node: string): string[] => [`restart ${node}`, `prove ${node}`];

async function restart(
  options: FakeReplicaSetOptions,
  overrides: Partial<RolloutRequest> = {},
  prepare: (site: FakeReplicaSet) => void = () => {},
) {
  const site = new FakeReplicaSet(options);
  prepare(site);
  return { site, handle: await launch(site, overrides) };
}

describe('a restart of a replica set', () => {
  it('has each secondary restarted and proven, and the primary step down before its turn', async () => {
    const { site, handle } = await restart({ hosts, primary: 'mongo-3' });
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    expect(site.book).toEqual([...turnOf('mongo-1'), ...turnOf('mongo-2'), 'step down mongo-3', ...turnOf('mongo-3')]);
    expect(site.elections).toEqual([1_796_025_600_000]);
    expect(new Set(site.orders.map(({ intent }) => intent)).size).toBe(3);
  });

  it('does not restart a primary that could not step down, until that is tried again', async () => {
    const refused = { state: 'refused' as const, why: 'No electable secondaries caught up' };
    const { site, handle } = await restart({
      hosts: ['mongo-3'],
      primary: 'mongo-3',
      stepsDown: [refused, { state: 'done' }],
    });
    await untilWaiting(handle, 'failures', 'mongo-3');
    expect((await progressOf(handle)).notes['mongo-3']?.why).toBe('step down: No electable secondaries caught up');
    expect(site.book).toEqual(['step down mongo-3']);
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(site.book).toEqual(['step down mongo-3', 'step down mongo-3', ...turnOf('mongo-3')]);
  });

  it('has no other member restarted after one that did not come back, until a person says so', async () => {
    const unproven = { 'mongo-1': { state: 'failed' as const, note: { why: 'after 10m mongo-1 is RECOVERING' } } };
    const { site, handle } = await restart({ hosts, unproven });
    await untilWaiting(handle, 'failures', 'mongo-1');
    expect(site.book).toEqual(turnOf('mongo-1'));
    await tell(handle, 'abort');
    const { progress } = await endOf(handle);
    expect(progress.states).toBe('f..');
    expect(site.book).toEqual(turnOf('mongo-1'));
  });

  it('resolves a restart that is not known under its own intent', async () => {
    const { site, handle } = await restart({
      hosts: ['mongo-1'],
      restarts: { 'mongo-1': { state: 'unknown', note: { why: 'still starting' } } },
    });
    await untilWaiting(handle, 'failures', 'mongo-1');
    site.mongodb.restarts = {};
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    const [sent, resolved] = site.orders;
    expect(resolved).toMatchObject({ intent: sent?.intent, maybeSent: true });
  });

  it('has one step down that was elected while its restart was not known', async () => {
    const { site, handle } = await restart({
      hosts: ['mongo-1'],
      restarts: { 'mongo-1': { state: 'unknown', note: { why: 'still starting' } } },
    });
    await untilWaiting(handle, 'failures', 'mongo-1');
    Object.assign(site.mongodb, { primary: 'mongo-1', restarts: {} });
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(site.book).toEqual(['restart mongo-1', 'step down mongo-1', ...turnOf('mongo-1')]);
    expect(site.orders[1]).toMatchObject({ intent: site.orders[0]?.intent, maybeSent: true });
  });

  it('passes over a host whose gates are shut', async () => {
    const vetoed = { state: 'vetoed' as const, note: { why: 'mongo-2 is 30 s behind' } };
    const { site, handle } = await restart({ hosts: ['mongo-1', 'mongo-2'], inspected: { 'mongo-1': vetoed } });
    const { progress } = await endOf(handle);
    expect(progress.states).toBe('vo');
    expect(site.book).toEqual(turnOf('mongo-2'));
  });

  it('finishes the host in hand on abort', async () => {
    const { site, handle } = await restart({ hosts }, {}, (one) => one.hold('mongo-1'));
    await vi.waitFor(() => expect(site.book).toContain('restart mongo-1'), patience);
    await tell(handle, 'abort');
    await vi.waitFor(async () => expect((await progressOf(handle)).controls).toHaveLength(1), patience);
    site.let('mongo-1');
    await endOf(handle);
    expect(site.book).toEqual(turnOf('mongo-1'));
  });
});
