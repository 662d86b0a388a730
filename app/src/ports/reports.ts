// What pages ask of the ledger beyond single operations: sums of days, and a search. Reads only.
import type { Instant } from '../domain/ids.ts';
import type { Currency } from '../domain/money.ts';
import type { OperationKind, OperationState } from '../domain/operation.ts';
import type { OperationPage, OperationQuery } from './ledger.ts';

/** Operations of one period that agree in everything named here. */
export interface SumRow {
  readonly terminal: string;
  /** Null where neither the till nor the terminal named one. */
  readonly merchant: number | null;
  readonly kind: OperationKind;
  readonly state: OperationState;
  readonly currency: Currency;
  readonly count: number;
  /** Minor units that were approved, summed. */
  readonly amount: number;
}

/** Created at or after `from`, before `to`. */
export interface Period {
  readonly from: Instant;
  readonly to: Instant;
}

export interface SearchQuery extends OperationQuery {
  /** The asked sum in minor units. */
  readonly amount?: number | undefined;
  /** Last four digits of the card. */
  readonly cardLast4?: string | undefined;
}

export interface Reports {
  sums(period: Period): readonly SumRow[];
  /**
   * Newest first, like `Ledger.list`; a page may be short, even empty, and have a next one: each
   * looks at so many only. Throws RangeError where the cursor is none.
   */
  search(query: SearchQuery): OperationPage;
  close(): void;
}
