// How single values of this protocol are written and read; lenient in form, strict in meaning.
import { type Currency, type MinorUnits, parseDecimal } from '../../domain/money.ts';
import type { CardEntry } from '../../domain/outcome.ts';
import type { LocalTime } from '../wire/local-time.ts';

export type Params = Readonly<Record<string, string>>;

/** The value without stray spaces; null where absent or empty. */
export function text(params: Params, name: string): string | null {
  const value = params[name]?.trim() ?? '';
  return value === '' ? null : value;
}

/** A reference that is all zeros or dashes is none. */
export function reference(params: Params, name: string): string | null {
  const value = text(params, name);
  return value === null || /^[0-]+$/.test(value) ? null : value;
}

/** Four digits; shorter codes of older firmware are filled up. */
export function responseCode(params: Params): string | null {
  const value = text(params, 'responseCode') ?? text(params, 'code');
  return value !== null && /^\d{1,4}$/.test(value) ? value.padStart(4, '0') : value;
}

export function amount(params: Params, name: string, currency: Currency): MinorUnits | null {
  const value = text(params, name);
  return value === null ? null : parseDecimal(value, currency);
}

/** True, false, or null where it is neither (SPEC shows booleans as JSON and as text). */
export function flag(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : null;
  if (typeof value !== 'string') return null;
  switch (value.trim().toLowerCase()) {
    case 'true':
    case '1':
      return true;
    case 'false':
    case '0':
      return false;
    default:
      return null;
  }
}

const DATES = [
  /^(?<day>\d{2})[./-](?<month>\d{2})[./-](?<year>\d{4})$/,
  /^(?<day>\d{2})[./-](?<month>\d{2})[./-](?<year>\d{2})$/,
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})$/,
  /^(?<day>\d{2})(?<month>\d{2})(?<year>\d{4})$/,
];
const TIME = /^(\d{2}):?(\d{2})(?::?(\d{2}))?$/;

/** Date and time of a transaction; null where either is missing or malformed. */
export function localTime(params: Params): LocalTime | null {
  const date = text(params, 'date');
  const time = TIME.exec(text(params, 'time') ?? '');
  const match = DATES.map((form) => form.exec(date ?? '')).find((found) => found !== null);
  const parts = match?.groups;
  if (parts === undefined || time === null) return null;
  const year = Number(parts['year']);
  return {
    year: year < 100 ? 2000 + year : year,
    month: Number(parts['month']),
    day: Number(parts['day']),
    hour: Number(time[1]),
    minute: Number(time[2]),
    second: Number(time[3] ?? '0'),
  };
}

/** ISO 8583 field 22, first two digits. */
const ENTRY_MODES: Readonly<Record<string, CardEntry>> = {
  '01': 'manual',
  '02': 'stripe',
  '05': 'chip',
  '07': 'contactless',
  '80': 'fallback',
  '90': 'stripe',
  '91': 'contactless',
  '95': 'chip',
};

export function cardEntry(params: Params): CardEntry | null {
  const mode = /^\d{3,4}$/.exec(text(params, 'posEntryMode') ?? '')?.[0];
  if (mode === undefined) return null;
  return ENTRY_MODES[mode.slice(-3, -1)] ?? null;
}
