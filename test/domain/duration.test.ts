import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../domain/duration.js';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    [' 10 s ', 10_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['0s', 0],
  ])('reads %j', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '10', '10 seconds', '-1s', '1e3s', 's', '1.2345s', '1h30m', '10S'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads whole numbers of every unit', () => {
    const unit = fc.constantFrom(['ms', 1], ['s', 1e3], ['m', 6e4], ['h', 3.6e6], ['d', 8.64e7]) as fc.Arbitrary<
      [string, number]
    >;
    fc.assert(
      fc.property(fc.nat(1e6), unit, (amount, [suffix, ms]) => {
        expect(parseDuration(`${amount}${suffix}`)).toBe(amount * ms);
      }),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [999.6, '1 s'],
    [42_000, '42 s'],
    [59_999, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [100_800_000, '1 d 4 h'],
    [86_400_000 + 5_000, '1 d 5 s'],
  ])('writes %d ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('says the same time back in at most two units', () => {
    fc.assert(
      fc.property(fc.nat(5e9), (ms) => {
        const parts = formatDuration(ms).match(/\d+ \w+/g) ?? [];
        const sum = parts.reduce((total, part) => total + (parseDuration(part.replace('min', 'm')) ?? Number.NaN), 0);
        expect(parts.length).toBeGreaterThan(0);
        expect(parts.length).toBeLessThanOrEqual(2);
        expect(Math.abs(sum - ms)).toBeLessThan(Math.max(1_000, ms / 12));
      }),
    );
  });
});
