// Card data ends here (money rules, 8): secret members are dropped, card numbers are masked.

/** Compared in lower case; `hash` identifies a card as well as its number does. */
const SECRET_MEMBERS = new Set([
  'track1',
  'track2',
  'track3',
  'cardholdername',
  'cardexpirydate',
  'pinblock',
  'pinblocknew',
  'hash',
  'panhash',
  'cvv',
  'cvc',
]);
const SECRETS_SHOWN_IN_RECEIPTS = new Set(['cardholdername', 'track1', 'track2', 'track3']);
const CARD_NUMBER_MEMBER = /^pan$/i;
/** References are long digit runs that are no card numbers. */
const REFERENCE_MEMBER = /^(rrn|rrnext|invoicenumber|approvalcode|capturereference)$/i;
/** Shorter pieces of a name would tear holes into a receipt. */
const NAME_LENGTH_MIN = 4;

/** Members as text: secrets dropped, numbers masked, the holder's name blanked in the receipt. */
export function redactedParams(members: Readonly<Record<string, unknown>>): Record<string, string> {
  const secrets = Object.entries(members)
    .filter(([name]) => SECRETS_SHOWN_IN_RECEIPTS.has(name.trim().toLowerCase()))
    .map(([, value]) => String(value).trim())
    .filter((value) => value.length >= NAME_LENGTH_MIN);
  const kept: [string, string][] = [];
  for (const [rawName, value] of Object.entries(members)) {
    const name = rawName.trim();
    if (SECRET_MEMBERS.has(name.toLowerCase()) || value === null) continue;
    const plain = asText(value);
    if (REFERENCE_MEMBER.test(name)) kept.push([name, plain]);
    else if (CARD_NUMBER_MEMBER.test(name)) kept.push([name, maskCardNumber(plain) ?? '']);
    else kept.push([name, maskInText(without(plain, secrets))]);
  }
  return Object.fromEntries(kept);
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return JSON.stringify(value, (name: string, member: unknown) =>
    SECRET_MEMBERS.has(name.toLowerCase()) ? undefined : member,
  );
}

function without(plain: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (rest, secret) => rest.replaceAll(secret, '*'.repeat(secret.length)),
    plain,
  );
}

/** First six and last four at most, stars between; null where there are no digits at all. */
export function maskCardNumber(shown: string): string | null {
  const compact = shown.replace(/[\s-]/g, '');
  if (!/\d/.test(compact)) return null;
  const head = /^\d*/.exec(compact)?.[0] ?? '';
  const tail = /\d*$/.exec(compact)?.[0] ?? '';
  if (head.length === compact.length) {
    // Loyalty numbers are short: first six and last four would be nearly all of them.
    const first = compact.length >= 13 ? 6 : 0;
    const last = Math.min(4, Math.floor(compact.length / 2));
    return compact.slice(0, first).padEnd(compact.length - last, '*') + compact.slice(-last);
  }
  const first = head.slice(0, 6);
  const last = tail.slice(-4);
  return first + '*'.repeat(compact.length - first.length - last.length) + last;
}

const TRACK = /%?[Bb]?\d{12,19}[=^D]\d{4}[^\s?]*\??/g;
const DIGIT_RUN = /(?<!\d)\d{13,19}(?!\d)/g;
const GROUPED = /(?<!\d)\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}(?!\d)/g;

/** Masks every full card number inside a text such as a receipt. */
export function maskInText(plain: string): string {
  return plain
    .replace(TRACK, '***')
    .replace(GROUPED, (run) => maskCardNumber(run) ?? '')
    .replace(DIGIT_RUN, (run) =>
      run.length === 16 || passesLuhn(run) ? (maskCardNumber(run) ?? '') : run,
    );
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
