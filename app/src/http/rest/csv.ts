// Operations as CSV (RFC 4180): for programs by codes, for people in words, as the spreadsheets of
// their country open it.
import { localTime } from '../../domain/days.ts';
import { CSV_ROWS_PER_TURN } from '../../domain/limits.ts';
import { formatDecimal, type MinorUnits } from '../../domain/money.ts';
import { amountOf, type Operation } from '../../domain/operation.ts';
import { KIND_WORDS, STATE_WORDS } from '../../domain/texts/states.ts';
import type { Principal } from '../../operations/gateway.ts';
import type { Language } from '../../operations/settings-schema.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OperationPage, OperationQuery } from '../../ports/ledger.ts';
import { COLUMN_WORDS, RESOLUTION_WORDS } from './csv-words.ts';
import { time } from './present.ts';
import type { Services } from './services.ts';

type Cell = string | number | null;

/**
 * `codes` is a contract with programs: names, order, comma, minor units and UTC stay as they are.
 * `words` is for people, and follows what the spreadsheets of the language expect.
 */
export type TableForm =
  | { readonly kind: 'codes' }
  | { readonly kind: 'words'; readonly language: Language; readonly zone: string };

const CODES = {
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
} satisfies Readonly<Record<string, (operation: Operation) => Cell>>;
export type Column = keyof typeof CODES;
const COLUMNS = Object.keys(CODES) as Column[]; // its own keys

/** Excel takes CSV for UTF-8 only where a byte order mark says so. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Excel splits by the list separator of Windows: `;` where the decimal sign is a comma. A line
 * `sep=` would tell it, but then it no longer heeds the byte order mark.
 */
const SEPARATORS: Readonly<Record<Language, { readonly list: string; readonly decimal: string }>> =
  {
    uk: { list: ';', decimal: ',' },
    en: { list: ',', decimal: '.' },
    ru: { list: ';', decimal: ',' },
  };

export function csvOf(
  { gateway, clock }: Pick<Services, 'gateway' | 'clock'>,
  who: Principal,
  query: OperationQuery,
  form: TableForm = { kind: 'codes' },
): AsyncGenerator<string> {
  return csvOfPages(
    clock,
    (cursor, limit) => gateway.list(who, { ...query, limit, cursor }),
    form,
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
  form: TableForm,
  first?: string,
): AsyncGenerator<string> {
  yield `${BYTE_ORDER_MARK}${lineOf(headOf(form), form)}`;
  let cursor = first;
  for (;;) {
    const page = pageAt(cursor, CSV_ROWS_PER_TURN);
    yield page.operations.map((operation) => lineOf(cellsOf(operation, form), form)).join('');
    if (page.next === null || page.next === cursor) return;
    cursor = page.next;
    await clock.sleep(0);
  }
}

function headOf(form: TableForm): readonly Cell[] {
  return form.kind === 'codes' ? COLUMNS : COLUMNS.map((name) => COLUMN_WORDS[name][form.language]);
}

function cellsOf(operation: Operation, form: TableForm): readonly Cell[] {
  if (form.kind === 'codes') return COLUMNS.map((name) => CODES[name](operation));
  const { language, zone } = form;
  const words: Readonly<Partial<Record<Column, Cell>>> = {
    createdAt: localTime(operation.createdAt, zone),
    finishedAt: operation.finishedAt === null ? null : localTime(operation.finishedAt, zone),
    kind: KIND_WORDS[language][operation.request.kind],
    state: STATE_WORDS[language][operation.state],
    ...sumsOf(operation, language),
    resolvedBy:
      operation.resolution === null ? null : RESOLUTION_WORDS[operation.resolution.by][language],
  };
  return COLUMNS.map((name) => (name in words ? (words[name] ?? null) : CODES[name](operation)));
}

/** Hryvnias, not kopecks: nothing in a spreadsheet would say which of the two a number is. */
function sumsOf(operation: Operation, language: Language) {
  const { request, approvedAmount, discount, bonus } = operation;
  const sum = (amount: MinorUnits | null): string | null =>
    amount === null ? null : formatDecimal(amount, request.currency, SEPARATORS[language].decimal);
  return {
    amount: sum(amountOf(request)),
    approvedAmount: sum(approvedAmount),
    discount: sum(discount),
    bonus: sum(bonus),
  };
}

function lineOf(cells: readonly Cell[], form: TableForm): string {
  const separator = form.kind === 'codes' ? ',' : SEPARATORS[form.language].list;
  return `${cells.map(cellOf).join(separator)}\r\n`;
}

function cellOf(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = withoutFormulas(value);
  return /[",\r\n;\t]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * A spreadsheet runs a text that begins like a formula; an apostrophe makes it text again. One that
 * splits by another separator than ours begins a cell inside of ours, so that place counts too.
 */
function withoutFormulas(text: string): string {
  const begun = text.replaceAll(/(^|[,;\t]|\r\n|\r|\n)(?=[\s"]*[=+\-@＝＋－＠])/g, "$1'");
  return /^\s*[\t\r]/.test(begun) ? `'${begun}` : begun;
}
