import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseShare, resolveShare } from '../../domain/share.js';

describe('parseShare', () => {
  it.each([
    ['3', 3],
    ['0', 0],
    [' 25% ', '25%'],
    ['100%', '100%'],
    ['05%', '5%'],
    ['00%', '0%'],
  ])('reads %j', (text, share) => expect(parseShare(text)).toBe(share));

  it.each(['', '-1', '1.5', '101%', '%', '25 %', '2.5%', '1e3', 'all', '9999999'])('refuses %j', (text) => {
    expect(parseShare(text)).toBeUndefined();
  });
});

describe('resolveShare', () => {
  it('rounds a percentage down', () => {
    expect([resolveShare('25%', 7, 0), resolveShare('29%', 100, 1), resolveShare('10%', 9, 0)]).toEqual([1, 29, 0]);
  });

  it('gives a percentage at least the floor, and a count as it is', () => {
    expect([
      resolveShare('10%', 9, 1),
      resolveShare('0%', 9, 1),
      resolveShare(0, 9, 1),
      resolveShare(50, 9, 1),
    ]).toEqual([1, 1, 0, 50]);
  });

  it('is the whole part of the percentage', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.nat(15_000), (percent, whole) => {
        const hosts = resolveShare(`${percent}%`, whole, 0);
        expect(hosts * 100).toBeLessThanOrEqual(percent * whole);
        expect((hosts + 1) * 100).toBeGreaterThan(percent * whole);
      }),
    );
  });
});
