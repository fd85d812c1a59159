import { upsertSearchAttributes } from '@temporalio/workflow';
import type { AuditRequest } from '../../../domain/audit/request.js';
import { outcomeAttribute } from '../../../workflows/messages/search-attributes.js';

/** An audit that asks nobody. */
export async function audit({ reason }: AuditRequest): Promise<string> {
  upsertSearchAttributes([{ key: outcomeAttribute, value: 'warn' }]);
  return reason;
}
