// Receipts: base64 of a JSON document, rendered as lines of text; its sums have a decimal comma.
import { type Currency, type MinorUnits, parseDecimal } from '../../domain/money.ts';
import type { XmlElement } from '../../xml/read.ts';
import { all, at, flag, textOf, value } from '../../xml/nexo/envelope.ts';
import { withMaskedCards } from '../wire/card-mask.ts';

export interface Receipt {
  readonly copy: 'merchant' | 'customer' | null;
  readonly text: string;
  readonly signature: boolean;
  /** Sums in the currency of the operation that the paper shows; empty where it shows none. */
  readonly sums: readonly MinorUnits[];
  readonly approvalCode: string | null;
  /** `YYYY-MM-DDTHH:MM:SS`, where the paper shows a time. */
  readonly time: string | null;
}

const COPIES: Readonly<Record<string, Receipt['copy']>> = {
  CashierReceipt: 'merchant',
  CustomerReceipt: 'customer',
};

/** A PaymentReceipt or PrintOutput; null where it has no text. */
export function readReceipt(element: XmlElement, currency: Currency): Receipt | null {
  const content = at(element, 'OutputContent');
  const texts = all(content, 'OutputText').map(textOf);
  const raw = texts.filter((text) => text !== null).join('\n');
  if (raw === '') return null;
  const copy = COPIES[value(element, 'DocumentQualifier') ?? ''] ?? null;
  const signature = flag(value(element, 'RequiredSignatureFlag')) ?? false;
  const decoded = fromBase64(raw);
  const document = decoded === null ? null : parse(decoded);
  if (document === null) {
    const text = withMaskedCards(decoded ?? raw);
    return { copy, text, signature, sums: [], approvalCode: null, time: null };
  }
  const read = readDocument(document, currency, copy);
  return { ...read, copy, signature: signature || read.signature };
}

/** The text behind base64, or null where it is no base64 of UTF-8: some print plain text. */
function fromBase64(raw: string): string | null {
  const compact = raw.replace(/\s+/g, '');
  if (compact.length % 4 === 1 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return null;
  const bytes = Uint8Array.from(atob(compact), (letter) => letter.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    // Older programs of terminals wrote Latin-1.
    if (error instanceof TypeError) return new TextDecoder('latin1').decode(bytes);
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

type ReadDocument = Omit<Receipt, 'copy'>;

function readDocument(document: unknown, currency: Currency, copy: Receipt['copy']): ReadDocument {
  const side = get(document, 'Merchant') ?? get(document, 'Cardholder') ?? document;
  const field = (path: string): string | null => words(get(side, ...path.split('.')));
  const line = (...paths: string[]): string =>
    paths
      .map(field)
      .filter((part) => part !== null)
      .join(' ');
  const labelled = (label: string, ...paths: string[]): string => {
    const text = line(...paths);
    return text === '' ? '' : `${label}: ${text}`;
  };
  const signature = flag(field('Mandatory.Payment.SignatureBlock')) ?? false;
  const rows = [
    line('Mandatory.CardAcceptor.Name'),
    line('Mandatory.CardAcceptor.Address1'),
    line('Mandatory.CardAcceptor.PostZipCode', 'Mandatory.CardAcceptor.TownCity'),
    labelled('Org', 'Mandatory.CardAcceptor.OrganisationNumber'),
    line('Optional.CardAcceptor.PhoneNumber'),
    '',
    line('Mandatory.TimeStamp.DateOfPayment', 'Mandatory.TimeStamp.TimeOfPayment'),
    line('Mandatory.Payment.TransactionType'),
    line('Mandatory.Payment.Currency', 'Mandatory.Payment.TotalAmount'),
    '',
    line('Mandatory.CardDetails.CardSchemeName.ApplicationLabel'),
    line('Mandatory.CardDetails.PrimaryAccountNumber'),
    labelled('AID', 'Mandatory.CardDetails.ApplicationIdentifier'),
    labelled('TVR', 'Mandatory.CardDetails.TerminalVerificationResult'),
    labelled('TSI', 'Mandatory.CardDetails.TransactionStatusInformation'),
    labelled('Merchant', 'Mandatory.Acquirer.CardAcceptorNumber'),
    labelled('Terminal', 'Mandatory.Acquirer.TerminalID'),
    labelled('Receipt', 'Mandatory.Payment.ReceiptNumber'),
    labelled('Approval', 'Mandatory.Outcome.ApprovalCode'),
    labelled('Response', 'Mandatory.Outcome.AuthorisationResponseCode'),
    ...strings(get(side, 'Optional', 'ReceiptString')),
    ...(signature && copy !== 'customer' ? ['', 'Signature: ______________________'] : []),
  ];
  return {
    text: withMaskedCards(trimmed(rows).join('\n')),
    signature,
    sums: sumsOf(field, currency),
    approvalCode: field('Mandatory.Outcome.ApprovalCode'),
    time: timeOf(
      field('Mandatory.TimeStamp.DateOfPayment'),
      field('Mandatory.TimeStamp.TimeOfPayment'),
    ),
  };
}

/** Sums in another currency are the customer's, not ours. */
function sumsOf(field: (path: string) => string | null, currency: Currency): MinorUnits[] {
  const shown = field('Mandatory.Payment.Currency');
  if (shown !== null && shown.toUpperCase() !== currency) return [];
  return ['Mandatory.Payment.TotalAmount', 'Mandatory.Payment.PaymentAmount'].flatMap((path) => {
    const text = field(path);
    const sum = text === null ? null : parseDecimal(text, currency);
    return sum === null ? [] : [sum];
  });
}

function timeOf(date: string | null, time: string | null): string | null {
  if (date === null || time === null || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return null;
  const clock = /^(\d{2}:\d{2})(:\d{2})?/.exec(time);
  return clock === null ? null : `${date}T${clock[1]}${clock[2] ?? ':00'}`;
}

function get(from: unknown, ...path: readonly string[]): unknown {
  let found = from;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name))
      return undefined;
    found = (found as Record<string, unknown>)[name]; // an object that has it
  }
  return found;
}

function words(found: unknown): string | null {
  if (typeof found === 'string') return found.trim() === '' ? null : found.trim();
  return typeof found === 'boolean' || typeof found === 'number' ? String(found) : null;
}

function strings(found: unknown): string[] {
  return Array.isArray(found) ? found.flatMap((one) => words(one) ?? []) : [];
}

/** No blank lines at the ends, and none beside another. */
function trimmed(rows: readonly string[]): string[] {
  return rows.filter(
    (row, place) => row !== '' || ((rows[place - 1] ?? '') !== '' && place < rows.length - 1),
  );
}
