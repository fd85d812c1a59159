import { lastReport } from '../audit/ledger.js';
import { putReport } from '../audit/output.js';
import { cloudOf, type OstlerContext, withTemporal } from '../context.js';
import type { AuditLastFlags } from './audit-last.js';

/** `ostler audit last`: the report of the last audit of everything, and its exit code. */
export async function auditLast(this: OstlerContext, flags: AuditLastFlags): Promise<void> {
  const cloud = await cloudOf(this, flags);
  await putReport(this, flags, await withTemporal(this, flags, ({ client }) => lastReport(client, cloud)));
}
