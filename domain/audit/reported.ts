import { type Finding, findingKey } from './finding.js';
import { type Fitted, fitted } from './fit.js';
import type { AuditRecord, RecordAnswer } from './ledger.js';
import type { AuditReport } from './report.js';
import type { AuditPlan } from './request.js';

/** What an audit has seen itself. */
export interface FoundByAudit extends Fitted {
  cloud: string;
  run: string;
  startedAt: string;
  endedAt: string;
  /** It asked everything that there is to ask. */
  isWhole: boolean;
  plan: AuditPlan;
}

/** What the parts of an audit found, as much as fits beside the plan. */
export const together = (parts: readonly Fitted[], plan: AuditPlan): Fitted =>
  fitted(parts, JSON.stringify(plan).length);

/** A check that could not be run. */
export const notRun = (check: string, why: string, node?: string): Finding => ({
  check,
  ...(node !== undefined && { node }),
  severity: 'unknown',
  what: `${check} could not be asked${node === undefined ? '' : ` on ${node}`}: ${why}`,
  evidence: [],
  next: 'look at the log of `ostler worker`, then audit again',
});

/** What the cloud's ledger is told of an audit. */
export function recordOf({ plan, findings, endedAt, ...found }: FoundByAudit): AuditRecord {
  const { nodeChecks, nodes, systems, samples, channels } = plan;
  return {
    cloud: found.cloud,
    run: found.run,
    at: endedAt,
    isWhole: found.isWhole,
    nodeChecks,
    cloudChecks: systems.flatMap(({ checks }) => checks),
    ...(!found.isWhole && { nodes: nodes.map(({ name }) => name) }),
    findings: findings.map(({ evidence: _evidence, ...finding }) => finding),
    omitted: found.omitted,
    ...(found.crowded && { crowded: found.crowded }),
    samples,
    channels,
  };
}

/** The report of an audit: what it has seen, and what the ledger knows of that. */
export function asReported(found: FoundByAudit, { since, acks, trend, undelivered }: RecordAnswer): AuditReport {
  const { cloud, run, startedAt, endedAt, plan, findings, omitted } = found;
  return {
    cloud,
    run,
    startedAt,
    endedAt,
    checks: [...plan.nodeChecks, ...plan.systems.flatMap(({ checks }) => checks)],
    nodes: plan.nodes,
    findings: findings.map((finding) => {
      const key = findingKey(finding);
      const ack = acks[key];
      return { ...finding, key, since: since[key] ?? endedAt, ...(ack && { ack }) };
    }),
    omitted,
    trend,
    undelivered,
  };
}
