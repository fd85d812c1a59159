import { checks, checksCalled } from '../../domain/audit/checks.js';
import { closest } from '../../inventory/suggest.js';
import { readLedger } from '../audit/ledger.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import { UsageError } from '../exit.js';
import { historyText } from '../render/audit/changes.js';
import { printable } from '../render/text.js';
import type { AuditHistoryFlags } from './audit-history.js';

/**
 * `ostler audit history CHECK`: the changes of its findings, newest first.
 * @throws {UsageError} for a check that there is not
 */
export async function auditHistory(this: OstlerContext, flags: AuditHistoryFlags, name: string): Promise<void> {
  const ids = checksCalled(name).map(({ id }) => id);
  if (ids.length === 0) {
    const meant = closest(
      name,
      [...checks.values()].flatMap(({ id, module }) => [id, module]),
    );
    throw new UsageError(
      `there is no check ${printable(name)}`,
      meant === undefined ? '`ostler audit checks` lists those that there are' : `did you mean ${meant}?`,
    );
  }
  const cloud = await cloudOf(this, flags);
  const { changes } = await withTemporal(this, flags, ({ client }) => readLedger(client, cloud));
  const found = changes
    .filter(({ check, node }) => ids.includes(check) && (flags.node === undefined || node === flags.node))
    .reverse();
  if (flags.json) printJson(this, { cloud, changes: found });
  else this.io.stdout(`${historyText(found, { colour: this.io.isColour })}\n`);
}
