import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ClockField,
  type ClockTimes,
  clockFields,
  clockInWords,
  numbersOf,
  readCalendar,
  readCron,
  readField,
  runsOf,
} from '../../domain/calendar.js';

const cron = (text: string): string => clockInWords(readCron(text));

describe('a cron expression', () => {
  it.each([
    ['30 2 * * *', 'at 02:30 every day'],
    ['0 8,20 * * mon-fri', 'at 08:00, 20:00 on mon to fri'],
    ['*/15 * * * *', 'at minute 0 to 45 by 15 of every hour every day'],
    ['* 1-3 * * *', 'every minute of hour 1 to 3 every day'],
    ['0 0 1 jan,JULY *', 'at 00:00 on day 1 in jan, jul'],
    ['0 0 * * sat-sun', 'at 00:00 on sun, sat'],
    ['0 0 * * 5-7', 'at 00:00 on sun, fri to sat'],
    ['10/20 4 * * *', 'at 04:10, 04:30, 04:50 every day'],
    ['@hourly', 'at minute 0 of every hour every day'],
    ['@weekly', 'at 00:00 on sun'],
    ['@Yearly', 'at 00:00 on day 1 in jan'],
  ])('%j is %s', (text, words) => expect(cron(text)).toBe(words));

  it.each([
    ['', 'five fields'],
    ['0 0 * *', 'not 4'],
    ['0 0 0 * * *', 'not 6'],
    ['60 * * * *', 'the minute "60" must be 0 to 59'],
    ['0 24 * * *', 'the hour "24" must be 0 to 23'],
    ['0 0 0 * *', 'the day of the month "0" must be 1 to 31'],
    ['0 0 * foo *', 'the month "foo" must be 1 to 12, or jan to dec'],
    ['0 0 * * mo', 'the day of the week "mo" must be 0 to 6, or sun to sat'],
    ['0 0 * * fri-mon', 'runs backwards'],
    ['0 0 * * fri#2', 'is not understood'],
    ['0 0 L * *', 'must be 1 to 31'],
    ['*/0 * * * *', 'has a step of 0'],
    ['1,,2 * * * *', 'is not understood'],
    ['0 0 31 2 *', 'never comes'],
    ['0 0 13 * fri', 'limits both'],
    ['@every 5m', 'write every:'],
    ['@noon', 'is no shorthand'],
    ['CRON_TZ=Europe/Berlin 0 0 * * *', 'write timeZone beside it'],
    ['TZ=UTC 0 0 * * *', 'write timeZone beside it'],
  ])('%j is refused: %s', (text, why) => expect(() => readCron(text)).toThrow(why));
});

describe('a calendar', () => {
  it('takes midnight, and every day, where nothing else is said', () => {
    expect(clockInWords(readCalendar({ dayOfWeek: 'monday' }))).toBe('at 00:00 on mon');
    expect(clockInWords(readCalendar({ hour: [2, '14-15'] }))).toBe('at 02:00, 14:00, 15:00 every day');
  });

  it('takes days that are both, which cron does not', () => {
    const first = readCalendar({ hour: 3, dayOfMonth: '1-7', dayOfWeek: 'tue', year: 2027 });
    expect(clockInWords(first)).toBe('at 03:00 on day 1 to 7 in 2027 if it is tue');
  });

  it('says seconds only where they matter', () => {
    expect(clockInWords(readCalendar({ second: 30, minute: '*', hour: '*' }))).toBe(
      'every minute and second 30 of every hour every day',
    );
  });

  it('refuses a day that none of its months has', () => {
    expect(() => readCalendar({ dayOfMonth: 31, month: 'apr,jun' })).toThrow('never comes');
    expect(readCalendar({ dayOfMonth: 29, month: 'feb' }).dayOfMonth).toEqual([29]);
  });
});

const numbers = (field: ClockField, least = 1): fc.Arbitrary<number[]> => {
  const { least: from, most } = clockFields[field];
  return fc
    .uniqueArray(fc.integer({ min: from, max: most }), { minLength: least })
    .map((all) => all.sort((a, b) => a - b));
};

const clocks: fc.Arbitrary<ClockTimes> = fc.record({
  second: fc.oneof(fc.constant<number[]>([0]), numbers('second')),
  minute: numbers('minute'),
  hour: numbers('hour'),
  dayOfMonth: numbers('dayOfMonth'),
  month: numbers('month'),
  year: numbers('year', 0),
  dayOfWeek: numbers('dayOfWeek'),
});

describe('what is written and what is read', () => {
  it('runs hold exactly the numbers that they were made of', () => {
    fc.assert(
      fc.property(numbers('minute', 0), (all) => {
        expect(numbersOf(runsOf(all))).toEqual(all);
      }),
    );
  });

  it('a field reads what it is said to be', () => {
    fc.assert(
      fc.property(numbers('hour'), (all) => {
        const text = runsOf(all).map(({ start, end, step }) => `${start}-${end}/${step}`);
        expect(readField('hour', text.join(','))).toEqual(all);
      }),
    );
  });

  it('different times have different words', () => {
    fc.assert(
      fc.property(clocks, clocks, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(clockInWords(one)).not.toBe(clockInWords(other));
      }),
    );
  });
});
