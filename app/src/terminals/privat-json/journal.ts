// What the terminal's journal says about one transaction → evidence in our words. Pure.
import type { JournalEntry } from '../../domain/evidence.ts';
import type { Instant } from '../../domain/ids.ts';
import type { Currency } from '../../domain/money.ts';
import type { OperationKind } from '../../domain/operation.ts';
import { instantOf } from '../wire/local-time.ts';
import { amount, localTime, type Params, reference, responseCode, text } from './fields.ts';
import { meaningOf } from './response-codes.ts';
import { resultOf } from './result.ts';

export interface JournalContext {
  readonly currency: Currency;
  readonly timeZone: string;
  /** Terminal ids of the merchants (getMaskList), to know which field is one. */
  readonly merchantTerminalIds: readonly string[];
}

/** The protocol's types are coarse: cashback and completion are purchases to it. */
const KINDS_OF_TYPE: Readonly<Record<string, readonly OperationKind[]>> = {
  '0': ['preauthorization', 'cashback', 'completion', 'service'],
  '1': ['purchase', 'cashback', 'completion', 'preauthorization', 'instalment', 'service'],
  '2': ['refund', 'instalment-refund', 'service'],
  '3': ['void', 'service'],
  '4': ['instalment', 'instalment-refund', 'service'],
};

/** Fields of GetReceiptInfo → an entry; null where they name no transaction. */
export function entryOf(params: Params, context: JournalContext): JournalEntry | null {
  const invoice = canonicalInvoice(text(params, 'invoiceNumber'));
  if (invoice === null) return null;
  const result = resultOf(params);
  const type = text(params, 'txnType');
  const tids = [text(params, 'terminalId'), text(params, 'merchant')];
  return {
    kinds: (type === null ? undefined : KINDS_OF_TYPE[type]) ?? [],
    status: statusOf(params),
    amount: amount(params, 'amount', context.currency),
    invoice,
    merchantTerminalId:
      tids.find((tid) => tid !== null && context.merchantTerminalIds.includes(tid)) ?? null,
    at: momentOf(params, context.timeZone),
    cardMask: result.card?.mask ?? null,
    voids: canonicalInvoice(text(params, 'voids')),
    result,
  };
}

function statusOf(params: Params): JournalEntry['status'] {
  const status = text(params, 'trnStatus');
  if (status === '3') return 'reversed';
  const signed = reference(params, 'rrn') !== null || reference(params, 'approvalCode') !== null;
  const meaning = meaningOf(responseCode(params));
  switch (meaning.kind) {
    case 'approved':
    case 'approved-partially':
      return signed && (status === null || status === '0' || status === '1')
        ? 'approved'
        : 'unclear';
    case 'declined':
      return reference(params, 'approvalCode') === null ? 'declined' : 'unclear';
    case 'cancelled':
      return 'cancelled';
    case 'refused':
    case 'unknown':
      return 'unclear';
  }
}

/** The moment that date and time name, by a clock of the shop's zone. */
export function momentOf(params: Params, timeZone: string): Instant | null {
  const time = localTime(params);
  return time === null ? null : instantOf(time, timeZone);
}

/** Live replies and receipts fill up with zeros differently. */
export function canonicalInvoice(shown: string | null): string | null {
  if (shown === null) return null;
  return /^\d+$/.test(shown) ? shown.replace(/^0+(?=\d)/, '') : shown;
}

/**
 * One transaction's fingerprint: a repeated or late reply of it is recognised by this. A void may
 * carry its purchase's RRN, so it is told apart. Null where the fields name no transaction.
 */
export function fingerprint(params: Params): string | null {
  const lane = text(params, 'txnType') === '3' ? 'void' : 'sale';
  const rrn = reference(params, 'rrn');
  if (rrn !== null) return `${lane} rrn ${rrn}`;
  const invoice = canonicalInvoice(text(params, 'invoiceNumber'));
  const [date, time] = [text(params, 'date'), text(params, 'time')];
  return invoice === null || date === null || time === null
    ? null
    : `${lane} invoice ${invoice} ${date} ${time}`;
}

const BEFORE = '(?<![\\p{L}\\d])';
const label = (words: string, value: string): RegExp =>
  new RegExp(`${BEFORE}(?:${words})[ .]*(?:№|N|#)?[ .:=]*${value}`, 'iu');

const LINES: Readonly<Record<string, RegExp>> = {
  invoiceNumber: label('ЧЕК|ЧЕКА|КВИТАНЦІЯ|КВИТАНЦИЯ|INVOICE|CHECK', '(\\d{1,12})(?!\\d)'),
  amount: label('СУМА|СУММА|AMOUNT|TOTAL', '(\\d[\\d ]*[.,]\\d{2})(?!\\d)'),
  rrn: label('RRN', '([0-9A-Za-z]{6,16})'),
  approvalCode: label('КОД АВТ\\p{L}*|AUTH\\.? ?CODE|APPROVAL CODE', '([0-9A-Za-z]{4,8})'),
  responseCode: label('КОД ВІДПОВІДІ|КОД ОТВЕТА|RESP(?:ONSE)?\\.? ?CODE', '(\\d{2,4})(?!\\d)'),
  terminalId: label('ТЕРМІНАЛ|ТЕРМИНАЛ|TERMINAL(?: ?ID)?|TID', '([0-9A-Z]{6,10})'),
  date: /(?<!\d)(\d{2}[./]\d{2}[./](?:\d{4}|\d{2}))\s+\d{2}:\d{2}/u,
  time: /\d{2}[./]\d{2}[./]\d{2,4}\s+(\d{2}:\d{2}(?::\d{2})?)(?!\d)/u,
  pan: /(?<![\d*X])(\d{0,6}[*X]{4,}\d{4})(?!\d)/u,
  voids: label('СКАСОВАНИЙ ЧЕК|ОТМЕНЕННЫЙ ЧЕК|VOIDED INVOICE', '(\\d{1,12})(?!\\d)'),
};

/** In order: a refund of an instalment is a refund, a void of a sale is a void. */
const TITLES: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`${BEFORE}(?:СКАСУВАННЯ|ВІДМІНА|ОТМЕНА|VOID)`, 'iu'), '3'],
  [new RegExp(`${BEFORE}(?:ПОВЕРНЕННЯ|ВОЗВРАТ|REFUND)`, 'iu'), '2'],
  [new RegExp(`${BEFORE}(?:ОПЛАТА ЧАСТИНАМИ|РОЗСТРОЧКА|INSTALL?MENT)`, 'iu'), '4'],
  [new RegExp(`${BEFORE}(?:ПЕРЕДАВТОРИЗАЦІЯ|ПРЕАВТОРИЗАЦИЯ|PRE-?AUTH)`, 'iu'), '0'],
  [new RegExp(`${BEFORE}(?:ОПЛАТА|ПРОДАЖ|ПОКУПКА|PURCHASE|SALE)`, 'iu'), '1'],
];
const TAKEN_BACK = new RegExp(`${BEFORE}(?:РЕВЕРСОВАНО|РЕВЕРС|REVERSED)`, 'iu');

/**
 * Firmware without GetReceiptInfo prints the receipt only: the fields as far as its text names
 * them. What is not found stays absent, and an absent sign decides nothing.
 */
export function paramsOfReceipt(receipt: string): Params {
  const found: [string, string][] = [['receipt', receipt]];
  for (const [name, form] of Object.entries(LINES)) {
    const value = form.exec(receipt)?.[1];
    if (value !== undefined)
      found.push([name, name === 'amount' ? value.replaceAll(' ', '') : value]);
  }
  const title = TITLES.find(([form]) => form.test(receipt));
  if (title !== undefined) found.push(['txnType', title[1]]);
  if (TAKEN_BACK.test(receipt)) found.push(['trnStatus', '3']);
  return Object.fromEntries(found);
}
