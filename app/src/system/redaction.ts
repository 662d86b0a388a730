// The last guard before a line is written: a number that may be a card's is masked.
// SPEC ISO/IEC 7812: 12–19 digits with a Luhn check digit; cards of banks have 13 or more.
import { passesLuhn } from '../domain/card-number.ts';
import type { LogFields } from '../ports/log.ts';

/** Digits as a card shows them, also in groups with spaces or dashes. */
const DIGIT_RUN = /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g;
/** Names that operators search by; a till may choose digits for them. */
const ID_FIELDS: ReadonlySet<string> = new Set(['operation', 'terminal']);

/** The same fields; whatever looks like a card number keeps six and four digits only. */
export function redactFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      ID_FIELDS.has(name) ? value : redactValue(value),
    ]),
  );
}

export function redactText(text: string): string {
  return text.replace(DIGIT_RUN, (run) => {
    const digits = run.replace(/\D/g, '');
    return isCardNumber(digits)
      ? `${digits.slice(0, 6)}${'*'.repeat(digits.length - 10)}${digits.slice(-4)}`
      : run;
  });
}

function redactValue(value: LogFields[string]): LogFields[string] {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'number' || !Number.isInteger(value)) return value;
  return isCardNumber(String(value)) ? redactText(String(value)) : value;
}

/** No bank's card begins with 0 or 1; milliseconds since 1970 do begin with 1. */
function isCardNumber(digits: string): boolean {
  return /^[2-9]\d{12,18}$/.test(digits) && passesLuhn(digits);
}
