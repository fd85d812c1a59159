import type { AuditReport, ReportedFinding } from '../../../../domain/audit/report.js';
import { type Checks, checksOf } from '../cells.js';
import { type FindingGroup, groupsOf, nextOf, nodesOf, roughly, seenOf, sinceOf } from '../groups.js';
import { rangesOf } from '../node-ranges.js';
import { SYMBOLS, timeOf, WORDS } from './words.js';

/** The findings as page.mustache lists them: one article for what one check found of one thing, on however many nodes. */
export function findingViews(report: AuditReport, checks: Checks) {
  const titles = new Map(checksOf(report, checks).map(({ id, title }) => [id, title]));
  return groupsOf(report).map((group) => {
    const { check, about, severity, acked, findings } = group;
    const [{ ack }] = findings;
    const since = sinceOf(group, report);
    const next = nextOf(group);
    return {
      check,
      title: titles.get(check) ?? check,
      about: about ?? '',
      state: severity,
      word: WORDS[severity],
      symbol: SYMBOLS[severity],
      acked,
      show: acked ? 'acked' : severity,
      age: since === undefined ? 'new' : `for ${roughly(Date.parse(report.endedAt) - Date.parse(since))}`,
      many: findings.length > 1 && manyView(group),
      items: findings.map((finding) => itemView(finding, next, report)),
      ack: ack && { ...ack, until: timeOf(ack.until).text },
      next,
    };
  });
}

function manyView(group: FindingGroup) {
  const nodes = nodesOf(group);
  const { value, threshold = '' } = seenOf(group);
  return {
    number: nodes.length > 0 ? `${nodes.length} nodes` : `${group.findings.length} findings`,
    ranges: rangesOf(nodes),
    value,
    threshold,
  };
}

/** Every name is there, also those that mean nothing: Mustache would look further out for one that is missing. */
const itemView = (
  { node, what, evidence, next, since, key }: ReportedFinding,
  nextOfAll: string,
  { startedAt }: AuditReport,
) => ({
  node: node ?? '',
  what,
  next: next === nextOfAll ? '' : next,
  evidence: evidence.map(({ value, threshold = '', command }) => ({ value, threshold, command })),
  since: Date.parse(since) < Date.parse(startedAt) && timeOf(since),
  key,
});
