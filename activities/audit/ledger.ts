import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import type { AuditRecord, RecordAnswer } from '../../domain/audit/ledger.js';
import { ledgerUpdates } from '../../workflows/messages/ledger.js';
import { ledgerId, WORKFLOW_QUEUE, workflowTypes } from '../../workflows/messages/names.js';

/** How long the ledger may take to answer: a worker that takes over from a dead one needs up to 15 s. */
const ANSWER_MS = 30_000;

/** Tells a cloud's ledger of an audit; the first who does so starts it. Telling it again of the same run changes nothing. */
export const recordInLedger = (client: Client, record: AuditRecord): Promise<RecordAnswer> =>
  client.withDeadline(Date.now() + ANSWER_MS, () =>
    client.workflow.executeUpdateWithStart<(args: { cloud: string }) => Promise<void>, RecordAnswer, [AuditRecord]>(
      ledgerUpdates.record,
      {
        args: [record],
        startWorkflowOperation: new WithStartWorkflowOperation(workflowTypes.findingsLedger, {
          workflowId: ledgerId(record.cloud),
          taskQueue: WORKFLOW_QUEUE,
          workflowIdConflictPolicy: 'USE_EXISTING',
          args: [{ cloud: record.cloud }],
          staticSummary: `findings of ${record.cloud}: since when, who knows, who is told`,
        }),
      },
    ),
  );
