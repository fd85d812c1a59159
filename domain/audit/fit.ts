import { type Finding, SEVERITIES } from './finding.js';

/** What fits into one payload beside a little else (design, rule 10), in characters of JSON. */
const PAYLOAD = 240_000;

/** Room for findings however many nodes there are: a plan may have more than other payloads, and is part of a report. */
const LEAST = 60_000;

export interface Fitted {
  findings: Finding[];
  /** How many are left out. */
  omitted: number;
}

/** What a report says of each finding beyond what was found: its key, since when, in characters. */
const BESIDE = 120;

/**
 * The worst findings that fit, trouble first and otherwise in the order given, and how many do not.
 * @param taken characters of the same payload that are taken by something else
 */
export function fitted(findings: readonly Finding[], taken = 0): Fitted {
  const kept: Finding[] = [];
  let left = Math.max(LEAST, PAYLOAD - taken);
  for (const finding of troubleFirst(findings)) {
    left -= JSON.stringify(finding).length + BESIDE;
    if (left < 0) break;
    kept.push(finding);
  }
  return { findings: kept, omitted: findings.length - kept.length };
}

/** Errors, what is unknown, warnings; within each the order given. */
export const troubleFirst = <F extends Finding>(findings: readonly F[]): F[] =>
  [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
