import { describe, expect, it } from 'vitest';
import { awaitAway, awaitBack, awaitOnline, guardHold } from '../../../activities/controllers/waits.js';
import { type Before, recordBefore } from '../../../domain/failover.js';
import { aVip, withNode } from '../../domain/cluster-samples.js';
import { aGalera, aHaproxy, aSurvey, read, seeing, silent } from '../../domain/controller-samples.js';
import { fakeSite, printed } from './fake-site.js';

const { signal } = new AbortController();
const well = aSurvey();
const asBefore = (more: Partial<Before> = {}): Before => ({
  ...recordBefore(well, 'c2', ['keystone-1', 'mysqld'], { known: [] }),
  ...more,
});
const away = { node: 'c2' };

/** c2 is in standby and runs nothing; its HAProxy is stopped, and so are its servers in those of the others. */
const inStandby = withNode('c2', { standby: true }, { resources: [aVip()] });
const drained = { haproxy: read(aHaproxy({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'MAINT' })) };
const out = seeing(inStandby, { c1: drained, c3: drained, c2: { haproxy: silent('Connection refused') } });

describe('a controller that is taken out', () => {
  const order = { node: 'c2', before: asBefore(), away, lookMs: 0 };

  it('is out when that was seen three times in a row', async () => {
    const site = fakeSite({ surveys: [out, out, well, out] });
    expect(await awaitAway(site, { ...order, lookMs: 60_000 }, signal)).toEqual({ state: 'reached' });
    expect(site.taken).toBe(6);
  });

  it('is still awaited, and it is said what for', async () => {
    const seen = await awaitAway(fakeSite({ surveys: [well] }), { ...order, lookMs: -1 }, signal);
    expect(seen).toMatchObject({
      state: 'waiting',
      missing: expect.arrayContaining(['c2 is not in standby']),
      transferring: false,
    });
  });

  it('is hopeless at once when Galera loses its majority', async () => {
    const survey = seeing(inStandby, {
      c1: { ...drained, galera: read(aGalera({ status: 'non-Primary' })) },
      c3: drained,
    });
    expect(await awaitAway(fakeSite({ surveys: [survey] }), order, signal)).toEqual({
      state: 'hopeless',
      why: 'Galera on c1 is non-Primary',
    });
  });

  it.each([
    [
      'an API without any server',
      seeing(inStandby, {
        c1: { haproxy: read(aHaproxy({}, { backends: [{ proxy: 'keystone-1', status: 'DOWN' }] })) },
      }),
      'keystone-1 on c1 has had no server for a minute',
    ],
    [
      'an address that is nowhere',
      seeing(withNode('c2', { standby: true }, { resources: [aVip({ nodes: [], role: 'Stopped' })] })),
      'vip has been nowhere for a minute',
    ],
  ])('is hopeless after a minute of %s, counted from look to look', async (_what, survey, why) => {
    const first = await awaitAway(fakeSite({ surveys: [survey] }), { ...order, lookMs: -1 }, signal);
    expect(first).toMatchObject({ state: 'waiting', downSince: expect.any(Number) });
    const downSince = Date.now() - 61_000;
    expect(await awaitAway(fakeSite({ surveys: [survey] }), { ...order, downSince }, signal)).toEqual({
      state: 'hopeless',
      why,
    });
  });

  it('is not out while an address that answered before answers nobody', async () => {
    const answering = { vip: '192.0.2.9' };
    const run = async () => printed('124 \n');
    const seen = await awaitAway(
      fakeSite({ surveys: [out], run }),
      { ...order, before: asBefore({ answering }), lookMs: -1 },
      signal,
    );
    expect(seen).toMatchObject({ state: 'waiting', missing: ['vip (192.0.2.9) does not answer c1'] });
  });
});

describe('a controller that comes back', () => {
  it('is online once the others see it so', async () => {
    const off = seeing(withNode('c2', { online: false }));
    const order = { node: 'c2', before: asBefore(), lookMs: 60_000 };
    expect(await awaitOnline(fakeSite({ surveys: [off, well] }), order, signal)).toEqual({ state: 'reached' });
    expect(await awaitOnline(fakeSite({ surveys: [off] }), { ...order, lookMs: -1 }, signal)).toMatchObject({
      missing: ['c2 is not online in the cluster'],
    });
  });

  it('is back without its mark only, and with its servers where they are wanted', async () => {
    const marked = aSurvey({ ...drained, attributes: { c2: { ostler: '0123456789abcdef' } } });
    const look = (still: { withMark: boolean; isDrained?: boolean }) =>
      awaitBack(fakeSite({ surveys: [marked] }), { node: 'c2', before: asBefore(), lookMs: -1, ...still }, signal);
    expect(await look({ withMark: true, isDrained: true })).toEqual({ state: 'reached' });
    expect(await look({ withMark: true })).toMatchObject({
      missing: expect.arrayContaining(['HAProxy on c1 has keystone-1/c2 MAINT, not UP']),
    });
    expect(await look({ withMark: false, isDrained: true })).toMatchObject({
      missing: ['c2 carries the mark 0123456789abcdef'],
    });
  });

  it('has all the time while Galera transfers its state', async () => {
    const joining = aSurvey({}, { c3: { galera: read(aGalera({ state: 'Donor/Desynced', isSynced: false })) } });
    const seen = await awaitBack(
      fakeSite({ surveys: [joining] }),
      { node: 'c2', before: asBefore(), lookMs: -1, withMark: true },
      signal,
    );
    expect(seen).toMatchObject({ state: 'waiting', transferring: true });
  });
});

describe('a controller that is held', () => {
  it('may be off for its maintenance, and that is no trouble', async () => {
    const off = seeing(withNode('c2', { online: false, standby: true }, { resources: [aVip()] }), {
      c1: drained,
      c3: drained,
    });
    const site = fakeSite({ surveys: [off] });
    expect(await guardHold(site, { before: asBefore(), away, untilMs: Date.now() - 1 }, signal)).toEqual({});
  });

  it('tells what else fails, when that was seen three times', async () => {
    const worse = seeing(withNode('c3', { online: false }, { resources: [aVip()] }), { c1: drained, c3: drained });
    const { trouble } = await guardHold(
      fakeSite({ surveys: [worse] }),
      { before: asBefore(), away, untilMs: Date.now() + 60_000 },
      signal,
    );
    expect(trouble).toContain('c3 is offline');
  });
});
