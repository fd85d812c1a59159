import { describe, expect, it } from 'vitest';
import type { Finding } from '../../domain/audit/finding.js';
import type { AuditReport } from '../../domain/audit/report.js';
import type { AuditRequest } from '../../domain/audit/request.js';
import type { audit } from '../../workflows/audit.js';
import { workflowTypes } from '../../workflows/messages/names.js';
import { devClient, uniqueName } from '../setup/temporal.js';
import { FakeSite, type FakeSiteOptions } from './fake-site.js';

const found = (check: string, severity: Finding['severity'], node?: string): Finding => ({
  check,
  ...(node && { node }),
  severity,
  what: `${check} is not well`,
  evidence: [{ value: '1', command: 'true' }],
  next: 'mend it',
});

async function audited(options: FakeSiteOptions, request: Partial<AuditRequest> = {}) {
  const site = new FakeSite(options);
  const taskQueue = await site.start();
  const { client } = await devClient();
  const handle = await client.workflow.start<typeof audit>(workflowTypes.audit, {
    workflowId: uniqueName('audit'),
    taskQueue,
    args: [{ cloud: site.cloud, actor: 'alice', reason: 'look', ...request }],
  });
  return { site, handle, report: handle.result() as Promise<AuditReport> };
}

const hosts = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index + 1}`);
const galera = { systems: [{ system: 'galera', checks: ['galera'] }] };

describe('an audit', () => {
  it('reports what every node and system says, trouble first', async () => {
    const { report } = await audited({
      hosts: ['c1', 'c2'],
      auditPlan: galera,
      findings: {
        c1: [found('memory', 'warn', 'c1')],
        c2: [found('memory', 'unknown', 'c2')],
        galera: [found('galera', 'error')],
      },
    });
    const { findings, checks, nodes } = await report;
    expect(findings.map(({ key, severity }) => `${severity} ${key}`)).toEqual([
      'error galera/',
      'unknown memory/c2',
      'warn memory/c1',
    ]);
    expect(checks).toEqual(['reachable', 'memory', 'galera']);
    expect(nodes.map(({ name }) => name)).toEqual(['c1', 'c2']);
  });

  it('says since when, and who knows, as the ledger does', async () => {
    const ack = { actor: 'bob', reason: 'T-1', until: '2030-01-01T00:00:00.000Z' };
    const since = '2026-01-01T00:00:00.000Z';
    const { report } = await audited({
      hosts: ['c1'],
      findings: { c1: [found('memory', 'warn', 'c1'), found('load', 'warn', 'c1')] },
      known: { since: { 'memory/c1': since }, acks: { 'memory/c1': ack } },
    });
    const { findings, endedAt } = await report;
    expect(findings).toMatchObject([
      { key: 'memory/c1', since, ack },
      { key: 'load/c1', since: endedAt },
    ]);
    expect(findings[1]).not.toHaveProperty('ack');
  });

  it('makes a finding of every node and check that nobody gets an answer of', async () => {
    const { report } = await audited({ hosts: ['c1', 'c2'], auditPlan: galera, mute: ['c2', 'galera'] });
    const { findings } = await report;
    expect(findings.map(({ key, severity, what }) => [key, severity, what])).toEqual([
      ['reachable/c1', 'unknown', 'reachable could not be asked on c1: c2 says nothing'],
      ['reachable/c2', 'unknown', 'reachable could not be asked on c2: c2 says nothing'],
      ['galera/', 'unknown', 'galera could not be asked: galera says nothing'],
    ]);
  });

  it('reads many nodes in parts, and keeps its history small', async () => {
    const { report, handle } = await audited({ hosts: hosts(250) });
    expect((await report).nodes).toHaveLength(250);
    const events = (await handle.fetchHistory()).events ?? [];
    const asked = events
      .filter(({ activityTaskScheduledEventAttributes: asked }) => asked)
      .map(({ activityTaskScheduledEventAttributes: asked }) => asked?.activityType?.name);
    expect(asked).toEqual(['planAudit', 'auditNodes', 'auditNodes', 'auditNodes', 'recordAudit']);
  });

  it('leaves out the least bad where there is too much, and says how much', async () => {
    const many = Array.from({ length: 900 }, (_, n) => ({
      ...found('memory', 'warn', 'c1'),
      about: `${n}`,
      what: 'x'.repeat(400),
    }));
    const { report, site } = await audited({
      hosts: ['c1', 'c2'],
      findings: { c1: many, c2: [found('load', 'error', 'c2')] },
    });
    const { findings, omitted } = await report;
    expect(findings[0]).toMatchObject({ check: 'load' });
    expect(findings.length + omitted).toBe(901);
    expect(omitted).toBeGreaterThan(0);
    expect(JSON.stringify(site.recorded[0]).length).toBeLessThan(256_000);
    expect(JSON.stringify(await report).length).toBeLessThan(256_000);
  });

  it('is one of everything only when nothing narrows it', async () => {
    const whole = await audited({ hosts: ['c1'] });
    const part = await audited({ hosts: ['c1'] }, { checks: ['memory'] });
    await Promise.all([whole.report, part.report]);
    expect(whole.site.recorded.map(({ isWhole }) => isWhole)).toEqual([true]);
    expect(part.site.recorded.map(({ isWhole }) => isWhole)).toEqual([false]);
  });

  it('fails in the words of the worker where the request makes no sense', async () => {
    const { report } = await audited({ hosts: [], refusal: 'there is no check memry; did you mean memory?' });
    await expect(report).rejects.toMatchObject({ cause: { message: 'there is no check memry; did you mean memory?' } });
  });
});
