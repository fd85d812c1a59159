import pc from 'picocolors';
import type { FindingSeverity } from '../../../domain/audit/finding.js';
import { MOST_OF_ONE } from '../../../domain/audit/fit.js';
import type { Counts } from '../../../domain/audit/report.js';
import { count } from '../text.js';

/** How bad a finding is, in a word of its own colour. */
export function findingWord(severity: FindingSeverity, colour: boolean): string {
  const { red, magenta, yellow } = pc.createColors(colour);
  return { error: red, unknown: magenta, warn: yellow }[severity](severity);
}

/** How many findings there are that nobody has acknowledged, and how many that somebody has. */
export function countsOf(findings: readonly { severity: FindingSeverity; ack?: unknown }[]): Counts {
  const counts: Counts = { error: 0, unknown: 0, warn: 0, acked: 0 };
  for (const { severity, ack } of findings) counts[ack === undefined ? severity : 'acked']++;
  return counts;
}

/** Which findings a report only counts (domain/audit/fit.ts), and what to do about it. */
export const WHICH_DID_NOT_FIT = `the least bad of all, or what one check found on one node beyond the ${MOST_OF_ONE} worst; mend some of it, or ask again for fewer checks or nodes`;

/** `2 errors, 1 unknown, 3 warnings, 1 acknowledged`; `nothing found`. */
export function countsText({ error, unknown, warn, acked }: Counts): string {
  const parts = [
    error && count(error, 'error'),
    unknown && `${unknown} unknown`,
    warn && count(warn, 'warning'),
    acked && `${acked} acknowledged`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : 'nothing found';
}
