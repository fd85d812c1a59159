import type { Client } from '@temporalio/client';
import { type ScheduleChange, scheduleChanges, type WantedSchedule, wantedSchedules } from '../../domain/schedules.js';
import type { SiteInventory } from '../../inventory/load.js';
import { actorOf, type OstlerContext, printJson, reasonOf, withTemporal } from '../context.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import { changesInWords, changesText } from '../render/schedules.js';
import type { Applicant } from '../schedules/options.js';
import { notOurs, readSchedules } from '../schedules/read.js';
import { type ScheduleTarget, targetOf } from '../schedules/target.js';
import { createSchedule, deleteSchedule, updateSchedule } from '../schedules/write.js';
import { selectedNodes } from './nodes-selected.js';
import type { ScheduleApplyFlags } from './schedule-apply.js';

/** Compares, shows, asks, and makes it so. Nothing is changed before the answer is yes. */
export async function applySchedules(this: OstlerContext, flags: ScheduleApplyFlags): Promise<void> {
  const site = await this.inventory(flags);
  const { cloud } = site;
  refuseOtherCloud(this, flags, site);
  const wanted = wantedSchedules(site.schedules);
  for (const one of wanted) requireHosts(one, site);
  if (!flags.dryRun && !flags.yes && !this.io.isTerminal) await this.io.confirm(`Change the schedules of ${cloud}?`);

  await withTemporal(this, flags, async ({ client }) => {
    const target = targetOf(cloud);
    const found = await readSchedules(
      client,
      target,
      wanted.map(({ name }) => name),
    );
    const changes = scheduleChanges(
      wanted,
      found.map((one) => one.found),
    );
    const taken = changes.filter(({ kind }) => kind === 'taken').map(({ name }) => name);
    if (taken.length > 0) throw notOurs(cloud, taken);
    const due = changes.filter(isDue);

    if (flags.dryRun || due.length === 0) return tell(this, flags, cloud, changes, false);
    this.io.stderr(`${changesText(changes, { colour: this.io.isColour })}\n`);
    const applicant = { actor: actorOf(this, flags), reason: await reasonOf(this, flags) };
    if (!flags.yes && !(await this.io.confirm(`Change the schedules of ${cloud} so?`)))
      throw new CliError(EXIT.failed, 'you said no; nothing was changed');
    for (const change of due) {
      await carryOut(client, change, target, applicant);
      this.io.stderr(`${change.name}: done\n`);
    }
    tell(this, flags, cloud, changes, true);
  });
}

type DueChange = Extract<ScheduleChange, { kind: 'create' | 'change' | 'delete' }>;

const isDue = (change: ScheduleChange): change is DueChange => ['create', 'change', 'delete'].includes(change.kind);

function carryOut(client: Client, change: DueChange, target: ScheduleTarget, applicant: Applicant): Promise<void> {
  switch (change.kind) {
    case 'create':
      return createSchedule(client, change.wanted, target, applicant);
    case 'change':
      return updateSchedule(client, change.wanted, target, applicant);
    case 'delete':
      return deleteSchedule(client, change.name, target);
  }
}

/** The inventory of one cloud says nothing of another. */
function refuseOtherCloud(context: OstlerContext, flags: ScheduleApplyFlags, { cloud, file }: SiteInventory): void {
  const named = flags.cloud ?? context.env.OSTLER_CLOUD ?? cloud;
  if (named !== cloud)
    throw new UsageError(
      `${file} is the inventory of ${cloud}, not of ${named}`,
      'name its inventory with --inventory',
    );
}

/** @throws {UsageError} for a schedule whose `on` names no host of the inventory */
function requireHosts({ name, audit }: WantedSchedule, { nodes, file }: SiteInventory): void {
  if (audit.on === undefined) return;
  try {
    selectedNodes(nodes, audit.on);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${file}: schedules.${name}.audit.on: ${error.what}`, error.tryNext, { cause: error });
  }
}

function tell(
  context: OstlerContext,
  { json, dryRun }: ScheduleApplyFlags,
  cloud: string,
  changes: readonly ScheduleChange[],
  applied: boolean,
): void {
  const nothing = `Nobody asks for a schedule of ${cloud}, and there is none.`;
  if (json) printJson(context, { cloud, applied, schedules: changes.map(documentOf) });
  else if (applied) context.io.stdout(`Schedules of ${cloud}: ${changesInWords(changes)}.\n`);
  else context.io.stdout(`${changesText(changes, { colour: context.io.isColour }) || nothing}\n`);
  if (dryRun && changes.some(isDue)) context.io.stderr('nothing was changed\n');
}

/** One schedule of `ostler schedule apply --json`; see docs/json.md. */
const documentOf = (change: ScheduleChange) => ({
  name: change.name,
  change: change.kind,
  ...(change.kind === 'change' && { fields: change.fields, edited: change.isEdited }),
});
