// An operation: one thing a till asks a terminal to do. One id, one row in the ledger, for ever.
import type { EvidenceRecord, Watermark } from './evidence.ts';
import type { MessageCode } from './failures.ts';
import type { Instant, OperationId, TerminalId } from './ids.ts';
import type { Currency, MinorUnits } from './money.ts';
import type { TransactionResult } from './outcome.ts';

export const FINAL_STATES = ['approved', 'declined', 'cancelled', 'failed', 'reversed'] as const;
export const OPEN_STATES = ['accepted', 'queued', 'running', 'confirming', 'unknown'] as const;
export const STATES = [...OPEN_STATES, ...FINAL_STATES] as const;
export type FinalState = (typeof FINAL_STATES)[number];
export type OpenState = (typeof OPEN_STATES)[number];
export type OperationState = FinalState | OpenState;

/**
 * What each kind means for the money rules.
 * `gated`: refused while the terminal has an unresolved operation (settlement too: it would
 * empty the journal that holds the evidence).
 * `whenLost`: the state after a lost answer; a report that is lost moved no money.
 * `amount`: whether the request names a sum.
 */
export const KINDS = {
  purchase: { gated: true, whenLost: 'unknown', amount: 'required' },
  refund: { gated: true, whenLost: 'unknown', amount: 'required' },
  void: { gated: true, whenLost: 'unknown', amount: 'none' },
  preauthorization: { gated: true, whenLost: 'unknown', amount: 'required' },
  completion: { gated: true, whenLost: 'unknown', amount: 'required' },
  cashback: { gated: true, whenLost: 'unknown', amount: 'required' },
  deposit: { gated: true, whenLost: 'unknown', amount: 'required' },
  'cash-advance': { gated: true, whenLost: 'unknown', amount: 'required' },
  cash: { gated: false, whenLost: 'failed', amount: 'required' },
  instalment: { gated: true, whenLost: 'unknown', amount: 'required' },
  'instalment-refund': { gated: true, whenLost: 'unknown', amount: 'required' },
  service: { gated: true, whenLost: 'unknown', amount: 'optional' },
  settlement: { gated: true, whenLost: 'unknown', amount: 'none' },
  balance: { gated: false, whenLost: 'failed', amount: 'none' },
  identify: { gated: false, whenLost: 'failed', amount: 'none' },
  'read-card': { gated: false, whenLost: 'failed', amount: 'none' },
  totals: { gated: false, whenLost: 'failed', amount: 'none' },
  'settlement-copy': { gated: false, whenLost: 'failed', amount: 'none' },
  journal: { gated: false, whenLost: 'failed', amount: 'none' },
  'receipt-copy': { gated: false, whenLost: 'failed', amount: 'none' },
  'check-host': { gated: false, whenLost: 'failed', amount: 'none' },
  info: { gated: false, whenLost: 'failed', amount: 'none' },
} as const satisfies Record<
  string,
  { gated: boolean; whenLost: 'unknown' | 'failed'; amount: 'required' | 'optional' | 'none' }
>;
export type OperationKind = keyof typeof KINDS;

/** Kinds that are written down and concluded at once: no terminal takes part. */
const WITHOUT_TERMINAL: readonly OperationKind[] = ['cash'];

export function needsTerminal(kind: OperationKind): boolean {
  return !WITHOUT_TERMINAL.includes(kind);
}

/** The fields that belong to one kind only. */
export type RequestBody =
  | { kind: 'purchase'; amount: MinorUnits; discount: MinorUnits }
  | { kind: 'refund'; amount: MinorUnits; of: OperationId | null; rrn: string | null }
  | { kind: 'void'; of: OperationId | null; invoice: string | null }
  | { kind: 'preauthorization'; amount: MinorUnits }
  | {
      kind: 'completion';
      amount: MinorUnits;
      of: OperationId | null;
      rrn: string | null;
      authCode: string | null;
      /** The sum that was held; needed where `of` is not given. */
      held: MinorUnits | null;
    }
  | { kind: 'cashback'; amount: MinorUnits; cash: MinorUnits }
  /** Cash paid in to a card, and cash paid out from one: the bank's cash desk. */
  | { kind: 'deposit' | 'cash-advance'; amount: MinorUnits }
  /**
   * Cash that somebody took: `paid` went in, `change` was given back, `rest` is change that could
   * not be given. paid = amount + change + rest.
   */
  | {
      kind: 'cash';
      amount: MinorUnits;
      paid: MinorUnits;
      change: MinorUnits;
      rest: MinorUnits;
    }
  | { kind: 'instalment'; product: string; parts: number; amount: MinorUnits }
  | {
      kind: 'instalment-refund';
      amount: MinorUnits;
      product: string | null;
      agreement: string | null;
      of: OperationId | null;
    }
  | {
      kind: 'service';
      service: string;
      amount: MinorUnits | null;
      parameters: Readonly<Record<string, string>>;
    }
  | { kind: 'settlement' | 'totals' | 'settlement-copy' | 'journal' }
  | { kind: 'receipt-copy'; invoice: string | null }
  | { kind: 'balance' | 'identify' | 'read-card' | 'check-host' | 'info' };

/** A line of the order that is paid for, as 1C sends it; shown with the operation, never summed. */
export interface OrderItem {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  /** Minor units. */
  readonly cost: number;
}

/** The till's request after validation: what is asked, of which terminal, for whom. */
export type OperationRequest = RequestBody & {
  terminal: TerminalId;
  currency: Currency;
  /** Merchant index on the terminal; null = the terminal's default (reports: 0 = all). */
  merchant: number | null;
  reference: string | null;
  cashier: string | null;
  order: readonly OrderItem[] | null;
};

/** By what an `unknown` ended, or a final state was changed. */
export type Resolution =
  | { by: 'evidence'; at: Instant }
  | { by: 'person'; at: Instant; name: string; reason: string; key: string }
  | { by: 'operation'; at: Instant; operation: OperationId };

/** What a terminal waits for from the till while it runs. */
export type Question =
  | {
      kind: 'adjust';
      askedAt: Instant;
      deadline: Instant;
      loyalty: string | null;
      cardMask: string | null;
      entry: string | null;
    }
  | { kind: 'confirm'; askedAt: Instant; deadline: Instant; text: string };

/** The current row of an operation. Immutable: `transition` makes the next one. */
export interface Operation {
  readonly id: OperationId;
  /** Grows by one with every event; the ledger refuses a row that does not follow the last. */
  readonly version: number;
  readonly request: OperationRequest;
  /** SHA-256 (hex) of the canonical body, to tell a repeat from a reused id. */
  readonly bodyHash: string;
  /** Name of the key that asked. */
  readonly askedBy: string;
  readonly state: OperationState;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly message: { readonly code: MessageCode; readonly terminalText: string | null };
  /** What the terminal's journal ended with before our first byte. */
  readonly watermark: Watermark | null;
  /** Highest phase the terminal reported, and the card mask seen on the way. */
  readonly seen: { readonly cardMask: string | null };
  /** Where the till or a rule corrected sum and discount during the sale (loyalty). */
  readonly adjusted: { readonly amount: MinorUnits; readonly discount: MinorUnits } | null;
  readonly approvedAmount: MinorUnits | null;
  readonly discount: MinorUnits | null;
  readonly bonus: MinorUnits | null;
  readonly result: TransactionResult | null;
  readonly cancelRequestedAt: Instant | null;
  readonly question: Question | null;
  readonly resolution: Resolution | null;
  /** The last comparison with the terminal's journal, decisive or not. */
  readonly evidence: EvidenceRecord | null;
}

export function isFinal(state: OperationState): state is FinalState {
  return (FINAL_STATES as readonly string[]).includes(state);
}

/** True while the operation closes the gate of its terminal. */
export function isUnresolved(operation: Operation): boolean {
  return operation.state === 'unknown';
}

/** The sum that a request names, or null for a kind without one. */
export function amountOf(request: RequestBody): MinorUnits | null {
  return 'amount' in request ? request.amount : null;
}

/** The earlier operation that a request refers to, or null. */
export function originalOf(request: RequestBody): OperationId | null {
  return 'of' in request ? request.of : null;
}
