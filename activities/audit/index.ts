import { metricMeter } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import { type Fitted, fitted } from '../../domain/audit/fit.js';
import type { RecordAnswer } from '../../domain/audit/ledger.js';
import { asReported, type FoundByAudit, recordOf } from '../../domain/audit/reported.js';
import type { AuditPlan, AuditRequest } from '../../domain/audit/request.js';
import { beating } from '../beat.js';
import { invalidRequest } from '../failures.js';
import type { CloudSite } from './cloud-checks.js';
import { recordInLedger } from './ledger.js';
import { recordAuditMetrics } from './metrics.js';
import { auditNodes } from './nodes.js';
import { planAudit } from './plan.js';
import { systemsOf } from './systems.js';
import { tidied } from './tidied.js';

/** Nodes read at the same time by one worker: enough to hide round trips, few enough for its descriptors and its processor. */
export const NODES_AT_ONCE = 128;

/** Asking a cloud how it is. None of these changes anything on its hosts. */
export function createAuditActivities({ client, ...site }: CloudSite & { client: Client }) {
  const atOnce = pLimit(NODES_AT_ONCE);
  const systems = systemsOf(site.inventory);
  return {
    /** What an audit will ask. @throws {ApplicationFailure} InvalidRequest for what this site does not have */
    async planAudit(request: AuditRequest): Promise<AuditPlan> {
      return planAudit(site, request);
    },

    /** Asks nodes about themselves, one remote read each; a retry asks only those that had not answered. */
    async auditNodes(request: { nodes: string[]; checks: string[] }): Promise<Fitted> {
      return auditNodes({ ...site, atOnce }, request);
    },

    /** Asks one system of the cloud once. */
    async auditSystem({ system, checks }: { system: string; checks: string[] }): Promise<Fitted> {
      const asked = systems.find((one) => one.system === system);
      if (asked === undefined) throw invalidRequest(`this worker knows no checks of ${system}`);
      const found = await beating((signal) => asked.find(site, checks, site.inventory.audit.thresholds, signal));
      return fitted([{ findings: found.map(tidied), omitted: 0 }]);
    },

    /** Tells the cloud's ledger what was found and sets the worker's metrics. Safe to repeat: the ledger takes each run once. */
    async recordAudit(found: FoundByAudit): Promise<RecordAnswer> {
      const answer = await recordInLedger(client, recordOf(found));
      recordAuditMetrics(metricMeter, asReported(found, answer));
      return answer;
    },
  };
}
