import { Runtime } from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';
import { recordAuditMetrics } from '../../../activities/audit/metrics.js';
import { anyFreePort } from '../../../worker/server/ports.js';
import { installRuntime } from '../../../worker/telemetry.js';
import { calmReport, sampleReport } from '../../cli/render/audit/samples.js';

let url: string;

beforeAll(async () => {
  const metricsAddress = `127.0.0.1:${await anyFreePort()}`;
  installRuntime({ logLevel: 'ERROR', metricsAddress });
  url = `http://${metricsAddress}/metrics`;
});

const record = (report: typeof sampleReport): boolean => recordAuditMetrics(Runtime.instance().metricMeter, report);

/** What Prometheus would read: labels and value of each series of ours, by name. */
async function scraped(name: string): Promise<{ labels: string; value: number }[]> {
  const lines = (await (await fetch(url)).text()).split('\n');
  return lines.flatMap((line) => {
    const [, found, labels = '', value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    return found === name ? [{ labels, value: Number(value) }] : [];
  });
}

async function gauge(name: string, ...labels: string[]): Promise<number | undefined> {
  const found = (await scraped(name)).filter((series) => labels.every((label) => series.labels.includes(label)));
  expect(found).toHaveLength(1);
  return found[0]?.value;
}

const findings = (check: string, severity: string) =>
  gauge('ostler_audit_findings', 'cloud="prod"', `check="${check}"`, `severity="${severity}"`);

it('are served where the worker serves its own', async () => {
  expect(record(sampleReport)).toBe(true);
  expect(await findings('root-filesystem', 'error')).toBe(9);
  expect(await findings('root-filesystem', 'warn')).toBe(1);
  expect(await findings('neutron-agents', 'unknown')).toBe(1);
  expect(await findings('ceph-health', 'acked')).toBe(1);
  expect(await findings('ceph-health', 'warn')).toBe(0);
  expect(await gauge('ostler_audit_nodes')).toBe(43);
  expect(await gauge('ostler_audit_nodes_unreachable')).toBe(1);
  expect(await gauge('ostler_audit_findings_omitted')).toBe(0);
  expect(await gauge('ostler_audit_duration_seconds')).toBe(3.2);
  expect(await gauge('ostler_audit_last_run_timestamp_seconds')).toBe(Date.parse(sampleReport.endedAt) / 1_000);
});

it('go back to zero when all is well, and are as many as before', async () => {
  record(sampleReport);
  const before = (await scraped('ostler_audit_findings')).length;
  const { trend } = sampleReport;
  expect(record({ ...calmReport, trend })).toBe(true);
  expect(await findings('root-filesystem', 'error')).toBe(0);
  expect(await gauge('ostler_audit_nodes_unreachable')).toBe(0);
  expect(await scraped('ostler_audit_findings')).toHaveLength(before);
  expect(before).toBe(4 * sampleReport.checks.length);
});

it('are left as they were by an audit of a part', async () => {
  record(sampleReport);
  expect(record({ ...calmReport, run: 'audit/prod@00000000', checks: ['root-filesystem'] })).toBe(false);
  expect(await findings('root-filesystem', 'error')).toBe(9);
});
