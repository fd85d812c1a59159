import type { Client } from '@temporalio/client';
import type { LedgerState } from '../../domain/audit/ledger.js';
import type { AuditReport } from '../../domain/audit/report.js';
import { type AckRequest, ledgerQueries, ledgerUpdates } from '../../workflows/messages/ledger.js';
import { ledgerId } from '../../workflows/messages/names.js';
import { CliError, EXIT, UsageError } from '../exit.js';
import { isNamed, isNoWorker } from '../explain.js';
import { runCalled } from '../runs/find.js';

/** How long a worker may take to answer while a person waits. */
const ANSWER_MS = 10_000;

/**
 * What the ledger of a cloud knows.
 * @throws {UsageError} where nothing was ever audited; {@link CliError} 6 when no worker answers
 */
export const readLedger = (client: Client, cloud: string): Promise<LedgerState> =>
  asking(cloud, () =>
    client.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflow.getHandle(ledgerId(cloud)).query<LedgerState>(ledgerQueries.state),
    ),
  );

/** Has a finding acknowledged. @throws as `readLedger`; {@link CliError} 5 where there is no such finding */
export const acknowledge = (client: Client, cloud: string, request: AckRequest): Promise<string> =>
  asking(cloud, () =>
    client.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflow
        .getHandle(ledgerId(cloud))
        .executeUpdate<string, [AckRequest]>(ledgerUpdates.acknowledge, { args: [request] }),
    ),
  );

/** The report of the last audit of all of a cloud. @throws as `readLedger` */
export async function lastReport(client: Client, cloud: string): Promise<AuditReport> {
  const { audits } = await readLedger(client, cloud);
  const last = audits.at(-1);
  if (last === undefined) throw neverAudited(cloud);
  const [workflowId = '', digits = ''] = last.run.split('@');
  const run = await runCalled(client, { workflowId, digits });
  if (run === undefined)
    throw new UsageError(`the server has forgotten the audit ${last.run} of ${last.at}`, 'ask again: ostler audit');
  return client.workflow.getHandle(workflowId, run.runId).result() as Promise<AuditReport>;
}

async function asking<T>(cloud: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isNamed(error, 'WorkflowNotFoundError')) throw neverAudited(cloud);
    if (!isNoWorker(error)) throw error;
    throw new CliError(
      EXIT.unavailable,
      `no worker answered for ${ledgerId(cloud)} within ${ANSWER_MS / 1_000} s`,
      'start one with `ostler worker`',
      { cause: error },
    );
  }
}

const neverAudited = (cloud: string): UsageError =>
  new UsageError(`${cloud} was never audited as a whole`, 'do it now: ostler audit');
