import { describe, expect, it } from 'vitest';
import { createCephActivities } from '../../../activities/ceph/index.js';
import { nooutLeft } from '../../../activities/ceph/left.js';
import { planCeph, whyNotStop } from '../../../activities/ceph/plan.js';
import type { Observer } from '../../../activities/systemd/observe.js';
import type { TurnSite } from '../../../activities/turns.js';
import { type CephTicket, isNoout, nooutOwed } from '../../../domain/ceph-daemons.js';
import type { UnitFacts } from '../../../domain/intent.js';
import type { Plan } from '../../../domain/plan.js';
import type { AdmitRequest } from '../../../domain/rollout.js';
import { clusterSite, type FakeHost, never } from '../audit/cluster-site.js';
import { prints } from '../controllers/fake-controller.js';
import { attempt, FakeKeeper } from '../systemd/site.js';

const lease = { owner: 'restart/prod/ceph-osd', run: 'run-1', batch: 0 };
const [intent, undo] = ['0123456789abcdef', 'fedcba9876543210'];
const line = (command: string): string => `*'/usr/bin/ceph --connect-timeout 20 ${command}'`;
const FILES = { status: 'status', quorum_status: 'quorum', 'osd tree': 'osd-tree', 'osd dump': 'osd-dump' };
const dump = prints('ceph-16.2/healthy/osd-dump.json').replace('cat ', '');
const WITH_FLAG = `sed 's/"crush_node_flags":{}/"crush_node_flags":{"storage-1":["noout"]}/' ${dump}`;
const WITHOUT = `sed 's/"crush_node_flags":{},//' ${dump}`;

/** A real Ceph's answers, on a controller whose sudo notes which flag is set. */
const ceph = (answers: Record<string, string> = {}): FakeHost => ({
  installed: ['/usr/bin/ceph'],
  answers: {
    ...Object.fromEntries(
      Object.entries(FILES).map(([command, file]) => [
        line(`${command} -f json`),
        prints(`ceph-16.2/healthy/${file}.json`),
      ]),
    ),
    [line('osd set-group noout storage-1')]: 'touch "$ROOT/set"',
    [line('osd unset-group noout storage-1')]: 'rm -f "$ROOT/set"',
    "*'--remain-after-exit /bin/true'": 'exit 0',
    "*'osd ok-to-stop $ids'": 'exit 0',
    "*'mon ok-to-stop '*": 'exit 0',
    ...answers,
  },
  programs: { systemctl: `echo LoadState=loaded; echo SubState=exited; echo ExecMainStatus=0` },
});

const FLAGGED = { [line('osd dump -f json')]: `if [ -e "$ROOT/set" ]; then ${WITH_FLAG}; else cat ${dump}; fi` };

const running = (ids: readonly number[]): FakeHost => ({
  installed: [],
  programs: {
    systemctl: ids.map((id) => `echo "ceph-osd@${id}.service loaded active running Ceph"`).join('\n') || ':',
  },
});

const target: UnitFacts = {
  unit: 'ceph-osd.target',
  fence: { bootId: 'boot', startedUs: 7, mainPid: 0 },
  load: 'loaded',
  active: 'active',
  sub: 'active',
  result: '',
  jobQueued: false,
  activeForMs: 1,
  failedNeeds: [],
};

function siteOf(hosts: Record<string, FakeHost>): TurnSite & ReturnType<typeof clusterSite> {
  const keeper = new FakeKeeper();
  keeper.state.leases.push({ ...lease, role: 'ceph-osd', nodes: [], actor: 'ada', reason: 'OPS-1' });
  const sweep: Observer['sweep'] = async (nodes) =>
    new Map(nodes.map((node) => [node, { probe: { unit: target, needs: [] } }]));
  return { ...clusterSite(hosts), keeper, observer: { sweep } as Observer };
}

const admitted = async (site: TurnSite, node: string, daemon = 'ceph-osd') => {
  const request: AdmitRequest = {
    ...lease,
    target: daemon,
    role: 'ceph-osd',
    nodes: [node],
    again: [],
    unresolved: [],
    maxUnavailable: 1,
    deadlineMs: 0,
    actor: 'ada',
    reason: 'OPS-1',
  };
  const admission = await attempt(createCephActivities(site).admitCeph, request);
  return admission.admitted ? admission.hosts[node] : undefined;
};

const osds: NonNullable<CephTicket['osds']> = {
  host: 'storage-1',
  upFrom: { 'osd.0': 8, 'osd.1': 9 },
  noout: { kind: 'host', host: 'storage-1' },
  from: { node: 'controller-1', bootId: '' },
};

/** The ticket of a host that is admitted, with the boot of the machine that stands for the controller. */
async function ticketOf(site: TurnSite): Promise<NonNullable<CephTicket['osds']>> {
  const inspection = await admitted(site, 'storage-1');
  return inspection && 'ticket' in inspection ? (inspection.ticket.osds ?? osds) : expect.unreachable('no ticket');
}

const changes = (site: ReturnType<typeof clusterSite>): string[] =>
  site.askedOf('controller-1').flatMap((command) => {
    const [, words] =
      /^\/usr\/bin\/systemd-run --unit ostler-[0-9a-f]{16} --remain-after-exit (.*)$/.exec(command) ?? [];
    return words === undefined ? [] : [words.replace(/^.* 20 /, '')];
  });

describe('the admission of a host of OSDs', () => {
  it('records which OSDs it has, in which life, and which flag will hold their places', async () => {
    const site = siteOf({ 'controller-1': ceph(), 'storage-1': running([0, 1]) });
    expect(await admitted(site, 'storage-1')).toMatchObject({
      ticket: {
        restart: { verb: 'try-restart', fence: target.fence },
        osds: {
          host: 'storage-1',
          upFrom: { 'osd.0': expect.any(Number), 'osd.1': expect.any(Number) },
          noout: { kind: 'host', host: 'storage-1' },
          from: { node: 'controller-1', bootId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        },
      },
    });
    expect(changes(site)).toEqual([]);
  });

  it('takes the flag of the whole cluster where Ceph knows none of hosts', async () => {
    const old = ceph({ [line('osd dump -f json')]: WITHOUT });
    const site = siteOf({ 'controller-1': old, 'storage-1': running([0, 1]) });
    expect(await admitted(site, 'storage-1')).toMatchObject({ ticket: { osds: { noout: { kind: 'cluster' } } } });
  });

  it.each([
    [
      'a flag that somebody set',
      { [line('osd dump -f json')]: prints('ceph-16.2/flags/osd-dump.json') },
      [0, 1],
      /`ceph osd unset noout`/,
    ],
    [
      'an OSD that is down',
      { [line('osd tree -f json')]: prints('ceph-16.2/osd-down/osd-tree.json') },
      [0, 1],
      /osd\.1 \(down, in\)/,
    ],
    [
      'Ceph itself',
      {
        "*'osd ok-to-stop $ids'":
          'echo "Error EBUSY: unsafe to stop osd(s) at this time (9 PGs are or would become offline)" >&2; exit 16',
      },
      [0, 1],
      /9 PGs are or would become offline/,
    ],
    ['an OSD that Ceph has elsewhere', {}, [0, 1, 7], /systemd there runs osd\.0, osd\.1, osd\.7/],
  ])('is refused by %s', async (_what, answers, ids, why) => {
    const site = siteOf({ 'controller-1': ceph(answers), 'storage-1': running(ids) });
    expect(await admitted(site, 'storage-1')).toMatchObject({
      state: 'vetoed',
      note: { why: expect.stringMatching(why) },
    });
  });
});

describe('the flag of a host', () => {
  const set = (site: TurnSite, of: typeof osds, info = {}) =>
    attempt(createCephActivities(site).setNoout, { node: 'storage-1', osds: of, intent, lease }, info);
  const unset = (site: TurnSite, of: typeof osds) =>
    attempt(createCephActivities(site).unsetNoout, { node: 'storage-1', osds: of, intent: undo, taken: intent });
  const flagged = () => siteOf({ 'controller-1': ceph(FLAGGED), 'storage-1': running([0, 1]) });

  it('is set once, however often it is asked for, and unset after its intent is void', async () => {
    const site = flagged();
    const ticket = await ticketOf(site);
    expect(await set(site, ticket)).toEqual({ state: 'done' });
    expect(await set(site, ticket, { attempt: 2 })).toEqual({ state: 'done' });
    expect(changes(site)).toEqual(['osd set-group noout storage-1']);
    expect(await unset(site, ticket)).toEqual({ state: 'done' });
    expect(changes(site).slice(1)).toEqual(['/bin/true', 'osd unset-group noout storage-1']);
  });

  it('is not set over one that somebody else has set', async () => {
    const site = siteOf({ 'controller-1': ceph({ [line('osd dump -f json')]: WITH_FLAG }) });
    expect(await set(site, osds)).toMatchObject({ state: 'refused', isUntouched: true });
    expect(changes(site)).toEqual([]);
  });

  it('is set when OSDs that an earlier turn has restarted are up again', async () => {
    const [down, up] = ['osd-down', 'healthy'].map((state) => prints(`ceph-16.2/${state}/osd-tree.json`));
    const tree = `if [ -e "$ROOT/up" ]; then ${up}; else touch "$ROOT/up"; ${down}; fi`;
    const site = flagged();
    const ticket = await ticketOf(site);
    const restarting = siteOf({ 'controller-1': ceph({ ...FLAGGED, [line('osd tree -f json')]: tree }) });
    expect(await set(restarting, ticket)).toEqual({ state: 'done' });
    expect(changes(restarting)).toEqual(['osd set-group noout storage-1']);
  });

  it('is not set when the lease has been taken away', async () => {
    const site = flagged();
    const ticket = await ticketOf(site);
    (site.keeper as FakeKeeper).state.leases.length = 0;
    expect(await set(site, ticket)).toMatchObject({ state: 'refused', isUntouched: true });
    expect(changes(site)).toEqual([]);
  });

  it('that never was set is not unset, and cannot be set any more', async () => {
    const site = flagged();
    const ticket = await ticketOf(site);
    expect(await unset(site, ticket)).toEqual({ state: 'done' });
    expect(changes(site)).toEqual(['/bin/true']);
  });
});

describe('what is left in Ceph', () => {
  const left = (dumped: string) =>
    nooutLeft(
      siteOf({ 'controller-1': ceph({ [line('osd dump -f json')]: dumped }), 'storage-1': running([]) }),
      never,
    );

  it('is the noout of a host, or of all, in the words of a run that set it', async () => {
    expect(await left(`cat ${dump}`)).toEqual({ found: [] });
    expect(await left(WITH_FLAG)).toEqual({ found: [nooutOwed('storage-1', { kind: 'host', host: 'storage-1' })] });
    const all = await left(prints('ceph-16.2/flags/osd-dump.json'));
    expect(all).toMatchObject({ found: expect.arrayContaining(['noout of all of Ceph; `ceph osd unset noout`']) });
    expect('found' in all && all.found.every(isNoout)).toBe(true);
  });

  it('is not known where Ceph does not say', async () => {
    expect(await left('exit 1')).toMatchObject({
      why: expect.stringContaining('Ceph does not tell controller-1 which flags are set'),
    });
  });
});

describe('the proof of a host', () => {
  it('says which OSD is still down when its time is over, and what to do', async () => {
    const site = siteOf({
      'controller-1': ceph({ [line('osd tree -f json')]: prints('ceph-16.2/osd-down/osd-tree.json') }),
      'storage-1': running([0]),
    });
    const ticket = { restart: { verb: 'try-restart' as const, fence: target.fence, failedNeeds: [] }, osds };
    const order = {
      target: 'ceph-osd',
      hosts: [{ node: 'storage-1', ticket, byUs: true }],
      soakMs: 0,
      deadlineMs: 1_200_000,
    };
    const since = Date.now() - 601_000;
    const verdicts = await attempt(createCephActivities(site).verifyCeph, order, { heartbeatDetails: { since } });
    expect(verdicts['storage-1']).toMatchObject({
      state: 'failed',
      note: {
        why: expect.stringMatching(/^after 10 min: .*osd\.1 is down/),
        next: expect.stringMatching(
          /systemctl start ceph-osd@1; .*`ostler skip` .*`ostler restart ceph-osd --on <the hosts after it>`/,
        ),
      },
    });
  });
});

describe('a plan to restart monitors', () => {
  const plan = { target: 'ceph-mon', nodes: ['controller-1', 'controller-2', 'controller-3'], hash: 'a' } as Plan;

  it('has the leader last', async () => {
    const site = siteOf({ 'controller-1': ceph() });
    const { nodes, hash } = await planCeph(site, plan, never);
    expect(nodes).toEqual(['controller-2', 'controller-3', 'controller-1']);
    expect(hash).not.toBe('a');
  });

  it('is refused while one is not in quorum', async () => {
    const site = siteOf({
      'controller-1': ceph({ [line('quorum_status -f json')]: prints('ceph-16.2/mon-down/quorum.json') }),
    });
    await expect(planCeph(site, plan, never)).rejects.toThrow('1 of 3 monitors are not in quorum');
  });
});

describe('a stop', () => {
  const entries = [{ id: 'ceph-osd' }];
  const asked = (answers: Record<string, string>) =>
    whyNotStop(siteOf({ 'controller-1': ceph(answers), 'storage-1': running([]) }), entries, ['storage-1'], never);
  const TOO_OLD = { "*'osd ok-to-stop $ids'": 'echo "no valid command found" >&2; exit 22' };

  it('is Ceph’s to allow, whatever flags a person has set for it', async () => {
    expect(await asked({ [line('osd dump -f json')]: prints('ceph-16.2/flags/osd-dump.json') })).toBeUndefined();
  });

  it('is refused with the number that fell short', async () => {
    const why = await asked({
      "*'osd ok-to-stop $ids'":
        'echo "Error EBUSY: unsafe to stop osd(s) at this time (4 PGs are or would become offline)" >&2; exit 16',
    });
    expect(why).toBe(
      'Ceph does not let storage-1 go: unsafe to stop osd(s) at this time (4 PGs are or would become offline)',
    );
  });

  it('of an old Ceph, which cannot be asked, needs all OSDs up and all groups clean', async () => {
    expect(await asked(TOO_OLD)).toBeUndefined();
    expect(
      await asked({ ...TOO_OLD, [line('osd tree -f json')]: prints('ceph-16.2/osd-down/osd-tree.json') }),
    ).toContain('osd.1');
  });

  it('of OSDs on several hosts is refused, with the command for the first', async () => {
    const why = await whyNotStop(siteOf({ 'controller-1': ceph() }), entries, ['storage-1', 'storage-2'], never);
    expect(why).toMatch(/^OSDs are stopped on one host at a time, .*`ostler service stop ceph-osd --on storage-1`$/);
  });

  it('of monitors is refused where the quorum does not spare as many', async () => {
    const stop = (nodes: readonly string[], answers = {}) =>
      whyNotStop(siteOf({ 'controller-1': ceph(answers) }), [{ id: 'ceph-mon' }], nodes, never);
    expect(await stop(['controller-2'])).toBeUndefined();
    expect(await stop(['controller-2', 'controller-3'])).toBe(
      'of 3 monitors of Ceph 3 are in quorum, 2 must be, and 2 would go; begin with `ostler service stop ceph-mon --on controller-2`',
    );
    const oneGone = { [line('quorum_status -f json')]: prints('ceph-16.2/mon-down/quorum.json') };
    expect(await stop(['controller-2'], oneGone)).toBe(
      'of 3 monitors of Ceph 2 are in quorum, 2 must be, and 1 would go',
    );
    expect(await stop(['controller-3'], oneGone)).toBeUndefined();
  });

  it('of anything else is not Ceph’s to judge', async () => {
    expect(await whyNotStop(siteOf({}), [{ id: 'ntp' }], ['storage-1'], never)).toBeUndefined();
  });
});
