import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Lease } from '../../../domain/budget.js';
import { type CatalogueEntry, catalogue } from '../../../domain/catalogue.js';
import type { AdmitRequest } from '../../../domain/rollout.js';
import { attempt, Site, TARGET } from './site.js';

/** A site of eight computes on which nothing is leased yet. */
async function freeSite(computes = 8): Promise<Site> {
  const site = await Site.start({ computes, sharedHostKey: true });
  site.keeper.state.leases = [];
  return site;
}

function admit(site: Site, more: Partial<AdmitRequest> = {}) {
  const { owner, run, actor, reason } = site.lease;
  const request: AdmitRequest = {
    owner,
    run,
    batch: 0,
    target: TARGET,
    role: 'compute',
    nodes: ['compute-1', 'compute-2'],
    again: [],
    unresolved: [],
    maxUnavailable: 3,
    deadlineMs: 100,
    actor,
    reason,
    ...more,
  };
  return attempt(site.activities.admitRestart, request);
}

const novaCompute = catalogue.get(TARGET) as CatalogueEntry;

const foreignLease = (nodes: string[]): Lease => ({
  owner: 'restart/sim/libvirtd',
  run: 'run-9',
  batch: 2,
  role: 'compute',
  nodes,
  actor: 'bob@bastion',
  reason: 'OPS-9',
});

describe('admitRestart', () => {
  it('takes the lease and reads the fences of this moment', async () => {
    const site = await freeSite();
    await site.host('compute-1').restartByAnotherHand();
    const admission = await admit(site);
    expect(admission).toEqual({
      admitted: true,
      hosts: { 'compute-1': { ticket: await site.ticket('compute-1') }, 'compute-2': { ticket: expect.anything() } },
    });
    expect(site.keeper.state.leases).toMatchObject([{ owner: site.lease.owner, nodes: ['compute-1', 'compute-2'] }]);
  });

  it('says for each host of the batch what stands in its way', async () => {
    const site = await freeSite();
    await site.host('compute-1').stopUnit();
    site.host('compute-2').mask();
    await site.host('compute-3').stopUnit('libvirtd');
    await site.host('compute-4').discard();
    await site.host('compute-5').uninstall();
    const nodes = ['compute-1', 'compute-2', 'compute-3', 'compute-4', 'compute-5', 'compute-6'];
    expect(await admit(site, { nodes, maxUnavailable: 6 })).toEqual({
      admitted: true,
      hosts: {
        'compute-1': {
          state: 'skipped',
          note: { why: 'nova-compute.service is inactive already, before its turn; it stays as it is' },
        },
        'compute-2': { state: 'skipped', note: { why: 'nova-compute.service is masked' } },
        'compute-3': {
          state: 'vetoed',
          note: {
            why: 'libvirtd.service is inactive, and nova-compute needs it',
            next: expect.stringContaining('`ostler retry`'),
          },
        },
        'compute-4': {
          state: 'unreachable',
          note: { why: expect.stringContaining('refused the connection'), next: expect.stringContaining('retry') },
        },
        'compute-5': { state: 'skipped', note: { why: 'nova-compute is not installed any more' } },
        'compute-6': { ticket: expect.objectContaining({ verb: 'try-restart' }) },
      },
    });
  });

  it('may start a unit that is down only where a person asked for the host again', async () => {
    const site = await freeSite();
    site.host('compute-1').crash();
    site.host('compute-2').crash();
    expect(await admit(site, { again: ['compute-2'] })).toMatchObject({
      hosts: { 'compute-1': { state: 'skipped' }, 'compute-2': { ticket: { verb: 'start' } } },
    });
  });

  it('waits for room and is admitted when a host is back', async () => {
    const site = await freeSite();
    await site.host('compute-7').stopUnit();
    await site.host('compute-8').stopUnit();
    const asked = vi.spyOn(site.keeper, 'acquire');
    const admission = admit(site, { deadlineMs: 60_000 });
    await vi.waitFor(() => expect(asked).toHaveBeenCalled(), { timeout: 20_000 });
    expect(site.keeper.state.leases).toEqual([]);
    await site.host('compute-7').startUnit();
    expect(await admission).toMatchObject({ admitted: true });
  });

  it('says at its deadline which numbers fell short, who holds what and who is down', async () => {
    const site = await freeSite();
    site.keeper.state.leases = [foreignLease(['compute-5'])];
    await site.host('compute-7').stopUnit();
    expect(await admit(site)).toEqual({
      admitted: false,
      silent: false,
      why: 'with this batch 4 compute hosts would be unavailable and at most 3 may be; restart/sim/libvirtd (bob@bastion: OPS-9) holds compute-5; down or unreachable: compute-7',
    });
  });

  it('gives back the leases of owners that have ended', async () => {
    const site = await freeSite();
    site.keeper.state.leases = [foreignLease(['compute-1', 'compute-5'])];
    site.keeper.ended.add('restart/sim/libvirtd');
    expect(await admit(site)).toMatchObject({ admitted: true });
    expect(site.keeper.state.leases.map(({ owner }) => owner)).toEqual([site.lease.owner]);
  });

  it('is granted again what it holds already', async () => {
    const site = await freeSite();
    await admit(site);
    expect(await admit(site)).toMatchObject({ admitted: true });
    expect(site.keeper.state.leases).toHaveLength(1);
  });

  it('is refused, not failed, by a silent keeper', async () => {
    const site = await freeSite();
    site.keeper.silent = true;
    expect(await admit(site)).toEqual({
      admitted: false,
      silent: true,
      why: 'the keeper locks/sim did not answer',
    });
  });

  it('waits for a unit that is on its way up, and then gives its ticket', async () => {
    const site = await freeSite();
    site.host('compute-1').slowRestart(2_500);
    const restarting = site.host('compute-1').restartByAnotherHand();
    await vi.waitFor(async () =>
      expect((await site.observer.probe('compute-1', novaCompute)).unit?.active).not.toBe('active'),
    );
    const admission = await admit(site, { deadlineMs: 60_000 });
    await restarting;
    expect(admission).toMatchObject({ hosts: { 'compute-1': { ticket: await site.ticket('compute-1') } } });
  });

  it('passes over a unit that does not arrive anywhere, for a person to retry', async () => {
    const site = await freeSite();
    site.host('compute-1').slowRestart(60_000);
    void site.host('compute-1').restartByAnotherHand();
    await vi.waitFor(async () =>
      expect((await site.observer.probe('compute-1', novaCompute)).unit?.active).not.toBe('active'),
    );
    expect(await admit(site, { deadlineMs: 1_500 })).toMatchObject({
      hosts: { 'compute-1': { state: 'vetoed', note: { why: expect.stringMatching(/is still (de)?activating \(/) } } },
    });
  });

  it('reads every host of a small role, and sends nothing that changes one', async () => {
    const site = await freeSite();
    const commands: string[] = [];
    for (const host of site.fleet.hosts) host.beforeExec = (command) => void commands.push(`${host.name} ${command}`);
    await admit(site);
    for (const { name } of site.fleet.hosts)
      expect(commands.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
    expect(commands.filter((line) => line.includes('sudo'))).toEqual([]);
  });

  it('believes for two seconds what it has read, but not of hosts that it admitted', async () => {
    const site = await freeSite();
    const reads: string[] = [];
    for (const host of site.fleet.hosts) host.beforeExec = () => void reads.push(host.name);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    onTestFinished(() => void vi.useRealTimers());
    await admit(site, { nodes: ['compute-1'], batch: 0 });
    expect(reads.splice(0)).toHaveLength(8);
    await admit(site, { nodes: ['compute-2'], batch: 1 });
    expect(reads.splice(0).sort()).toEqual(['compute-1', 'compute-2']);
    vi.setSystemTime(Date.now() + 2_000);
    await admit(site, { nodes: ['compute-3'], batch: 2 });
    expect(reads).toHaveLength(8);
  });

  it('of a large role reads the batch each time, and the others not again within a minute', async () => {
    const site = await freeSite(203);
    const reads = new Map<string, number>();
    for (const host of site.fleet.hosts)
      host.beforeExec = () => void reads.set(host.name, (reads.get(host.name) ?? 0) + 1);
    await site.host('compute-203').stopUnit();
    await admit(site);
    expect(reads.size).toBe(203);
    expect(await admit(site, { maxUnavailable: 2 })).toMatchObject({
      admitted: false,
      why: expect.stringContaining('down or unreachable: compute-203'),
    });
    expect(reads.get('compute-1')).toBeGreaterThan(1);
    expect([reads.get('compute-100'), reads.get('compute-203')]).toEqual([1, 1]);
    await site.host('compute-203').startUnit();
    expect(await admit(site, { maxUnavailable: 2, unwell: ['compute-203'] })).toMatchObject({ admitted: true });
    expect([reads.get('compute-100'), reads.get('compute-203')]).toEqual([1, 2]);
  });

  it('refuses a target that its catalogue does not hold', async () => {
    const site = await freeSite(1);
    await expect(async () => admit(site, { target: 'nova-computer' })).rejects.toMatchObject({
      type: 'InvalidRequest',
      nonRetryable: true,
    });
  });
});
