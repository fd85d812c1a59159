import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { AuditReport } from '../../domain/audit/report.js';
import type { AuditRequest } from '../../domain/audit/request.js';
import { auditId, RUN_DIGITS, WORKFLOW_QUEUE, workflowTypes } from '../../workflows/messages/names.js';
import type { OstlerContext } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { isNamed } from '../explain.js';

/** Longer than everything that an audit waits for, so that its own words are heard. */
const LIMIT = '3h';

const attributes = {
  cloud: defineSearchAttributeKey('OstlerCloud', 'KEYWORD'),
  actor: defineSearchAttributeKey('OstlerActor', 'KEYWORD'),
};

/**
 * Has the cloud audited and waits for the report.
 * @throws {CliError} 5 when a person's audit of the whole cloud is running already; 130 on Ctrl-C, which leaves the audit alone
 */
export async function askForAudit(context: OstlerContext, client: Client, request: AuditRequest): Promise<AuditReport> {
  const { cloud, checks, on, actor, reason } = request;
  const isWhole = checks === undefined && on === undefined;
  const workflowId = isWhole ? auditId(cloud) : auditId(cloud, randomUUID().slice(-RUN_DIGITS));
  const interrupted = context.interruption();
  try {
    const handle = await client.workflow.start<(request: AuditRequest) => Promise<AuditReport>>(workflowTypes.audit, {
      taskQueue: WORKFLOW_QUEUE,
      workflowId,
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowExecutionTimeout: LIMIT,
      args: [request],
      typedSearchAttributes: [
        { key: attributes.cloud, value: cloud },
        { key: attributes.actor, value: actor },
      ],
      staticSummary: isWhole
        ? `audit of ${cloud}`
        : `audit of a part of ${cloud}: ${[...(checks ?? []), on ?? ''].join(' ')}`,
      staticDetails: `${actor}: ${reason}`,
    });
    return await client.withAbortSignal(interrupted, () => handle.result());
  } catch (error) {
    if (interrupted.aborted)
      throw new CliError(
        EXIT.interrupted,
        'nobody waits for the audit any more; it goes on',
        isWhole ? 'see what it found: ostler audit last' : `the Temporal UI has it under ${workflowId}`,
      );
    if (!isNamed(error, 'WorkflowExecutionAlreadyStartedError')) throw error;
    throw new CliError(
      EXIT.refused,
      `${workflowId} is running already`,
      'it ends within minutes; then see what it found: ostler audit last',
      { cause: error },
    );
  }
}
