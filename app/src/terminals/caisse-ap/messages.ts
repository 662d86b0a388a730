// Caisse-AP over IP: tags of two characters, lengths of three digits, values; no frame around them.
import { CURRENCIES, type Currency } from '../../domain/money.ts';

export type Tags = Readonly<Record<string, string>>;

/** The longest value that three digits can tell. */
const VALUE_LENGTH_MAX = 999;
/** The longest known answer has some 300 characters. */
export const MESSAGE_BYTES_MAX = 4_096;

export interface CaisseRequest {
  /** Who asks, as the terminal is set up. */
  readonly till: string;
  readonly position: string;
  readonly currency: Currency;
  readonly amount: number;
  readonly type: 'debit' | 'credit';
}

const VERSION = '0300';
const WAIT_FOR_RESULT = '0';
const TYPES = { debit: '0', credit: '1' } as const;

/** `CZ` comes first. `BF` is left out: it breaks newer terminals. */
export function encodeRequest(request: CaisseRequest): Uint8Array {
  const tags: [string, string][] = [
    ['CZ', VERSION],
    ['CJ', request.till],
    ['CA', request.position],
    ['CE', CURRENCIES[request.currency].number],
    ['BA', WAIT_FOR_RESULT],
    ['CD', TYPES[request.type]],
    ['CB', String(request.amount).padStart(2, '0')],
  ];
  return Buffer.from(tags.map(([tag, value]) => encodeTag(tag, value)).join(''), 'latin1');
}

function encodeTag(tag: string, value: string): string {
  if (value.length > VALUE_LENGTH_MAX) throw new RangeError(`${tag} is too long`);
  return `${tag}${String(value.length).padStart(3, '0')}${value}`;
}

export type Decoded =
  | { kind: 'tags'; tags: Tags }
  /** So far it is well-formed, and more has to come. */
  | { kind: 'incomplete' }
  | { kind: 'garbage' };

export function decodeTags(bytes: Uint8Array): Decoded {
  const text = Buffer.from(bytes).toString('latin1');
  const tags: [string, string][] = [];
  for (let at = 0; at < text.length; ) {
    const head = text.slice(at, at + 5);
    if (!/^[A-Z]?$|^[A-Z]{2}\d{0,3}$/.test(head)) return { kind: 'garbage' };
    if (head.length < 5) return { kind: 'incomplete' };
    const length = Number(head.slice(2));
    const value = text.slice(at + 5, at + 5 + length);
    if (value.length < length) return { kind: 'incomplete' };
    tags.push([head.slice(0, 2), value]);
    at += 5 + length;
  }
  const names = new Set(tags.map(([tag]) => tag));
  // A tag that comes twice contradicts itself.
  if (names.size !== tags.length) return { kind: 'garbage' };
  return names.has('AE')
    ? { kind: 'tags', tags: Object.fromEntries(tags) }
    : { kind: 'incomplete' };
}
