import { actorOf, cloudOf, type OstlerContext, printJson, reasonOf, withTemporal } from '../context.js';
import { printable } from '../render/text.js';
import { requireSchedule } from '../schedules/read.js';
import { targetOf } from '../schedules/target.js';
import type { SchedulePauseFlags } from './schedule-pause.js';

/** What pauses or resumes a schedule: who and why stand in its note, where Temporal's UI shows them. */
export const pausing = (paused: boolean) =>
  async function pauseOrResume(this: OstlerContext, flags: SchedulePauseFlags, name: string): Promise<void> {
    const cloud = await cloudOf(this, flags);
    const actor = actorOf(this, flags);
    const reason = await reasonOf(this, flags);
    await withTemporal(this, flags, async ({ client }) => {
      const { found, description } = await requireSchedule(client, targetOf(cloud), name);
      const changed = found.paused !== paused;
      const note = changed ? `${paused ? 'paused' : 'resumed'} by ${actor}: ${reason}` : found.state;
      const handle = client.schedule.getHandle(description.scheduleId);
      if (changed) await (paused ? handle.pause(note) : handle.unpause(note));
      if (flags.json) return printJson(this, { cloud, name, paused, changed, state: note });
      const already = paused ? `is paused already: ${note}` : 'is not paused';
      this.io.stdout(`${name} ${changed ? `is ${paused ? 'paused' : 'resumed'}` : printable(already)}\n`);
    });
  };
