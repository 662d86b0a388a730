// Card data ends here (money rules, 8): secret members are dropped, card numbers are masked.
import { maskedCard, withMaskedCards } from '../wire/card-mask.ts';

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
    else if (CARD_NUMBER_MEMBER.test(name)) kept.push([name, maskedCard(plain) ?? '']);
    else kept.push([name, withMaskedCards(without(plain, secrets))]);
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
