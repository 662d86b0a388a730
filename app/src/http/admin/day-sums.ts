// Sums of whole days, remembered until an operation of that day changes.
import type { EventKind } from '../../domain/event.ts';
import type { Instant } from '../../domain/ids.ts';
import type { Operation } from '../../domain/operation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Reports, SumRow } from '../../ports/reports.ts';
import { addDays, type LocalDate, localDate, periodOf, startOf } from '../../domain/days.ts';

/** Events after which an operation counts elsewhere than before. */
const CHANGING: readonly EventKind[] = ['concluded', 'lost', 'resolved', 'reversed'];
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

  changed(event: EventKind, operation: Operation): void {
    // A live text changes no sum, and there are many of them.
    if (!CHANGING.includes(event)) return;
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

  /** Any period: whole days as they are remembered, and its ends from the ledger. */
  async between(from: Instant, to: Instant, zone: string): Promise<readonly SumRow[]> {
    const [first, last] = [localDate(from, zone), localDate(to, zone)];
    if (first === last) return this.#reports.sums({ from, to });
    const whole = datesBetween(addDays(first, 1), addDays(last, -1));
    const days = await this.days(whole, zone);
    return [
      ...this.#reports.sums({ from, to: startOf(addDays(first, 1), zone) }),
      ...days.flat(),
      ...this.#reports.sums({ from: startOf(last, zone), to }),
    ];
  }
}

/** All dates from one to another, both included. */
function datesBetween(first: LocalDate, last: LocalDate): LocalDate[] {
  const dates: LocalDate[] = [];
  for (let date = first; date <= last; date = addDays(date, 1)) dates.push(date);
  return dates;
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
