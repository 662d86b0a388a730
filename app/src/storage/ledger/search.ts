// A search of people who hold a slip: by its number, the document, the card or the sum, and filters
// beside it. Every step is a look into an index; how many steps a page may take is bounded.
import type { Database, Statement } from 'better-sqlite3';
import { PAGE_SIZE, SEARCH_CANDIDATES_MAX } from '../../domain/limits.ts';
import type { Operation } from '../../domain/operation.ts';
import type { OperationPage } from '../../ports/ledger.ts';
import type { SearchQuery } from '../../ports/reports.ts';
import { cursorAfter, listSql, ordinalOf, type Range, rangesOf } from './list-query.ts';
import { unpackOperation } from './packing.ts';

/** The narrowest first; each ends with the rowid, so the newest come first without a sort. */
const NARROW = [
  ['rrn', 'operations_rrn'],
  ['reference', 'operations_reference'],
  ['card_last4', 'operations_card'],
  ['amount', 'operations_amount'],
] as const;
type Narrow = (typeof NARROW)[number][0];
type Ordinals = Statement<unknown[], number>;

export type Search = (query: SearchQuery) => OperationPage;

/** The statements that a search is made of, for whoever asks for their plans. */
export function candidatesSql(column: Narrow): string {
  const index = NARROW.find(([name]) => name === column)?.[1] ?? '';
  return `SELECT ordinal FROM operations INDEXED BY ${index}
    WHERE ${column} = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal DESC LIMIT ?`;
}

export function openSearch(database: Database): Search {
  const statements = new Map<string, Ordinals>();
  const prepared = (sql: string): Ordinals => {
    const statement = statements.get(sql) ?? database.prepare<unknown[], number>(sql).pluck();
    statements.set(sql, statement);
    return statement;
  };
  const row = database.prepare<[number], { row: string }>(
    'SELECT row FROM operations WHERE ordinal = ?',
  );
  const spans = database.prepare<[number, number], { span: number }>(
    'SELECT span FROM spans WHERE created_last >= ? AND created_first < ? ORDER BY span DESC',
  );
  return (query) => {
    const given = valuesOf(query);
    const [first, ...others] = given;
    if (first === undefined)
      throw new RangeError('a search needs a number, a document, a card or a sum');
    const before = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : ordinalOf(query.cursor);
    const period = {
      from: query.from ?? Number.MIN_SAFE_INTEGER,
      to: query.to ?? Number.MAX_SAFE_INTEGER,
    };
    const whole = query.from === undefined && query.to === undefined;
    const ranges = whole
      ? [{ first: 0, last: Number.MAX_SAFE_INTEGER }]
      : rangesOf(spans.all(period.from, period.to).map(({ span }) => span));
    const candidates = candidatesOf(prepared(candidatesSql(first[0])), first[1], ranges, before);
    const fits = filterOf(prepared, query, others);
    return pageOf(candidates, query, (ordinal) => {
      if (!fits(ordinal)) return null;
      const found = row.get(ordinal);
      if (found === undefined) throw new Error(`row ${ordinal} is listed and not there`);
      const operation = unpackOperation(found.row);
      const { createdAt } = operation;
      return createdAt >= period.from && createdAt < period.to ? operation : null;
    });
  };
}

/** What is asked for by columns with an index of their own, the narrowest first. */
function valuesOf(query: SearchQuery): readonly (readonly [Narrow, string | number])[] {
  const { rrn, reference, cardLast4, amount } = query;
  const values: Readonly<Record<Narrow, string | number | undefined>> = {
    rrn,
    reference,
    card_last4: cardLast4,
    amount,
  };
  return NARROW.flatMap(([column]) => {
    const value = values[column];
    return value === undefined ? [] : [[column, value] as const];
  });
}

/** Newest first; one more than a page may look at says that there are more. */
function candidatesOf(
  statement: Ordinals,
  value: string | number,
  ranges: readonly Range[],
  before: number,
): readonly number[] {
  const ordinals: number[] = [];
  for (const { first, last } of ranges) {
    if (first >= before) continue;
    const left = SEARCH_CANDIDATES_MAX + 1 - ordinals.length;
    if (left <= 0) break;
    ordinals.push(...statement.all(value, first, Math.min(last, before - 1), left));
  }
  return ordinals;
}

/** Asks the indexes of the list about one ordinal: no row is read for one that does not fit. */
function filterOf(
  prepared: (sql: string) => Ordinals,
  { terminal, kind, state }: SearchQuery,
  others: readonly (readonly [Narrow, string | number])[],
): (ordinal: number) => boolean {
  const any = terminal !== undefined || kind !== undefined || state !== undefined;
  const list = listSql({ terminal, kind, state, limit: 1 });
  const filter = any ? prepared(list.probe) : null;
  const columns = others.map(([column, value]) => ({
    statement: prepared(candidatesSql(column)),
    value,
  }));
  return (ordinal) =>
    (filter === null || filter.get(...list.values, ordinal) !== undefined) &&
    columns.every(
      ({ statement, value }) => statement.get(value, ordinal, ordinal, 1) !== undefined,
    );
}

function pageOf(
  candidates: readonly number[],
  query: SearchQuery,
  read: (ordinal: number) => Operation | null,
): OperationPage {
  const limit = Math.min(Math.max(1, query.limit), PAGE_SIZE.largest);
  const operations: Operation[] = [];
  let last = 0;
  for (const ordinal of candidates.slice(0, SEARCH_CANDIDATES_MAX)) {
    const operation = read(ordinal);
    // The page is full and there is more: the next one begins after its last row.
    if (operation !== null && operations.length === limit)
      return { operations, next: cursorAfter(last) };
    // After a full page only a row that fits moves the cursor on.
    if (operations.length < limit) last = ordinal;
    if (operation !== null) operations.push(operation);
  }
  const more = candidates.length > SEARCH_CANDIDATES_MAX;
  return { operations, next: more ? cursorAfter(last) : null };
}
