import { describe, expect, it, vi } from 'vitest';
import { type Probe, parseProbe } from '../../../activities/systemd/probe.js';
import { restartOnce } from '../../../activities/systemd/restart.js';
import { type CatalogueEntry, catalogue } from '../../../domain/catalogue.js';
import type { UnitFacts } from '../../../domain/intent.js';
import type { RestartOrder } from '../../../domain/rollout.js';
import { recordedProbe } from './recorded.js';
import { isAct, Site } from './site.js';

/** Counts the exec requests of a host that would restart something, from now on. */
function countActs(site: Site, node = 'compute-1'): () => number {
  let acts = 0;
  site.host(node).beforeExec = (command) => {
    if (isAct(command)) acts++;
  };
  return () => acts;
}

/** Acts on the host between the arrival of the first restart and its shell, as a race does. */
function raceWithAct(site: Site, act: () => void | Promise<void>): void {
  const host = site.host();
  host.beforeExec = async (command) => {
    if (!isAct(command)) return;
    host.beforeExec = undefined;
    await act();
  };
}

const acted = { state: 'acted', byUs: true };

/** Brings an intent to its outcome on a host of which everything is prescribed; counts what was sent to it. */
async function sendTo(host: {
  before: UnitFacts;
  probe: () => Promise<Probe>;
  maybeSent?: boolean;
  exitCode?: number;
  stderr?: string;
  gate?: () => Promise<string | undefined>;
  renew?: () => Promise<boolean>;
}) {
  const { before, probe, maybeSent = false, exitCode = 0, stderr = '', gate, renew = async () => true } = host;
  const sent: string[] = [];
  const deps = {
    run: async (_node: string, script: string) => {
      sent.push(script);
      return { exitCode, stdout: '', stderr, truncated: false };
    },
    observer: { probe, sweep: async () => new Map(), namesOn: () => undefined },
    keeper: { renew } as never,
  };
  const order: RestartOrder = {
    ...{ node: 'compute-1', target: 'nova-compute', intent: '0'.repeat(16), maybeSent, deadlineMs: 1_500 },
    ticket: { verb: 'try-restart', fence: before.fence, failedNeeds: [] },
    lease: { owner: 'o', run: 'r', batch: 0 },
  };
  const entry = catalogue.get('nova-compute') as CatalogueEntry;
  const { signal } = new AbortController();
  const result = await restartOnce(deps, entry, order, { maybeSent, signal, ...(gate && { gate }) });
  return { result, sends: sent.filter(isAct).length };
}

describe('a restart whose answer is lost', () => {
  it('is found done by the next attempt, and nothing is started again', async () => {
    const site = await Site.start();
    const order = await site.order();
    site.host().dropReplyOfNextExec('connection', 'systemd-run');
    const lost = new AbortController();
    const first = site.restart(order, { cancelled: lost.signal });
    await vi.waitFor(() => expect(site.startsOf()).toHaveLength(1), { timeout: 20_000 });
    lost.abort();
    await first.catch(() => undefined);
    const acts = countActs(site);
    expect(await site.restart(order, { attempt: 2 })).toEqual(acted);
    expect(site.startsOf()).toEqual(['intent']);
    expect(acts()).toBe(0);
  });

  it.each(['connection', 'channel'] as const)('by its %s is resolved within one attempt', async (what) => {
    const site = await Site.start();
    const order = await site.order();
    site.host().dropReplyOfNextExec(what, 'systemd-run');
    expect(await site.restart(order)).toEqual(acted);
    expect(site.startsOf()).toEqual(['intent']);
  });
});

describe('one intent', () => {
  it('restarts once, however many workers send it at the same moment', async () => {
    const site = await Site.start({ restartMs: 300 });
    const order = await site.order();
    const results = await Promise.all(Array.from({ length: 9 }, () => site.restart(order)));
    expect(results).toEqual(Array.from({ length: 9 }, () => acted));
    expect(site.startsOf()).toEqual(['intent']);
  });

  it('restarts once although a sudo hangs, is given up, sent again and wakes up last', async () => {
    const site = await Site.start();
    const host = site.host();
    const order = await site.order();
    const ran: Promise<unknown>[] = [];
    const run = host.run.bind(host);
    vi.spyOn(host, 'run').mockImplementation((command) => {
      const running = run(command);
      if (isAct(command)) ran.push(running);
      return running;
    });
    host.stallSudo(14_000);
    // The stall is read by the first sudo as it starts; the next one is quick.
    host.beforeExec = (command) => {
      if (isAct(command) && ran.length === 1) host.stallSudo(0);
    };
    expect(await site.restart(order)).toEqual(acted);
    expect(ran).toHaveLength(2);
    await Promise.all(ran);
    expect(site.startsOf()).toEqual(['intent']);
  });

  it('is sent again where it provably never arrived', async () => {
    const site = await Site.start();
    expect(await site.restart(await site.order(), { attempt: 2 })).toEqual(acted);
    expect(site.startsOf()).toEqual(['intent']);
  });

  it('waits for a restart that is still under way, and does not send it again', async () => {
    const site = await Site.start({ restartMs: 1_500 });
    const order = await site.order();
    const acts = countActs(site);
    expect(await site.restart(order)).toEqual(acted);
    expect(acts()).toBe(1);
  });

  it('is unknown when it still starts at its deadline, and known to whoever asks later', async () => {
    const site = await Site.start({ restartMs: 6_000 });
    const order = await site.order({ deadlineMs: 2_000 });
    const result = await site.restart(order);
    expect(result).toMatchObject({
      state: 'unknown',
      note: { why: expect.stringMatching(/^still starting: nova-compute\.service is (?:de)?activating \(.*\)$/) },
    });
    expect(await site.restart({ ...order, deadlineMs: 20_000 })).toEqual(acted);
    expect(site.startsOf()).toEqual(['intent']);
  });
});

describe('a read that systemd answers while the restart ends', () => {
  const blocks = (name: string) => recordedProbe(252, name).split('\n\n');
  /** The unit as `earlier` recorded it and the intent as `later` did: PID 1 is asked for the one first and for the other last. */
  const torn = (earlier: string, later: string): string => [blocks(earlier)[0], blocks(later)[1]].join('\n\n');
  const probeOf = (stdout: string) => parseProbe(stdout, [['nova-compute.service']], { intent: '0'.repeat(16) });

  it.each([
    ['its stop', 'running-without-intent', 'restarted', acted],
    ['its ExecStartPre=', 'restarting', 'restarted', acted],
    ['its ExecStartPre=, which fails', 'restarting', 'start-failed', { state: 'failed' }],
  ])('is not believed where it shows the unit in %s', async (_phase, earlier, later, expected) => {
    const before = probeOf(recordedProbe(252, 'running-without-intent')).unit as UnitFacts;
    const reads = [torn(earlier, later), recordedProbe(252, later)].map(probeOf);
    const { result, sends } = await sendTo({ before, probe: async () => reads.shift() as Probe, maybeSent: true });
    expect(result).toMatchObject(expected);
    expect(result).not.toHaveProperty('note.why', expect.stringContaining('is active'));
    expect(sends).toBe(0);
  });
});

describe('a start that fails', () => {
  it('is reported with the journal, and never repeated', async () => {
    const site = await Site.start();
    const order = await site.order();
    site.host().failNextStart();
    const failed = {
      state: 'failed',
      note: {
        why: 'nova-compute.service did not come up: systemctl exit 1, result exit-code',
        next: 'find the cause, then `ostler retry` starts it again',
        journal: expect.arrayContaining([expect.stringContaining('compute_driver is not valid')]),
      },
    };
    expect(await site.restart(order)).toMatchObject(failed);
    expect(await site.restart(order, { attempt: 2 })).toMatchObject(failed);
    expect(site.startsOf()).toEqual(['intent']);
  });

  it('by the start limit names reset-failed', async () => {
    const site = await Site.start();
    const order = await site.order();
    site.host().exhaustStartLimit();
    expect(await site.restart(order)).toMatchObject({
      state: 'failed',
      note: {
        why: expect.stringContaining('result start-limit-hit'),
        next: expect.stringContaining('systemctl reset-failed nova-compute.service'),
      },
    });
    expect(site.startsOf()).toEqual([]);
  });

  it('says why there is no journal where the account may not read it', async () => {
    const site = await Site.start({ hosts: { 'compute-1': { journalAccess: false } } });
    const order = await site.order();
    site.host().failNextStart();
    const result = await site.restart(order);
    expect(result).toMatchObject({
      note: { journal: expect.arrayContaining(['No journal files were opened due to insufficient permissions.']) },
    });
  });

  it("is started by the verb of a person's retry, once", async () => {
    const site = await Site.start();
    site.host().failNextStart();
    expect(await site.restart(await site.order())).toMatchObject({ state: 'failed' });
    const again = await site.order({ ticket: await site.ticket('compute-1', 'start') });
    expect(await site.restart(again)).toEqual(acted);
    expect(await site.restart(again, { attempt: 2 })).toEqual(acted);
    expect(site.startsOf()).toEqual(['intent', 'intent']);
    expect(site.host().manager.unit('nova-compute.service')?.activeState).toBe('active');
  });

  it("is not started by a person's retry that another hand has overtaken", async () => {
    const site = await Site.start();
    site.host().failNextStart();
    await site.restart(await site.order());
    const again = await site.order({ ticket: await site.ticket('compute-1', 'start') });
    raceWithAct(site, () => site.host().startUnit());
    expect(await site.restart(again)).toEqual({ state: 'acted', byUs: false });
    expect(site.startsOf()).toEqual(['intent', 'hand']);
  });
});

describe('another hand', () => {
  it('that restarts between fence and act leaves nothing to do', async () => {
    const site = await Site.start();
    const order = await site.order();
    await site.host().restartByAnotherHand();
    expect(await site.restart(order)).toEqual({ state: 'acted', byUs: false });
    expect(site.startsOf()).toEqual(['hand']);
    expect(site.host().manager.unit(`ostler-${order.intent}.service`)).toBeUndefined();
  });

  it('that restarts while the script is on its way is seen by the script', async () => {
    const site = await Site.start();
    const order = await site.order();
    raceWithAct(site, () => site.host().restartByAnotherHand());
    expect(await site.restart(order)).toEqual({ state: 'acted', byUs: false });
    expect(site.startsOf()).toEqual(['hand']);
  });

  it('that is restarting it right now is waited for', async () => {
    const site = await Site.start({ restartMs: 700 });
    const order = await site.order();
    const restarting = site.host().restartByAnotherHand();
    expect(await site.restart(order)).toEqual({ state: 'acted', byUs: false });
    await restarting;
    expect(site.startsOf()).toEqual(['hand']);
  });

  it('that stopped it before its turn wins: it stays stopped', async () => {
    const site = await Site.start();
    const order = await site.order();
    await site.host().stopUnit();
    expect(await site.restart(order)).toEqual({
      state: 'skipped',
      note: { why: 'somebody stopped it before its turn; it stays stopped' },
    });
    expect(site.startsOf()).toEqual([]);
  });

  it('that stops it while the script is on its way wins too', async () => {
    const site = await Site.start();
    const order = await site.order();
    raceWithAct(site, () => site.host().stopUnit());
    expect(await site.restart(order)).toMatchObject({ state: 'skipped' });
    expect(site.startsOf()).toEqual([]);
  });

  it.each([
    ['before', (site: Site) => site.host().mask()],
    ['while the script is on its way', (site: Site) => raceWithAct(site, () => site.host().mask())],
  ])('that masks it %s vetoes it, with nothing sent', async (_when, mask) => {
    const site = await Site.start();
    const order = await site.order();
    mask(site);
    expect(await site.restart(order)).toEqual({ state: 'vetoed', note: { why: 'nova-compute.service is masked' } });
    expect(site.startsOf()).toEqual([]);
    expect(site.host().manager.unit(`ostler-${order.intent}.service`)).toBeUndefined();
  });
});

describe('a reboot between fence and act', () => {
  it('is a restart that was not ours', async () => {
    const site = await Site.start();
    const order = await site.order();
    await site.host().powerOff();
    await site.host().powerOn();
    expect(await site.restart(order)).toEqual({ state: 'acted', byUs: false });
    expect(site.startsOf()).toEqual(['boot']);
  });

  it('after which the unit did not come up is told as such', async () => {
    const site = await Site.start();
    const order = await site.order();
    site.host().enable(false);
    await site.host().powerOff();
    await site.host().powerOn();
    expect(await site.restart(order)).toEqual({
      state: 'skipped',
      note: { why: 'the host was rebooted, and nova-compute.service did not come up with it; it stays down' },
    });
  });
});

describe('the gate right before the act', () => {
  it('vetoes when a unit that it needs is down', async () => {
    const site = await Site.start();
    const order = await site.order();
    await site.host().stopUnit('libvirtd');
    expect(await site.restart(order)).toEqual({
      state: 'vetoed',
      note: { why: 'a unit it needs is not active' },
    });
    expect(site.startsOf()).toEqual([]);
  });

  it.each([
    ['given back by `ostler unlock`', (site: Site) => site.keeper.state.leases.splice(0)],
    ['without an answer from the keeper', (site: Site) => Object.assign(site.keeper, { silent: true })],
  ])('sends nothing with a lease %s', async (_what, lose) => {
    const site = await Site.start();
    const order = await site.order();
    lose(site);
    const acts = countActs(site);
    expect(await site.restart(order)).toMatchObject({
      state: 'lease-lost',
      note: { why: expect.stringMatching(/the lease was given back|the keeper locks\/sim did not answer/) },
    });
    expect(acts()).toBe(0);
  });

  it('needs no lease to read the outcome of what was sent', async () => {
    const site = await Site.start();
    const order = await site.order();
    expect(await site.restart(order)).toEqual(acted);
    site.keeper.silent = true;
    expect(await site.restart(order, { attempt: 2 })).toEqual(acted);
  });

  it('never calls the lease merely lost while an earlier send may still be under way', async () => {
    const site = await Site.start();
    const order = await site.order();
    site.keeper.silent = true;
    expect(await site.restart(order, { attempt: 2 })).toMatchObject({
      state: 'unknown',
      note: { why: expect.stringMatching(/may still be under way; the keeper locks\/sim did not answer/) },
    });
    expect(site.startsOf()).toEqual([]);
  });
});

describe('sudo that refuses', () => {
  it('is a failure that names `ostler sudoers`, after one try', async () => {
    const site = await Site.start();
    const order = await site.order();
    site.host().refuseSudo();
    const acts = countActs(site);
    expect(await site.restart(order)).toEqual({
      state: 'failed',
      note: {
        why: 'sudo refused: sudo: a password is required',
        next: 'install the rules that `ostler sudoers` prints, then `ostler retry`',
        journal: expect.any(Array),
      },
    });
    expect(acts()).toBe(1);
  });

  it('after a send without an answer leaves the outcome open: the first may still act', async () => {
    const site = await Site.start();
    const order = await site.order();
    site.host().refuseSudo();
    expect(await site.restart(order, { attempt: 2 })).toMatchObject({
      state: 'unknown',
      note: { why: expect.stringContaining('sudo: a password is required') },
    });
  });
});

describe('what a host says to a send that did nothing', () => {
  const unit: UnitFacts = {
    ...{ unit: 'nova-compute.service', load: 'loaded', active: 'active', sub: 'running', result: 'success' },
    ...{ fence: { bootId: 'b', startedUs: 1, mainPid: 2 }, jobQueued: false, activeForMs: 9_000, failedNeeds: [] },
  };
  /** A host that answers every send alike and on which nothing ever changes. */
  const refused = (exitCode: number, stderr: string) =>
    sendTo({ before: unit, probe: async () => ({ unit, needs: [] }), exitCode, stderr });
  const resolving = 'sudo: unable to resolve host compute-1: Temporary failure in name resolution\n';

  it.each([
    ['sudo: a password is required'],
    ['sudo: sorry, you must have a tty to run sudo'],
    ['Sorry, user ops is not allowed to execute /usr/bin/systemd-run as root on compute-1.'],
    ['/bin/sh: 9: exec: sudo: not found'],
  ])('is a refusal of sudo: %s', async (said) => {
    const { result, sends } = await refused(1, `${resolving}${said}\n`);
    expect(result).toMatchObject({ state: 'failed', note: { why: `sudo refused: ${said}` } });
    expect(sends).toBe(1);
  });

  it('is no refusal of sudo when a host only does not know its own name', async () => {
    const said = 'Failed to start transient service unit: Connection timed out';
    const { result } = await refused(1, `${resolving}${said}\n`);
    expect(result).toMatchObject({ state: 'unknown', note: { why: `the restart never arrived: ${said}` } });
  });

  it('is repeated to the operator in words, and not knocked at without a pause', async () => {
    const { result, sends } = await refused(83, '');
    expect(result).toMatchObject({
      state: 'unknown',
      note: { why: 'the restart never arrived: another job is queued for the unit' },
    });
    expect(sends).toBeGreaterThan(1);
    expect(sends).toBeLessThan(8);
  });
});

describe('a host out of reach', () => {
  const unreachable = async (site: Site, info: { attempt: number }): Promise<[RestartOrder, unknown]> => {
    const order = await site.order({ deadlineMs: 300 });
    await site.host().discard();
    return [order, await site.restart(order, info)];
  };

  it('is unreachable when nothing was sent', async () => {
    const site = await Site.start();
    const [, result] = await unreachable(site, { attempt: 1 });
    expect(result).toMatchObject({
      state: 'unreachable',
      note: { why: expect.stringContaining('refused the connection'), next: expect.stringContaining('ostler retry') },
    });
  });

  it('is unknown when something may have been sent', async () => {
    const site = await Site.start();
    const [, result] = await unreachable(site, { attempt: 2 });
    expect(result).toMatchObject({
      state: 'unknown',
      note: {
        why: expect.stringMatching(/^it may have been restarted; .*refused the connection/),
        next: expect.stringContaining('sends nothing twice'),
      },
    });
  });

  it('that goes away with our send on it is unknown in the same attempt', async () => {
    const site = await Site.start();
    const order = await site.order({ deadlineMs: 3_000 });
    raceWithAct(site, () => site.host().discard());
    expect(await site.restart(order)).toMatchObject({
      state: 'unknown',
      note: { why: expect.stringContaining('it may have been restarted') },
    });
  });

  it('whose power is cut by the restart itself is found again after its boot', async () => {
    const site = await Site.start({ restartMs: 60_000 });
    const order = await site.order();
    const result = site.restart(order);
    const transient = `ostler-${order.intent}.service`;
    await vi.waitFor(() => expect(site.host().manager.unit(transient)).toBeDefined(), { timeout: 20_000 });
    await site.host().powerOff();
    site.host().slowRestart(50);
    await site.host().powerOn();
    expect(await result).toEqual({ state: 'acted', byUs: false });
    expect(site.startsOf()).toEqual(['boot']);
  });

  it('with another host key is given up at once', async () => {
    const site = await Site.start();
    const order = await site.order();
    site.host().changeHostKey();
    site.host().dropConnections();
    expect(await site.restart(order)).toMatchObject({
      state: 'unreachable',
      note: { why: expect.stringMatching(/host key/) },
    });
  });
});

describe('a host of systemd 219, without InvocationID', () => {
  const old = { hosts: { 'compute-1': { systemdVersion: 219, distribution: 'rdo' as const } } };

  it('is restarted once, a lost answer or not', async () => {
    const site = await Site.start(old);
    const order = await site.order();
    expect(order.ticket.fence).not.toHaveProperty('invocationId');
    site.host().dropReplyOfNextExec('connection', 'systemd-run');
    expect(await site.restart(order)).toEqual(acted);
    expect(await site.restart(order, { attempt: 2 })).toEqual(acted);
    expect(site.startsOf()).toEqual(['intent']);
  });

  it('tells a restart by another hand from its own', async () => {
    const site = await Site.start(old);
    const order = await site.order();
    await site.host().restartByAnotherHand();
    expect(await site.restart(order)).toEqual({ state: 'acted', byUs: false });
    await site.host().stopUnit();
    expect(await site.restart(order)).toMatchObject({ state: 'skipped' });
    expect(site.startsOf()).toEqual(['hand']);
  });
});

describe('the activity', () => {
  it('heartbeats while it waits, and ends when it is cancelled', async () => {
    const site = await Site.start({ restartMs: 60_000 });
    const stop = new AbortController();
    const beats: unknown[] = [];
    const running = site.restart(await site.order({ deadlineMs: 60_000 }), { beats, cancelled: stop.signal });
    const ended = running.then(
      () => 'a result',
      () => 'an error',
    );
    await vi.waitFor(() => expect(beats.length).toBeGreaterThan(0), { timeout: 20_000 });
    stop.abort();
    expect(await ended).toBe('an error');
  });
});

describe('a gate that is asked right before a restart', () => {
  const unit: UnitFacts = {
    ...{ unit: 'nova-compute.service', load: 'loaded', active: 'active', sub: 'running', result: 'success' },
    ...{ fence: { bootId: 'b', startedUs: 1, mainPid: 2 }, jobQueued: false, activeForMs: 9_000, failedNeeds: [] },
  };
  const shut = async () => '9 of 9 placement groups are not active+clean';
  const probe = async (): Promise<Probe> => ({ unit, needs: [] });

  it('keeps us off the host while it is shut, and nothing is sent', async () => {
    expect(await sendTo({ before: unit, probe, gate: shut })).toEqual({
      result: { state: 'vetoed', note: { why: '9 of 9 placement groups are not active+clean' } },
      sends: 0,
    });
  });

  it('comes before the lease, which must still be held when it has opened', async () => {
    let isHeld = true;
    const gate = async () => {
      isHeld = false;
      return undefined;
    };
    const { result, sends } = await sendTo({ before: unit, probe, gate, renew: async () => isHeld });
    expect([result.state, sends]).toEqual(['lease-lost', 0]);
  });

  it('leaves unknown what an earlier attempt may have sent', async () => {
    const { result, sends } = await sendTo({ before: unit, probe, gate: shut, maybeSent: true });
    expect([result.state, sends]).toEqual(['unknown', 0]);
  });
});
