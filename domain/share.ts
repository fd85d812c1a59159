/** A number of hosts: a count, or a percentage of some whole (`"25%"`). */
export type Share = number | `${number}%`;

const PERCENT = /^(100|\d{1,2})%$/;

/** Reads `3` or `25%`; undefined for anything else (negative, fraction, over 100 %). */
export function parseShare(text: string): Share | undefined {
  const trimmed = text.trim();
  if (PERCENT.test(trimmed)) return `${Number(trimmed.slice(0, -1))}%`;
  return /^\d{1,6}$/.test(trimmed) ? Number(trimmed) : undefined;
}

/**
 * How many hosts a share is.
 * @param whole what a percentage is of
 * @param atLeast the smallest answer for a percentage: a batch is never empty, while "no failures" may round down to 0
 */
export function resolveShare(share: Share, whole: number, atLeast: 0 | 1): number {
  if (typeof share === 'number') return share;
  return Math.max(atLeast, Math.floor((whole * Number(share.slice(0, -1))) / 100));
}
