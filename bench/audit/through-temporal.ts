import { randomUUID } from 'node:crypto';
import { type AuditReport, REACHABLE } from '../../domain/audit/report.js';
import type { AuditRequest } from '../../domain/audit/request.js';
import { auditId, WORKFLOW_QUEUE, workflowTypes } from '../../workflows/messages/names.js';
import type { BenchResult, BenchSettings } from '../bench.js';
import { install } from '../installation.js';
import { peakMegabytes } from '../memory.js';
import { readHistories } from '../scale/histories.js';
import { type Finding, measure, median } from '../statistics.js';
import type { Task } from './auditors.js';
import { CLOUD, nodeChecks } from './site.js';

/** Design, rule 10. */
const PAYLOAD_BYTES = { atMost: 256 * 1024 };

/** A whole audit of the farm by a real server and worker: plan, nodes in parts, ledger, report. */
export async function throughTemporal(
  { siteFile, hosts }: Task,
  { rounds, undo, say }: Pick<BenchSettings, 'rounds' | 'undo' | 'say'>,
): Promise<Pick<BenchResult, 'findings' | 'samples'>> {
  const { client, worker } = await install(siteFile, undo);
  const request: AuditRequest = { cloud: CLOUD, checks: [...nodeChecks], actor: 'bench', reason: 'bench' };
  const audit = async () => {
    const workflowId = auditId(CLOUD, randomUUID());
    const startedAt = performance.now();
    const run = await client.workflow.start<(asked: AuditRequest) => Promise<AuditReport>>(workflowTypes.audit, {
      taskQueue: WORKFLOW_QUEUE,
      workflowId,
      args: [request],
    });
    const report = await run.result();
    const ms = performance.now() - startedAt;
    say(`audit: through Temporal ${ms.toFixed(0)} ms`);
    const silent = report.findings.find(({ check }) => check === REACHABLE);
    if (silent || report.nodes.length !== hosts)
      throw new Error(`not all of ${hosts} nodes answered: ${JSON.stringify(silent)}`);
    return { ms, report, workflowId, runId: run.firstExecutionRunId };
  };

  const first = await audit();
  const next: number[] = [];
  for (let round = 0; round < rounds; round++) next.push((await audit()).ms);
  const history = await readHistories(client, first.workflowId, first.runId);
  const row = (name: string, unit: string, value: number, target?: Finding['target']): Finding =>
    measure(`${hosts} hosts through Temporal, ${name}`, unit, value, target);
  return {
    findings: [
      row('the first audit', 'ms', first.ms),
      row('the next audits', 'ms', median(next)),
      row('events of an audit', 'events', history.events),
      row('largest payload', 'bytes', Math.max(history.planBytes, history.otherBytes), PAYLOAD_BYTES),
      row('findings reported', 'findings', first.report.findings.length),
      row('findings left out', 'findings', first.report.omitted),
      row("the worker's memory at its peak", 'MB', await peakMegabytes(worker.pid)),
    ],
    samples: { 'through temporal, first': [first.ms], 'through temporal, next': next },
  };
}
