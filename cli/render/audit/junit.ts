import { XMLBuilder } from 'fast-xml-parser';
import type { Check } from '../../../domain/audit/check.js';
import type { AuditReport, ReportedFinding } from '../../../domain/audit/report.js';
import { count } from '../text.js';
import { type Asked, type Cell, type Checks, checksOf, rowsOf } from './cells.js';
import { WHICH_DID_NOT_FIT } from './severity.js';
import { withTexts } from './texts.js';

/** What XML 1.0 cannot hold, escaped or not: most control characters, halves of surrogate pairs. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** An element as XMLBuilder takes it: attributes begin with `@`, text is `#`. */
interface Element {
  [name: string]: string | number | Element | Element[] | undefined;
}

interface TestCase {
  on: Asked;
  cell: Cell;
}

/**
 * The report as JUnit XML, for a pipeline: a test suite for each check, in it a test case for each node that it is asked of, or `cloud`. Names
 * stay the same from audit to audit, so that a pipeline's own history tells when a case began to fail.
 *
 * An error is a `<failure>`; a check that could not be run is an `<error>`; a node out of reach has its other checks `<skipped>`.
 * JUnit has no warnings: they, and what somebody has acknowledged, pass with what was found in `<system-out>`, as `ostler audit` ends with 3
 * rather than 4 for a warning.
 */
export function auditJunit(report: AuditReport, checks: Checks): string {
  const rows = rowsOf(report, checks);
  const suites = checksOf(report, checks).map((check, index) => {
    const cases = rows.flatMap(({ node: on, cells }): TestCase[] => {
      const cell = cells[index] as Cell;
      // A check of the cloud is one case, whichever nodes its findings name.
      const isAsked = check.scope === 'cloud' ? on === undefined : cell.state !== 'none';
      return isAsked ? [{ on, cell }] : [];
    });
    return suiteOf(report, check, cases);
  });
  if (report.omitted > 0) suites.push(omittedSuite(report));
  const total = (attribute: string): number => suites.reduce((sum, suite) => sum + Number(suite[attribute]), 0);
  const document = {
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      '@name': `ostler audit ${report.cloud}`,
      ...Object.fromEntries(['@tests', '@failures', '@errors', '@skipped'].map((name) => [name, total(name)])),
      '@time': seconds(report),
      '@timestamp': report.startedAt,
      testsuite: suites,
    },
  };
  return new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    textNodeName: '#',
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  }).build(withTexts(document, (text) => text.replace(NOT_XML, ''))) as string;
}

function suiteOf(report: AuditReport, check: Check, cases: readonly TestCase[]): Element {
  const verdicts = cases.map(({ on, cell }) => ({ on, cell, verdict: verdictOf(cell) }));
  const number = (kind: string): number => verdicts.filter(({ verdict }) => kind in verdict).length;
  return {
    '@name': check.id,
    '@tests': cases.length,
    '@failures': number('failure'),
    '@errors': number('error'),
    '@skipped': number('skipped'),
    // All checks of a host are one question: none of them has a time of its own.
    '@time': 0,
    '@timestamp': report.startedAt,
    testcase: verdicts.map(({ on, verdict }) => ({
      '@name': on ?? 'cloud',
      '@classname': `${report.cloud}.${check.id}`,
      '@time': 0,
      ...verdict,
    })),
  };
}

function verdictOf({ state, acked, findings }: Cell): Element {
  if (state === 'not-asked') return { skipped: { '@message': 'not asked; see the findings of this node or check' } };
  const text = findings.map(findingText).join('\n\n');
  if (text === '') return {};
  const told = { '@message': findings.map(({ what }) => what).join('; '), '#': text };
  if (acked || state === 'warn') return { 'system-out': text };
  return state === 'error' ? { failure: { '@type': 'error', ...told } } : { error: { '@type': 'unknown', ...told } };
}

function findingText({ severity, what, evidence, next, since, key, ack }: ReportedFinding): string {
  return [
    `${severity}: ${what}`,
    ...evidence.map(
      ({ value, threshold, command }) =>
        `seen: ${value}${threshold === undefined ? '' : ` (${threshold})`}; by: ${command}`,
    ),
    `since: ${since}`,
    `next: ${next}`,
    ack ? `acknowledged by ${ack.actor} until ${ack.until}: ${ack.reason}` : `key: ${key}`,
  ].join('\n');
}

/** Cases above may pass although something was found there: that must not be all green. */
function omittedSuite(report: AuditReport): Element {
  const message = `${count(report.omitted, 'finding')} did not fit into the report: ${WHICH_DID_NOT_FIT}`;
  const cell: Element = { '@name': 'cloud', '@classname': `${report.cloud}.report`, '@time': 0 };
  return {
    '@name': 'report',
    '@tests': 1,
    '@failures': 0,
    '@errors': 1,
    '@skipped': 0,
    '@time': 0,
    '@timestamp': report.startedAt,
    testcase: [{ ...cell, error: { '@type': 'omitted', '@message': message } }],
  };
}

const seconds = ({ startedAt, endedAt }: AuditReport): number => (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
