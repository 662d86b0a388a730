// A terminal's answer about a transaction, in our words; the same whether it came at once or was
// repeated later.
import { type Currency, type MinorUnits, parseDecimal } from '../../domain/money.ts';
import { type CardEntry, EMPTY_RESULT, type TransactionResult } from '../../domain/outcome.ts';
import {
  all,
  at,
  type NexoMessage,
  type ResponseHead,
  responseOf,
  textOf,
  value,
} from '../../xml/nexo/envelope.ts';
import type { XmlElement } from '../../xml/read.ts';
import { maskedCard } from '../wire/card-mask.ts';
import type { PoiTransaction } from './messages.ts';
import { type Receipt, readReceipt } from './receipt.ts';

export interface TransactionAnswer {
  readonly category: string;
  readonly serviceId: string | null;
  readonly saleId: string;
  readonly poiId: string;
  readonly response: ResponseHead;
  /** Our name of the transaction, as the terminal gave it back. */
  readonly saleTransactionId: string | null;
  readonly poiTransaction: PoiTransaction | null;
  /** Of a reversal: the transaction that it took back. */
  readonly reversed: string | null;
  readonly paymentType: string | null;
  /** `null`: none is named. `unreadable`: one is named and is no sum. */
  readonly authorized: MinorUnits | 'unreadable' | null;
  readonly currency: string | null;
  readonly tip: MinorUnits;
  readonly reversedAmount: MinorUnits | null;
  readonly receipts: readonly Receipt[];
  readonly signature: boolean;
  readonly result: TransactionResult;
}

/** Name in `result.extra` of the time that a reversal needs, letter by letter. */
export const POI_TIME = 'poiTransactionTime';

/** Null where the message has no Response: it cannot be read. */
export function readAnswer(message: NexoMessage, currency: Currency): TransactionAnswer | null {
  const { header, body } = message;
  const response = responseOf(body);
  if (body === null || response === null) return null;
  const payment = at(body, 'PaymentResult');
  const amounts = at(payment, 'AmountsResp');
  const receipts = all(body, 'PaymentReceipt').flatMap((one) => readReceipt(one, currency) ?? []);
  const poi = at(body, 'POIData', 'POITransactionID');
  const poiTransaction = poiTransactionOf(poi);
  const sum = (text: string | null): MinorUnits | null =>
    text === null ? null : parseDecimal(text, currency);
  const authorized = value(amounts, 'AuthorizedAmount');
  return {
    category: header.messageCategory,
    serviceId: header.serviceId,
    saleId: header.saleId,
    poiId: header.poiId,
    response,
    saleTransactionId: value(at(body, 'SaleData', 'SaleTransactionID'), 'TransactionID'),
    poiTransaction,
    reversed:
      value(at(body, 'OriginalPOITransaction', 'POITransactionID'), 'TransactionID') ??
      (header.messageCategory === 'Reversal' ? (poiTransaction?.id ?? null) : null),
    paymentType: value(payment, 'PaymentType'),
    authorized: authorized === null ? null : (sum(authorized) ?? 'unreadable'),
    currency: value(amounts, 'Currency'),
    tip: sum(value(amounts, 'TipAmount')) ?? (0 as MinorUnits), // zero is an amount
    reversedAmount: sum(value(body, 'ReversedAmount')),
    receipts,
    signature: receipts.some(({ signature }) => signature),
    result: resultOf(body, poiTransaction, response, receipts),
  };
}

function poiTransactionOf(element: XmlElement | null): PoiTransaction | null {
  const id = value(element, 'TransactionID');
  return id === null ? null : { id, time: value(element, 'TimeStamp') ?? '' };
}

function resultOf(
  body: XmlElement,
  poi: PoiTransaction | null,
  response: ResponseHead,
  receipts: readonly Receipt[],
): TransactionResult {
  const payment = at(body, 'PaymentResult');
  const acquirer = at(payment, 'PaymentAcquirerData');
  const instrument = at(payment, 'PaymentInstrumentData') ?? at(body, 'PaymentInstrumentData');
  const text = (copy: Receipt['copy']): string | null =>
    receipts.find((one) => one.copy === copy)?.text ?? null;
  return {
    ...EMPTY_RESULT,
    rrn: value(at(acquirer, 'AcquirerTransactionID'), 'TransactionID'),
    authCode:
      textOf(at(acquirer, 'ApprovalCode')) ??
      receipts.find(({ approvalCode }) => approvalCode !== null)?.approvalCode ??
      null,
    invoice: poi?.id ?? null,
    responseCode: response.condition === '' ? response.result : response.condition,
    card: cardOf(instrument),
    acquirer: value(acquirer, 'AcquirerID'),
    merchantId: value(acquirer, 'MerchantID'),
    terminalId: value(acquirer, 'AcquirerPOIID'),
    terminalTime: receipts.find(({ time }) => time !== null)?.time ?? null,
    signatureRequired: receipts.length === 0 ? null : receipts.some(({ signature }) => signature),
    receipt:
      receipts.length === 0 ? null : { merchant: text('merchant'), customer: text('customer') },
    extra: extraOf(body, poi, instrument),
  };
}

const ENTRIES: Readonly<Record<string, CardEntry>> = {
  icc: 'chip',
  synchronousicc: 'chip',
  contactless: 'contactless',
  tapped: 'contactless',
  magstripe: 'stripe',
  keyed: 'manual',
  manual: 'manual',
};

function cardOf(instrument: XmlElement | null): TransactionResult['card'] {
  const card = at(instrument, 'CardData');
  if (card === null) return null;
  const shown = value(card, 'MaskedPAN');
  // «01,Mastercard Debit»: what the card is for, then what it is.
  const brand = value(card, 'PaymentBrand')?.replace(/^\d{2},/, '') ?? null;
  const entry = ENTRIES[(value(card, 'EntryMode') ?? '').toLowerCase()] ?? null;
  return { mask: shown === null ? null : maskedCard(shown), brand, issuer: null, entry };
}

function extraOf(
  body: XmlElement,
  poi: PoiTransaction | null,
  instrument: XmlElement | null,
): Readonly<Record<string, string>> {
  const amounts = at(body, 'PaymentResult', 'AmountsResp');
  const card = at(instrument, 'CardData');
  const given: Readonly<Record<string, string | null>> = {
    [POI_TIME]: poi === null || poi.time === '' ? null : poi.time,
    tip: value(amounts, 'TipAmount'),
    cash: value(amounts, 'CashBackAmount'),
    instrument: value(instrument, 'PaymentInstrumentType'),
    accountReference: value(card, 'PaymentAccountRef'),
    allowedProducts:
      all(card, 'AllowedProductCode')
        .flatMap((one) => textOf(one) ?? [])
        .join(' ') || null,
  };
  return Object.fromEntries(
    Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== null),
  );
}

/** What the last transaction is known by; two of the same mark are the same transaction. */
export function markOf(answer: TransactionAnswer): string | null {
  const name = answer.poiTransaction?.id ?? answer.serviceId;
  return name === null ? null : `${answer.category} ${name}`;
}
