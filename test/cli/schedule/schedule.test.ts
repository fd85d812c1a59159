import { fileURLToPath } from 'node:url';
import type { Client, ScheduleDescription } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOstler } from '../../../cli/app.js';
import { foundSchedule } from '../../../cli/schedules/found.js';
import { targetOf } from '../../../cli/schedules/target.js';
import { updateSchedule } from '../../../cli/schedules/write.js';
import type { TemporalSession } from '../../../cli/temporal.js';
import { clockInWords, readCron } from '../../../domain/calendar.js';
import { timesInWords, wantedSchedules } from '../../../domain/schedules.js';
import { parseInventory, siteOf } from '../../../inventory/load.js';
import { type DevServer, startDevServer } from '../../../worker/server/dev-server.js';
import { searchAttributes, WORKFLOW_QUEUE } from '../../../workflows/messages/names.js';
import { connect, startWorker, type TestServer, uniqueName } from '../../setup/temporal.js';
import { record } from '../site/context.js';

let devServer: DevServer;
let server: TestServer;
let client: Client;
let temporal: TemporalSession;

beforeAll(async () => {
  devServer = await startDevServer({ searchAttributes });
  server = await connect(devServer.address);
  client = server.client;
  temporal = { client, namespace: 'default', address: server.address, close: async () => {} };
});
afterAll(() => devServer.stop());

const inventoryOf = (cloud: string, schedules: string) =>
  siteOf(
    parseInventory(
      `
cloud: ${cloud}
ssh: { user: ops, agent: true }
nodes: [{ name: compute-1, address: 10.0.0.1, roles: [compute] }]
schedules: ${schedules}
`,
      'ostler.yaml',
    ),
    '/etc/ostler/ostler.yaml',
  );

interface Ended {
  code: number;
  out: string;
  err: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a document is what a test asserts
  json: () => any;
}

/** A cloud of its own, whose inventory holds what the last `apply` was given. */
function aCloud() {
  const cloud = uniqueName('cloud');
  let schedules = '{}';
  const schedule = async (argv: string[], confirm?: boolean): Promise<Ended> => {
    const scene = { temporal, inventory: inventoryOf(cloud, schedules), env: { OSTLER_ACTOR: 'ann@bastion' } };
    const recorded = record({ ...scene, ...(confirm !== undefined && { confirm }) });
    const code = await runOstler(['schedule', ...argv], recorded.context);
    return { code, out: recorded.out(), err: recorded.err(), json: recorded.json };
  };
  const apply = (text: string, ...more: string[]): Promise<Ended> => {
    schedules = text;
    return schedule(['apply', '--reason', 'OPS-1', '--yes', ...more]);
  };
  const handle = (name: string) => client.schedule.getHandle(`ostler/${cloud}/${name}`);
  const describeIt = (name: string): Promise<ScheduleDescription> => handle(name).describe();
  const list = async () => (await schedule(['list', '--json'])).json().schedules;
  return { cloud, schedule, apply, handle, describe: describeIt, list };
}

/** Made by hand in Temporal's UI, where a schedule of the inventory would stand. */
const byHand = (id: string) =>
  client.schedule.create({
    scheduleId: id,
    spec: { intervals: [{ every: '1h' }] },
    action: { type: 'startWorkflow', workflowType: 'other', taskQueue: 'elsewhere', args: [] },
  });

describe('ostler schedule apply', () => {
  it('makes what the inventory asks for, and finds nothing to do the second time', async () => {
    const { cloud, apply, describe } = aCloud();
    const text = `
  often: { audit: { checks: [reachable], on: "compute-*" }, every: 5m, offset: 1m, jitter: 10s, note: how is it }
  nightly: { audit: {}, cron: "30 2 * * mon-fri", timeZone: Europe/Berlin, pauseOnFailure: true }
  monthly: { audit: {}, calendar: { hour: 3, dayOfMonth: 1-7, dayOfWeek: sun, year: 2026-2030 }, overlap: buffer-one }`;
    const { code, out, err } = await apply(text);
    expect(code, err).toBe(0);
    expect(out).toBe(`Schedules of ${cloud}: 3 created.\n`);
    expect(err).toContain('+ create often: audit of reachable on compute-*, every 5m, 1m later (UTC)');
    expect(err).toContain(
      '+ create monthly: audit of everything, at 03:00 on day 1 to 7 in 2026 to 2030 if it is sun (UTC)',
    );

    const often = await describe('often');
    expect(often.action).toMatchObject({
      workflowType: 'audit',
      workflowId: `audit/${cloud}/often`,
      taskQueue: WORKFLOW_QUEUE,
      args: [{ cloud, checks: ['reachable'], on: 'compute-*', actor: 'schedule often', reason: 'how is it' }],
      memo: { schedule: { name: 'often', actor: 'ann@bastion', reason: 'OPS-1' } },
      searchAttributes: { OstlerCloud: [cloud], OstlerActor: ['schedule often'] },
    });
    expect(often.memo).toEqual({ ostler: expect.stringContaining('ostler schedule apply') });
    expect(often.policies).toEqual({ overlap: 'SKIP', catchupWindow: 300_000, pauseOnFailure: false });
    expect((await describe('nightly')).spec).toMatchObject({ timezone: 'Europe/Berlin' });

    const again = await apply(text, '--json');
    expect(again.json()).toEqual({
      cloud,
      applied: false,
      schedules: ['often', 'nightly', 'monthly'].map((name) => ({ name, change: 'unchanged' })),
    });
  });

  it('shows what differs field by field, and changes, deletes and leaves alone', async () => {
    const { apply, describe, list } = aCloud();
    await apply('{ a: { audit: {}, every: 5m }, b: { audit: {}, every: 1h }, c: { audit: {}, every: 1h } }');
    await expect.poll(list).toHaveLength(3);
    const next = '{ a: { audit: {}, every: 10m, overlap: allow-all }, c: { audit: {}, every: 1h } }';
    const dry = await apply(next, '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.out).toBe(
      [
        '~ change a',
        '    when: every 5m → every 10m',
        '    overlap: skip → allow-all',
        '    catch-up window: 5m → 10m',
        '= c is as it should be',
        '- delete b: audit of everything, every 1h (UTC)',
        '',
      ].join('\n'),
    );
    expect((await describe('a')).policies.overlap).toBe('SKIP');

    const { json } = await apply(next, '--json');
    expect(json()).toMatchObject({
      applied: true,
      schedules: [
        { name: 'a', change: 'change', edited: false },
        { change: 'unchanged' },
        { name: 'b', change: 'delete' },
      ],
    });
    expect((await describe('a')).policies).toMatchObject({ overlap: 'ALLOW_ALL', catchupWindow: 600_000 });
    await expect(describe('b')).rejects.toThrow('not found');
  });

  it('changes nothing when the answer is no, or nobody can be asked', async () => {
    const { schedule, apply, describe } = aCloud();
    await apply('{ a: { audit: {}, every: 5m } }', '--dry-run');
    const no = await schedule(['apply', '--reason', 'x'], false);
    expect(no).toMatchObject({ code: 1, err: expect.stringContaining('nothing was changed') });
    expect(await schedule(['apply', '--reason', 'x'])).toMatchObject({ code: 2 });
    expect(await schedule(['apply', '--yes'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('a reason is required'),
    });
    await expect(describe('a')).rejects.toThrow('not found');
  });

  it('refuses to touch what it has not made, and names it', async () => {
    const { cloud, schedule, apply, describe } = aCloud();
    await byHand(`ostler/${cloud}/a`);
    const refused = await apply('{ b: { audit: {}, every: 5m }, a: { audit: {}, every: 5m } }');
    expect(refused).toMatchObject({ code: 5, err: expect.stringContaining(`ostler/${cloud}/a: not made by`) });
    await expect(describe('b')).rejects.toThrow('not found');

    await expect
      .poll(async () => (await apply('{}', '--json')).json().schedules)
      .toEqual([{ name: 'a', change: 'foreign' }]);
    expect((await describe('a')).action.workflowType).toBe('other');
    for (const verb of ['run', 'pause', 'resume'])
      expect(await schedule([verb, 'a', ...(verb === 'run' ? [] : ['--reason', 'x'])])).toMatchObject({ code: 5 });
  });

  it('leaves paused what a person has paused, and resumes only what the inventory had paused', async () => {
    const { schedule, apply, describe } = aCloud();
    await apply('{ a: { audit: {}, every: 5m }, b: { audit: {}, every: 5m, paused: true, note: not yet } }');
    expect((await describe('b')).state).toMatchObject({ paused: true, note: 'paused in the inventory: not yet' });
    await schedule(['pause', 'a', '--reason', 'OPS-9']);

    const { err } = await apply('{ a: { audit: {}, every: 10m }, b: { audit: {}, every: 5m, note: not yet } }');
    expect(err).toContain('paused: yes → no');
    expect((await describe('a')).state).toMatchObject({ paused: true, note: 'paused by ann@bastion: OPS-9' });
    expect((await describe('b')).state).toMatchObject({
      paused: false,
      note: 'resumed in the inventory by ann@bastion: OPS-1',
    });
  });

  it('sees what was edited by hand, and takes it back', async () => {
    const { apply, handle, describe } = aCloud();
    const text = '{ a: { audit: {}, every: 5m } }';
    await apply(text);
    await handle('a').update(({ spec, action, policies }) => ({
      action,
      policies,
      spec: { ...spec, intervals: [{ every: '7m' }], endAt: new Date('2040-01-01') },
      state: { remainingActions: 3 },
    }));
    const { out } = await apply(text, '--dry-run');
    expect(out).toContain('~ change a (edited by hand since it was applied)');
    expect(out).toContain('when: every 7m → every 5m');
    expect(out).toContain('set by hand: not after 2040-01-01T00:00:00.000Z; 3 times more → nothing');
    await apply(text);
    expect((await apply(text, '--json')).json().schedules).toEqual([{ name: 'a', change: 'unchanged' }]);
    const { spec, state } = await describe('a');
    expect(spec.endAt).toBeUndefined();
    expect(state.remainingActions).toBeUndefined();
  });

  it('keeps a pause that comes between its reading and its writing', async () => {
    const { cloud, apply, handle, describe } = aCloud();
    await apply('{ a: { audit: {}, every: 5m } }');
    const [wanted] = wantedSchedules(inventoryOf(cloud, '{ a: { audit: {}, every: 10m } }').schedules);
    if (!wanted) throw new Error('there is no schedule');
    let pauses = 0;
    const service = client.workflowService;
    const pausedJustBefore = async (request: Parameters<typeof service.updateSchedule>[0]) => {
      if (pauses++ === 0) await handle('a').pause('paused in the UI');
      return service.updateSchedule(request);
    };
    const meddled = Object.create(client, {
      connection: {
        value: Object.create(client.connection, {
          workflowService: { value: Object.create(service, { updateSchedule: { value: pausedJustBefore } }) },
        }),
      },
    });
    await updateSchedule(meddled, wanted, targetOf(cloud), { actor: 'ann', reason: 'OPS-1' });
    expect(pauses).toBe(2);
    expect((await describe('a')).state).toMatchObject({ paused: true, note: 'paused in the UI' });
    expect((await describe('a')).spec.intervals).toMatchObject([{ every: 600_000 }]);
  });

  it('refuses a selection that names no host of the inventory, before anything is touched', async () => {
    const { apply, describe } = aCloud();
    const refused = await apply('{ a: { audit: {}, every: 5m }, b: { audit: { on: compute-2 }, every: 5m } }');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(
      '/etc/ostler/ostler.yaml: schedules.b.audit.on: the node compute-2 is not in the inventory',
    );
    expect(refused.err).toContain('did you mean compute-1?');
    await expect(describe('a')).rejects.toThrow('not found');
  });

  it('refuses to apply the inventory of one cloud to another', async () => {
    const { apply } = aCloud();
    expect(await apply('{}', '--cloud', 'other')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not of other'),
    });
  });

  it("explains what Temporal's server refuses", async () => {
    const { cloud, apply, describe } = aCloud();
    await apply('{ a: { audit: {}, every: 5m } }');
    const [wanted] = wantedSchedules(inventoryOf(cloud, '{ a: { audit: {}, every: 5m } }').schedules);
    const unknown = { ...wanted, timeZone: 'Mars/Olympus_Mons' } as NonNullable<typeof wanted>;
    await expect(updateSchedule(client, unknown, targetOf(cloud), { actor: 'ann', reason: 'x' })).rejects.toMatchObject(
      {
        exitCode: 2,
        what: 'Temporal does not take the schedule a: unknown time zone Mars/Olympus_Mons',
        tryNext: expect.stringContaining('schedules.a'),
      },
    );
    expect((await describe('a')).spec.timezone).toBe('UTC');
  });

  it('reads cron as Temporal itself does', async () => {
    const { cloud } = aCloud();
    const expressions = [
      '30 2 * * *',
      '*/15 8-18 * * mon-fri',
      '0 0 1,15 */3 *',
      '5/10 * * jan-mar,12 *',
      '@weekly',
      '0 4 * * 7',
    ];
    for (const [index, expression] of expressions.entries()) {
      const scheduleId = `ostler/${cloud}/${index}`;
      const handle = await client.schedule.create({
        scheduleId,
        spec: { cronExpressions: [expression] },
        action: { type: 'startWorkflow', workflowType: 'audit', taskQueue: 'elsewhere', args: [] },
      });
      const theirs = foundSchedule(await handle.describe(), targetOf(cloud));
      expect(timesInWords(theirs), expression).toBe(clockInWords(readCron(expression)));
    }
  });
});

describe('ostler schedule list', () => {
  it('says what begins when, by the clock of the schedule, and how the last went', async () => {
    const { cloud, schedule, apply, list } = aCloud();
    await apply(
      '{ nightly: { audit: {}, cron: "30 2 * * *", timeZone: Asia/Shanghai, jitter: 1m, note: each night } }',
    );
    await expect.poll(list).toHaveLength(1);
    const workflowsPath = fileURLToPath(new URL('./workflows.ts', import.meta.url));
    const worker = await startWorker({ on: server, workflowsPath, taskQueue: WORKFLOW_QUEUE });
    const { out: run, code } = await schedule(['run', 'nightly']);
    expect(code).toBe(0);
    expect(run).toMatch(new RegExp(`^audit/${cloud}/nightly-.*@[0-9a-f]{8}\n$`));
    await expect.poll(async () => (await list())[0].last?.status).toBe('completed');
    await worker.stop();

    const { out } = await schedule(['list']);
    const nights = (await list())[0].next.map((time: string) =>
      new Date(Date.parse(time) + 8 * 3_600_000).toISOString(),
    );
    expect(nights).toHaveLength(3);
    expect(out).toContain('when  at 02:30 every day (Asia/Shanghai), up to 1m late');
    expect(out).toContain(`next  ${nights[0].slice(0, 10)} 02:3`);
    expect(out).toMatch(/last {2}\S+ \S+ {2}completed, warn {2}audit\//);
    expect(out).toContain('note  each night');
    expect((await list())[0]).toMatchObject({
      scheduleId: `ostler/${cloud}/nightly`,
      applied: { actor: 'ann@bastion', reason: 'OPS-1' },
      last: { outcome: 'warn', workflowId: expect.stringMatching(`^audit/${cloud}/nightly-`) },
      paused: false,
      edited: false,
      taken: 1,
      missed: 0,
      skipped: 0,
    });
  });

  it('says so when there is none', async () => {
    const { cloud, schedule } = aCloud();
    expect((await schedule(['list'])).out).toBe(
      `${cloud} has no schedule; \`ostler schedule apply\` makes those of the inventory.\n`,
    );
  });
});

describe('one schedule', () => {
  it('is paused and resumed with who and why, and once is enough', async () => {
    const { schedule, apply, describe } = aCloud();
    await apply('{ nightly: { audit: {}, every: 1h } }');
    expect(await schedule(['pause', 'nightly'])).toMatchObject({ code: 2, err: expect.stringContaining('a reason') });
    expect((await schedule(['pause', 'nightly', '--reason', 'OPS-9'])).out).toBe('nightly is paused\n');
    expect((await describe('nightly')).state).toMatchObject({ paused: true, note: 'paused by ann@bastion: OPS-9' });
    expect((await schedule(['pause', 'nightly', '--reason', 'again'])).out).toBe(
      'nightly is paused already: paused by ann@bastion: OPS-9\n',
    );
    expect((await schedule(['resume', 'nightly', '--reason', 'done', '--json'])).json()).toMatchObject({
      paused: false,
      changed: true,
      state: 'resumed by ann@bastion: done',
    });
    expect((await schedule(['resume', 'nightly', '--reason', 'done'])).out).toBe('nightly is not paused\n');
  });

  it('that is not there is not known, and the one that was meant is named', async () => {
    const { cloud, schedule, apply, list } = aCloud();
    await apply('{ nightly: { audit: {}, every: 1h } }');
    await expect.poll(list).toHaveLength(1);
    for (const argv of [
      ['run'],
      ['pause', '--reason', 'x'],
      ['resume', '--reason', 'x'],
      ['backfill', '--from', '2026-01-01'],
    ]) {
      const { code, err } = await schedule([...argv, 'nihgtly']);
      expect(code).toBe(2);
      expect(err).toContain(`${cloud} has no schedule nihgtly`);
      expect(err).toContain('did you mean nightly?');
    }
  });

  it('is not begun again while what it began goes on and its overlap is skip', async () => {
    const { cloud, schedule, apply } = aCloud();
    await apply('{ a: { audit: {}, every: 1h } }');
    const first = await schedule(['run', 'a', '--json']);
    expect(first.json()).toMatchObject({ name: 'a', workflowId: expect.stringMatching(`^audit/${cloud}/a-`) });
    const second = await schedule(['run', 'a']);
    expect(second.code).toBe(5);
    expect(second.err).toContain(`${first.json().workflowId} of the schedule a still goes on`);
  });

  it('makes up for times of the past, after the person has seen how many', async () => {
    const { schedule, apply, describe } = aCloud();
    await apply('{ a: { audit: {}, every: 1h, overlap: skip } }');
    const back = ['backfill', 'a', '--from', '2026-01-01T00:30', '--to', '2026-01-01T03:30'];
    const no = await schedule(back, false);
    expect(no.code).toBe(1);
    expect(no.err).toContain('Begin 3 audits for 2026-01-01 00:30 to 2026-01-01 03:30 (UTC), overlap buffer-all?');
    const { json } = await schedule([...back, '--yes', '--overlap', 'allow-all', '--json']);
    expect(json().times).toEqual([1, 2, 3].map((hour) => `2026-01-01T0${hour}:00:00.000Z`));
    await expect.poll(async () => (await describe('a')).info.recentActions).toHaveLength(3);
  });

  it.each([
    [['--from', 'yesterday'], 'must be a date'],
    [['--from', '2026-01-02', '--to', '2026-01-01'], 'runs backwards'],
    [['--from', '2026-01-01', '--to', '2999-01-01'], 'is not over yet'],
    [['--from', '2026-01-01T00:30', '--to', '2026-01-01T00:40'], 'has no time'],
  ])('does not make up for %j', async (stretch, why) => {
    const { schedule, apply } = aCloud();
    await apply('{ a: { audit: {}, every: 1h } }');
    const { code, err } = await schedule(['backfill', 'a', '--yes', ...stretch]);
    expect(code).toBe(2);
    expect(err).toContain(why);
  });
});
