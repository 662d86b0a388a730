// Payments and reversals of a nexo till as operations of ours, and back: which operation a message
// of the till means.
import { createHash } from 'node:crypto';
import { type OperationId, operationId } from '../../domain/ids.ts';
import { TEXT_FIELD_MAX } from '../../domain/limits.ts';
import { CURRENCIES, type Currency, type MinorUnits, parseDecimal } from '../../domain/money.ts';
import type { Operation } from '../../domain/operation.ts';
import { type OperationBody, operationBodySchema } from '../../operations/request-schema.ts';
import { at, type NexoHeader, value } from '../../xml/nexo/envelope.ts';
import type { XmlElement } from '../../xml/read.ts';
import type { Caller } from './pairing.ts';

export type Asked =
  | { kind: 'operation'; id: OperationId; body: OperationBody }
  /** `part`: which element or attribute cannot be taken. */
  | { kind: 'wrong'; part: string };

/**
 * The same message is the same operation, however often it is sent: a till that repeats one under
 * another ServiceID means another.
 */
function idOf(header: NexoHeader, own: string): OperationId {
  const names = [header.saleId, header.poiId, header.messageCategory, header.serviceId ?? '', own];
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex');
  return operationId(`nexo-${hash.slice(0, 32)}`);
}

/** What the till calls a transaction, kept with our operation to find it by. */
export interface TillReference {
  readonly saleId: string;
  readonly category: string;
  readonly serviceId: string;
  readonly transactionId: string;
  readonly timeStamp: string;
}

const MARK = 'nexo';

function referenceText(reference: TillReference): string | null {
  const { saleId, category, serviceId, transactionId, timeStamp } = reference;
  const words = [saleId, category, serviceId, transactionId, timeStamp].map(encodeURIComponent);
  const text = [MARK, ...words].join(' ');
  return text.length <= TEXT_FIELD_MAX.reference ? text : null;
}

export function referenceOf(operation: Operation): TillReference | null {
  const words = (operation.request.reference ?? '').split(' ');
  const [mark, ...rest] = words;
  if (mark !== MARK || rest.length !== 5) return null;
  const [saleId = '', category = '', serviceId = '', transactionId = '', timeStamp = ''] =
    rest.map(decodeURIComponent);
  return { saleId, category, serviceId, transactionId, timeStamp };
}

export function paymentOf(caller: Caller, header: NexoHeader, body: XmlElement | null): Asked {
  const sale = at(body, 'SaleData', 'SaleTransactionID');
  const transactionId = value(sale, 'TransactionID');
  const timeStamp = value(sale, 'TimeStamp');
  if (transactionId === null || timeStamp === null) return wrong('SaleTransactionID');
  const amounts = at(body, 'PaymentTransaction', 'AmountsReq');
  const currency = value(amounts, 'Currency');
  if (currency === null || !isCurrency(currency)) return wrong('AmountsReq@Currency');
  const sum = (name: string): MinorUnits | null => {
    const text = value(amounts, name);
    return text === null ? null : parseDecimal(text, currency);
  };
  const amount = sum('RequestedAmount');
  if (amount === null) return wrong('AmountsReq@RequestedAmount');
  const cash = value(amounts, 'CashBackAmount') === null ? 0 : sum('CashBackAmount');
  if (cash === null || cash > amount) return wrong('AmountsReq@CashBackAmount');
  const type = value(at(body, 'PaymentData'), 'PaymentType') ?? 'Normal';
  const kind = kindOf(type, cash, at(body, 'PaymentTransaction'));
  if (kind === null) return wrong('PaymentData@PaymentType');
  return asked(
    caller,
    header,
    { transactionId, timeStamp },
    {
      ...kind,
      // SPEC 4.3: RequestedAmount includes CashBackAmount.
      amount: amount - cash,
      currency,
      ...cashierOf(body),
    },
  );
}

function kindOf(
  type: string,
  cash: number,
  transaction: XmlElement | null,
): Record<string, unknown> | null {
  if (type === 'Normal') return cash === 0 ? { kind: 'purchase' } : { kind: 'cashback', cash };
  if (type !== 'Refund' || cash !== 0) return null;
  const of = value(at(transaction, 'OriginalPOITransaction', 'POITransactionID'), 'TransactionID');
  // Without an original the terminal takes the card again; it may still want a number.
  return { kind: 'refund', ...(of === null ? { rrn: NO_NUMBER } : { of }) };
}

/** Terminals that look for the original will not find this one, and say so. */
const NO_NUMBER = '000000000000';

export function reversalOf(caller: Caller, header: NexoHeader, body: XmlElement | null): Asked {
  const original = at(body, 'OriginalPOITransaction', 'POITransactionID');
  const of = value(original, 'TransactionID');
  const timeStamp = value(original, 'TimeStamp');
  if (of === null || timeStamp === null) return wrong('OriginalPOITransaction');
  return asked(caller, header, { transactionId: of, timeStamp }, { kind: 'void', of });
}

function asked(
  caller: Caller,
  header: NexoHeader,
  own: { readonly transactionId: string; readonly timeStamp: string },
  fields: Record<string, unknown>,
): Asked {
  const { serviceId, saleId, messageCategory } = header;
  if (serviceId === null) return wrong('MessageHeader@ServiceID');
  const reference = referenceText({ saleId, category: messageCategory, serviceId, ...own });
  if (reference === null) return wrong('SaleTransactionID');
  const { terminal } = caller.pairing;
  const parsed = operationBodySchema.safeParse({ ...fields, terminal, reference });
  if (!parsed.success) return wrong(parsed.error.issues[0]?.path.join('.') ?? 'body');
  const id = idOf(header, `${own.transactionId} ${own.timeStamp}`);
  return { kind: 'operation', id, body: parsed.data };
}

function cashierOf(body: XmlElement | null): { cashier?: string } {
  const name = value(at(body, 'SaleData'), 'OperatorID');
  return name === null ? {} : { cashier: name.slice(0, TEXT_FIELD_MAX.cashier) };
}

function isCurrency(text: string): text is Currency {
  return Object.hasOwn(CURRENCIES, text);
}

function wrong(part: string): Asked {
  return { kind: 'wrong', part };
}
