/** The days on which quiet hours may begin, as Date counts them. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

export interface QuietTimes {
  /** `HH:MM`. */
  from: string;
  /** `HH:MM`, or 24:00. Not after `from`: on the next day. */
  to: string;
  timeZone: string;
  /** Days on which they begin; every day without it. */
  days?: readonly (typeof DAYS)[number][] | undefined;
}

const DAY_MS = 86_400_000;

/**
 * Until when it is quiet, or undefined when it is not quiet. Not for workflows: what a time zone is changes with the version of its data.
 *
 * Where clocks are put back and show a time twice, quiet hours begin at the first and are over at the second; where a time is skipped,
 * the moment of the skip stands for it. Quiet hours that begin as others are over are one: Saturday and Sunday are quiet until Monday.
 */
export function quietUntil(times: QuietTimes, atMs: number): number | undefined {
  const wallAt = wallClock(times.timeZone);
  const today = startOfDay(wallAt(atMs));
  let until: number | undefined;
  // From the one of yesterday, which may last until today, for as long as they follow each other; that is less than a week.
  for (let day = today - DAY_MS; day <= today + 8 * DAY_MS; day += DAY_MS) {
    if (!(times.days ?? DAYS).includes(dayOf(day))) continue;
    const begin = momentsOf(wallAt, day + clock(times.from)).first;
    const end = momentsOf(wallAt, day + clock(times.to) + (times.to > times.from ? 0 : DAY_MS)).last;
    if (begin <= (until ?? atMs) && end > (until ?? atMs)) until = end;
  }
  return until;
}

/** What clocks show at a moment, as the milliseconds that it would be in UTC. */
type WallClock = (atMs: number) => number;

function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (atMs) => {
    const seconds = Math.floor(atMs / 1_000) * 1_000;
    const part = Object.fromEntries(format.formatToParts(seconds).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day, hour, minute, second } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (atMs - seconds);
  };
}

/** The first and the last moment at which clocks show a time: the same but where they are changed. */
function momentsOf(wallAt: WallClock, wall: number): { first: number; last: number } {
  const before = wall - (wallAt(wall - DAY_MS) - (wall - DAY_MS));
  const after = wall - (wallAt(wall + DAY_MS) - (wall + DAY_MS));
  const moments = [before, after].filter((moment) => wallAt(moment) === wall);
  if (moments.length > 0) return { first: Math.min(...moments), last: Math.max(...moments) };
  const skip = firstMoment(Math.min(before, after), Math.max(before, after), (moment) => wallAt(moment) >= wall);
  return { first: skip, last: skip };
}

/** The first moment after `low`, where it does not hold, up to `high`, where it does, at which something holds. */
function firstMoment(low: number, high: number, holds: (moment: number) => boolean): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const startOfDay = (wall: number): number => Math.floor(wall / DAY_MS) * DAY_MS;

const dayOf = (wall: number) => DAYS[new Date(wall).getUTCDay()] as (typeof DAYS)[number];

/** `07:30` as milliseconds of a day. */
function clock(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * 60_000;
}
