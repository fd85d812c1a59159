import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAYS, type QuietTimes, quietUntil } from '../../domain/quiet-hours.js';

/** Until when it is quiet at a time, both in UTC; `-` when it is not. */
function until(times: QuietTimes, at: string): string {
  const end = quietUntil(times, Date.parse(at));
  return end === undefined ? '-' : new Date(end).toISOString().replace(':00.000Z', 'Z');
}

const night = { from: '22:00', to: '07:00', timeZone: 'UTC' };

describe('quiet hours', () => {
  it.each([
    ['2026-03-04T21:59:59.999Z', '-'],
    ['2026-03-04T22:00:00.000Z', '2026-03-05T07:00Z'],
    ['2026-03-05T00:00:00.000Z', '2026-03-05T07:00Z'],
    ['2026-03-05T06:59:59.999Z', '2026-03-05T07:00Z'],
    ['2026-03-05T07:00:00.000Z', '-'],
  ])('from 22:00 to 07:00 at %s are until %s', (at, end) => expect(until(night, at)).toBe(end));

  it.each([
    ['2026-03-04T11:59:00Z', '-'],
    ['2026-03-04T12:00:00Z', '2026-03-04T14:00Z'],
    ['2026-03-04T14:00:00Z', '-'],
  ])('within a day at %s are until %s', (at, end) =>
    expect(until({ from: '12:00', to: '14:00', timeZone: 'UTC' }, at)).toBe(end),
  );

  it.each([
    ['Europe/Berlin', '2026-01-10T20:59:00Z', '-'],
    ['Europe/Berlin', '2026-01-10T21:00:00Z', '2026-01-11T06:00Z'],
    ['Asia/Kolkata', '2026-01-10T16:30:00Z', '2026-01-11T01:30Z'],
    ['America/New_York', '2026-01-11T03:00:00Z', '2026-01-11T12:00Z'],
    ['Pacific/Kiritimati', '2026-01-10T08:00:00Z', '2026-01-10T17:00Z'],
    ['Pacific/Pago_Pago', '2026-01-11T09:00:00Z', '2026-01-11T18:00Z'],
  ])('are by the clocks of %s', (timeZone, at, end) => expect(until({ ...night, timeZone }, at)).toBe(end));

  describe('on some days', () => {
    // 2026-03-06 is a Friday.
    const weekdays = { ...night, days: ['mon', 'tue', 'wed', 'thu', 'fri'] as const };
    it.each([
      ['2026-03-06T23:00:00Z', '2026-03-07T07:00Z'],
      ['2026-03-07T06:00:00Z', '2026-03-07T07:00Z'],
      ['2026-03-07T23:00:00Z', '-'],
      ['2026-03-09T05:00:00Z', '-'],
      ['2026-03-09T22:00:00Z', '2026-03-10T07:00Z'],
    ])('count by the day on which they begin: at %s until %s', (at, end) => expect(until(weekdays, at)).toBe(end));

    const weekend = { from: '00:00', to: '24:00', timeZone: 'Europe/Berlin', days: ['sat', 'sun'] as const };
    it.each([
      ['2026-03-06T22:59:00Z', '-'],
      ['2026-03-06T23:00:00Z', '2026-03-08T23:00Z'],
      ['2026-03-08T12:00:00Z', '2026-03-08T23:00Z'],
      ['2026-03-08T23:00:00Z', '-'],
    ])('that follow each other are one: at %s until %s', (at, end) => expect(until(weekend, at)).toBe(end));
  });

  describe('when clocks are changed', () => {
    const berlin = (from: string, to: string) => ({ from, to, timeZone: 'Europe/Berlin' });
    it.each([
      // 02:00 to 03:00 of 2026-03-29 is not there; 02:00 to 03:00 of 2026-10-25 is there twice.
      ['last an hour less', berlin('22:00', '07:00'), '2026-03-28T21:00:00Z', '2026-03-29T05:00Z'],
      ['last an hour more', berlin('22:00', '07:00'), '2026-10-24T20:00:00Z', '2026-10-25T06:00Z'],
      [
        'begin at the change instead of a time that is skipped',
        berlin('02:30', '04:00'),
        '2026-03-29T01:00:00Z',
        '2026-03-29T02:00Z',
      ],
      ['and not before', berlin('02:30', '04:00'), '2026-03-29T00:59:59Z', '-'],
      [
        'end at the change instead of a time that is skipped',
        berlin('01:00', '02:30'),
        '2026-03-29T00:30:00Z',
        '2026-03-29T01:00Z',
      ],
      ['are none where all of them is skipped', berlin('02:15', '02:45'), '2026-03-29T01:00:00Z', '-'],
      ['begin when a time is shown first', berlin('02:30', '04:00'), '2026-10-25T00:30:00Z', '2026-10-25T03:00Z'],
      ['end when a time is shown last', berlin('01:00', '02:30'), '2026-10-25T00:45:00Z', '2026-10-25T01:30Z'],
      [
        'know of half an hour',
        { from: '22:00', to: '07:00', timeZone: 'Australia/Lord_Howe' },
        '2026-04-04T12:00:00Z',
        '2026-04-04T20:30Z',
      ],
    ] as const)('%s', (_what, times, at, end) => expect(until(times, at)).toBe(end));
  });

  const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
  const text = ([hours, minutes]: [number, number]) =>
    `${`${hours}`.padStart(2, '0')}:${`${minutes}`.padStart(2, '0')}`;
  const settings = fc
    .record({
      from: time.map(text),
      to: time.map(text),
      timeZone: fc.constantFrom(
        'UTC',
        'Europe/Berlin',
        'America/St_Johns',
        'Australia/Lord_Howe',
        'Asia/Kathmandu',
        'America/Santiago',
        'Africa/Casablanca',
      ),
      days: fc.subarray([...DAYS], { minLength: 1 }),
    })
    .filter(({ from, to }) => from !== to);
  const moment = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2028-01-01') });
  /** What clocks show, read another way than the code does. */
  const shown = (atMs: number, timeZone: string) => {
    const [weekday = '', clock = ''] = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
      .format(atMs)
      .toLowerCase()
      .split(' ');
    return { weekday: weekday.slice(0, 3), clock };
  };

  it('are over when they say so, and not before', () => {
    fc.assert(
      fc.property(settings, moment, fc.double({ min: 0, max: 1, noNaN: true }), (times, at, part) => {
        const end = quietUntil(times, at);
        if (end === undefined) return;
        expect(end).toBeGreaterThan(at);
        expect(quietUntil(times, end)).toBeUndefined();
        expect(quietUntil(times, Math.floor(at + (end - at) * part * 0.999))).toBe(end);
        // Eight days of a week at the most, and the hour of a change.
        expect(end - at).toBeLessThanOrEqual(8 * 25 * 3_600_000);
      }),
      { numRuns: 200 },
    );
  });

  it('are there whenever the clocks show a time within them', () => {
    fc.assert(
      fc.property(settings, moment, (times, at) => {
        const { weekday, clock } = shown(at, times.timeZone);
        const { from, to } = times;
        const days: readonly string[] = times.days;
        const yesterday = DAYS[((DAYS as readonly string[]).indexOf(weekday) + 6) % 7] as string;
        const isWithin =
          from < to
            ? days.includes(weekday) && from <= clock && clock < to
            : (days.includes(weekday) && from <= clock) || (days.includes(yesterday) && clock < to);
        if (isWithin) expect(quietUntil(times, at)).toBeDefined();
        // Away from any change of clocks also the other way round.
        else if (
          shown(at - 86_400_000, times.timeZone).clock === clock &&
          shown(at + 86_400_000, times.timeZone).clock === clock
        )
          expect(quietUntil(times, at)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
