// What came of an operation, as a driver concludes it from all the signs it has.
import type { MessageCode } from './failures.ts';
import type { MinorUnits } from './money.ts';

/** How the card was read. */
export type CardEntry = 'chip' | 'contactless' | 'stripe' | 'fallback' | 'manual';

/** The terminal's own data of a transaction. Never a full PAN, track, PIN block or CVV. */
export interface TransactionResult {
  readonly rrn: string | null;
  readonly authCode: string | null;
  /** The terminal's receipt number in its batch. */
  readonly invoice: string | null;
  readonly batch: string | null;
  /** As the terminal gave it, e.g. `0000`. */
  readonly responseCode: string | null;
  readonly card: {
    /** First six and last four digits at most. */
    readonly mask: string | null;
    readonly brand: string | null;
    readonly issuer: string | null;
    readonly entry: CardEntry | null;
  } | null;
  readonly acquirer: string | null;
  readonly merchantId: string | null;
  readonly terminalId: string | null;
  /** Local time on the terminal's clock, `YYYY-MM-DDTHH:MM:SS`, no zone. */
  readonly terminalTime: string | null;
  readonly signatureRequired: boolean | null;
  readonly receipt: { readonly merchant: string | null; readonly customer: string | null } | null;
  /** Number of an instalment agreement. */
  readonly agreement: string | null;
  /** Balance, cash given, phone, product fields: whatever the kind adds; values are text. */
  readonly extra: Readonly<Record<string, string>>;
}

export const EMPTY_RESULT: TransactionResult = {
  rrn: null,
  authCode: null,
  invoice: null,
  batch: null,
  responseCode: null,
  card: null,
  acquirer: null,
  merchantId: null,
  terminalId: null,
  terminalTime: null,
  signatureRequired: null,
  receipt: null,
  agreement: null,
  extra: {},
};

/**
 * `approved` needs every sign the protocol has; `declined`, `cancelled` and `failed` are certain
 * that no money moved; everything else is `unknown` (money rules, 4).
 */
export type Outcome =
  | {
      kind: 'approved';
      code: MessageCode;
      /** Null for kinds that move no money. */
      approvedAmount: MinorUnits | null;
      discount: MinorUnits | null;
      bonus: MinorUnits | null;
      result: TransactionResult;
    }
  | ({ kind: 'declined' | 'cancelled' | 'failed' | 'reversed' } & Unsuccessful)
  // A member of its own, so that a decided outcome can be told from it by type.
  | ({ kind: 'unknown' } & Unsuccessful);

interface Unsuccessful {
  code: MessageCode;
  /** The terminal's own words, shown beside ours. */
  terminalText: string | null;
  result: TransactionResult | null;
}

export function unknownOutcome(
  code: MessageCode,
  terminalText: string | null = null,
  result: TransactionResult | null = null,
): Outcome {
  return { kind: 'unknown', code, terminalText, result };
}

export function failedOutcome(code: MessageCode, terminalText: string | null = null): Outcome {
  return { kind: 'failed', code, terminalText, result: null };
}
