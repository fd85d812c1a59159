import { parseShare, resolveShare, type Share } from './share.js';

/** Sizes of successive batches; the last entry repeats until every host has its turn. */
export type BatchRamp = readonly Share[];

/** A canary of one, then a tenth at a time. */
export const DEFAULT_RAMP: BatchRamp = [1, '10%'];

/** Reads `3`, `25%` or a ramp `1,5,20%`; undefined when an entry is no size or is 0. */
export function parseRamp(text: string): BatchRamp | undefined {
  const sizes = text.split(',').map(parseShare);
  return sizes.every((size): size is Share => size !== undefined && size !== 0 && size !== '0%') ? sizes : undefined;
}

/**
 * The sizes of all batches for `count` hosts.
 * @param room the largest batch the budget admits, at least 1; a larger one is clamped to it
 */
export function batchSizes(ramp: BatchRamp, count: number, room: number): number[] {
  const sizes: number[] = [];
  for (let left = count, step = 0; left > 0; step++) {
    const share = ramp[Math.min(step, ramp.length - 1)] ?? 1;
    const size = Math.max(1, Math.min(resolveShare(share, count, 1), room, left));
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

/** The largest batch that comes up when `count` hosts are cut by a ramp; a step that is never reached asks for nothing. */
export const largestBatch = (ramp: BatchRamp, count: number): number =>
  batchSizes(ramp, count, count).reduce((largest, size) => Math.max(largest, size), 0);
