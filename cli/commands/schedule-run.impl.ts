import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ScheduleDescription } from '@temporalio/client';
import { runName } from '../../workflows/messages/names.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import type { CommonFlags } from '../flags.js';
import { hasWorkflowWorker } from '../runs/workers.js';
import { overlapOnWire } from '../schedules/overlap.js';
import { requireSchedule } from '../schedules/read.js';
import { targetOf } from '../schedules/target.js';

/** How long Temporal may take to start it, which is a moment unless what goes on must end first. */
const START_MS = 10_000;
const POLL_MS = 100;

/** Begins what a schedule begins, and says what it is called. */
export async function runSchedule(this: OstlerContext, flags: CommonFlags, name: string): Promise<void> {
  const cloud = await cloudOf(this, flags);
  await withTemporal(this, flags, async ({ client }) => {
    const { found, description } = await requireSchedule(client, targetOf(cloud), name);
    refuseIfSkipped(name, found.overlap, description);
    const handle = client.schedule.getHandle(description.scheduleId);
    await handle.trigger(overlapOnWire(found.overlap));

    const started = await startedAfter(client, description, this.now() + START_MS, this.now);
    if (!(await hasWorkflowWorker(client, this.now())))
      this.io.stderr('no worker polls for it; it begins when there is one: `ostler worker`\n');
    if (flags.json) return printJson(this, { cloud, name, ...started });
    this.io.stdout(`${started?.run ?? `${name} begins when what goes on has ended`}\n`);
  });
}

/** With `skip`, Temporal would do nothing, and not say so. @throws {CliError} 5 naming what goes on */
function refuseIfSkipped(name: string, overlap: string, { info }: ScheduleDescription): void {
  const [running] = info.runningActions;
  if (!running || overlap !== 'skip') return;
  throw new CliError(
    EXIT.refused,
    `${running.workflow.workflowId} of the schedule ${name} still goes on, and its overlap is skip`,
    'wait for its end, or give the schedule another overlap',
  );
}

/** What was started since `before`; undefined when that takes longer, as with an overlap that waits. */
async function startedAfter(client: Client, before: ScheduleDescription, deadline: number, now: () => number) {
  const known = new Set(before.info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId));
  const handle = client.schedule.getHandle(before.scheduleId);
  while (now() < deadline) {
    const { info } = await handle.describe();
    const started = info.recentActions.find(({ action }) => !known.has(action.workflow.firstExecutionRunId));
    if (started) {
      const { workflowId, firstExecutionRunId: runId } = started.action.workflow;
      return { run: runName(workflowId, runId), workflowId, runId };
    }
    await delay(POLL_MS);
  }
  return undefined;
}
