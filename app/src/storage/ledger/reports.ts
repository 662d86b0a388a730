// Sums and search for pages, over a reading connection of their own.
import type { Database, Statement } from 'better-sqlite3';
import { PAGE_SIZE } from '../../domain/limits.ts';
import type { OperationPage } from '../../ports/ledger.ts';
import type { Period, Reports, SearchQuery, SumRow } from '../../ports/reports.ts';
import { faultOf } from './faults.ts';
import { cursorAfter, ordinalOf, rangesOf } from './list-query.ts';
import { openForReading } from './opening.ts';
import { unpackOperation } from './packing.ts';

const SUMS = `SELECT terminal, json_extract(row, '$.request.merchant') AS merchant, kind, state,
  currency, COUNT(*) AS count, COALESCE(SUM(json_extract(row, '$.approvedAmount')), 0) AS amount
  FROM operations WHERE ordinal BETWEEN ? AND ? AND created_at >= ? AND created_at < ?
  GROUP BY 1, 2, 3, 4, 5`;

/** The narrowest first; each ends with the rowid, so the newest come first without a sort. */
const SEARCH_INDEXES = [
  ['rrn', 'operations_rrn'],
  ['reference', 'operations_reference'],
  ['card_last4', 'operations_card'],
  ['amount', 'operations_amount'],
] as const;

export function openReports(folder: string): Reports {
  const database = openForReading(folder);
  const sums = database.prepare<number[], SumRow>(SUMS);
  const spans = database.prepare<[number, number], { span: number }>(
    'SELECT span FROM spans WHERE created_last >= ? AND created_first < ? ORDER BY span DESC',
  );
  const searches = new Map<string, Statement<unknown[], Found>>();
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw faultOf(error, folder) ?? error;
    }
  };
  return {
    sums: ({ from, to }: Period) =>
      guarded(() => {
        const ranges = rangesOf(spans.all(from, to).map(({ span }) => span));
        return merged(ranges.flatMap(({ first, last }) => sums.all(first, last, from, to)));
      }),
    search: (query) => guarded(() => search(database, searches, query)),
    close: () => database.close(),
  };
}

interface Found {
  ordinal: number;
  row: string;
}

function search(
  database: Database,
  statements: Map<string, Statement<unknown[], Found>>,
  query: SearchQuery,
): OperationPage {
  const limit = Math.min(Math.max(1, query.limit), PAGE_SIZE.largest);
  const before = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : ordinalOf(query.cursor);
  const equal = Object.entries({
    rrn: query.rrn,
    reference: query.reference,
    card_last4: query.cardLast4,
    amount: query.amount,
    terminal: query.terminal,
    kind: query.kind,
    state: query.state,
  }).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  const index = SEARCH_INDEXES.find(([column]) => equal.some(([name]) => name === column));
  if (index === undefined)
    throw new RangeError('a search needs a number, a document, a card or a sum');
  const conditions = [
    ...equal.map(([column]) => `${column} = ?`),
    'ordinal < ?',
    'created_at >= ?',
    'created_at < ?',
  ].join(' AND ');
  const sql = `SELECT ordinal, row FROM operations INDEXED BY ${index[1]}
    WHERE ${conditions} ORDER BY ordinal DESC LIMIT ?`;
  const statement = statements.get(sql) ?? database.prepare<unknown[], Found>(sql);
  statements.set(sql, statement);
  const from = query.from ?? Number.MIN_SAFE_INTEGER;
  const to = query.to ?? Number.MAX_SAFE_INTEGER;
  const found = statement.all(...equal.map(([, value]) => value), before, from, to, limit + 1);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    operations: page.map(({ row }) => unpackOperation(row)),
    next: found.length > limit && last !== undefined ? cursorAfter(last.ordinal) : null,
  };
}

/** A period may lie in several ranges; its groups are one. */
function merged(rows: readonly SumRow[]): readonly SumRow[] {
  const groups = new Map<string, SumRow>();
  for (const row of rows) {
    const { terminal, merchant, kind, state, currency } = row;
    const name = JSON.stringify([terminal, merchant, kind, state, currency]);
    const known = groups.get(name);
    const sum =
      known === undefined
        ? row
        : { ...row, count: known.count + row.count, amount: known.amount + row.amount };
    groups.set(name, sum);
  }
  return [...groups.values()];
}
