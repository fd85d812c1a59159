import type { Client } from '@temporalio/client';
import type { Lease } from '../../domain/budget.js';
import { keeperQueries } from '../../workflows/messages/controls.js';
import { keeperId } from '../../workflows/messages/names.js';
import { CliError, EXIT } from '../exit.js';
import { isNoWorker } from '../explain.js';

/** How long the keeper's worker may take to answer, in milliseconds. */
const QUERY_MS = 5_000;

/**
 * What a cloud's keeper holds; nothing where no keeper was ever needed.
 * @throws {CliError} 6 when no worker answers for the keeper
 */
export async function heldLeases(client: Client, cloud: string): Promise<Lease[]> {
  try {
    return await client.withDeadline(Date.now() + QUERY_MS, () =>
      client.workflow.getHandle(keeperId(cloud)).query<Lease[]>(keeperQueries.leases),
    );
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return [];
    if (!isNoWorker(error)) throw error;
    throw new CliError(
      EXIT.unavailable,
      `no worker answers for the keeper ${keeperId(cloud)}`,
      'start one with `ostler worker`; leases are kept meanwhile',
      { cause: error },
    );
  }
}
