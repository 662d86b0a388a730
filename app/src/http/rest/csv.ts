// Operations as CSV (RFC 4180), for spreadsheets and accountants.
import { CSV_ROWS_PER_TURN } from '../../domain/limits.ts';
import { amountOf, type Operation } from '../../domain/operation.ts';
import type { Principal } from '../../operations/gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OperationPage, OperationQuery } from '../../ports/ledger.ts';
import { time } from './present.ts';
import type { Services } from './services.ts';

type Cell = string | number | null;

/** Amounts are minor units, as everywhere in the API. */
const COLUMNS: Readonly<Record<string, (operation: Operation) => Cell>> = {
  id: ({ id }) => id,
  createdAt: ({ createdAt }) => time(createdAt),
  finishedAt: ({ finishedAt }) => (finishedAt === null ? null : time(finishedAt)),
  kind: ({ request }) => request.kind,
  terminal: ({ request }) => request.terminal,
  merchant: ({ request }) => request.merchant,
  state: ({ state }) => state,
  code: ({ message }) => message.code,
  amount: ({ request }) => amountOf(request),
  approvedAmount: ({ approvedAmount }) => approvedAmount,
  discount: ({ discount }) => discount,
  bonus: ({ bonus }) => bonus,
  currency: ({ request }) => request.currency,
  reference: ({ request }) => request.reference,
  cashier: ({ request }) => request.cashier,
  askedBy: ({ askedBy }) => askedBy,
  rrn: ({ result }) => result?.rrn ?? null,
  authCode: ({ result }) => result?.authCode ?? null,
  invoice: ({ result }) => result?.invoice ?? null,
  batch: ({ result }) => result?.batch ?? null,
  card: ({ result }) => result?.card?.mask ?? null,
  brand: ({ result }) => result?.card?.brand ?? null,
  resolvedBy: ({ resolution }) => resolution?.by ?? null,
  resolvedByName: ({ resolution }) => (resolution?.by === 'person' ? resolution.name : null),
};

/** Excel takes CSV for UTF-8 only where a byte order mark says so. */
const BYTE_ORDER_MARK = '\uFEFF';

export function csvOf(
  { gateway, clock }: Pick<Services, 'gateway' | 'clock'>,
  who: Principal,
  query: OperationQuery,
): AsyncGenerator<string> {
  return csvOfPages(
    clock,
    (cursor, limit) => gateway.list(who, { ...query, limit, cursor }),
    query.cursor,
  );
}

/**
 * All pages, one chunk a page: the reader's pace is ours. A reader that is as fast as we are would
 * leave nobody else a turn, so payments have one between two pages.
 */
export async function* csvOfPages(
  clock: Clock,
  pageAt: (cursor: string | undefined, limit: number) => OperationPage,
  first?: string,
): AsyncGenerator<string> {
  yield `${BYTE_ORDER_MARK}${Object.keys(COLUMNS).join(',')}\r\n`;
  let cursor = first;
  for (;;) {
    const page = pageAt(cursor, CSV_ROWS_PER_TURN);
    yield page.operations.map(lineOf).join('');
    if (page.next === null || page.next === cursor) return;
    cursor = page.next;
    await clock.sleep(0);
  }
}

function lineOf(operation: Operation): string {
  const cells = Object.values(COLUMNS).map((column) => cellOf(column(operation)));
  return `${cells.join(',')}\r\n`;
}

function cellOf(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // A spreadsheet runs a text that begins like a formula; an apostrophe makes it text again.
  const safe = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
