/** What a clock must show in some time zone: every number of each field that matches, ascending. No year means any. */
export interface ClockTimes {
  second: number[];
  minute: number[];
  hour: number[];
  dayOfMonth: number[];
  month: number[];
  year: number[];
  /** 0 is Sunday. */
  dayOfWeek: number[];
}

export type ClockField = keyof ClockTimes;

/** A field as it is written: `5`, `8-18`, `*` with a step (`0-59/15`), `mon-fri`, or several of these, in a list or with commas. */
export type FieldText = number | string | readonly (number | string)[];

/** A calendar as it is written. */
export type CalendarText = { readonly [Field in ClockField]?: FieldText | undefined };

/** What is wrong with a calendar or a cron expression. */
export class CalendarError extends Error {
  override name = 'CalendarError';
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const LONG_NAMES = [
  ...['january', 'february', 'march', 'april', 'june', 'july', 'august', 'september', 'october', 'november'],
  ...['december', 'sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
];

interface FieldRule {
  least: number;
  most: number;
  words: string;
  /** Names, the first of which stands for `least`. */
  names?: readonly string[];
  /** Where nothing is written. */
  otherwise: FieldText;
}

/** Temporal's fields, and what it takes where one is left out. */
export const clockFields: Readonly<Record<ClockField, FieldRule>> = {
  second: { least: 0, most: 59, words: 'the second', otherwise: 0 },
  minute: { least: 0, most: 59, words: 'the minute', otherwise: 0 },
  hour: { least: 0, most: 23, words: 'the hour', otherwise: 0 },
  dayOfMonth: { least: 1, most: 31, words: 'the day of the month', otherwise: '*' },
  month: { least: 1, most: 12, words: 'the month', names: MONTHS, otherwise: '*' },
  year: { least: 2000, most: 2099, words: 'the year', otherwise: '*' },
  dayOfWeek: { least: 0, most: 6, words: 'the day of the week', names: DAYS, otherwise: '*' },
};

const isAll = (field: ClockField, numbers: readonly number[]): boolean =>
  field === 'year' ? numbers.length === 0 : numbers.length === clockFields[field].most - clockFields[field].least + 1;

/**
 * Reads a calendar.
 * @throws {CalendarError} for a field that cannot be read, and for days that never come
 */
export function readCalendar(calendar: CalendarText): ClockTimes {
  const of = (field: ClockField): number[] => readField(field, calendar[field] ?? clockFields[field].otherwise);
  const times = {
    second: of('second'),
    minute: of('minute'),
    hour: of('hour'),
    dayOfMonth: of('dayOfMonth'),
    month: of('month'),
    year: of('year'),
    dayOfWeek: of('dayOfWeek'),
  };
  const longest = Math.max(...times.month.map((month) => LONGEST_MONTHS[month - 1] ?? 0));
  if (Math.min(...times.dayOfMonth) > longest)
    throw new CalendarError('never comes: none of its months has such a day');
  return times;
}

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** @throws {CalendarError} */
export function readField(field: ClockField, text: FieldText): number[] {
  const terms = [text].flat().flatMap((term) => String(term).split(','));
  const numbers = new Set(terms.flatMap((term) => readTerm(field, term.trim().toLowerCase())));
  const rule = clockFields[field];
  if (field === 'year' && numbers.size === rule.most - rule.least + 1) return [];
  return [...numbers].sort((a, b) => a - b);
}

const TERM = /^(?:\*|(?<from>[a-z0-9]+)(?:-(?<to>[a-z0-9]+))?)(?:\/(?<step>\d{1,4}))?$/;

function readTerm(field: ClockField, term: string): number[] {
  const { least, most, words } = clockFields[field];
  const refuse = (why: string): never => {
    throw new CalendarError(`${words} "${term}" ${why}`);
  };
  const { groups } = TERM.exec(term) ?? {};
  if (!groups) return refuse('is not understood; write a number, a range such as 1-5, *, or */15');
  const { from, to, step = '1' } = groups;
  const first = from === undefined ? least : (numberOf(field, from) ?? refuse(`must be ${rangeOf(field)}`));
  let last = from === undefined || (to === undefined && groups.step !== undefined) ? most : first;
  if (to !== undefined) last = numberOf(field, to) ?? refuse(`must be ${rangeOf(field)}`);
  // A week may end on Sunday, which is 0 in cron, and 7.
  if (field === 'dayOfWeek' && to !== undefined && last === 0 && first > 0) last = 7;
  if (last < first) refuse('runs backwards');
  if (Number(step) < 1) refuse('has a step of 0');
  const count = Math.floor((last - first) / Number(step)) + 1;
  return Array.from({ length: count }, (_, index) => first + index * Number(step)).map((number) =>
    field === 'dayOfWeek' ? number % 7 : number,
  );
}

function numberOf(field: ClockField, text: string): number | undefined {
  const { least, most, names } = clockFields[field];
  if (/^[a-z]+$/.test(text)) {
    const place = names?.indexOf(LONG_NAMES.includes(text) ? text.slice(0, 3) : text) ?? -1;
    return place < 0 ? undefined : place + least;
  }
  const number = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (field === 'dayOfWeek' && number === 7) return 0;
  return number >= least && number <= most ? number : undefined;
}

function rangeOf(field: ClockField): string {
  const { least, most, names } = clockFields[field];
  return `${least} to ${most}${names ? `, or ${names[0]} to ${names.at(-1)}` : ''}`;
}

const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * Reads the five fields of cron(8), or a shorthand such as `@daily`. What programs that read cron disagree about is refused: more
 * fields, and a limit to both kinds of day, which cron takes for either and Temporal for both.
 * @throws {CalendarError}
 */
export function readCron(text: string): ClockTimes {
  const expression = text.trim();
  if (/^(?:CRON_)?TZ=/.test(expression))
    throw new CalendarError('has a time zone of its own; write timeZone beside it');
  if (expression.startsWith('@every')) throw new CalendarError('is an interval; write every: instead');
  const fields = (SHORTHANDS[expression.toLowerCase()] ?? expression).split(/\s+/);
  if (expression.startsWith('@') && fields.length === 1)
    throw new CalendarError(`is no shorthand of cron; it can be ${Object.keys(SHORTHANDS).join(', ')}`);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = fields;
  if (fields.length !== 5)
    throw new CalendarError(
      `must have five fields (minute, hour, day of month, month, day of week), not ${fields.length}`,
    );
  const times = readCalendar({ minute, hour, dayOfMonth, month, dayOfWeek });
  if (!isAll('dayOfMonth', times.dayOfMonth) && !isAll('dayOfWeek', times.dayOfWeek))
    throw new CalendarError(
      'limits both the day of the month and the day of the week, which cron takes for either; write calendar: for days that are both, or two schedules',
    );
  return times;
}

/** A run of numbers, `step` apart, both ends included. */
export interface Run {
  start: number;
  end: number;
  step: number;
}

/** Numbers as few runs: what is one progression is one run, else neighbours are put together. */
export function runsOf(numbers: readonly number[]): Run[] {
  const [first, second] = numbers;
  const last = numbers.at(-1);
  if (first === undefined || last === undefined) return [];
  const step = second === undefined ? 1 : second - first;
  if (numbers.length > 2 && numbers.every((number, index) => number === first + index * step))
    return [{ start: first, end: last, step }];
  const runs: Run[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && number === run.end + 1) run.end = number;
    else runs.push({ start: number, end: number, step: 1 });
  }
  return runs;
}

/** The numbers of some runs, ascending, as {@link ClockTimes} has them. */
export function numbersOf(runs: readonly Run[]): number[] {
  const numbers = new Set<number>();
  for (const { start, end, step } of runs) {
    for (let number = start; number <= Math.max(start, end); number += Math.max(1, step)) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** Times of day that are listed one by one. */
const MOST_LISTED = 6;

/** `at 02:30 on mon to fri`. Different times never have the same words. */
export function clockInWords(times: ClockTimes): string {
  return [timeInWords(times), ...daysInWords(times)].join(' ');
}

function timeInWords({ second, minute, hour }: ClockTimes): string {
  const seconds = second.length === 1 && second[0] === 0 ? '' : ` and second ${listText('second', second)}`;
  if (seconds === '' && !isAll('hour', hour) && minute.length * hour.length <= MOST_LISTED)
    return `at ${hour.flatMap((h) => minute.map((m) => `${twoDigits(h)}:${twoDigits(m)}`)).join(', ')}`;
  const minutes = isAll('minute', minute) ? 'every minute' : `at minute ${listText('minute', minute)}`;
  const hours = isAll('hour', hour) ? 'of every hour' : `of hour ${listText('hour', hour)}`;
  return `${minutes}${seconds} ${hours}`;
}

function daysInWords({ dayOfMonth, month, year, dayOfWeek }: ClockTimes): string[] {
  const ofMonth = !isAll('dayOfMonth', dayOfMonth);
  const ofWeek = !isAll('dayOfWeek', dayOfWeek);
  const weekdays = listText('dayOfWeek', dayOfWeek);
  return [
    ofMonth ? `on day ${listText('dayOfMonth', dayOfMonth)}` : ofWeek ? `on ${weekdays}` : 'every day',
    ...(isAll('month', month) ? [] : [`in ${listText('month', month)}`]),
    ...(isAll('year', year) ? [] : [`in ${listText('year', year)}`]),
    ...(ofMonth && ofWeek ? [`if it is ${weekdays}`] : []),
  ];
}

function listText(field: ClockField, numbers: readonly number[]): string {
  const { names, least } = clockFields[field];
  const word = (number: number): string => names?.[number - least] ?? String(number);
  return runsOf(numbers)
    .map(({ start, end, step }) => {
      if (start === end) return word(start);
      return `${word(start)} to ${word(end)}${step === 1 ? '' : ` by ${step}`}`;
    })
    .join(', ');
}

const twoDigits = (number: number): string => String(number).padStart(2, '0');
