import { describe, expect, it, vi } from 'vitest';
import type { RolloutRequest } from '../../domain/plan.js';
import { FakeCeph, type FakeCephOptions } from './fake-ceph.js';
import { endOf, launch, patience, progressOf, tell, untilWaiting } from './steering.js';

const failed = { state: 'failed' as const, note: { why: 'after 10m osd.0 is down' } };
const turnOf = (node: string): string[] => ['set', 'restart', 'prove', 'unset'].map((verb) => `${verb} ${node}`);

async function restart(
  options: FakeCephOptions,
  overrides: Partial<RolloutRequest> = {},
  prepare: (site: FakeCeph) => void = () => {},
) {
  const site = new FakeCeph(options);
  prepare(site);
  return { site, handle: await launch(site, overrides) };
}

describe('a restart of OSDs', () => {
  it('holds one host after the other under a flag of its own, which is unset before the next has its turn', async () => {
    const { site, handle } = await restart({ hosts: ['ceph-1', 'ceph-2'] });
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    expect(site.book).toEqual([...turnOf('ceph-1'), ...turnOf('ceph-2')]);
    expect(new Set(site.intents.set).size).toBe(2);
    expect(site.intents.void).toEqual(site.intents.set);
  });

  it('notes what it owes before it is taken', async () => {
    const { site, handle } = await restart({ hosts: ['ceph-1'] }, {}, (one) => one.hold('ceph-1'));
    await vi.waitFor(() => expect(site.book).toContain('restart ceph-1'), patience);
    const { memo } = await handle.describe();
    expect(memo?.progress).toMatchObject({
      owed: expect.arrayContaining(['ceph-1: noout of its OSDs; `ceph osd unset-group noout ceph-1`']),
    });
    site.let('ceph-1');
    await handle.result();
  });

  it('unsets the flag after a failure, and does no other host until a person says so', async () => {
    const { site, handle } = await restart({ hosts: ['ceph-1', 'ceph-2'], unproven: { 'ceph-1': failed } });
    const { owed } = await untilWaiting(handle, 'failures', 'ceph-1');
    expect(owed).toEqual([]);
    expect(site.book).toEqual(turnOf('ceph-1'));
    await tell(handle, 'skip');
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(site.book).toEqual([...turnOf('ceph-1'), ...turnOf('ceph-2')]);
  });

  it('restarts nothing where the flag cannot be set, and takes back what may have been', async () => {
    const { site, handle } = await restart(
      { hosts: ['ceph-1'], sets: [{ state: 'refused', why: 'it ended with exit 1' }] },
      { onFailure: 'abort' },
    );
    const { progress } = await endOf(handle);
    expect(progress.notes['ceph-1']?.why).toContain('it ended with exit 1');
    expect(site.book).toEqual(['set ceph-1', 'unset ceph-1']);
  });

  it('resolves a restart that is not known under its own intent, also when the flag could not be set meanwhile', async () => {
    const { site, handle } = await restart({
      hosts: ['ceph-1'],
      sets: [{ state: 'done' }, { state: 'refused', why: 'osd.0 is down', isUntouched: true }, { state: 'done' }],
      restarts: { 'ceph-1': { state: 'unknown', note: { why: 'still starting' } } },
    });
    await untilWaiting(handle, 'failures', 'ceph-1');
    await tell(handle, 'retry');
    await vi.waitFor(async () => {
      expect((await progressOf(handle)).notes['ceph-1']?.why).toContain('osd.0 is down');
    }, patience);
    await untilWaiting(handle, 'failures', 'ceph-1');
    expect((await progressOf(handle)).states).toBe('?');
    site.ceph.restarts = {};
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    const [sent, resolved] = site.orders;
    expect(site.orders).toHaveLength(2);
    expect(resolved).toMatchObject({ intent: sent?.intent, maybeSent: true });
  });

  it('takes nothing back where nothing was sent', async () => {
    const { site, handle } = await restart(
      { hosts: ['ceph-1'], sets: [{ state: 'refused', why: 'norecover is set', isUntouched: true }] },
      { onFailure: 'abort' },
    );
    const { progress } = await endOf(handle);
    expect(progress.owed).toEqual([]);
    expect(site.book).toEqual(['set ceph-1']);
  });

  it('asks a person where the flag cannot be unset, and tries it again when told to', async () => {
    const refused = { state: 'refused' as const, why: 'Ceph answers nobody' };
    const { site, handle } = await restart({ hosts: ['ceph-1'], unsets: [refused, { state: 'done' }] });
    const { owed } = await untilWaiting(handle, 'restore', 'Ceph answers nobody');
    expect(owed).toContain('ceph-1: noout of its OSDs; `ceph osd unset-group noout ceph-1`');
    await tell(handle, 'retry');
    expect(await handle.result()).toMatchObject({ outcome: 'ok', owed: [] });
    expect(site.book.filter((line) => line === 'unset ceph-1')).toHaveLength(2);
  });

  it('owes the flag that a person leaves set', async () => {
    const { handle } = await restart(
      { hosts: ['ceph-1'], unsets: [{ state: 'refused', why: 'no' }] },
      { onFailure: 'abort' },
    );
    await untilWaiting(handle, 'restore');
    await tell(handle, 'skip');
    const { progress } = await endOf(handle);
    expect(progress.owed).toEqual(['ceph-1: noout of its OSDs; `ceph osd unset-group noout ceph-1`']);
  });

  it.each(['abort', 'cancel'] as const)('finishes the host in hand on %s, and unsets its flag', async (how) => {
    const { site, handle } = await restart({ hosts: ['ceph-1', 'ceph-2'] }, {}, (one) => one.hold('ceph-1'));
    await vi.waitFor(() => expect(site.book).toContain('restart ceph-1'), patience);
    if (how === 'abort') await tell(handle, 'abort');
    else await handle.cancel();
    await vi.waitFor(async () => {
      if (how === 'abort') expect((await progressOf(handle)).controls).toHaveLength(1);
    }, patience);
    site.let('ceph-1');
    await handle.result().catch(() => {});
    expect(site.book).toEqual(turnOf('ceph-1'));
    expect((await progressOf(handle)).owed).toEqual([]);
  });

  it('passes over a host whose gates are shut, and sets nothing there', async () => {
    const vetoed = { state: 'vetoed' as const, note: { why: 'noout is set on all of Ceph' } };
    const { site, handle } = await restart({ hosts: ['ceph-1', 'ceph-2'], inspected: { 'ceph-1': vetoed } });
    const { progress } = await endOf(handle);
    expect(progress.states).toBe('vo');
    expect(site.book).toEqual(turnOf('ceph-2'));
  });
});

describe('a restart of monitors', () => {
  it('sets no flag', async () => {
    const { site, handle } = await restart({ hosts: ['c1', 'c2', 'c3'] }, { target: 'ceph-mon' });
    expect(await handle.result()).toMatchObject({ outcome: 'ok' });
    expect(site.book).toEqual(['c1', 'c2', 'c3'].flatMap((node) => [`restart ${node}`, `prove ${node}`]));
    expect(new Set(site.orders.map(({ intent }) => intent)).size).toBe(3);
  });
});
