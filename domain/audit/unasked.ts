import type { Check } from './check.js';
import type { Finding } from './finding.js';

/** Why a check could not be run, and what an operator would do about it. */
export interface Unasked {
  node?: string;
  about?: string;
  /** One clause: `node-1 cannot be reached`. */
  why: string;
  command: string;
  next: string;
}

/** The finding of a check that could not be run, which is never "ok". */
export const unasked = (
  { id, title }: Pick<Check, 'id' | 'title'>,
  { why, command, next, ...place }: Unasked,
): Finding => ({
  check: id,
  ...place,
  severity: 'unknown',
  what: `${title}: could not be asked, because ${why}`,
  evidence: [{ value: why, command }],
  next,
});
