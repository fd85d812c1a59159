import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchSizes, DEFAULT_RAMP, largestBatch, parseRamp } from '../../domain/batches.js';
import { anyShare } from './samples.js';

const ramp = fc.array(anyShare, { minLength: 1, maxLength: 4 });

describe('parseRamp', () => {
  it('reads a size, a percentage and a ramp', () => {
    expect([parseRamp('3'), parseRamp('25%'), parseRamp('1, 5,20%')]).toEqual([[3], ['25%'], [1, 5, '20%']]);
  });

  it.each(['', '0', '0%', '00%', '1,', '1,,2', '1;2', '1,0', '101%', 'x'])('refuses %j', (text) => {
    expect(parseRamp(text)).toBeUndefined();
  });
});

describe('batchSizes', () => {
  it('repeats the last step, and ends with what is left', () => {
    expect(batchSizes([1, 5, '20%'], 40, 40)).toEqual([1, 5, 8, 8, 8, 8, 2]);
  });

  it('begins with a canary of one and goes on by tenths unless told otherwise', () => {
    expect(batchSizes(DEFAULT_RAMP, 40, 8)).toEqual([1, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3]);
  });

  it('takes at least one host for a percentage, and makes progress with a step of 0', () => {
    expect([batchSizes(['10%'], 3, 3), batchSizes([0], 2, 2)]).toEqual([
      [1, 1, 1],
      [1, 1],
    ]);
  });

  it('adds up to the count, and no batch is empty or over the room', () => {
    fc.assert(
      fc.property(ramp, fc.nat(300), fc.integer({ min: 1, max: 100 }), (steps, count, room) => {
        const sizes = batchSizes(steps, count, room);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
        expect(sizes.every((size) => size >= 1 && size <= room)).toBe(true);
      }),
    );
  });
});

describe('largestBatch', () => {
  it('leaves out a step that is never reached', () => {
    expect(largestBatch([1, 1, 5], 2)).toBe(1);
    expect(largestBatch([1, 5], 3)).toBe(2);
  });

  it('is never over what is selected', () => {
    fc.assert(
      fc.property(ramp, fc.integer({ min: 1, max: 300 }), (steps, count) => {
        expect(largestBatch(steps, count)).toBe(Math.max(...batchSizes(steps, count, count)));
        expect(largestBatch(steps, count)).toBeLessThanOrEqual(count);
      }),
    );
  });
});
