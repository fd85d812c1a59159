import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import type { CommonFlags } from '../flags.js';
import { schedulesText } from '../render/schedules.js';
import { listSchedules } from '../schedules/list.js';
import { targetOf } from '../schedules/target.js';

/** Prints the schedules of a cloud that Ostler has made. */
export async function listOfSchedules(this: OstlerContext, flags: CommonFlags): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const schedules = await withTemporal(this, flags, ({ client }) => listSchedules(client, targetOf(cloud)));
  if (flags.json) return printJson(this, { cloud, schedules });
  if (schedules.length === 0)
    return this.io.stdout(`${cloud} has no schedule; \`ostler schedule apply\` makes those of the inventory.\n`);
  this.io.stdout(`${schedulesText(schedules, { colour: this.io.isColour })}\n`);
}
