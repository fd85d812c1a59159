import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interleaved, measure, median, meets, slowdown, speedup } from '../../bench/statistics.js';

describe('median', () => {
  it('is the middle one, in whatever order they come', () => {
    expect(median([30, 10, 20])).toBe(20);
    expect(median([1_000, 1, 2, 3, 2])).toBe(2);
  });

  it('is the mean of the two in the middle of an even count', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it('of nothing is an error, not a number', () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it('has as many numbers below it as above', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (numbers) => {
        const middle = median(numbers);
        const below = numbers.filter((number) => number < middle).length;
        const above = numbers.filter((number) => number > middle).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(numbers.length / 2);
      }),
    );
  });

  it('leaves the samples in the order they were taken', () => {
    const samples = [3, 1, 2];
    median(samples);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe('the order of turns', () => {
  it('begins each round one contender further on', () => {
    expect(interleaved(['a', 'b', 'c'], 4).join('')).toBe('abcbcacababc');
  });

  it('gives everyone one turn in every round', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 8 }), fc.nat({ max: 12 }), (contenders, rounds) => {
        const order = interleaved(contenders, rounds);
        expect(order).toHaveLength(contenders.length * rounds);
        for (let first = 0; first < order.length; first += contenders.length)
          expect(order.slice(first, first + contenders.length).toSorted()).toEqual(contenders.toSorted());
      }),
    );
  });
});

describe('a finding', () => {
  const samples = { name: 'sweep', ours: [100, 90, 110], peer: ['pdsh', [400, 300, 500]] } as const;

  it('of a speedup is how many times our time the peer takes', () => {
    expect(speedup(samples, { atLeast: 4 })).toEqual({
      name: 'sweep',
      unit: 'ms',
      ours: 100,
      peers: { pdsh: 400 },
      ratio: 4,
      target: { atLeast: 4 },
      met: true,
    });
    expect(speedup(samples, { atLeast: 4.1 }).met).toBe(false);
  });

  it('of a slowdown is how many times the peer’s time we take', () => {
    expect(slowdown(samples, { atMost: 0.25 })).toMatchObject({ ratio: 0.25, met: true });
    expect(slowdown(samples, { atMost: 0.24 }).met).toBe(false);
  });

  it('of a limit compares the number itself', () => {
    expect(measure('memory', 'MB', 513, { atMost: 512 })).toMatchObject({ ours: 513, peers: {}, met: false });
  });

  it('without a target is neither met nor missed', () => {
    expect(speedup(samples)).not.toHaveProperty('met');
    expect(measure('time', 's', 3)).not.toHaveProperty('met');
  });

  it('meets a target that it equals', () => {
    expect([meets(3, { atLeast: 3 }), meets(3, { atMost: 3 })]).toEqual([true, true]);
    expect([meets(2.99, { atLeast: 3 }), meets(3.01, { atMost: 3 })]).toEqual([false, false]);
  });
});
