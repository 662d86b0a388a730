// The ledger: the appliance's memory of money. Append-only events, one current row an operation.
import type { OperationEvent } from '../domain/event.ts';
import type { Instant, OperationId, TerminalId } from '../domain/ids.ts';
import type { Operation, OperationKind, OperationState } from '../domain/operation.ts';

/** One event and the row after it; both go into one transaction with the outbox entries. */
export interface LedgerWrite {
  readonly event: OperationEvent;
  readonly operation: Operation;
  readonly outbox: readonly OutboxEntry[];
}

/** Something that must be told to somebody, at least once. */
export interface OutboxEntry {
  /** `webhook` or `registration`: who delivers it. */
  readonly topic: string;
  /** Entries of one lane are delivered in order. */
  readonly lane: string;
  readonly operation: OperationId;
  /** JSON text. */
  readonly payload: string;
}

/** An event with its place in the ledger. `seq` grows by one over all operations. */
export interface StoredEvent {
  readonly seq: number;
  readonly operation: OperationId;
  readonly event: OperationEvent;
  /** SHA-256 (hex) over the previous event's hash and this event. */
  readonly hash: string;
}

export interface OperationQuery {
  readonly terminal?: TerminalId | undefined;
  /** Only these terminals (the limits of a key). */
  readonly terminals?: readonly string[] | undefined;
  readonly state?: OperationState | undefined;
  readonly kind?: OperationKind | undefined;
  readonly reference?: string | undefined;
  /** Created at or after. */
  readonly from?: Instant | undefined;
  /** Created before. */
  readonly to?: Instant | undefined;
  readonly rrn?: string | undefined;
  /** Opaque, from an earlier page. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface OperationPage {
  /** Newest first. */
  readonly operations: readonly Operation[];
  /** Null on the last page. */
  readonly next: string | null;
}

export interface LedgerHealth {
  readonly writable: boolean;
  /** Why not, for people; null while writable. */
  readonly reason: string | null;
  readonly backlog: number;
  /** Duration of the last commit. */
  readonly lastCommitMs: number | null;
}

export interface Ledger {
  /**
   * Appends in call order. Resolves when the bytes are on disk (fsync has returned); a later
   * append that resolved proves every earlier one. Rejects with LedgerError when it cannot be
   * written; then nothing of this call is in the ledger.
   */
  append(writes: readonly LedgerWrite[]): Promise<readonly StoredEvent[]>;
  find(id: OperationId): Operation | null;
  list(query: OperationQuery): OperationPage;
  /** Events of one operation with `seq` greater than `after`, oldest first. */
  events(id: OperationId, after: number): readonly StoredEvent[];
  /** Every operation whose state is not final, oldest first. */
  open(): readonly Operation[];
  health(): LedgerHealth;
  /** A ping through the writer, for liveness; rejects when it does not answer. */
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** `code`: `full`, `damaged`, `closed`, `backlog`, `conflict`, `io`, `newer-schema`, `locked`. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code:
    | 'full'
    | 'damaged'
    | 'closed'
    | 'backlog'
    | 'conflict'
    | 'io'
    | 'newer-schema'
    | 'locked';
  constructor(code: LedgerError['code'], detail: string, cause?: unknown) {
    super(detail, { cause });
    this.code = code;
  }
}
