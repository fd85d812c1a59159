import type { Client, ScheduleDescription } from '@temporalio/client';
import pLimit from 'p-limit';
import { naturalOrder } from '../../domain/names.js';
import type { FoundSchedule } from '../../domain/schedules.js';
import { closest } from '../../inventory/suggest.js';
import { scheduleId, schedulePrefix } from '../../workflows/messages/schedules.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import { isNamed } from '../explain.js';
import { foundSchedule } from './found.js';
import type { ScheduleTarget } from './target.js';

/** Requests to the server at the same time. */
const CONCURRENCY = 8;

/** A schedule and all that Temporal says of it. */
export interface DescribedSchedule {
  found: FoundSchedule;
  description: ScheduleDescription;
}

/**
 * The schedules of a cloud, by name, whoever has made them.
 * @param certain names that are asked for one by one: Temporal's list lags behind
 */
export async function readSchedules(
  client: Client,
  target: ScheduleTarget,
  certain: readonly string[] = [],
): Promise<DescribedSchedule[]> {
  const names = [...new Set([...certain, ...(await listedNames(client, target.cloud))])].sort(naturalOrder);
  const slots = pLimit(CONCURRENCY);
  const described = await Promise.all(names.map((name) => slots(() => describeSchedule(client, target, name))));
  return described.filter((one) => one !== undefined);
}

async function listedNames(client: Client, cloud: string): Promise<string[]> {
  const prefix = schedulePrefix(cloud);
  const names: string[] = [];
  for await (const { scheduleId: id } of client.schedule.list()) {
    if (id.startsWith(prefix)) names.push(id.slice(prefix.length));
  }
  return names;
}

/** One schedule as it is now; undefined when there is none of this name. */
export async function describeSchedule(
  client: Client,
  target: ScheduleTarget,
  name: string,
): Promise<DescribedSchedule | undefined> {
  try {
    const description = await client.schedule.getHandle(scheduleId(target.cloud, name)).describe();
    return { found: foundSchedule(description, target), description };
  } catch (error) {
    if (isNamed(error, 'ScheduleNotFoundError')) return undefined;
    throw error;
  }
}

/**
 * The schedule that an operator named.
 * @throws {UsageError} when there is none of this name, with the one that was perhaps meant
 * @throws {CliError} 5 when Ostler has not made it
 */
export async function requireSchedule(
  client: Client,
  target: ScheduleTarget,
  name: string,
): Promise<DescribedSchedule> {
  const described = await describeSchedule(client, target, name);
  if (!described) throw await unknownSchedule(client, target.cloud, name);
  if (!described.found.isOurs) throw notOurs(target.cloud, [name]);
  return described;
}

async function unknownSchedule(client: Client, cloud: string, name: string): Promise<UsageError> {
  const meant = closest(name, await listedNames(client, cloud));
  return new UsageError(
    `${cloud} has no schedule ${name}`,
    meant
      ? `did you mean ${meant}?`
      : '`ostler schedule list` names those there are; `ostler schedule apply` makes those of the inventory',
  );
}

/** What Ostler has not made, it does not touch. */
export const notOurs = (cloud: string, names: readonly string[]): CliError =>
  new CliError(
    EXIT.refused,
    `${names.map((name) => scheduleId(cloud, name)).join(', ')}: not made by \`ostler schedule apply\`, and therefore not touched`,
    'delete it in the Temporal UI, or give the schedule in the inventory another name',
  );
