// Sums, times and plurals as the language and the shop's time zone write them.
import type { Instant } from '../../domain/ids.ts';
import { type Currency, formatDecimal, type MinorUnits } from '../../domain/money.ts';
import type { Language } from '../../operations/settings-schema.ts';

export interface Format {
  money(amount: number, currency: Currency): string;
  number(value: number): string;
  /** Day and time to the second. */
  when(at: Instant): string;
  time(at: Instant): string;
  day(at: Instant): string;
  /** `12 Jan`. */
  shortDay(at: Instant): string;
  weekday(at: Instant): string;
  /** `one|few|many` (or `one|other`) with `{n}`. */
  plural(forms: string, n: number): string;
  /** `{name}` → its value. */
  fill(text: string, values: Readonly<Record<string, string | number>>): string;
  bytes(count: number): string;
  duration(ms: number): string;
}

const LOCALES: Readonly<Record<Language, string>> = { uk: 'uk-UA', en: 'en-GB', ru: 'ru-UA' };
const FORM_NAMES: Readonly<Record<Language, readonly Intl.LDMLPluralRule[]>> = {
  uk: ['one', 'few', 'many'],
  en: ['one', 'other'],
  ru: ['one', 'few', 'many'],
};
const MADE = new Map<string, Format>();

/** Intl objects are dear to make, so they are made once a language and zone. */
export function formatFor(language: Language, zone: string): Format {
  const name = `${language} ${zone}`;
  const known = MADE.get(name);
  if (known !== undefined) return known;
  // The zone is a setting: whoever changes it often must not fill the memory.
  if (MADE.size > 30) MADE.clear();
  const made = make(language, zone);
  MADE.set(name, made);
  return made;
}

function make(language: Language, timeZone: string): Format {
  const locale = LOCALES[language];
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    return (at: Instant) => format.format(at);
  };
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  return {
    money: moneyFormat(locale),
    number: (value) => numbers.format(value),
    when: dates({ dateStyle: 'short', timeStyle: 'medium' }),
    time: dates({ timeStyle: 'medium' }),
    day: dates({ dateStyle: 'long' }),
    shortDay: dates({ day: 'numeric', month: 'short' }),
    weekday: dates({ weekday: 'short' }),
    plural: (forms, n) => {
      const all = forms.split('|');
      const index = FORM_NAMES[language].indexOf(plurals.select(n));
      // Fractions are «other» in the Slavic languages, and read like many.
      return fill(all[index] ?? all.at(-1) ?? '', { n: numbers.format(n) });
    },
    fill,
    bytes: (count) => unitText(locale, count),
    duration: (ms) => durationText(locale, ms),
  };
}

const fill: Format['fill'] = (text, values) =>
  text.replaceAll(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));

/** The digits go in as text, so no sum ever is a fraction of a float. */
function moneyFormat(locale: string): Format['money'] {
  const formats = new Map<Currency, Intl.NumberFormat>();
  return (amount, currency) => {
    const format =
      formats.get(currency) ??
      new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        currencyDisplay: 'narrowSymbol',
      });
    formats.set(currency, format);
    const sign = amount < 0 ? '-' : '';
    const digits = formatDecimal(Math.abs(amount) as MinorUnits, currency); // sums of sums
    return format.format(`${sign}${digits}` as `${number}`); // formatDecimal writes numbers
  };
}

function unitText(locale: string, count: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  let [value, index] = [count, 0];
  while (value >= 1_000 && index < units.length - 1) [value, index] = [value / 1_000, index + 1];
  const unit = units[index] ?? 'byte';
  const options = { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale, options).format(value);
}

function durationText(locale: string, ms: number): string {
  const steps = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ] as const;
  const [unit, size] = steps.find(([, one]) => ms >= one) ?? (['second', 1_000] as const);
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale, options).format(Math.floor(ms / size));
}
