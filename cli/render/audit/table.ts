import { wrapAnsi } from 'fast-wrap-ansi';
import pc from 'picocolors';
import type { AuditReport } from '../../../domain/audit/report.js';
import { formatDuration } from '../../../domain/duration.js';
import { localTime } from '../plan-lines.js';
import { type Style, table } from '../tables.js';
import { count, printable } from '../text.js';
import { type Checks, checksOf } from './cells.js';
import { type FindingGroup, groupsOf, nextOf, nodesOf, roughly, seenOf, sinceOf } from './groups.js';
import { rangesOf } from './node-ranges.js';
import { countsOf, countsText, findingWord, WHICH_DID_NOT_FIT } from './severity.js';

/** Spans of names that one line of trouble writes out; the JSON document has all. */
const MOST_SPANS = 24;

/** Between two columns, as {@link table} has it. */
const GAP = 2;

/** No column is made narrower than a word is long, as a rule. */
const NARROWEST = 10;

/**
 * What an audit found, on a terminal: trouble first, one line for what one check found of one thing, however many nodes have it; under it, of
 * a single node, the whole sentence, and what to do. Ends with the sum of it all.
 */
export function auditTable(report: AuditReport, checks: Checks, style: Style & { now: number }): string {
  const groups = groupsOf(report);
  const sections = [
    groups.length > 0 ? findingLines(report, groups, checks, style).join('\n') : undefined,
    notices(report, style).join('\n') || undefined,
    wrap(sum(report), style.columns).join('\n'),
  ];
  return sections.filter((section) => section !== undefined).join('\n\n');
}

function findingLines(
  report: AuditReport,
  groups: readonly FindingGroup[],
  checks: Checks,
  style: Style & { now: number },
): string[] {
  const titles = new Map(checksOf(report, checks).map(({ id, title }) => [id, title]));
  const head = ['', 'CHECK', 'ON', 'SEEN', 'FOR'];
  const rows = groups.map((group) => [
    group.severity,
    printable(`${titles.get(group.check) ?? group.check}${aboutOf(group)}`),
    // A line ends between two names rather than within one.
    printable(rangesOf(nodesOf(group), MOST_SPANS).replace(/,(?! )/g, ', ') || 'the cloud'),
    printable(Object.values(seenOf(group)).join('; ')),
    forText(report, group, style.now),
  ]);
  const widths = fitted(
    [...head.keys()].map((column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0))),
    style.columns,
  );
  const wrapped = rows.map((row) => row.map((text, column) => wrap(text, widths[column] ?? NARROWEST)));
  const painted = wrapped.map((row, index) => paint(row, groups[index] as FindingGroup, style.colour));
  const drawn = table(head, painted, style).split('\n');

  const lines = drawn.splice(0, 1);
  for (const [index, group] of groups.entries()) {
    lines.push(...drawn.splice(0, Math.max(...(wrapped[index] ?? []).map((cell) => cell.length))));
    lines.push(...remarks(group, (widths[0] ?? 0) + GAP, style));
  }
  return lines;
}

/** What many have in common; of a single one the sentence below says it. */
const aboutOf = ({ about, findings }: FindingGroup): string =>
  about === undefined || findings.length === 1 ? '' : ` ${about}`;

/** What the report itself lacks, and who has not heard of it. */
function notices({ omitted, undelivered }: AuditReport, { columns }: Style): string[] {
  const said = undelivered.map(
    ({ channel, at, why }) =>
      `${channel} was not told of the last change, given up ${localTime(Date.parse(at))}: ${why}`,
  );
  if (omitted > 0) said.unshift(`${count(omitted, 'more finding')} did not fit into the report: ${WHICH_DID_NOT_FIT}`);
  return said.flatMap((text) => wrap(printable(text), columns));
}

/** The severity in its colour, the rest plain; all of it dim where somebody knows it already. */
function paint(row: readonly string[][], { severity, acked }: FindingGroup, colour: boolean): string[] {
  const { dim } = pc.createColors(colour);
  return row.map((lines, column) => {
    if (acked) return lines.map((line) => dim(line)).join('\n');
    return column === 0 ? findingWord(severity, colour) : lines.join('\n');
  });
}

/** `3 h`, `new`. */
function forText(report: AuditReport, group: FindingGroup, now: number): string {
  const since = sinceOf(group, report);
  return since === undefined ? 'new' : roughly(now - Date.parse(since));
}

/** What does not fit into columns: the sentence, who knows it, and what to do. */
function remarks(group: FindingGroup, indent: number, { columns, colour }: Style): string[] {
  const { dim } = pc.createColors(colour);
  const [{ what, ack }, ...others] = group.findings;
  const indented = (text: string, sign = ''): string[] =>
    wrap(printable(text), Math.max(NARROWEST, columns - indent - sign.length)).map(
      (line, index) => `${' '.repeat(indent)}${index === 0 ? sign : ' '.repeat(sign.length)}${line}`,
    );
  const sentence = others.length === 0 ? indented(what) : [];
  if (ack) {
    const known = indented(`acknowledged by ${ack.actor} until ${localTime(Date.parse(ack.until))}: ${ack.reason}`);
    return [...sentence, ...known].map((line) => dim(line));
  }
  return [...sentence, ...indented(nextOf(group), '→ ').map((line) => dim(line))];
}

const wrap = (text: string, width: number): string[] => wrapAnsi(text, width, { hard: true }).split('\n');

/** The widths that columns want, the widest ones made narrower until all fit a line. */
function fitted(wanted: readonly number[], columns: number): number[] {
  const widths = [...wanted];
  const room = columns - GAP * (wanted.length - 1);
  const total = (): number => widths.reduce((sum, width) => sum + width, 0);
  while (total() > room) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function sum({ cloud, checks, nodes, findings, startedAt, endedAt }: AuditReport): string {
  const asked = `${count(checks.length, 'check')} on ${count(nodes.length, 'node')}`;
  const took = formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
  return `${printable(cloud)}: ${asked}: ${countsText(countsOf(findings))}; took ${took}`;
}
