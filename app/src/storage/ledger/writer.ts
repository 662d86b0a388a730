// The one connection that writes the ledger. Synchronous: it lives in a thread of its own.
import type Sqlite from 'better-sqlite3';
import { OPERATIONS_PER_SPAN } from '../../domain/limits.ts';
import { LedgerError } from '../../ports/ledger.ts';
import { Ballast } from './ballast.ts';
import { eventHash, sha256 } from './chain.ts';
import { faultOf } from './faults.ts';
import { headOf, openForWriting, type WritableLedger } from './opening.ts';
import type { PackedRow, PackedWrite } from './packing.ts';
import { OUTBOX_LANE, type OutboxWriter, writeOutbox } from './outbox.ts';
import {
  type CallResult,
  OUTBOX_BEHIND,
  type OutboxChange,
  type PackedCall,
  type WriterAnswer,
  type WriterCondition,
} from './protocol.ts';

type Condition =
  | { kind: 'well' }
  /** The ballast is given up: running operations are written, new ones are refused. */
  | { kind: 'reserve' }
  /** The last try to write failed; the next one may succeed. */
  | { kind: 'refused'; fault: LedgerError }
  /** The file is damaged: nothing is written to it again. */
  | { kind: 'damaged'; fault: LedgerError };

/**
 * INVARIANTS
 * - `#head` is the last event that is on disk, except inside `#attempt`.
 * - A batch is one transaction; a call in it is one savepoint: all of its writes or none.
 */
export class Writer {
  readonly #folder: string;
  readonly #ledger: WritableLedger;
  readonly #statements: Statements;
  readonly #outbox: OutboxWriter;
  readonly #ballast: Ballast;
  #head: { seq: number; hash: string };
  #condition: Condition = { kind: 'well' };

  /** Throws LedgerError where the ledger cannot be opened. */
  constructor(folder: string, createdAt: number) {
    this.#folder = folder;
    this.#ledger = openForWriting(folder, createdAt);
    this.#head = headOf(this.#ledger.database);
    this.#statements = prepare(this.#ledger.database);
    this.#outbox = writeOutbox(this.#ledger.database);
    this.#ballast = new Ballast(folder);
    if (!this.#ballast.restore()) this.#condition = { kind: 'reserve' };
  }

  condition(): WriterCondition {
    switch (this.#condition.kind) {
      case 'well':
        return { writable: true, reason: null };
      case 'reserve':
        return { writable: false, reason: 'the disk is full: only running operations are written' };
      case 'refused':
      case 'damaged':
        return { writable: false, reason: this.#condition.fault.message };
    }
  }

  /** Writes the calls in one commit; what it returns as written is on disk. */
  commit(calls: readonly PackedCall[]): readonly CallResult[] {
    const { kind } = this.#condition;
    if (kind === 'damaged') return refuseAll(calls, this.#condition.fault);
    if (kind !== 'well') this.#ballast.restore();
    const first = this.#try(calls);
    if (first.kind === 'done') return first.results;
    if (first.fault.code === 'full' && this.#ballast.release()) {
      const second = this.#try(calls);
      return second.kind === 'done' ? second.results : refuseAll(calls, second.fault);
    }
    return refuseAll(calls, first.fault);
  }

  /** A delivery that cannot be written is delivered again; the ballast is not for it. */
  changeOutbox(change: OutboxChange): WriterAnswer {
    if (this.#condition.kind === 'damaged') {
      return { kind: 'refused', code: 'damaged', detail: this.#condition.fault.message };
    }
    let changed = false;
    const fault = this.#guarded(() => {
      changed = this.#outbox(change);
    });
    return fault === null
      ? { kind: 'done', changed }
      : { kind: 'refused', code: fault.code, detail: fault.message };
  }

  /** Where the disk refused the last time: looks whether it takes a write again. */
  probe(): void {
    const { kind } = this.#condition;
    if (kind === 'well' || kind === 'damaged') return;
    this.#ballast.restore();
    this.#guarded(() => {
      this.#ledger.database.exec('UPDATE meta SET schema = schema');
    });
  }

  get database(): Sqlite.Database {
    return this.#ledger.database;
  }

  close(): void {
    this.#ledger.close();
  }

  #try(
    calls: readonly PackedCall[],
  ): { kind: 'done'; results: CallResult[] } | { kind: 'failed'; fault: LedgerError } {
    let results: CallResult[] = [];
    const fault = this.#guarded(() => {
      results = this.#attempt(calls);
    });
    return fault === null ? { kind: 'done', results } : { kind: 'failed', fault };
  }

  /** Keeps `#condition` true to what came of the action; throws what is none of the disk's. */
  #guarded(action: () => void): LedgerError | null {
    try {
      action();
      this.#condition = this.#ballast.held ? { kind: 'well' } : { kind: 'reserve' };
      return null;
    } catch (error) {
      const fault = faultOf(error, this.#folder);
      if (fault === null) throw error;
      this.#condition = { kind: fault.code === 'damaged' ? 'damaged' : 'refused', fault };
      return fault;
    }
  }

  #attempt(calls: readonly PackedCall[]): CallResult[] {
    const { database } = this.#ledger;
    const head = this.#head;
    database.exec('BEGIN IMMEDIATE');
    try {
      const results = calls.map((call) => this.#call(call));
      database.exec('COMMIT');
      return results;
    } catch (error) {
      this.#head = head;
      // SQLite itself rolls back after some failures.
      if (database.inTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  #call(call: PackedCall): CallResult {
    if (!this.#ballast.held && call.some((write) => write.kind === 'accepted')) {
      return { kind: 'refused', code: 'full', detail: 'the disk is full' };
    }
    const { database } = this.#ledger;
    const head = this.#head;
    database.exec('SAVEPOINT call');
    try {
      const links = call.map((write) => this.#write(write));
      database.exec('RELEASE call');
      return { kind: 'written', links };
    } catch (error) {
      const conflict = conflictOf(error);
      if (conflict === null) throw error;
      this.#head = head;
      database.exec('ROLLBACK TO call; RELEASE call');
      return { kind: 'refused', code: 'conflict', detail: conflict.message };
    }
  }

  #write({ kind, at, body, row, outbox }: PackedWrite): { seq: number; hash: string } {
    this.#writeRow(row);
    const link = {
      seq: this.#head.seq + 1,
      operation: row.id,
      version: row.version,
      kind,
      at,
      body,
      rowHash: sha256(row.row),
    };
    const hash = eventHash(this.#head.hash, link);
    this.#statements.insertEvent.run({ ...link, hash });
    for (const entry of outbox) this.#statements.insertOutbox.run({ ...entry, at });
    this.#head = { seq: link.seq, hash };
    return this.#head;
  }

  #writeRow(row: PackedRow): void {
    if (row.version === 1) {
      const { changes, lastInsertRowid } = this.#statements.insertRow.run(row);
      if (changes !== 1) throw new LedgerError('conflict', `${row.id} exists`);
      const span = Math.floor((Number(lastInsertRowid) - 1) / OPERATIONS_PER_SPAN);
      this.#statements.widenSpan.run({ span, at: row.createdAt });
      return;
    }
    if (this.#statements.updateRow.run(row).changes !== 1) {
      const detail = `${row.id}: version ${row.version} does not follow the last`;
      throw new LedgerError('conflict', detail);
    }
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: Sqlite.Database) {
  return {
    insertEvent: database.prepare(`
      INSERT INTO events (seq, operation, version, kind, at, body, row_hash, hash)
      VALUES (@seq, @operation, @version, @kind, @at, @body, @rowHash, @hash)`),
    insertRow: database.prepare(`
      INSERT INTO operations (id, version, terminal, kind, state, final, amount, currency,
        reference, rrn, card_last4, created_at, finished_at, asked_by, row)
      VALUES (@id, @version, @terminal, @kind, @state, @final, @amount, @currency,
        @reference, @rrn, @cardLast4, @createdAt, @finishedAt, @askedBy, @row)
      ON CONFLICT (id) DO NOTHING`),
    updateRow: database.prepare(`
      UPDATE operations SET version = @version, state = @state, final = @final, rrn = @rrn,
        card_last4 = @cardLast4, finished_at = @finishedAt, row = @row
      WHERE id = @id AND version = @version - 1`),
    widenSpan: database.prepare(`
      INSERT INTO spans (span, created_first, created_last) VALUES (@span, @at, @at)
      ON CONFLICT (span) DO UPDATE SET created_first = min(created_first, @at),
        created_last = max(created_last, @at)`),
    insertOutbox: database.prepare(`
      INSERT INTO outbox (topic, lane, operation, payload, created_at, next_at)
      SELECT @topic, @lane, @operation, @payload, @at,
        CASE WHEN EXISTS (${OUTBOX_LANE}) THEN ${OUTBOX_BEHIND} ELSE @at END`),
  };
}

/** What is wrong with one call and not with the disk. */
function conflictOf(error: unknown): Error | null {
  if (error instanceof LedgerError) return error.code === 'conflict' ? error : null;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof Error && code.startsWith('SQLITE_CONSTRAINT') ? error : null;
}

function refuseAll(calls: readonly PackedCall[], fault: LedgerError): readonly CallResult[] {
  return calls.map(() => ({ kind: 'refused', code: fault.code, detail: fault.message }));
}
