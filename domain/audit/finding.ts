/** How bad a finding is. `unknown`: the check could not be run, which is never "ok". */
export type FindingSeverity = 'warn' | 'error' | 'unknown';

/** Worst first: what could not be asked may hide anything, but what is known to be wrong comes before it. */
export const SEVERITIES: readonly FindingSeverity[] = ['error', 'unknown', 'warn'];

/** What was seen that says so. */
export interface Evidence {
  /** The value as it was read, with its unit: `97 %`. */
  value: string;
  /** What it should be, or where trouble begins: `error at 95 %`. */
  threshold?: string;
  /** What an operator would run, or ask, to see the same. */
  command: string;
}

/** One thing that is not as it should be (design, section 4). */
export interface Finding {
  /** Id of the check. */
  check: string;
  /** The node of the inventory that it was seen on; missing when it is the cloud as a whole. */
  node?: string;
  /** What on the node or in the cloud it is about: a mount point, a unit, a queue. Tells findings of one check and node apart. */
  about?: string;
  severity: FindingSeverity;
  /** One sentence with host and thing. */
  what: string;
  evidence: Evidence[];
  /** What to do about it. */
  next: string;
}

/** What a finding is about. */
interface Subject {
  check: string;
  node?: string | undefined;
  about?: string | undefined;
}

/** What stays the same from one audit to the next while a finding lasts. Its severity and its words may change. */
export const findingKey = ({ check, node, about }: Subject): string =>
  [check, node ?? '', ...(about === undefined ? [] : [about])].join('/');

/** Whether the first is the worse of two. */
export const isWorse = (a: FindingSeverity, b: FindingSeverity): boolean =>
  SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);

/** One finding for each key, the worst: what stands twice in one audit was still seen by one audit only. */
export function worstOfEach<F extends Pick<Finding, 'check' | 'node' | 'about' | 'severity'>>(
  findings: readonly F[],
): F[] {
  const worst = new Map<string, F>();
  for (const finding of findings) {
    const key = findingKey(finding);
    const known = worst.get(key);
    if (!known || isWorse(finding.severity, known.severity)) worst.set(key, finding);
  }
  return [...worst.values()];
}
