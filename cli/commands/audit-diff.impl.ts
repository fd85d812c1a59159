import { netChanges } from '../../domain/audit/changes.js';
import { readLedger } from '../audit/ledger.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import { diffText } from '../render/audit/changes.js';
import type { AuditDiffFlags } from './audit-diff.js';

/** `ostler audit diff`: what is other than before. */
export async function auditDiff(this: OstlerContext, flags: AuditDiffFlags): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const { changes, audits } = await withTemporal(this, flags, ({ client }) => readLedger(client, cloud));
  const last = audits.at(-1);
  const from = flags.since === undefined ? last?.at : new Date(this.now() - flags.since).toISOString();
  const found = netChanges(changes.filter(({ at }) => from !== undefined && at >= from));
  if (flags.json) printJson(this, { cloud, since: from, changes: found });
  else this.io.stdout(`${diffText(found, { colour: this.io.isColour })}\n`);
}
