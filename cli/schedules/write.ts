import { type Client, ScheduleClient, type ScheduleDescription, type WorkflowService } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { fieldChanges, type WantedSchedule } from '../../domain/schedules.js';
import { scheduleId } from '../../workflows/messages/schedules.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import { causesOf, isNamed } from '../explain.js';
import { GRPC, isGrpc, saidBy } from '../grpc.js';
import { foundSchedule } from './found.js';
import { type Applicant, createOptions, updateOptions } from './options.js';
import { describeSchedule, notOurs, requireSchedule } from './read.js';
import type { ScheduleTarget } from './target.js';

/**
 * Makes a schedule.
 * @throws {CliError} 5 when somebody else has made one of this name meanwhile
 * @throws {UsageError} when Temporal does not take it
 */
export async function createSchedule(
  client: Client,
  wanted: WantedSchedule,
  target: ScheduleTarget,
  applicant: Applicant,
): Promise<void> {
  try {
    await client.schedule.create(createOptions(wanted, target, applicant));
  } catch (error) {
    if (isNamed(error, 'ScheduleAlreadyRunning')) throw changedMeanwhile(wanted.name, error);
    throw refusedByTemporal(wanted.name, error);
  }
}

/** How often a schedule is read anew because somebody else changed it between our reading and our writing. */
const ATTEMPTS = 5;

/**
 * Changes a schedule to what is wanted. Whether a person has paused it stays as it is, also when that happens at this very moment: a change is
 * written only over what was read for it, and read again afterwards, because Temporal drops one that comes too late without a word.
 * @throws {CliError} 5 when Ostler has not made it, or others change or delete it meanwhile; {@link UsageError} when Temporal does not take it
 */
export async function updateSchedule(
  client: Client,
  wanted: WantedSchedule,
  target: ScheduleTarget,
  applicant: Applicant,
): Promise<void> {
  const schedules = new GuardedSchedules(client);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await schedules
      .update(scheduleId(target.cloud, wanted.name), (current) => {
        if (!foundSchedule(current, target).isOurs) throw notOurs(target.cloud, [wanted.name]);
        return updateOptions(wanted, current, target, applicant);
      })
      .catch((error: unknown) => {
        if (isNamed(error, 'ScheduleNotFoundError')) throw changedMeanwhile(wanted.name, error);
        throw refusedByTemporal(wanted.name, error);
      });
    const { found } = await requireSchedule(client, target, wanted.name);
    if (fieldChanges(wanted, found).length === 0) return;
  }
  throw changedMeanwhile(wanted.name);
}

/** Deletes a schedule unless Ostler has not made it. One that is gone already is fine. */
export async function deleteSchedule(client: Client, name: string, target: ScheduleTarget): Promise<void> {
  const described = await describeSchedule(client, target, name);
  if (!described) return;
  if (!described.found.isOurs) throw notOurs(target.cloud, [name]);
  await client.schedule.getHandle(scheduleId(target.cloud, name)).delete();
}

/** Updates through the SDK that carry the conflict token of what they were made from; the SDK itself sends none (1.24). */
class GuardedSchedules extends ScheduleClient {
  private token: Uint8Array | null = null;

  constructor({ connection, schedule }: Client) {
    super({ ...schedule.options, connection });
  }

  async update(id: string, change: (current: ScheduleDescription) => ReturnType<typeof updateOptions>): Promise<void> {
    await this.getHandle(id).update((current) => {
      this.token = current.raw.conflictToken ?? null;
      return change(current);
    });
  }

  override get workflowService(): WorkflowService {
    const service = super.workflowService;
    const updateSchedule = (request: UpdateRequest) =>
      service.updateSchedule({ ...request, conflictToken: this.token });
    return Object.create(service, { updateSchedule: { value: updateSchedule } });
  }
}

type UpdateRequest = temporal.api.workflowservice.v1.IUpdateScheduleRequest;

const changedMeanwhile = (name: string, cause?: unknown): CliError =>
  new CliError(
    EXIT.refused,
    `somebody else is changing the schedule ${name} at this moment`,
    'see what it is now with --dry-run, then apply again',
    { cause },
  );

/** What Temporal does not take, in its own words: the SDK makes a TypeError of it, or an answer of the server is behind it. */
function refusedByTemporal(name: string, error: unknown): unknown {
  const refusal = causesOf(error).find((cause) => isGrpc(cause) && cause.code === GRPC.INVALID_ARGUMENT);
  const said = refusal && isGrpc(refusal) ? saidBy(refusal) : error instanceof TypeError ? error.message : undefined;
  if (said === undefined || /search attribute/i.test(said)) return error;
  return new UsageError(
    `Temporal does not take the schedule ${name}: ${said}`,
    `correct schedules.${name} in the inventory; what was applied before it stays`,
    { cause: error },
  );
}
