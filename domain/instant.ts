const WRITTEN = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * Reads a date, or a date and a time of day, by the clocks of a time zone unless it says itself where it is meant (`Z`, `+02:00`). A date alone is
 * its first moment. An hour that clocks leave out is read as the one after it, one that they show twice as the first.
 * @returns milliseconds since 1970, or undefined when the text is neither
 */
export function readInstant(text: string, timeZone: string): number | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone] = WRITTEN.exec(text.trim()) ?? [];
  if (year === undefined) return undefined;
  const shown = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const wall = Date.parse(`${shown}Z`);
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 19) !== shown) return undefined;
  if (zone !== undefined) return Date.parse(`${shown}${zone}`);
  const [earlier, later] = [offsetAt(wall - DAY_MS, timeZone), offsetAt(wall + DAY_MS, timeZone)];
  const first = wall - Math.max(earlier, later);
  return offsetAt(first, timeZone) === Math.max(earlier, later) ? first : wall - Math.min(earlier, later);
}

const DAY_MS = 86_400_000;

/** How far the clocks of a time zone are ahead of UTC at an instant. */
function offsetAt(instant: number, timeZone: string): number {
  return Date.parse(`${clockAt(instant, timeZone).replace(' ', 'T')}Z`) - Math.floor(instant / 1_000) * 1_000;
}

/** What the clocks of a time zone show: `2026-03-01 02:30:00`. */
function clockAt(instant: number, timeZone: string): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(instant);
}

/** `2026-03-01 02:30`, by the clocks of a time zone, with the seconds where there are any. */
export const writeInstant = (instant: number, timeZone: string): string =>
  clockAt(instant, timeZone).replace(/:00$/, '');
