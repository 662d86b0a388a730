// Sums of whole days, remembered until an operation of that day changes.
import type { Operation } from '../../domain/operation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Reports, SumRow } from '../../ports/reports.ts';
import { type LocalDate, localDate, periodOf } from './days.ts';

/** Two charts' worth of days in a few zones. */
const DAYS_KEPT = 100;

/**
 * INVARIANT: a remembered day is what the ledger had when its last event came: whoever subscribes
 * says `changed` for every event.
 */
export class DaySums {
  readonly #reports: Reports;
  readonly #clock: Clock;
  readonly #days = new Map<string, readonly SumRow[]>();
  #zone = '';

  constructor(reports: Reports, clock: Clock) {
    this.#reports = reports;
    this.#clock = clock;
  }

  changed(operation: Operation): void {
    if (this.#zone !== '') this.#days.delete(localDate(operation.createdAt, this.#zone));
  }

  day(date: LocalDate, zone: string): readonly SumRow[] {
    if (zone !== this.#zone) {
      this.#days.clear();
      this.#zone = zone;
    }
    const known = this.#days.get(date);
    if (known !== undefined) return known;
    const rows = this.#reports.sums(periodOf(date, zone));
    this.#days.set(date, rows);
    const [oldest] = this.#days.keys();
    if (this.#days.size > DAYS_KEPT && oldest !== undefined) this.#days.delete(oldest);
    return rows;
  }

  /** Between two days that must be read, payments have their turn. */
  async days(dates: readonly LocalDate[], zone: string): Promise<readonly (readonly SumRow[])[]> {
    const all: (readonly SumRow[])[] = [];
    for (const date of dates) {
      if (zone !== this.#zone || !this.#days.has(date)) await this.#clock.sleep(0);
      all.push(this.day(date, zone));
    }
    return all;
  }
}

export interface Turnover {
  readonly sales: { readonly count: number; readonly amount: number };
  readonly returns: { readonly count: number; readonly amount: number };
  /** Sales minus returns. */
  readonly net: number;
  readonly unsuccessful: number;
  readonly unresolved: number;
}

const SALES = ['purchase', 'completion', 'cashback', 'instalment', 'service'];
const RETURNS = ['refund', 'instalment-refund'];

/** What reversed operations took is given back already, so they count for nothing. */
export function turnoverOf(rows: readonly SumRow[]): Turnover {
  const sum = (kinds: readonly string[]) =>
    rows
      .filter(({ kind, state }) => state === 'approved' && kinds.includes(kind))
      .reduce(
        (total, row) => ({ count: total.count + row.count, amount: total.amount + row.amount }),
        { count: 0, amount: 0 },
      );
  const count = (states: readonly string[]) =>
    rows
      .filter(({ kind, state }) => states.includes(state) && [...SALES, ...RETURNS].includes(kind))
      .reduce((total, row) => total + row.count, 0);
  const [sales, returns] = [sum(SALES), sum(RETURNS)];
  return {
    sales,
    returns,
    net: sales.amount - returns.amount,
    unsuccessful: count(['declined', 'cancelled', 'failed']),
    unresolved: count(['unknown']),
  };
}
