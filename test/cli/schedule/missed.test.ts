import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { schedulesText } from '../../../cli/render/schedules.js';
import { listSchedules } from '../../../cli/schedules/list.js';
import { createSchedule } from '../../../cli/schedules/write.js';
import { type WantedSchedule, wantedSchedules } from '../../../domain/schedules.js';
import { until } from '../../../lab/real/wait.js';
import { type DevServer, startDevServer } from '../../../worker/server/dev-server.js';
import { searchAttributes } from '../../../workflows/messages/names.js';
import { connect, startWorker, uniqueName } from '../../setup/temporal.js';

/** Long enough that a server that was killed has found everything again, which takes it some ten seconds, well before the third time. */
const INTERVAL_MS = 30_000;

const folder = await mkdtemp(join(tmpdir(), 'ostler-missed-'));
const servers: DevServer[] = [];
afterAll(async () => {
  await servers.at(-1)?.stop();
  await rm(folder, { recursive: true });
});

async function serve(port?: number): Promise<DevServer> {
  const dbFile = join(folder, 'temporal.db');
  const server = await startDevServer({ dbFile, searchAttributes, ...(port !== undefined && { port }) });
  servers.push(server);
  return server;
}

/** As an inventory would have it: overlap and catch-up window are the defaults. */
const [often] = wantedSchedules({
  often: {
    audit: {},
    every: INTERVAL_MS,
    timeZone: 'UTC',
    jitter: 0,
    overlap: 'skip',
    pauseOnFailure: false,
    paused: false,
  },
}) as [WantedSchedule];

it('makes up for one of two times while server and worker were down, and counts the other as missed', {
  timeout: 240_000,
}, async () => {
  expect(often).toMatchObject({ overlap: 'skip', catchupWindowMs: INTERVAL_MS });
  const target = { cloud: 'prod', workflowType: 'audit', taskQueue: uniqueName('schedule') };
  const workflowsPath = fileURLToPath(new URL('./workflows.ts', import.meta.url));

  const server = await serve();
  const before = await connect(server.address);
  await createSchedule(before.client, often, target, { actor: 'ann', reason: 'OPS-1' });
  const worker = await startWorker({ on: before, workflowsPath, taskQueue: target.taskQueue });
  const describe = async (on: typeof before) => on.client.schedule.getHandle('ostler/prod/often').describe();
  const { info: then } = await until('the first run', 3 * INTERVAL_MS, async () => {
    const description = await describe(before);
    return description.info.numActionsTaken > 0 ? description : undefined;
  });
  expect(then.numActionsMissedCatchupWindow).toBe(0);

  await worker.stop();
  await server.kill();
  const last = then.recentActions.at(-1)?.scheduledAt.getTime() ?? Number.NaN;
  const [first, second] = [last + INTERVAL_MS, last + 2 * INTERVAL_MS];
  expect(Date.now(), 'down before the first time').toBeLessThan(first);
  await until('two times to pass', 3 * INTERVAL_MS, () => Date.now() > second + 500);

  const again = await serve(Number(server.address.split(':')[1]));
  const after = await connect(again.address);
  const successor = await startWorker({ on: after, workflowsPath, taskQueue: target.taskQueue });
  const { info: now } = await until('the schedule to catch up', 2 * INTERVAL_MS, async () => {
    const description = await describe(after);
    return description.info.numActionsTaken > then.numActionsTaken ? description : undefined;
  });
  // However late it is by now, only these two are looked at.
  const made = now.recentActions.filter(
    ({ scheduledAt }) => scheduledAt.getTime() > last && scheduledAt.getTime() <= second,
  );
  expect(made.map(({ scheduledAt }) => scheduledAt.getTime())).toEqual([second]);
  expect(now.numActionsMissedCatchupWindow).toBe(1);
  expect(now.numActionsSkippedOverlap).toBe(0);
  const { workflowId } = made[0]?.action.workflow ?? { workflowId: '' };
  expect(await after.client.workflow.getHandle(workflowId).result()).toBe('scheduled');

  const listed = await until('it to be listed', INTERVAL_MS, async () => {
    const schedules = await listSchedules(after.client, target);
    return schedules.length > 0 ? schedules : undefined;
  });
  expect(listed[0]).toMatchObject({ missed: 1, skipped: 0 });
  expect(schedulesText(listed, { colour: false })).toContain('missed  1 time while Temporal was down too long');
  await successor.stop();
});
