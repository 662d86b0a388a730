// The library's getters → a transaction in our words. Holder, expiry, track and hash are never read.
import type { JournalEntry } from '../../domain/evidence.ts';
import { isMinorUnits, type MinorUnits } from '../../domain/money.ts';
import type { TransactionResult } from '../../domain/outcome.ts';
import { maskedCard } from '../wire/card-mask.ts';
import { formatLocalTime, instantOf, type LocalTime } from '../wire/local-time.ts';
import { ENTRY_MODES, KINDS_OF_TYPE, TRN_STATUS } from './enumerations.ts';
import { textValue, type Tools, value } from './waiting.ts';

export interface Transaction {
  readonly errorCode: number;
  readonly responseCode: number;
  readonly type: number;
  readonly status: number;
  /** Null where the terminal gives none or 0. */
  readonly amount: MinorUnits | null;
  /** Discount, bonus or cash. */
  readonly addAmount: MinorUnits;
  /**
   * Terminal id, invoice and RRN: merchants of one terminal may count for themselves, and batches
   * may begin at the same number.
   */
  readonly identity: string | null;
  readonly time: LocalTime | null;
  readonly result: TransactionResult;
}

/** Reads every getter; only where LastResult is not «in progress», and before a Confirm. */
export async function readTransaction(tools: Tools): Promise<Transaction> {
  const responseCode = (await value(tools, 'ResponseCode')) ?? 0;
  const invoice = positive(await value(tools, 'InvoiceNum'));
  const terminalId = await textValue(tools, 'TerminalID');
  const rrn = referenceOf(await textValue(tools, 'RRN'));
  const time = localTimeOf(await textValue(tools, 'DateTime'));
  const result: TransactionResult = {
    rrn,
    authCode: authCodeOf(await textValue(tools, 'AuthCode')),
    invoice,
    batch: positive(await value(tools, 'TrnBatchNum')),
    responseCode: String(responseCode).padStart(4, '0'),
    card: await readCard(tools),
    acquirer: null,
    merchantId: await textValue(tools, 'MerchantID'),
    terminalId,
    terminalTime: time === null ? null : formatLocalTime(time),
    signatureRequired: signatureOf(await value(tools, 'SignVerif')),
    receipt: null,
    agreement: null,
    extra: await readExtra(tools),
  };
  return {
    errorCode: (await value(tools, 'LastErrorCode')) ?? 0,
    responseCode,
    type: (await value(tools, 'TxnType')) ?? 0,
    status: (await value(tools, 'TrnStatus')) ?? 0,
    amount: moneyOf(await value(tools, 'Amount')),
    addAmount: moneyOf(await value(tools, 'AddAmount')) ?? (0 as MinorUnits), // zero is money
    identity: invoice === null ? null : [terminalId, invoice, rrn].filter(isText).join(' '),
    time,
    result,
  };
}

export async function readCard(tools: Tools): Promise<TransactionResult['card']> {
  const shown = await textValue(tools, 'PAN');
  const mask = shown === null ? null : maskedCard(shown);
  const issuer = await textValue(tools, 'IssueName');
  const entry = ENTRY_MODES[(await value(tools, 'EntryMode')) ?? 0] ?? null;
  return mask === null && issuer === null ? null : { mask, brand: null, issuer, entry };
}

async function readExtra(tools: Tools): Promise<Readonly<Record<string, string>>> {
  const given = {
    aid: await textValue(tools, 'emvAID'),
    discountName: await textValue(tools, 'DiscountName'),
    additionalData: await textValue(tools, 'AddData'),
  };
  const kept = Object.entries(given).filter(([, text]) => text !== null);
  return Object.fromEntries(kept) as Record<string, string>; // the nulls are gone
}

/** A transaction of the terminal's journal as evidence. */
export function entryOf(transaction: Transaction, timeZone: string): JournalEntry {
  const { result, time } = transaction;
  return {
    kinds: KINDS_OF_TYPE[transaction.type] ?? [],
    status: statusOf(transaction),
    amount: transaction.amount,
    invoice: result.invoice,
    merchantTerminalId: result.terminalId,
    at: time === null ? null : instantOf(time, timeZone),
    cardMask: result.card?.mask ?? null,
    voids: null,
    result,
  };
}

function statusOf({ status, result }: Transaction): JournalEntry['status'] {
  switch (status) {
    case TRN_STATUS.approved:
      return isSigned(result) ? 'approved' : 'unclear';
    case TRN_STATUS.declined:
      return 'declined';
    case TRN_STATUS.reversed:
      return 'reversed';
    case TRN_STATUS.cancelled:
      return 'cancelled';
    default:
      return 'unclear';
  }
}

export function isSigned(result: TransactionResult): boolean {
  return result.rrn !== null || result.authCode !== null;
}

/** The library's sums are C integers; a negative one is none. */
function moneyOf(given: number | null): MinorUnits | null {
  return given !== null && given > 0 && isMinorUnits(given) ? given : null;
}

function isText(text: string | null): text is string {
  return text !== null;
}

function positive(given: number | null): string | null {
  return given === null || given <= 0 ? null : String(given);
}

function signatureOf(given: number | null): boolean | null {
  return given === 1 ? true : given === 0 ? false : null;
}

function referenceOf(text: string | null): string | null {
  return text === null || /^[0\s*-]*$/.test(text) ? null : text;
}

/** The receipts of declined and cancelled sales say DECLIN and CANCEL in this place. */
function authCodeOf(text: string | null): string | null {
  return referenceOf(text) === null || !/\d/.test(text ?? '') ? null : text;
}

const FORMS: readonly { readonly form: RegExp; readonly order: readonly number[] }[] = [
  { form: /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, order: [1, 2, 3, 4, 5, 6] },
  { form: /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)$/, order: [1, 2, 3, 4, 5, 6] },
  { form: /^(\d\d)[./](\d\d)[./](\d{4}),? (\d\d):(\d\d)(?::(\d\d))?$/, order: [3, 2, 1, 4, 5, 6] },
];

/** The form is not documented; only such that cannot be misread are taken. */
export function localTimeOf(text: string | null): LocalTime | null {
  for (const { form, order } of FORMS) {
    const match = form.exec(text ?? '');
    if (match === null) continue;
    const [year, month, day, hour, minute, second] = order.map((at) => Number(match[at] ?? 0));
    if (year === undefined || month === undefined || day === undefined) return null;
    return { year, month, day, hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0 };
  }
  return null;
}
