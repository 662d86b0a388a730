// Sums and search for pages, over a reading connection of their own.
import type { Period, Reports, SumRow } from '../../ports/reports.ts';
import { faultOf } from './faults.ts';
import { rangesOf } from './list-query.ts';
import { openForReading } from './opening.ts';
import { openSearch } from './search.ts';

const SUMS = `SELECT terminal, json_extract(row, '$.request.merchant') AS merchant, kind, state,
  currency, COUNT(*) AS count, COALESCE(SUM(json_extract(row, '$.approvedAmount')), 0) AS amount
  FROM operations WHERE ordinal BETWEEN ? AND ? AND created_at >= ? AND created_at < ?
  GROUP BY 1, 2, 3, 4, 5`;

export function openReports(folder: string): Reports {
  const database = openForReading(folder);
  const sums = database.prepare<number[], SumRow>(SUMS);
  const spans = database.prepare<[number, number], { span: number }>(
    'SELECT span FROM spans WHERE created_last >= ? AND created_first < ? ORDER BY span DESC',
  );
  const search = openSearch(database);
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
    search: (query) => guarded(() => search(query)),
    close: () => database.close(),
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
