import type { Client } from '@temporalio/client';
import type { Lease } from '../../domain/budget.js';
import { listed } from '../../domain/names.js';
import { closest } from '../../inventory/suggest.js';
import { keeperUpdates, type Unlock } from '../../workflows/messages/controls.js';
import { keeperId } from '../../workflows/messages/names.js';
import { actorOf, cloudOf, type OstlerContext, printJson, reasonOf, withTemporal } from '../context.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import { isNoWorker } from '../explain.js';
import { count } from '../render/text.js';
import { describe } from '../runs/find.js';
import { heldLeases } from './locks-held.js';
import type { UnlockFlags } from './unlock.js';

/** How long the keeper's worker may take to answer, while a person waits. */
const ANSWER_MS = 10_000;

/** Gives back an owner's leases after the person has agreed. `OWNER` is a workflow id, or a run's name. */
export async function unlock(this: OstlerContext, flags: UnlockFlags, text: string): Promise<void> {
  const owner = text.replace(/@[0-9a-f-]+$/, '');
  const cloud = await cloudOf(this, flags);
  const reason = await reasonOf(this, flags);
  await withTemporal(this, flags, async ({ client }) => {
    const leases = await heldLeases(client, cloud);
    const own = leases.filter((lease) => lease.owner === owner);
    if (own.length === 0) throw nothingHeld(cloud, owner, leases);
    const nodes = own.flatMap((lease) => lease.nodes);

    if (!flags.yes) {
      if (await isRunning(client, owner)) this.io.stderr(`${owner} is still running.\n`);
      const agreed = await this.io.confirm(`Give back its leave to have ${listed(nodes)} down?`);
      if (!agreed) throw new CliError(EXIT.failed, 'nothing was given back');
    }
    await giveBack(client, cloud, { owner, actor: actorOf(this, flags), reason }, this.now() + ANSWER_MS);
    if (flags.json) return printJson(this, { cloud, owner, nodes });
    this.io.stdout(`Gave back ${count(own.length, 'lease')} of ${owner}: ${listed(nodes)}.\n`);
  });
}

/** @throws {CliError} 6 when no worker answers for the keeper by the deadline, in milliseconds since 1970 */
async function giveBack(client: Client, cloud: string, message: Unlock, deadline: number): Promise<void> {
  const keeper = client.workflow.getHandle(keeperId(cloud));
  try {
    await client.withDeadline(deadline, () => keeper.executeUpdate(keeperUpdates.unlock, { args: [message] }));
  } catch (error) {
    if (!isNoWorker(error)) throw error;
    throw new CliError(
      EXIT.unavailable,
      `no worker answered for the keeper ${keeperId(cloud)} within ${ANSWER_MS / 1_000} s, so it is not known whether the leases of ${message.owner} were given back`,
      'start one with `ostler worker`, look at `ostler locks`, then say it again',
      { cause: error },
    );
  }
}

const isRunning = async (client: Client, owner: string): Promise<boolean> =>
  (await describe(client, owner))?.description.status.name === 'RUNNING';

function nothingHeld(cloud: string, owner: string, leases: readonly Lease[]): UsageError {
  const holders = [...new Set(leases.map((lease) => lease.owner))];
  const meant = closest(owner, holders);
  return new UsageError(
    `${owner} holds no lease of ${cloud}`,
    meant ? `did you mean ${meant}?` : '`ostler locks` lists who does',
  );
}
