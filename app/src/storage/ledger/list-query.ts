// A list query as SQL over an index that has its rows in order; nothing is sorted or skipped.
import { OPERATIONS_PER_SPAN } from '../../domain/limits.ts';
import { FINAL_STATES } from '../../domain/operation.ts';
import type { OperationQuery } from '../../ports/ledger.ts';

export interface ListSql {
  /** Parameters: those of `values`, then `from`, `to`, first ordinal, last ordinal, limit. */
  readonly sql: string;
  /** Whether one ordinal is of this list: `values`, then the ordinal. */
  readonly probe: string;
  readonly values: readonly string[];
}

const INDEXES: Readonly<Record<string, string>> = {
  '': '',
  terminal: 'operations_terminal',
  kind: 'operations_kind',
  'terminal kind': 'operations_terminal_kind',
  state: 'operations_state',
  'terminal state': 'operations_terminal_state',
  'kind state': 'operations_kind_state',
  'terminal kind state': 'operations_terminal_kind_state',
};

export function listSql(query: OperationQuery): ListSql {
  const { terminal, kind, state, reference, rrn } = query;
  const equal = Object.entries({ terminal, kind, state, reference, rrn }).filter(
    (entry): entry is [string, NonNullable<(typeof entry)[1]>] => entry[1] !== undefined,
  );
  const index = indexFor(
    query,
    equal.map(([column]) => column),
  );
  const conditions = [
    ...equal.map(([column]) => `${column} = ?`),
    // Said as the index says it, or SQLite would not use it.
    ...(state === undefined ? [] : [`final = ${isFinalState(state) ? 1 : 0}`]),
  ];
  const placed = [...conditions, 'created_at >= ?', 'created_at < ?', 'ordinal BETWEEN ? AND ?'];
  const from = `SELECT ordinal FROM operations ${index === '' ? '' : `INDEXED BY ${index}`}`;
  const sql = `${from} WHERE ${placed.join(' AND ')} ORDER BY ordinal DESC LIMIT ?`;
  const probe = `${from} WHERE ${[...conditions, 'ordinal = ?'].join(' AND ')}`;
  return { sql, probe, values: equal.map(([, value]) => value) };
}

/** Ordinals, both ends included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Spans of a period, newest first, as ranges of ordinals; neighbours are one range. */
export function rangesOf(spans: readonly number[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const span of spans) {
    const first = span * OPERATIONS_PER_SPAN + 1;
    const last = first + OPERATIONS_PER_SPAN - 1;
    const newer = ranges.at(-1);
    if (newer !== undefined && newer.first === last + 1)
      ranges[ranges.length - 1] = { ...newer, first };
    else ranges.push({ first, last });
  }
  return ranges;
}

export function cursorAfter(ordinal: number): string {
  return Buffer.from(`1.${ordinal}`).toString('base64url');
}

/** The ordinal that the page before ended with; throws RangeError on anything else. */
export function ordinalOf(cursor: string): number {
  const match = /^1\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw new RangeError('not a cursor of this list');
  return Number(match[1]);
}

/** The narrowest index first: a receipt number, a document, a row that is still open. */
function indexFor({ rrn, reference, state }: OperationQuery, columns: readonly string[]): string {
  if (rrn !== undefined) return 'operations_rrn';
  if (reference !== undefined) return 'operations_reference';
  if (state !== undefined && !isFinalState(state)) return 'operations_open';
  return INDEXES[columns.join(' ')] ?? '';
}

function isFinalState(state: string): boolean {
  return (FINAL_STATES as readonly string[]).includes(state);
}
