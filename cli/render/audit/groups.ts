import { type FindingSeverity, SEVERITIES } from '../../../domain/audit/finding.js';
import { type AuditReport, REACHABLE, type ReportedFinding } from '../../../domain/audit/report.js';
import { formatDuration } from '../../../domain/duration.js';
import { naturalOrder } from '../../../domain/names.js';
import { groupedBy } from './grouped.js';

/** What one check found of one thing on many nodes: to a reader it is one trouble. */
export interface FindingGroup {
  check: string;
  about?: string;
  severity: FindingSeverity;
  /** Acknowledged, all of them by one person for one reason, or none. */
  acked: boolean;
  findings: [ReportedFinding, ...ReportedFinding[]];
}

/** Unreachable nodes, then trouble by how bad it is, what somebody has acknowledged last; each in the order of the report. */
export function groupsOf({ findings }: Pick<AuditReport, 'findings'>): FindingGroup[] {
  const groups = groupedBy(findings, ({ check, about, severity, ack }) =>
    JSON.stringify([check, about, severity, ack]),
  );
  return [...groups.values()]
    .map((members): FindingGroup => {
      const [{ check, about, severity, ack }] = members;
      return {
        check,
        ...(about !== undefined && { about }),
        severity,
        acked: ack !== undefined,
        findings: members,
      };
    })
    .sort((a, b) => rank(a) - rank(b));
}

const rank = ({ check, severity, acked }: FindingGroup): number =>
  (acked ? 20 : check === REACHABLE ? 0 : 10) + SEVERITIES.indexOf(severity);

/** The nodes of a group; none when it is about the cloud. */
export const nodesOf = ({ findings }: FindingGroup): string[] =>
  findings.flatMap(({ node }) => (node === undefined ? [] : [node]));

/** What was read: `97 %`, of many `95 % … 97 %`, and where trouble begins, where all agree on it. */
export function seenOf({ findings }: FindingGroup): { value: string; threshold?: string } {
  const values = [...new Set(findings.map(({ evidence }) => evidence.map(({ value }) => value).join(', ')))];
  const [least = '', ...more] = values.sort(naturalOrder);
  const thresholds = new Set(
    findings.map(({ evidence }) => [...new Set(evidence.flatMap(({ threshold }) => threshold ?? []))].join(', ')),
  );
  const [threshold = ''] = thresholds;
  return {
    value: more.length > 0 ? `${least} … ${more.at(-1)}` : least,
    ...(thresholds.size === 1 && threshold !== '' && { threshold }),
  };
}

/** What to do, where it is the same for all but for the name of the node; else what to do about the first. */
export function nextOf({ findings }: FindingGroup): string {
  const [first, ...others] = findings;
  const anywhere = ({ next, node }: ReportedFinding): string => (node ? next.replaceAll(node, 'NODE') : next);
  if (others.every(({ next }) => next === first.next)) return first.next;
  if (others.every((other) => anywhere(other) === anywhere(first))) return anywhere(first);
  return `${first.node === undefined ? '' : `${first.node}: `}${first.next}`;
}

/** Since when there has been the first of a group; undefined when this audit was the first to see any of it. */
export function sinceOf({ findings }: FindingGroup, { startedAt }: Pick<AuditReport, 'startedAt'>): string | undefined {
  const oldest = findings.map(({ since }) => since).reduce((a, b) => (Date.parse(a) <= Date.parse(b) ? a : b));
  return Date.parse(oldest) < Date.parse(startedAt) ? oldest : undefined;
}

/** How long in one unit, as it is said: `3 h`. */
export const roughly = (ms: number): string => formatDuration(Math.max(0, ms)).split(' ').slice(0, 2).join(' ');
