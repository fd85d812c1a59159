import {
  ActivityFailure,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { SiteActivities } from '../activities/index.js';
import type { Finding } from '../domain/audit/finding.js';
import type { Fitted } from '../domain/audit/fit.js';
import { type AuditReport, REACHABLE, worstOf } from '../domain/audit/report.js';
import { asReported, notRun, together } from '../domain/audit/reported.js';
import { type AuditRequest, partsOf } from '../domain/audit/request.js';
import { runName, siteQueue } from './messages/names.js';
import { outcomeAttribute } from './messages/search-attributes.js';
import { inItsOwnWords } from './own-words.js';
import { describeError, HEARTBEAT_TIMEOUT } from './rollout/engine-activities.js';
import { versioned } from './versioning.js';

setWorkflowOptions(versioned('PINNED'), audit);

/** Findings shown in the Temporal UI: its panel is for a glance. */
const MOST_SHOWN = 20;

/**
 * Asks how a cloud is: every node once, every system of the cloud once, all at the same time. Changes nothing on any of them. What could
 * not be asked is a finding, so that an audit always has a report; it fails only where its request makes no sense, or no worker of its
 * site comes back within the hour.
 *
 * 1. plan     which checks of which nodes, by the worker that holds the inventory
 * 2. ask      the nodes in parts, one remote read each, beside one activity for each system
 * 3. record   in the cloud's ledger, which knows since when, who knows of it, and who is to be told
 */
export async function audit(request: AuditRequest): Promise<AuditReport> {
  const { cloud } = request;
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const { quick, patient } = activitiesOf(cloud);
  const startedAt = new Date().toISOString();

  const plan = await inItsOwnWords(quick.planAudit.executeWithOptions({ summary: 'read the inventory' }, [request]));
  const parts = partsOf(plan);
  setCurrentDetails(`asking ${plan.nodes.length} nodes and ${plan.systems.length} systems`);

  const all = await Promise.all([
    ...parts.map((nodes) =>
      orNotRun(
        patient.auditNodes.executeWithOptions({ summary: `ask ${nodes[0]} to ${nodes.at(-1)}` }, [
          { nodes, checks: plan.nodeChecks },
        ]),
        (why) => nodes.map((node) => notRun(REACHABLE, why, node)),
      ),
    ),
    ...plan.systems.map(({ system, checks }) =>
      orNotRun(patient.auditSystem.executeWithOptions({ summary: `ask ${system}` }, [{ system, checks }]), (why) =>
        checks.map((check) => notRun(check, why)),
      ),
    ),
  ]);

  const found = {
    cloud,
    run: runName(workflowId, firstExecutionRunId),
    startedAt,
    endedAt: new Date().toISOString(),
    isWhole: request.checks === undefined && request.on === undefined,
    plan,
    ...together(all, plan),
  };
  const known = await inItsOwnWords(
    quick.recordAudit.executeWithOptions({ summary: 'record what was found' }, [found]),
  );
  const report = asReported(found, known);
  upsertSearchAttributes([
    { key: outcomeAttribute, value: worstOf(report.findings.filter(({ ack }) => ack === undefined)) },
  ]);
  setCurrentDetails(detailsOf(report));
  return report;
}

function activitiesOf(cloud: string) {
  const taskQueue = siteQueue(cloud);
  const retry = { initialInterval: '1s', maximumInterval: '20s' } as const;
  return {
    quick: proxyActivities<SiteActivities>({
      taskQueue,
      // Longer than the ledger may take to answer (activities/audit/ledger.ts).
      startToCloseTimeout: '45s',
      scheduleToCloseTimeout: '1h',
      retry,
    }),
    patient: proxyActivities<SiteActivities>({
      taskQueue,
      // A hundred nodes of which each takes as long as it may, while others are asked (activities/audit/index.ts).
      startToCloseTimeout: '10m',
      scheduleToCloseTimeout: '15m',
      heartbeatTimeout: HEARTBEAT_TIMEOUT,
      retry: { ...retry, maximumAttempts: 5 },
    }),
  };
}

/** What an activity found, or what its failure leaves unknown. */
async function orNotRun(asked: Promise<Fitted>, unknown: (why: string) => Finding[]): Promise<Fitted> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { findings: unknown(describeError(error)), omitted: 0 };
  }
}

/** What the Temporal UI shows of a report, as Markdown. */
function detailsOf({ findings, omitted, nodes, checks }: AuditReport): string {
  const shown = findings
    .slice(0, MOST_SHOWN)
    .map(({ severity, what, since }) => `- **${severity}** ${what} (since ${since})`);
  const more = findings.length - shown.length + omitted;
  return [
    `${checks.length} checks on ${nodes.length} nodes: ${findings.length + omitted} findings`,
    '',
    ...shown,
    ...(more > 0 ? [`- and ${more} more`] : []),
  ].join('\n');
}
