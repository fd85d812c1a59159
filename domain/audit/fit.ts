import { type Finding, findingKey, SEVERITIES } from './finding.js';

/** What fits into one payload beside a little else (design, rule 10), in characters of JSON. */
const PAYLOAD = 240_000;

/** Room for findings however many nodes there are: a plan may have more than other payloads, and is part of a report. */
const LEAST = 60_000;

/** A report that names hundreds of keys or containers of one node helps nobody. */
export const MOST_OF_ONE = 25;

export interface Fitted {
  findings: Finding[];
  /** How many are left out. */
  omitted: number;
  /** How many of these one check found on one node beyond {@link MOST_OF_ONE}, by {@link findingKey} of the two; missing where none did. */
  crowded?: Record<string, number>;
}

/** What a report says of each finding beyond what was found: its key, since when, in characters. */
const BESIDE = 120;

/** What one check found on one node: as it is, or the worst of it where it is too much. */
export function worstOfOne(findings: Finding[]): Fitted {
  const [first] = findings;
  const omitted = Math.max(0, findings.length - MOST_OF_ONE);
  if (!first || omitted === 0) return { findings, omitted: 0 };
  const { check, node } = first;
  return {
    findings: troubleFirst(findings).slice(0, MOST_OF_ONE),
    omitted,
    crowded: { [findingKey({ check, node })]: omitted },
  };
}

/** All that several have found, in their order. */
export function joined(parts: readonly Fitted[]): Fitted {
  const crowded = Object.assign({}, ...parts.map((part) => part.crowded)) as Record<string, number>;
  return {
    findings: parts.flatMap(({ findings }) => findings),
    omitted: parts.reduce((sum, part) => sum + part.omitted, 0),
    ...(Object.keys(crowded).length > 0 && { crowded }),
  };
}

/**
 * The worst findings that fit, trouble first and otherwise in the order given, and how many do not. Where some do not, it is no longer told
 * which checks had left out some before: any may have.
 * @param taken characters of the same payload that are taken by something else
 */
export function fitted(parts: readonly Fitted[], taken = 0): Fitted {
  const all = joined(parts);
  const kept: Finding[] = [];
  let left = Math.max(LEAST, PAYLOAD - taken);
  for (const finding of troubleFirst(all.findings)) {
    left -= JSON.stringify(finding).length + BESIDE;
    if (left < 0) break;
    kept.push(finding);
  }
  const dropped = all.findings.length - kept.length;
  return dropped === 0 ? { ...all, findings: kept } : { findings: kept, omitted: all.omitted + dropped };
}

/** How many were left out wherever they came from, rather than of one check and node only. */
export const omittedAnywhere = ({ omitted, crowded = {} }: Pick<Fitted, 'omitted' | 'crowded'>): number =>
  Object.values(crowded).reduce((rest, ofOne) => rest - ofOne, omitted);

/** Errors, what is unknown, warnings; within each the order given. */
export const troubleFirst = <F extends Finding>(findings: readonly F[]): F[] =>
  [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
