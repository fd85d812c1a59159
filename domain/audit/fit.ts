import { type Finding, SEVERITIES } from './finding.js';

/** What fits into one payload beside a little else (design, rule 10), in characters of JSON. */
export const PAYLOAD = 200_000;

export interface Fitted {
  findings: Finding[];
  /** How many are left out. */
  omitted: number;
}

/** The worst findings that fit, trouble first and otherwise in the order given, and how many do not. */
export function fitted(findings: readonly Finding[], room = PAYLOAD): Fitted {
  const kept: Finding[] = [];
  let left = room;
  for (const finding of troubleFirst(findings)) {
    left -= JSON.stringify(finding).length + 1;
    if (left < 0) break;
    kept.push(finding);
  }
  return { findings: kept, omitted: findings.length - kept.length };
}

/** Errors, what is unknown, warnings; within each the order given. */
export const troubleFirst = <F extends Finding>(findings: readonly F[]): F[] =>
  [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
