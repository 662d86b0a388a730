// Money is an integer of minor units; text forms are made and read here, never through floats.

/** Minor units of a currency (kopecks for UAH): a safe integer, never negative. */
export type MinorUnits = number & { readonly __brand: 'MinorUnits' };

/** Currencies a terminal may be set up for, with ISO 4217 number and count of minor digits. */
export const CURRENCIES = {
  UAH: { number: '980', digits: 2 },
  USD: { number: '840', digits: 2 },
  EUR: { number: '978', digits: 2 },
  PLN: { number: '985', digits: 2 },
  SEK: { number: '752', digits: 2 },
  NOK: { number: '578', digits: 2 },
  DKK: { number: '208', digits: 2 },
} as const;
export type Currency = keyof typeof CURRENCIES;

/** Twelve digits are what ISO 8583 field 4, and so every terminal, can carry. */
export const AMOUNT_MAX = 999_999_999_999;

/** Brands a number as minor units; throws RangeError on anything that is not money. */
export function minorUnits(value: number): MinorUnits {
  if (!isMinorUnits(value)) throw new RangeError(`not an amount of minor units: ${value}`);
  return value;
}

export function isMinorUnits(value: number): value is MinorUnits {
  const inRange = Number.isSafeInteger(value) && value >= 0 && value <= AMOUNT_MAX;
  // Minus zero has a sign, and money has none.
  return inRange && !Object.is(value, -0);
}

/** `12345` → `"123.45"`: the decimal text of an amount, with the currency's minor digits. */
export function formatDecimal(amount: MinorUnits, currency: Currency, separator = '.'): string {
  const { digits } = CURRENCIES[currency];
  const text = String(amount).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}${separator}${text.slice(-digits)}`;
}

/**
 * `"123.45"` or `"123,4"` → minor units; null where the text is not exactly an amount
 * (a sign, an exponent, too many digits, a thousands separator).
 */
export function parseDecimal(text: string, currency: Currency): MinorUnits | null {
  const match = /^(\d{1,13})(?:[.,](\d*))?$/.exec(text.trim());
  if (!match) return null;
  const { digits } = CURRENCIES[currency];
  const fraction = match[2] ?? '';
  // A longer fraction is money only where the excess is zeros.
  if (/[1-9]/.test(fraction.slice(digits))) return null;
  const value = Number(`${match[1]}${fraction.slice(0, digits).padEnd(digits, '0')}`);
  return isMinorUnits(value) ? value : null;
}
