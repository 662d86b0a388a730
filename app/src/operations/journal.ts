// Every event of every operation passes here: transition, durable append, then the news.
import type { OperationEvent } from '../domain/event.ts';
import type { OperationId } from '../domain/ids.ts';
import { isFinal, type Operation } from '../domain/operation.ts';
import { transition } from '../domain/transition.ts';
import type { Ledger, LedgerWrite, OutboxEntry, StoredEvent } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';

export type Listener = (event: StoredEvent, operation: Operation) => void;

/** One event for one operation; several go into one transaction. */
export interface Entry {
  readonly id: OperationId;
  readonly event: OperationEvent;
}

export interface Recorded {
  /** The rows after the events, in order: not durable before `durable` resolves. */
  readonly operations: readonly Operation[];
  /** Resolves when the events are on disk; rejects with LedgerError, and nothing happened then. */
  readonly durable: Promise<void>;
}

/** Thrown for an event that may not happen to a row: a defect or a race that the caller must see. */
export class IllegalEventError extends Error {
  override readonly name = 'IllegalEventError';
}

/**
 * INVARIANTS
 * - `#heads` holds every operation that is not final or not yet durable; what tills read comes
 *   from the ledger, so nothing is shown before it is on disk.
 * - A failed append puts the head back to the durable row. What was recorded on top of it fails
 *   too, because the ledger refuses a row that does not follow; that changes the head no more.
 * - Listeners hear of an event after it is durable, in ledger order.
 */
export class Journal {
  readonly #ledger: Ledger;
  readonly #log: Log;
  readonly #outboxOf: (event: OperationEvent, operation: Operation) => readonly OutboxEntry[];
  readonly #heads = new Map<OperationId, Operation>();
  /** Counts the times that a head was put back; absent = never since it was made. */
  readonly #putBack = new Map<OperationId, number>();
  readonly #inFlight = new Map<OperationId, Promise<void>>();
  readonly #listeners = new Map<OperationId, Set<Listener>>();
  readonly #listenersOfAll = new Set<Listener>();

  constructor(
    ledger: Ledger,
    log: Log,
    outboxOf: (event: OperationEvent, operation: Operation) => readonly OutboxEntry[],
  ) {
    this.#ledger = ledger;
    this.#log = log;
    this.#outboxOf = outboxOf;
    for (const operation of ledger.open()) this.#heads.set(operation.id, operation);
  }

  /** The row with every event that was recorded, durable or not. */
  head(id: OperationId): Operation | null {
    return this.#heads.get(id) ?? this.#ledger.find(id);
  }

  /** Whether its row is open, or on its way to the disk. */
  awaits(id: OperationId): boolean {
    return this.#heads.has(id);
  }

  /** Rows that are not final, with what is on its way to the disk. */
  open(): readonly Operation[] {
    return [...this.#heads.values()].filter(({ state }) => !isFinal(state));
  }

  /** The row as it is on disk. */
  durable(id: OperationId): Operation | null {
    return this.#ledger.find(id);
  }

  /** Resolves when nothing of this operation waits for the disk. */
  async settled(id: OperationId): Promise<void> {
    await this.#inFlight.get(id)?.catch(() => undefined);
  }

  /** Applies and appends; throws IllegalEventError where a row does not allow its event. */
  record(...entries: readonly Entry[]): Recorded {
    const before = new Map(entries.map(({ id }) => [id, this.#heads.get(id)]));
    const writes: LedgerWrite[] = [];
    try {
      for (const { id, event } of entries) {
        const next = transition(event.kind === 'accepted' ? null : this.head(id), event);
        if (next.kind === 'illegal') throw new IllegalEventError(`${id}: ${next.reason}`);
        this.#heads.set(id, next.operation);
        const outbox = this.#outboxOf(event, next.operation);
        writes.push({ event, operation: next.operation, outbox });
      }
    } catch (error) {
      for (const [id, row] of before) this.#restore(id, row ?? null);
      throw error;
    }
    const lineage = new Map(entries.map(({ id }) => [id, this.#putBack.get(id)]));
    const durable = this.#ledger.append(writes).then(
      (stored) => this.#publish(stored, writes),
      (error: unknown) => {
        for (const [id, times] of lineage) {
          if (this.#putBack.get(id) !== times) continue;
          this.#putBack.set(id, (times ?? 0) + 1);
          this.#restore(id, this.#ledger.find(id));
        }
        throw error;
      },
    );
    // A caller that does not await a live text must not bring the process down.
    durable.catch(() => undefined);
    for (const { id } of entries) this.#track(id, durable);
    return { operations: writes.map((write) => write.operation), durable };
  }

  subscribe(id: OperationId, listener: Listener): () => void {
    const set = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(id);
    };
  }

  subscribeAll(listener: Listener): () => void {
    this.#listenersOfAll.add(listener);
    return () => this.#listenersOfAll.delete(listener);
  }

  #restore(id: OperationId, row: Operation | null): void {
    if (row === null || isFinal(row.state)) this.#heads.delete(id);
    else this.#heads.set(id, row);
  }

  #track(id: OperationId, durable: Promise<void>): void {
    this.#inFlight.set(id, durable);
    const done = (): void => {
      if (this.#inFlight.get(id) !== durable) return;
      this.#inFlight.delete(id);
      // Nothing is on its way that could be taken for a newer lineage.
      this.#putBack.delete(id);
    };
    void durable.catch(() => undefined).finally(done);
  }

  #publish(
    stored: readonly StoredEvent[],
    writes: readonly { readonly operation: Operation }[],
  ): void {
    for (const [index, event] of stored.entries()) {
      const operation = writes[index]?.operation;
      if (operation === undefined) continue;
      // The head stays only where a later event waits on top of this one.
      const head = this.#heads.get(operation.id);
      if (head === undefined || head.version <= operation.version) {
        this.#restore(operation.id, operation);
      }
      for (const listener of this.#listeners.get(operation.id) ?? []) {
        this.#tell(listener, event, operation);
      }
      for (const listener of this.#listenersOfAll) this.#tell(listener, event, operation);
    }
  }

  #tell(listener: Listener, event: StoredEvent, operation: Operation): void {
    try {
      listener(event, operation);
    } catch (error) {
      this.#log.error('listener-failed', { operation: operation.id }, error);
    }
  }
}
