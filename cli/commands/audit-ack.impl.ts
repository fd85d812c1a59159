import { globMatches } from '../../domain/glob.js';
import { closest } from '../../inventory/suggest.js';
import { acknowledge, readLedger } from '../audit/ledger.js';
import { actorOf, cloudOf, type OstlerContext, printJson, reasonOf, withTemporal } from '../context.js';
import { UsageError } from '../exit.js';
import { printable } from '../render/text.js';
import type { AuditAckFlags } from './audit-ack.js';

/**
 * `ostler audit ack`: has the cloud's ledger note who knows of findings, why, and until when.
 * @param pattern the key of one, or with * and ? of all that fit
 * @throws {UsageError} where there is no such finding, with one that may be meant
 */
export async function auditAck(this: OstlerContext, flags: AuditAckFlags, pattern: string): Promise<void> {
  const at = 'at' in flags.until ? flags.until.at : this.now() + flags.until.afterMs;
  if (at <= this.now())
    throw new UsageError('--until is not a time to come', 'say when the finding should count again');
  const cloud = await cloudOf(this, flags);
  const reason = await reasonOf(this, flags);
  const until = new Date(at).toISOString();
  await withTemporal(this, flags, async ({ client }) => {
    const { findings } = await readLedger(client, cloud);
    const known = Object.keys(findings).filter((one) => findings[one]?.gone === undefined);
    const keys = known.filter((key) => globMatches(pattern, key));
    if (keys.length === 0) {
      const meant = closest(pattern, known);
      throw new UsageError(
        `there is no finding ${printable(pattern)} now`,
        meant === undefined ? '`ostler audit last` lists those that there are' : `did you mean ${printable(meant)}?`,
      );
    }
    const actor = actorOf(this, flags);
    for (const key of keys) await acknowledge(client, cloud, { key, actor, reason, until });
    if (flags.json) printJson(this, { cloud, keys, actor, reason, until });
    else for (const key of keys) this.io.stdout(`${printable(key)} is acknowledged until ${until}\n`);
  });
}
