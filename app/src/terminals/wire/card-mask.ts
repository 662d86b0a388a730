// Card numbers end here (money rules, 8): first six and last four digits at most are kept.
import { passesLuhn } from '../../domain/card-number.ts';

const TRACK = /%?[Bb]?\d{12,19}[=^D]\d{4}[^\s?]*\??/g;
const DIGIT_RUN = /(?<!\d)\d{13,19}(?!\d)/g;
const GROUPED = /(?<!\d)\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}(?!\d)/g;
/** A shorter number is a loyalty card's: six and four digits would be nearly all of it. */
const PAN_DIGITS_MIN = 13;

/** A shown card number as a mask of stars; null where there are no digits at all. */
export function maskedCard(shown: string): string | null {
  const compact = shown.replace(/[\s-]/g, '');
  if (!/\d/.test(compact)) return null;
  const whole = /^\d+$/.test(compact);
  const short = whole && compact.length < PAN_DIGITS_MIN;
  const head = short ? '' : (/^\d{0,6}/.exec(compact)?.[0] ?? '');
  const tailMax = short ? Math.min(4, Math.floor(compact.length / 2)) : 4;
  const tail = (/\d*$/.exec(compact)?.[0] ?? '').slice(-tailMax);
  const hidden = Math.max(compact.length - head.length - tail.length, 0);
  return head + '*'.repeat(hidden) + tail;
}

/** A text such as a receipt with every full card number in it masked. */
export function withMaskedCards(text: string): string {
  return text
    .replace(TRACK, '***')
    .replace(GROUPED, (run) => maskedCard(run) ?? '')
    .replace(DIGIT_RUN, (run) =>
      run.length === 16 || passesLuhn(run) ? (maskedCard(run) ?? '') : run,
    );
}
