// Concert E+ on the wire: ENQ/ACK/EOT around frames of STX, fixed fields, ETX, LRC.
import { CURRENCIES, type Currency, isMinorUnits, type MinorUnits } from '../../domain/money.ts';

export const CONTROL = {
  stx: 0x02,
  etx: 0x03,
  eot: 0x04,
  enq: 0x05,
  ack: 0x06,
  nak: 0x15,
} as const;

export const TRANSACTION_TYPES = { debit: '0', credit: '1', cancel: '2' } as const;
export type TransactionType = keyof typeof TRANSACTION_TYPES;

/** Eight digits. */
export const CONCERT_AMOUNT_MAX = 99_999_999;
export const REPORT_LENGTH = 55;
const SHORT_LENGTH = 25;
const PRIVATE_LENGTH = 10;

export interface ConcertRequest {
  /** Two digits: which till. */
  readonly position: string;
  readonly amount: MinorUnits;
  readonly currency: Currency;
  readonly type: TransactionType;
  readonly withReport: boolean;
  readonly forceOnline: boolean;
}

export interface ConcertAnswer {
  readonly position: string;
  /** `0` done, `7` refused, `9` not verified. */
  readonly result: string;
  readonly amount: MinorUnits | null;
  readonly mode: string;
  /** Card data as the application chose to give them; null in a short answer. */
  readonly report: string | null;
  /** ISO 4217 number. */
  readonly currency: string;
}

const MODE_CARD = '1';
const WAIT_FOR_RESULT = 'A010';
const AUTHORISATION = { terminalDecides: 'B010', forceOnline: 'B011' } as const;

export function encodeRequest(request: ConcertRequest): Uint8Array {
  const body = [
    request.position,
    String(request.amount).padStart(8, '0'),
    request.withReport ? '1' : '0',
    MODE_CARD,
    TRANSACTION_TYPES[request.type],
    CURRENCIES[request.currency].number,
    ' '.repeat(PRIVATE_LENGTH),
    WAIT_FOR_RESULT,
    request.forceOnline ? AUTHORISATION.forceOnline : AUTHORISATION.terminalDecides,
  ].join('');
  const framed = Uint8Array.of(...Buffer.from(body, 'latin1'), CONTROL.etx);
  return Uint8Array.of(CONTROL.stx, ...framed, lrc(framed));
}

/** Over body and ETX. */
export function lrc(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum ^ byte, 0);
}

/** The fields of an answer's body, between STX and ETX; null where it is not of this form. */
export function decodeAnswer(body: Uint8Array): ConcertAnswer | null {
  const text = Buffer.from(body).toString('latin1');
  const long = text.length === SHORT_LENGTH + REPORT_LENGTH;
  if (!long && text.length !== SHORT_LENGTH) return null;
  const match = /^(\d\d)(\d)(\d{8})(.)/s.exec(text);
  if (match === null) return null;
  const [, position = '', result = '', digits = '', mode = ''] = match;
  const report = long ? text.slice(12, 12 + REPORT_LENGTH) : null;
  const currency = text.slice(long ? 12 + REPORT_LENGTH : 12).slice(0, 3);
  const amount = Number(digits);
  return { position, result, amount: isMinorUnits(amount) ? amount : null, mode, report, currency };
}
