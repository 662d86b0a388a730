// Calendar days of the shop's time zone as instants; days begin where its midnight is.
import type { Instant } from './ids.ts';

/** `YYYY-MM-DD`. */
export type LocalDate = string;

const DAY_MS = 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The zone itself where the runtime knows it, else UTC: nothing must fail over a setting. */
export function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return 'UTC';
  }
}

export function localDate(at: Instant, zone: string): LocalDate {
  const { year, month, day } = partsOf(at, zone);
  return `${year}-${month}-${day}`;
}

/** `YYYY-MM-DD HH:MM:SS`, which spreadsheets of every language read as a time. */
export function localTime(at: Instant, zone: string): string {
  const { year, month, day, hour, minute, second } = partsOf(at, zone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

/** Null where the text is no day. */
export function parseDate(text: string): LocalDate | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const at = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return new Date(at).toISOString().startsWith(text) ? text : null;
}

export function addDays(date: LocalDate, days: number): LocalDate {
  const at = Date.parse(`${date}T00:00:00Z`) + days * DAY_MS;
  return new Date(at).toISOString().slice(0, 10);
}

export function startOf(date: LocalDate, zone: string): Instant {
  const wanted = Date.parse(`${date}T00:00:00Z`);
  // The offset at the guess, then at the result: the two differ on the day of a change only.
  const first = wanted - offsetAt(wanted, zone);
  return wanted - offsetAt(first, zone);
}

/** From the first instant of the day to the first of the next. */
export function periodOf(
  date: LocalDate,
  zone: string,
): { readonly from: Instant; readonly to: Instant } {
  return { from: startOf(date, zone), to: startOf(addDays(date, 1), zone) };
}

/**
 * When clocks of the zone show this time (`HH:MM`) of this day. One that comes twice, as clocks go
 * back, is the first of the two; one that is left out, as they go forward, is as much later.
 */
export function momentOf(date: LocalDate, time: string, zone: string): Instant {
  const shown = Date.parse(`${date}T${time}:00Z`);
  // A zone changes its offset months apart: a day to either side lies behind the change, if any.
  const [before, after] = [offsetAt(shown - DAY_MS, zone), offsetAt(shown + DAY_MS, zone)];
  const [byOld, byNew] = [shown - before, shown - after];
  if (before === after || offsetAt(byOld, zone) === before) return byOld;
  return offsetAt(byNew, zone) === after ? byNew : byOld;
}

function offsetAt(at: Instant, zone: string): number {
  const { year, month, day, hour, minute, second } = partsOf(at, zone);
  const shown = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return shown - Math.floor(at / 1_000) * 1_000;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: Instant, zone: string): Record<string, string> {
  let format = FORMATS.get(zone);
  if (format === undefined) {
    const two = '2-digit';
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    FORMATS.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}
