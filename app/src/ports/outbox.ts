// What must be told to somebody outside, at least once. Entries are written by the ledger in the
// transaction of their event; this is how they are delivered.
import type { Instant, OperationId } from '../domain/ids.ts';

export interface OutboxItem {
  readonly id: number;
  readonly topic: string;
  readonly lane: string;
  readonly operation: OperationId;
  /** JSON text. */
  readonly payload: string;
  readonly createdAt: Instant;
  readonly attempts: number;
  /** Beyond every time while it stands behind another item of its lane. */
  readonly nextAt: Instant;
  readonly state: 'waiting' | 'parked' | 'delivered';
  readonly lastError: string | null;
}

export interface Outbox {
  /**
   * The first waiting item of each lane of a topic that is due; an item behind an undelivered one
   * of its lane is not due (a parked one does not hold its lane).
   */
  due(topic: string, now: Instant, limit: number): readonly OutboxItem[];
  /** When the next item of the topic becomes due; null when none waits. */
  nextDue(topic: string): Instant | null;
  delivered(id: number): Promise<void>;
  retryAt(id: number, nextAt: Instant, error: string): Promise<void>;
  park(id: number, error: string): Promise<void>;
  /** Puts a parked item back at its lane's turn; false where there is no such parked item. */
  replay(id: number): Promise<boolean>;
  /** Newest first. */
  list(query: {
    readonly topic?: string;
    readonly state?: OutboxItem['state'];
    readonly operation?: OperationId;
    readonly limit: number;
  }): readonly OutboxItem[];
  counts(): readonly { readonly topic: string; readonly state: string; readonly count: number }[];
}
