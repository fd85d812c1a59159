import { execFileSync } from 'node:child_process';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { auditJunit } from '../../../../cli/render/audit/junit.js';
import type { AuditReport } from '../../../../domain/audit/report.js';
import { calmReport, finding, hostileReport, sampleChecks, sampleReport } from './samples.js';

interface Case {
  name: string;
  classname: string;
  failure?: { type: string; message: string; '#text': string };
  error?: { type: string; message: string };
  skipped?: { message: string };
  'system-out'?: string;
}
interface Suite {
  name: string;
  tests: string;
  failures: string;
  errors: string;
  skipped: string;
  testcase: Case[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => name === 'testcase' || name === 'testsuite',
});

function suitesOf(report: AuditReport): Map<string, Suite> {
  const { testsuites } = parser.parse(auditJunit(report, sampleChecks)) as { testsuites: { testsuite: Suite[] } };
  return new Map(testsuites.testsuite.map((suite) => [suite.name, suite]));
}

const caseOf = (suites: Map<string, Suite>, suite: string, name: string): Case | undefined =>
  suites.get(suite)?.testcase.find((one) => one.name === name);

describe('the JUnit XML of an audit', () => {
  const suites = suitesOf(sampleReport);

  it('has a suite for each check and a case for each node that it is asked of', () => {
    expect([...suites.keys()]).toEqual(sampleReport.checks);
    expect(suites.get('root-filesystem')?.testcase).toHaveLength(43);
    expect(suites.get('galera')?.testcase.map(({ name }) => name)).toEqual([
      'controller-1',
      'controller-2',
      'controller-3',
    ]);
    expect(suites.get('nova-services')?.testcase.map(({ name }) => name)).toEqual(['cloud']);
  });

  it('fails a case for an error, with what was seen and what to do', () => {
    const { failure, classname } = caseOf(suites, 'root-filesystem', 'compute-4') ?? {};
    expect(classname).toBe('prod.root-filesystem');
    expect(failure).toMatchObject({ type: 'error', message: 'the root filesystem of compute-4 is 96 % full' });
    expect(failure?.['#text']).toContain('seen: 96 % (error at 95 %); by: df -P /');
    expect(failure?.['#text']).toContain('key: root-filesystem/compute-4//');
    expect(caseOf(suites, 'nova-services', 'cloud')?.failure?.message).toContain('compute-17');
  });

  it('has an error for a check that could not be run, and skips what was not asked of a node out of reach', () => {
    expect(caseOf(suites, 'neutron-agents', 'cloud')?.error).toMatchObject({ type: 'unknown' });
    expect(caseOf(suites, 'reachable', 'compute-17')?.failure).toBeDefined();
    expect(caseOf(suites, 'load', 'compute-17')?.skipped).toBeDefined();
  });

  it('skips nodes of a check that could not be asked of any of them', () => {
    const findings = [finding({ check: 'ntp', severity: 'unknown', what: 'the worker has no account' })];
    const cases = suitesOf({ ...sampleReport, findings }).get('ntp')?.testcase ?? [];
    expect(cases.map(({ name, error, skipped }) => [name, error !== undefined, skipped !== undefined])).toEqual([
      ['cloud', true, false],
      ...sampleReport.nodes.map(({ name }) => [name, false, true]),
    ]);
  });

  it('passes warnings and what somebody knows of, and writes them down', () => {
    const warned = caseOf(suites, 'ntp', 'ceph-osd-2');
    expect(warned?.['system-out']).toContain('the clock of ceph-osd-2 is 0.8 s off');
    expect(warned?.failure ?? warned?.error).toBeUndefined();
    expect(caseOf(suites, 'ceph-health', 'cloud')?.['system-out']).toContain('acknowledged by ada@bastion');
  });

  it('counts what it holds', () => {
    for (const suite of suites.values()) {
      const count = (kind: 'failure' | 'error' | 'skipped') =>
        suite.testcase?.filter((one) => one[kind] !== undefined).length ?? 0;
      expect([suite.tests, suite.failures, suite.errors, suite.skipped].map(Number)).toEqual([
        suite.testcase?.length ?? 0,
        count('failure'),
        count('error'),
        count('skipped'),
      ]);
    }
    expect(auditJunit(sampleReport, sampleChecks)).toMatch(
      /<testsuites name="ostler audit prod" tests="447" failures="13" errors="1" skipped="9" time="3.2"/,
    );
    expect(auditJunit(calmReport, sampleChecks)).toMatch(/tests="447" failures="0" errors="0" skipped="0"/);
  });

  it('is not all green when findings are missing from the report', () => {
    expect(suitesOf({ ...calmReport, omitted: 7 }).get('report')?.testcase[0]?.error?.message).toContain('7 findings');
  });

  it('is well-formed to strict parsers, whatever hosts say, and says it', () => {
    const xml = auditJunit(hostileReport, sampleChecks);
    expect(XMLValidator.validate(xml)).toBe(true);
    const python =
      'import sys, xml.etree.ElementTree as t; print(t.parse(sys.stdin.buffer).getroot().find(".//failure").get("message"))';
    const message = execFileSync('python3', ['-c', python], { input: xml, encoding: 'utf8' });
    expect(message).toContain('</script><script>window.__pwned=1</script><img src=x onerror="window.__pwned=2">');
    expect(message).toContain('[31m &quot; {{{cloud}}} \'"`');
  });
});
