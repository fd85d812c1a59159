import { describe, expect, it } from 'vitest';
import { attempt, Site } from './site.js';

/** Admits a restart of libvirtd on the host, and carries it out. */
async function restartLibvirtd(site: Site, info = {}, again: string[] = []) {
  const { owner, run, batch } = site.lease;
  const lease = { owner, run, batch };
  const admission = await attempt(site.activities.admitRestart, {
    ...lease,
    ...{ target: 'libvirtd', role: 'compute' as const, nodes: ['compute-1'], again, unresolved: [] },
    ...{ maxUnavailable: 1, deadlineMs: 1_000, actor: 'ada', reason: 'OPS-1' },
  });
  if (!admission.admitted) throw new Error(admission.why);
  const inspection = admission.hosts['compute-1'];
  if (!inspection || !('ticket' in inspection)) throw new Error(JSON.stringify(inspection));
  const { ticket } = inspection;
  const order = await site.order({ target: 'libvirtd', ticket, lease });
  const restart = () => attempt(site.activities.restartUnit, order, info);
  const verify = () => site.verify({ target: 'libvirtd', hosts: [{ node: 'compute-1', ticket, byUs: true }] });
  return { ticket, restart, verify };
}

const starts = (site: Site): string[] => site.host().ledger.starts.map(({ unit }) => unit);

describe('a restart of libvirtd', () => {
  it('brings nova-compute with it, after it, and proves both', async () => {
    const site = await Site.start();
    const { ticket, restart, verify } = await restartLibvirtd(site);
    expect(ticket.brings?.map(({ target }) => target)).toEqual(['nova-compute']);
    expect(await restart()).toEqual({ state: 'acted', byUs: true });
    expect(starts(site)).toEqual(['libvirtd.service', 'nova-compute.service']);
    expect(await verify()).toEqual({});
    site.host().crash('nova-compute');
    expect(await verify()).toMatchObject({
      'compute-1': { state: 'failed', note: { why: expect.stringMatching(/^nova-compute: /) } },
    });
  });

  it('restarts neither twice when the next attempt asks again', async () => {
    const site = await Site.start();
    const { restart } = await restartLibvirtd(site, { attempt: 2 });
    expect([await restart(), await restart()]).toEqual([
      { state: 'acted', byUs: true },
      { state: 'acted', byUs: true },
    ]);
    expect(starts(site)).toEqual(['libvirtd.service', 'nova-compute.service']);
  });

  it('leaves a nova-compute down that somebody has stopped', async () => {
    const site = await Site.start();
    await site.host().stopUnit('nova-compute');
    const { ticket, restart } = await restartLibvirtd(site);
    expect(ticket.brings).toBeUndefined();
    await restart();
    expect(starts(site)).toEqual(['libvirtd.service']);
  });

  it('says that nova-compute did not come up', async () => {
    const site = await Site.start();
    const { restart } = await restartLibvirtd(site);
    site.host().failNextStart(1, 'nova-compute');
    expect(await restart()).toMatchObject({
      state: 'failed',
      note: { why: expect.stringMatching(/^nova-compute, after libvirtd: /) },
    });
  });

  it('starts a nova-compute that failed when a person wants the host tried again', async () => {
    const site = await Site.start();
    const first = await restartLibvirtd(site);
    site.host().failNextStart(1, 'nova-compute');
    expect(await first.restart()).toMatchObject({ state: 'failed' });
    const second = await restartLibvirtd(site, {}, ['compute-1']);
    expect(await second.restart()).toEqual({ state: 'acted', byUs: true });
    expect(await second.verify()).toEqual({});
    expect(site.host().manager.unit('nova-compute.service')?.activeState).toBe('active');
  });

  it('does not start one that somebody has stopped when the host is tried again', async () => {
    const site = await Site.start();
    await site.host().stopUnit('nova-compute');
    const { ticket } = await restartLibvirtd(site, {}, ['compute-1']);
    expect(ticket.brings).toBeUndefined();
  });
});
