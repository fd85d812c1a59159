import type { MetricMeter } from '@temporalio/common';
import { SEVERITIES } from '../../domain/audit/finding.js';
import { type AuditReport, REACHABLE } from '../../domain/audit/report.js';

/**
 * Sets what Prometheus is told of an audit, on the worker's own metrics address. An audit of a part of the checks or nodes sets nothing: it
 * says nothing of the rest. No series is named for a node or a finding, so that a large cloud in trouble has as many as a small one in peace:
 * four for each check, and five for the cloud. Each is set by every audit, zeros too: what is mended does not linger.
 *
 * Where several workers serve a cloud, each goes on telling what it saw last; the newest `ostler_audit_last_run_timestamp_seconds` is right.
 * @returns whether the audit was one of everything
 */
export function recordAuditMetrics(meter: MetricMeter, report: AuditReport): boolean {
  if (report.trend.at(-1)?.run !== report.run) return false;
  const cloud = { cloud: report.cloud };
  const gauge = (name: string, description: string, type: 'int' | 'float' = 'int') =>
    meter.createGauge(`ostler_audit_${name}`, type, undefined, description);

  const findings = gauge('findings', 'Findings of the last audit by how bad they are; acked: somebody knows of them');
  for (const check of report.checks) {
    const found = report.findings.filter((finding) => finding.check === check);
    for (const severity of SEVERITIES) {
      const open = found.filter((finding) => finding.severity === severity && finding.ack === undefined);
      findings.set(open.length, { ...cloud, check, severity });
    }
    findings.set(found.filter(({ ack }) => ack !== undefined).length, { ...cloud, check, severity: 'acked' });
  }
  const silent = new Set(report.findings.filter(({ check }) => check === REACHABLE).map(({ node }) => node));
  gauge('nodes', 'Nodes that the last audit asked').set(report.nodes.length, cloud);
  gauge('nodes_unreachable', 'Those among them that could not be asked').set(silent.size, cloud);
  gauge('findings_omitted', 'Findings that did not fit into the last report').set(report.omitted, cloud);
  const [started, ended] = [Date.parse(report.startedAt), Date.parse(report.endedAt)];
  gauge('duration_seconds', 'How long the last audit took', 'float').set((ended - started) / 1_000, cloud);
  gauge('last_run_timestamp_seconds', 'When the last audit ended', 'float').set(ended / 1_000, cloud);
  return true;
}
