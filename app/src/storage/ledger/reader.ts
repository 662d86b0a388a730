// Reads on the main thread, over a connection of its own; a commit that returned is visible.
import type { Database, Statement } from 'better-sqlite3';
import { PAGE_SIZE, ROWS_CACHED } from '../../domain/limits.ts';
import { type OperationId, terminalId } from '../../domain/ids.ts';
import type { Operation } from '../../domain/operation.ts';
import type { OperationPage, OperationQuery, StoredEvent } from '../../ports/ledger.ts';
import { faultOf } from './faults.ts';
import { cursorAfter, listSql, ordinalOf, type Range, rangesOf } from './list-query.ts';
import { openForReading } from './opening.ts';
import { type OutboxReader, readOutbox } from './outbox.ts';
import { unpackEvent, unpackOperation } from './packing.ts';

interface Kept {
  readonly operation: Operation;
  /** Of its JSON. */
  readonly characters: number;
}

const EVERYTHING: Range = { first: 0, last: Number.MAX_SAFE_INTEGER };

/**
 * INVARIANTS
 * - `#rows` holds rows as they are on disk; whoever appends says `wrote` or `forget` before the
 *   append resolves.
 * - `#characters` is the sum of theirs.
 */
export class Reader {
  readonly #folder: string;
  readonly #database: Database;
  readonly #rows = new Map<OperationId, Kept>();
  #characters = 0;
  readonly #lists = new Map<string, Statement<unknown[], { ordinal: number }>>();
  readonly #row: Statement<[number], { row: string }>;
  readonly #find: Statement<[string], { row: string }>;
  readonly #events: Statement<[string, number], { seq: number; body: string; hash: string }>;
  readonly #open: Statement<[], { row: string }>;
  readonly #spans: Statement<[number, number], { span: number }>;
  readonly outbox: OutboxReader;

  constructor(folder: string) {
    this.#folder = folder;
    this.#database = openForReading(folder);
    this.#find = this.#database.prepare('SELECT row FROM operations WHERE id = ?');
    this.#row = this.#database.prepare('SELECT row FROM operations WHERE ordinal = ?');
    this.#events = this.#database.prepare(
      'SELECT seq, body, hash FROM events WHERE operation = ? AND seq > ? ORDER BY seq',
    );
    this.outbox = readOutbox(this.#database);
    this.#open = this.#database.prepare(
      'SELECT row FROM operations INDEXED BY operations_open WHERE final = 0 ORDER BY ordinal',
    );
    this.#spans = this.#database.prepare(
      'SELECT span FROM spans WHERE created_last >= ? AND created_first < ? ORDER BY span DESC',
    );
  }

  find(id: OperationId): Operation | null {
    const kept = this.#rows.get(id);
    if (kept !== undefined) {
      // The newest use goes to the end; the front is what is dropped.
      this.#rows.delete(id);
      this.#rows.set(id, kept);
      return kept.operation;
    }
    const found = this.#guarded(() => this.#find.get(id));
    if (found === undefined) return null;
    const operation = unpackOperation(found.row);
    this.wrote(operation, found.row.length);
    return operation;
  }

  /** This row is on disk; `characters` is the length of its text. */
  wrote(operation: Operation, characters: number): void {
    this.forget(operation.id);
    this.#rows.set(operation.id, { operation, characters });
    this.#characters += characters;
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= ROWS_CACHED.count && this.#characters <= ROWS_CACHED.characters)
        return;
      this.forget(oldest);
    }
  }

  /** What is on disk is not known. */
  forget(id: OperationId): void {
    this.#characters -= this.#rows.get(id)?.characters ?? 0;
    this.#rows.delete(id);
  }

  list(query: OperationQuery): OperationPage {
    const limit = Math.min(Math.max(1, query.limit), PAGE_SIZE.largest);
    const before = query.cursor === undefined ? EVERYTHING.last : ordinalOf(query.cursor);
    return this.#guarded(() => {
      const ordinals = this.#ordinals(query, before, limit + 1);
      const page = ordinals.slice(0, limit);
      const last = page.at(-1);
      return {
        operations: page.map((ordinal) => this.#at(ordinal)),
        next: ordinals.length > limit && last !== undefined ? cursorAfter(last) : null,
      };
    });
  }

  events(id: OperationId, after: number): readonly StoredEvent[] {
    const found = this.#guarded(() => this.#events.all(id, after));
    return found.map(({ seq, body, hash }) => ({
      seq,
      operation: id,
      event: unpackEvent(body),
      hash,
    }));
  }

  open(): readonly Operation[] {
    return this.#guarded(() => this.#open.all()).map(({ row }) => unpackOperation(row));
  }

  close(): void {
    this.#database.close();
  }

  #at(ordinal: number): Operation {
    const found = this.#row.get(ordinal);
    if (found === undefined) throw new Error(`row ${ordinal} is listed and not there`);
    return unpackOperation(found.row);
  }

  /** Of several terminals each has its own list in order; the newest of all are the page. */
  #ordinals(query: OperationQuery, before: number, count: number): readonly number[] {
    const { terminal, terminals, ...rest } = query;
    if (terminals === undefined) return this.#ordinalsOfOne(query, before, count);
    const asked = terminal === undefined ? terminals : terminals.filter((id) => id === terminal);
    return [...new Set(asked)]
      .flatMap((id) => this.#ordinalsOfOne({ ...rest, terminal: terminalId(id) }, before, count))
      .sort((a, b) => b - a)
      .slice(0, count);
  }

  #ordinalsOfOne(query: OperationQuery, before: number, count: number): readonly number[] {
    const { sql, values } = listSql(query);
    const statement = this.#lists.get(sql) ?? this.#database.prepare(sql);
    this.#lists.set(sql, statement);
    const from = query.from ?? Number.MIN_SAFE_INTEGER;
    const to = query.to ?? Number.MAX_SAFE_INTEGER;
    const ordinals: number[] = [];
    for (const { first, last } of this.#ranges(query, from, to)) {
      if (first >= before) continue;
      const left = count - ordinals.length;
      if (left <= 0) break;
      const found = statement.all(...values, from, to, first, Math.min(last, before - 1), left);
      ordinals.push(...found.map(({ ordinal }) => ordinal));
    }
    return ordinals;
  }

  #ranges(query: OperationQuery, from: number, to: number): readonly Range[] {
    if (query.from === undefined && query.to === undefined) return [EVERYTHING];
    return rangesOf(this.#spans.all(from, to).map(({ span }) => span));
  }

  #guarded<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw faultOf(error, this.#folder) ?? error;
    }
  }
}
