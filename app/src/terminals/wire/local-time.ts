// A terminal prints local time without a zone; the shop's zone makes it a moment.
import type { Instant } from '../../domain/ids.ts';

export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** `YYYY-MM-DDTHH:MM:SS`. */
export function formatLocalTime(time: LocalTime): string {
  const date = `${String(time.year).padStart(4, '0')}-${two(time.month)}-${two(time.day)}`;
  return `${date}T${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/**
 * The moment when clocks of `timeZone` show this; null where they never do or the zone is unknown.
 * In the hour that autumn repeats, one of the two moments.
 */
export function instantOf(time: LocalTime, timeZone: string): Instant | null {
  const shown = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
  if (!sameFields(new Date(shown), time)) return null;
  const guess = offsetMs(shown, timeZone);
  if (guess === null) return null;
  const offset = offsetMs(shown - guess, timeZone) ?? guess;
  return shown - offset;
}

/** Date.UTC rolls 31.02 over into March; such a date is none. */
function sameFields(date: Date, time: LocalTime): boolean {
  return (
    date.getUTCFullYear() === time.year &&
    date.getUTCMonth() === time.month - 1 &&
    date.getUTCDate() === time.day &&
    date.getUTCHours() === time.hour &&
    date.getUTCMinutes() === time.minute &&
    date.getUTCSeconds() === time.second
  );
}

/** What clocks of the zone show at a moment, minus UTC. */
function offsetMs(at: Instant, timeZone: string): number | null {
  let parts: Intl.DateTimeFormatPart[];
  try {
    parts = formatter(timeZone).formatToParts(at);
  } catch (error) {
    if (error instanceof RangeError) return null; // an unknown zone or a date out of range
    throw error;
  }
  const field = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value);
  const shown = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return Number.isNaN(shown) ? null : shown - Math.floor(at / 1000) * 1000;
}

/** Building one costs more than a whole exchange; a shop has one zone. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(timeZone, made);
  return made;
}
