// The ledger of one process life over a faulty disk: group commit, and nothing is visible or
// acknowledged before its sync has passed on the fake clock.
import { createHash } from 'node:crypto';
import type { OperationId } from '../../app/src/domain/ids.ts';
import { COMMIT_BATCH_MAX, LEDGER_BACKLOG_MAX } from '../../app/src/domain/limits.ts';
import { isFinal, type Operation } from '../../app/src/domain/operation.ts';
import type { Clock } from '../../app/src/ports/clock.ts';
import {
  type Ledger,
  LedgerError,
  type LedgerHealth,
  type LedgerWrite,
  type OperationPage,
  type OperationQuery,
  type StoredEvent,
} from '../../app/src/ports/ledger.ts';
import type { FaultyDisk } from './faulty-disk.ts';

export interface FaultyLedgerOptions {
  /** How long a sync takes; 2 ms unless given. */
  readonly syncMs?: () => number;
  /** Canary: `accepted` and `started` are acknowledged before they are synced. */
  readonly skipFirstSync?: boolean;
  /** Without it the chain is left out, which is faster; tests of the chain ask for it. */
  readonly hashes?: boolean;
  /** Hears of each append: a point where a test may cut the power. */
  readonly onStep?: () => void;
}

interface Pending {
  readonly writes: readonly LedgerWrite[];
  readonly resolve: (stored: readonly StoredEvent[]) => void;
  readonly reject: (error: LedgerError) => void;
}

/**
 * INVARIANTS
 * - Reads see only what is acknowledged; without the canary that is what is synced.
 * - A row is refused unless its version follows the last one of its operation.
 * - After the disk's power cut nothing of this object acts or answers any more.
 */
export class FaultyLedger implements Ledger {
  readonly #disk: FaultyDisk;
  readonly #clock: Clock;
  readonly #options: FaultyLedgerOptions;
  readonly #life: number;
  readonly #rows = new Map<OperationId, Operation>();
  readonly #events = new Map<OperationId, StoredEvent[]>();
  #seq = 0;
  #hash = '';
  #queue: Pending[] = [];
  #committing = false;
  #closed = false;
  #lastCommitMs: number | null = null;

  constructor(disk: FaultyDisk, clock: Clock, options: FaultyLedgerOptions = {}) {
    this.#disk = disk;
    this.#clock = clock;
    this.#options = options;
    this.#life = disk.life;
    for (const commit of disk.commits) {
      for (const write of commit.writes) this.#apply(asRead(write));
    }
  }

  append(writes: readonly LedgerWrite[]): Promise<readonly StoredEvent[]> {
    this.#options.onStep?.();
    if (this.#dead) return new Promise(() => undefined);
    if (this.#closed) return Promise.reject(new LedgerError('closed', 'the ledger is closed'));
    if (this.#queue.length >= LEDGER_BACKLOG_MAX) {
      return Promise.reject(new LedgerError('backlog', 'the disk is not keeping up'));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ writes, resolve, reject });
      // What is appended in the same turn goes into one commit.
      if (!this.#committing) {
        this.#committing = true;
        queueMicrotask(() => this.#commit());
      }
    });
  }

  find(id: OperationId): Operation | null {
    return this.#rows.get(id) ?? null;
  }

  list(query: OperationQuery): OperationPage {
    const from = query.cursor === undefined ? 0 : Number(query.cursor);
    const matching = [...this.#rows.values()].toReversed().filter((row) => matches(row, query));
    const operations = matching.slice(from, from + query.limit);
    const end = from + operations.length;
    return { operations, next: end < matching.length ? String(end) : null };
  }

  events(id: OperationId, after: number): readonly StoredEvent[] {
    return (this.#events.get(id) ?? []).filter(({ seq }) => seq > after);
  }

  open(): readonly Operation[] {
    return [...this.#rows.values()].filter(({ state }) => !isFinal(state));
  }

  /** Every row, oldest first. */
  all(): readonly Operation[] {
    return [...this.#rows.values()];
  }

  health(): LedgerHealth {
    const writable = !this.#closed && !this.#disk.full;
    return {
      writable,
      reason: writable ? null : 'no space left on device',
      backlog: this.#queue.length,
      lastCommitMs: this.#lastCommitMs,
    };
  }

  ping(): Promise<void> {
    return this.health().writable
      ? Promise.resolve()
      : Promise.reject(new LedgerError('full', 'no space left on device'));
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  get #dead(): boolean {
    return this.#life !== this.#disk.life;
  }

  #commit(): void {
    if (this.#dead) return;
    const batch = this.#queue.splice(0, COMMIT_BATCH_MAX);
    const failure = this.#failure();
    if (failure !== null) {
      for (const { reject } of batch) reject(failure);
      this.#next();
      return;
    }
    const accepted = this.#withoutConflicts(batch);
    if (accepted.length === 0) {
      this.#next();
      return;
    }
    this.#disk.write({ writes: accepted.flatMap(({ writes }) => writes) });
    if (this.#options.skipFirstSync === true && accepted.some(beginsSomething)) {
      this.#acknowledge(accepted);
      this.#next();
      return;
    }
    const ms = this.#options.syncMs?.() ?? 2;
    this.#clock.after(ms, () => {
      if (this.#dead) return;
      this.#lastCommitMs = ms;
      this.#disk.sync();
      this.#acknowledge(accepted);
      this.#next();
    });
  }

  #failure(): LedgerError | null {
    if (this.#disk.full) return new LedgerError('full', 'no space left on device');
    if (this.#disk.failing === 0) return null;
    this.#disk.failing -= 1;
    return new LedgerError('io', 'input/output error');
  }

  #next(): void {
    if (this.#queue.length > 0) queueMicrotask(() => this.#commit());
    else this.#committing = false;
  }

  /** Refuses the appends whose rows do not follow; the others go on. */
  #withoutConflicts(batch: readonly Pending[]): Pending[] {
    const versions = new Map<OperationId, number>();
    const versionOf = (id: OperationId): number =>
      versions.get(id) ?? this.#rows.get(id)?.version ?? 0;
    return batch.filter(({ writes, reject }) => {
      const mine = new Map<OperationId, number>();
      for (const { operation } of writes) {
        const before = mine.get(operation.id) ?? versionOf(operation.id);
        if (operation.version !== before + 1) {
          const detail = `${operation.id}: version ${operation.version} after ${before}`;
          reject(new LedgerError('conflict', detail));
          return false;
        }
        mine.set(operation.id, operation.version);
      }
      for (const [id, version] of mine) versions.set(id, version);
      return true;
    });
  }

  #acknowledge(accepted: readonly Pending[]): void {
    for (const { writes, resolve } of accepted) {
      resolve(writes.map((write) => this.#apply(write)));
    }
  }

  #apply({ event, operation }: LedgerWrite): StoredEvent {
    this.#seq += 1;
    if (this.#options.hashes === true) {
      const text = this.#hash + JSON.stringify(event);
      this.#hash = createHash('sha256').update(text).digest('hex');
    }
    const stored = { seq: this.#seq, operation: operation.id, event, hash: this.#hash };
    this.#rows.set(operation.id, operation);
    const events = this.#events.get(operation.id);
    if (events === undefined) this.#events.set(operation.id, [stored]);
    else events.push(stored);
    return stored;
  }
}

/** A new process reads text from the disk, not the objects of the old one. */
function asRead(write: LedgerWrite): LedgerWrite {
  return JSON.parse(JSON.stringify(write)) as LedgerWrite; // what was written was a LedgerWrite
}

function beginsSomething({ writes }: Pending): boolean {
  return writes.some(({ event }) => event.kind === 'accepted' || event.kind === 'started');
}

function matches(row: Operation, query: OperationQuery): boolean {
  return (
    (query.terminal === undefined || row.request.terminal === query.terminal) &&
    (query.terminals === undefined || query.terminals.includes(row.request.terminal)) &&
    (query.state === undefined || row.state === query.state) &&
    (query.kind === undefined || row.request.kind === query.kind) &&
    (query.reference === undefined || row.request.reference === query.reference) &&
    (query.from === undefined || row.createdAt >= query.from) &&
    (query.to === undefined || row.createdAt < query.to) &&
    (query.rrn === undefined || row.result?.rrn === query.rrn)
  );
}
