// Response codes of Ukrainian banks' hosts and of the B-POS terminal program, as numbers. Every code that
// Tillgate believes is here; any other one leaves the outcome unknown.
import type { MessageCode } from '../../domain/failures.ts';

export type CodeMeaning =
  | { kind: 'approved' }
  | { kind: 'declined'; code: MessageCode }
  | { kind: 'cancelled' }
  /** The terminal did not start; believed only before the authorisation was seen. */
  | { kind: 'refused'; code: MessageCode }
  | { kind: 'unknown'; code: MessageCode };

/**
 * The host's declines: ISO 8583 field 39 in digits. Left out on purpose, so unknown: 8, 10, 11, 16,
 * 85 and 87 are approvals in disguise or in part; 9, 68, 94 and 95 say that the host has something
 * of ours already.
 */
const DECLINES: Readonly<Partial<Record<MessageCode, readonly number[]>>> = {
  'declined-by-bank': [
    1, 2, 5, 6, 12, 13, 19, 25, 30, 31, 39, 42, 52, 53, 59, 60, 63, 64, 66, 76, 77, 82, 86, 93,
  ],
  'card-not-served': [3, 58, 89],
  'card-blocked': [4, 7, 34, 35, 36, 37, 41, 43, 67, 78],
  'invalid-card': [14, 15, 56],
  'expired-card': [33, 54],
  'insufficient-funds': [51],
  'wrong-pin': [55, 81],
  'pin-tries-exceeded': [38, 75],
  'card-not-permitted': [40, 57, 62],
  'limit-exceeded': [61, 65],
  'issuer-unavailable': [90, 91, 92],
  'system-fault': [88, 96],
};

/** The terminal's own. */
const OWN: Readonly<Record<number, CodeMeaning>> = {
  1000: { kind: 'refused', code: 'terminal-refused' },
  1001: { kind: 'cancelled' },
  1002: { kind: 'declined', code: 'declined-by-card' },
  1003: { kind: 'refused', code: 'journal-full' },
  1004: { kind: 'declined', code: 'no-host' },
  1005: { kind: 'refused', code: 'out-of-paper' },
  1006: { kind: 'refused', code: 'terminal-keys' },
  1007: { kind: 'refused', code: 'card-reader' },
  1008: { kind: 'unknown', code: 'already-complete' },
};

const MEANINGS: ReadonlyMap<number, CodeMeaning> = new Map([
  [0, { kind: 'approved' } as const],
  ...Object.entries(DECLINES).flatMap(([code, numbers]) =>
    numbers.map((number): [number, CodeMeaning] => [
      number,
      { kind: 'declined', code: code as MessageCode }, // a key of the table
    ]),
  ),
  ...Object.entries(OWN).map(([number, meaning]): [number, CodeMeaning] => [
    Number(number),
    meaning,
  ]),
]);

export function meaningOf(responseCode: number): CodeMeaning {
  return MEANINGS.get(responseCode) ?? { kind: 'unknown', code: 'unlisted-code' };
}
