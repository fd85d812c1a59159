import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRunOnHost } from '../../../activities/hosts.js';
import { type ComputeServicesOptions, createComputeServices } from '../../../activities/openstack/compute-services.js';
import { createSshPool } from '../../../activities/ssh/pool.js';
import { createSystemdActivities, type SystemdDeps } from '../../../activities/systemd/index.js';
import type { Observer } from '../../../activities/systemd/observe.js';
import type { RestartTicket, VerifyRequest } from '../../../domain/rollout.js';
import { fakeCloud, service } from '../openstack/fake-cloud.js';
import { attempt, Site, TARGET } from './site.js';

/** Restarts a host as the run does, and gives what its verification is asked with. */
async function restarted(
  site: Site,
  node = 'compute-1',
): Promise<{ node: string; ticket: RestartTicket; byUs: boolean }> {
  const order = await site.order({ node });
  const result = await site.restart(order);
  expect(result).toEqual({ state: 'acted', byUs: true });
  return { node, ticket: order.ticket, byUs: true };
}

/** Verifies as a worker of this site does that has more, or something else, to ask. */
function verifyWith(site: Site, deps: Partial<SystemdDeps>) {
  const ssh = createSshPool();
  onTestFinished(() => ssh.close());
  const { inventory, observer, keeper } = site;
  const run = createRunOnHost(inventory, ssh);
  const { verifyRestart } = createSystemdActivities({ inventory, run, observer, keeper, ...deps });
  return (request: Partial<VerifyRequest> & Pick<VerifyRequest, 'hosts'>) =>
    attempt(verifyRestart, { target: TARGET, soakMs: 0, deadlineMs: 20_000, ...request });
}

/** A restarted host of a site whose OpenStack can be asked. */
async function restartedInCloud(options: ComputeServicesOptions = {}) {
  const site = await Site.start();
  const cloud = await fakeCloud();
  onTestFinished(() => cloud.close());
  cloud.services = [service('compute-1')];
  const computeServices = createComputeServices(async () => cloud.credentials, site.inventory.nodes, {
    ...{ pollMs: 10, reportsWithinMs: 100 },
    ...options,
  });
  const order = await site.order();
  await site.restart(order);
  return { site, cloud, order, hosts: [{ ...order, byUs: true }], verify: verifyWith(site, { computeServices }) };
}

const unitOf = (site: Site) => site.host().manager.unit('nova-compute.service');

describe('verifyRestart', () => {
  it('finds a unit well that stayed active under its new fence for the whole soak', async () => {
    const site = await Site.start();
    const host = await restarted(site);
    expect(await site.verify({ hosts: [host], soakMs: 500 })).toEqual({});
    const activeUs = site.host().uptimeMs() * 1_000 - (unitOf(site)?.activeEnterUs ?? 0);
    expect(activeUs).toBeGreaterThanOrEqual(500_000);
  });

  it('counts a soak by its own clock, not by that of a host that was suspended before', async () => {
    const site = await Site.start();
    const asleep: Observer['probe'] = async (...asked) => {
      const { unit, ...rest } = await site.observer.probe(...asked);
      return { ...rest, ...(unit && { unit: { ...unit, activeForMs: unit.activeForMs + 3_600_000 } }) };
    };
    const verify = verifyWith(site, { observer: { ...site.observer, probe: asleep } });
    site.host().dieAfter(1_000);
    const hosts = [await restarted(site)];
    expect(await verify({ hosts, soakMs: 3_000 })).toMatchObject({ 'compute-1': { state: 'failed' } });
  });

  it('looks once where no soak is asked for', async () => {
    const site = await Site.start();
    const hosts = [await restarted(site)];
    let looks = 0;
    site.host().beforeExec = () => void looks++;
    expect(await site.verify({ hosts })).toEqual({});
    expect(looks).toBe(1);
  });

  it('believes the clock of a host that was out of reach until the deadline', async () => {
    const site = await Site.start();
    const hosts = [await restarted(site)];
    await vi.waitFor(() =>
      expect(site.host().uptimeMs() * 1_000 - (unitOf(site)?.activeEnterUs ?? 0)).toBeGreaterThan(500_000),
    );
    expect(await site.verify({ hosts, soakMs: 500, deadlineMs: -1 })).toEqual({});
  });

  it('fails a unit that dies 5 s after its start, in a soak of 10 s', async () => {
    const site = await Site.start();
    site.host().dieAfter(5_000);
    const host = await restarted(site);
    expect(await site.verify({ hosts: [host], soakMs: 10_000 })).toMatchObject({
      'compute-1': {
        state: 'failed',
        note: {
          why: 'nova-compute.service failed after its restart (exit-code)',
          journal: expect.arrayContaining([expect.stringContaining('simulated crash')]),
        },
      },
    });
    expect(site.startsOf()).toEqual(['intent']);
  });

  it('starts the soak anew when systemd restarts the unit', async () => {
    const site = await Site.start({ hosts: { 'compute-1': { restartOnFailure: true } } });
    site.host().dieAfter(400);
    const host = await restarted(site);
    expect(await site.verify({ hosts: [host], soakMs: 2_000 })).toEqual({});
    expect(site.startsOf()).toEqual(['intent', 'systemd']);
    const [, second] = site.host().ledger.starts.filter(({ unit }) => unit === 'nova-compute.service');
    expect(Date.now() - (second?.at ?? Number.NaN)).toBeGreaterThanOrEqual(2_000);
  });

  it('gives up on a unit that systemd restarts again and again, and says how often', async () => {
    const site = await Site.start({ hosts: { 'compute-1': { restartOnFailure: true } } });
    site.host().dieAfter(600, 3);
    const host = await restarted(site);
    await vi.waitFor(() => expect(site.startsOf().length).toBeGreaterThan(1), { timeout: 20_000 });
    expect(await site.verify({ hosts: [host], soakMs: 60_000, deadlineMs: 100 })).toMatchObject({
      'compute-1': {
        state: 'failed',
        note: { why: expect.stringMatching(/^not proven well within 100 ms: .*, restarted \d times by systemd$/) },
      },
    });
  });

  it('fails a unit when one that it requires has failed with the restart', async () => {
    const site = await Site.start();
    const file = site.host().files.get('nova-compute.service');
    if (file) file.requires = ['libvirtd.service'];
    const host = await restarted(site);
    site.host().crash('libvirtd');
    expect(await site.verify({ hosts: [host] })).toMatchObject({
      'compute-1': { state: 'failed', note: { why: 'libvirtd.service, which it needs, failed with the restart' } },
    });
  });

  it('does not blame the restart for what had failed before', async () => {
    const site = await Site.start();
    const file = site.host().files.get('nova-compute.service');
    if (file) file.bindsTo = ['libvirtd.service'];
    const host = await restarted(site);
    site.host().crash('libvirtd');
    const ticket = { ...host.ticket, failedNeeds: ['libvirtd.service'] };
    expect(await site.verify({ hosts: [{ ...host, ticket }] })).toEqual({});
  });

  it('fails a unit that was never restarted', async () => {
    const site = await Site.start();
    const host = { node: 'compute-1', ticket: await site.ticket(), byUs: true };
    expect(await site.verify({ hosts: [host] })).toMatchObject({
      'compute-1': { state: 'failed', note: { why: 'nova-compute.service is active, but was never restarted' } },
    });
  });

  it('fails a unit that somebody stopped after our restart, and skips one that was theirs', async () => {
    const site = await Site.start();
    const host = await restarted(site);
    await site.host().stopUnit();
    expect(await site.verify({ hosts: [host] })).toMatchObject({ 'compute-1': { state: 'failed' } });
    expect(await site.verify({ hosts: [{ ...host, byUs: false }] })).toMatchObject({
      'compute-1': { state: 'skipped', note: { why: expect.stringContaining('stays stopped') } },
    });
  });

  it('waits for a unit that another hand is restarting', async () => {
    const site = await Site.start({ restartMs: 500 });
    const host = await restarted(site);
    const other = site.host().restartByAnotherHand();
    expect(await site.verify({ hosts: [host] })).toEqual({});
    await other;
  });

  it('leaves a host that stays silent unknown at the deadline, and the others well', async () => {
    const site = await Site.start({ computes: 2 });
    const hosts = [await restarted(site, 'compute-1'), await restarted(site, 'compute-2')];
    await site.host('compute-2').discard();
    expect(await site.verify({ hosts, deadlineMs: 500 })).toEqual({
      'compute-2': {
        state: 'unknown',
        note: {
          why: expect.stringMatching(/^restarted, but not proven well: .*refused the connection/),
          next: expect.stringContaining('ostler retry'),
        },
      },
    });
  });

  it('goes on with the hosts that are still open when it is tried again', async () => {
    const site = await Site.start({ computes: 3 });
    const hosts = await Promise.all(['compute-1', 'compute-2', 'compute-3'].map((node) => restarted(site, node)));
    const note = { why: 'it failed' };
    const read: string[] = [];
    for (const host of site.fleet.hosts) host.beforeExec = () => void read.push(host.name);
    const heartbeatDetails = { 'compute-1': null, 'compute-2': { state: 'failed', note } };
    expect(await site.verify({ hosts }, { attempt: 2, heartbeatDetails })).toEqual({
      'compute-2': { state: 'failed', note },
    });
    expect(new Set(read)).toEqual(new Set(['compute-3']));
  });

  it('tells its heartbeats which hosts are settled', async () => {
    const site = await Site.start({ computes: 2 });
    const hosts = [await restarted(site, 'compute-1'), await restarted(site, 'compute-2')];
    await site.host('compute-2').discard();
    const beats: unknown[] = [];
    await site.verify({ hosts, deadlineMs: 6_000 }, { beats });
    expect(beats).toContainEqual({ 'compute-1': null });
  });

  it('brings the journals of the first twenty failures of a batch, which fit in a payload', async () => {
    const site = await Site.start({ computes: 22, sharedHostKey: true });
    const hosts = await Promise.all(
      site.fleet.hosts.map(async ({ name: node }) => ({ node, ticket: await site.ticket(node), byUs: true })),
    );
    const verdicts = Object.values(await site.verify({ hosts }));
    expect(verdicts).toHaveLength(22);
    expect(verdicts.filter(({ note }) => note.journal)).toHaveLength(20);
  });

  it('believes a host of systemd 219 by its start time', async () => {
    const site = await Site.start({ hosts: { 'compute-1': { systemdVersion: 219, distribution: 'rdo' } } });
    expect(await site.verify({ hosts: [await restarted(site)], soakMs: 200 })).toEqual({});
  });
});

describe('verifyRestart where Nova can be asked', () => {
  const unheard = (why: RegExp) => ({
    'compute-1': {
      state: 'unknown',
      note: {
        why: expect.stringMatching(why),
        next: '`ostler retry` looks again and sends nothing twice',
      },
    },
  });

  it('finds a unit well once its service reports anew', async () => {
    const { cloud, hosts, verify } = await restartedInCloud();
    cloud.onList = (list) => {
      if (list === 3) cloud.services = [service('compute-1', { updated_at: '2015-04-28T03:12:13.000000' })];
    };
    expect(await verify({ hosts })).toEqual({});
    expect(cloud.lists).toBe(3);
  });

  it('fails a unit whose service Nova saw no report of', async () => {
    const { hosts, verify } = await restartedInCloud();
    expect(await verify({ hosts, deadlineMs: 3_000 })).toEqual({
      'compute-1': {
        state: 'failed',
        note: { why: expect.stringMatching(/^nova-compute on compute-1 does not report to Nova/) },
      },
    });
  });

  it('leaves a unit unknown while Nova cannot be asked, and a retry finds it well without another restart', async () => {
    const { site, cloud, order, hosts, verify } = await restartedInCloud();
    cloud.novaMishaps = [403];
    expect(await verify({ hosts })).toEqual(
      unheard(/^restarted, but not proven well: whether .+ is not known: .+ \(403\)/),
    );

    cloud.onList = (list) => {
      cloud.services = [service('compute-1', { updated_at: `2015-04-28T03:13:0${list}.000000` })];
    };
    expect(await site.restart({ ...order, maybeSent: true })).toEqual({ state: 'acted', byUs: true });
    expect(await verify({ hosts })).toEqual({});
    expect(site.startsOf()).toEqual(['intent']);
  });

  it('leaves a unit unknown whose service Nova does not list', async () => {
    const { cloud, hosts, verify } = await restartedInCloud();
    cloud.services = [];
    expect(await verify({ hosts, deadlineMs: 3_000 })).toEqual(
      unheard(/^restarted, but not proven well: Nova lists no such service on compute-1$/),
    );
  });

  it('leaves a unit unknown that could be watched too briefly', async () => {
    const { hosts, verify } = await restartedInCloud({ reportsWithinMs: 30_000 });
    expect(await verify({ hosts, deadlineMs: 3_000 })).toEqual(unheard(/which is too short to tell/));
  });
});
