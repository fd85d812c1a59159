import { askForAudit } from '../audit/ask.js';
import { putReport } from '../audit/output.js';
import { actorOf, cloudOf, type OstlerContext, withTemporal } from '../context.js';
import { requireWorkers } from '../runs/workers.js';
import type { AuditRunFlags } from './audit-run.js';

/** What an audit says its reason is, where nobody gives one: it changes nothing. */
const LOOKING = 'asked by hand';

/** `ostler audit`: asks, prints the report, and sets the exit code. */
export async function auditRun(this: OstlerContext, flags: AuditRunFlags): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const report = await withTemporal(this, flags, async ({ client }) => {
    await requireWorkers(client, cloud, this.now());
    this.io.stderr(`asking ${cloud} ...\n`);
    return askForAudit(this, client, {
      cloud,
      ...(flags.check && { checks: [...flags.check] }),
      ...(flags.on !== undefined && { on: flags.on }),
      actor: actorOf(this, flags),
      reason: flags.reason ?? LOOKING,
    });
  });
  await putReport(this, flags, report);
}
