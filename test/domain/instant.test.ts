import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInstant, writeInstant } from '../../domain/instant.js';

const iso = (text: string, timeZone: string): string | undefined => {
  const instant = readInstant(text, timeZone);
  return instant === undefined ? undefined : new Date(instant).toISOString();
};

describe('a time as people write it', () => {
  it.each([
    ['2026-03-01', 'UTC', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01', 'Asia/Shanghai', '2026-02-28T16:00:00.000Z'],
    ['2026-07-01 02:30', 'Europe/Berlin', '2026-07-01T00:30:00.000Z'],
    ['2026-03-01T02:30:15', 'America/New_York', '2026-03-01T07:30:15.000Z'],
    ['2026-03-01T02:30Z', 'Asia/Shanghai', '2026-03-01T02:30:00.000Z'],
    ['2026-03-01T02:30+05:30', 'UTC', '2026-02-28T21:00:00.000Z'],
    // Clocks go from 02:00 to 03:00, and from 03:00 back to 02:00.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T03:00', 'Europe/Berlin', '2026-10-25T02:00:00.000Z'],
  ])('%j in %s is %s', (text, timeZone, expected) => expect(iso(text, timeZone)).toBe(expected));

  it.each(['', 'yesterday', '2026-02-30', '2026-13-01', '2026-03-01T25:00', '2026-03-01T02', '1767225600'])(
    'is not %j',
    (text) => expect(readInstant(text, 'UTC')).toBeUndefined(),
  );

  it('is read again from what it is written as, but for the hour that clocks show twice', () => {
    const instants = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) }).map((ms) => ms - (ms % 1_000));
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(instants, zones, (instant, timeZone) => {
        const again = readInstant(writeInstant(instant, timeZone), timeZone) ?? Number.NaN;
        expect(writeInstant(again, timeZone)).toBe(writeInstant(instant, timeZone));
        expect([0, 1_800_000, 3_600_000]).toContain(instant - again);
      }),
    );
  });
});
