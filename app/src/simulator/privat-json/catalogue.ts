// Every ordinary method of the specification (tables 3.3 and 3.5) and what the terminal does on it.
import type { TransactionKind } from './journal.ts';

/** What a card transaction needs and returns. */
export interface CardMethod {
  readonly does: 'card';
  readonly kind: TransactionKind;
  /** Parameters that the firmware insists on, in the order in which it misses them. */
  readonly required: readonly string[];
  /** Of those, the ones that must not be empty. */
  readonly filled: readonly string[];
  /** Index that the service is bound to; null where the till names the merchant. */
  readonly merchant: string | null;
  /** Fields of the common set that this reply lacks. */
  readonly lacks: readonly string[];
  /** Fields beyond the common set. */
  readonly adds: readonly ('amountOfParts' | 'agreementNum' | 'amountCash')[];
}

export type Method =
  | CardMethod
  | { readonly does: 'void'; readonly partly: boolean }
  | { readonly does: 'balance' }
  | { readonly does: 'read'; readonly fields: Readonly<Record<string, string>> }
  | { readonly does: 'report'; readonly report: Report; readonly financial: boolean }
  | { readonly does: 'type'; readonly field: string; readonly typed: string }
  | { readonly does: 'ping' }
  | { readonly does: 'check-host' }
  | { readonly does: 'info' };

export type Report =
  | 'audit'
  | 'verify'
  | 'verify-copy'
  | 'receipt'
  | 'batch-journal'
  | 'receipt-info';

function cardMethod(kind: TransactionKind, changes: Partial<CardMethod> = {}): CardMethod {
  return {
    does: 'card',
    kind,
    required: ['amount', 'merchantId'],
    filled: ['amount'],
    merchant: null,
    lacks: [],
    adds: [],
    ...changes,
  };
}

const sale = (merchant: string): CardMethod =>
  cardMethod('instalment', {
    required: ['amount', 'amountOfParts'],
    filled: ['amount', 'amountOfParts'],
    merchant,
    adds: ['amountOfParts'],
  });

const saleRefund = (merchant: string): CardMethod =>
  cardMethod('instalment-refund', {
    required: ['amount', 'agreementNum'],
    filled: ['amount', 'agreementNum'],
    merchant,
    adds: ['agreementNum'],
  });

const report = (name: Report, financial = false): Method => ({
  does: 'report',
  report: name,
  financial,
});

/** An invented track 2, so that a till which keeps it can be caught. */
const TRACK2 = '5168150000009659=30122010000000000000';

export const METHODS: Readonly<Record<string, Method>> = {
  PingDevice: { does: 'ping' },
  CheckConnection: { does: 'check-host' },
  GetTerminalInfo: { does: 'info' },

  Purchase: cardMethod('purchase', { required: ['amount', 'discount', 'merchantId', 'facepay'] }),
  Refund: cardMethod('refund', {
    required: ['amount', 'discount', 'merchantId', 'rrn'],
    filled: ['amount', 'rrn'],
    lacks: ['signVerif'],
  }),
  ServiceRefund: cardMethod('refund', {
    required: ['amount', 'rrn'],
    filled: ['amount', 'rrn'],
    merchant: '5',
  }),
  Cashback: cardMethod('cashback', {
    required: ['amount', 'amountCash', 'merchantId'],
    filled: ['amount', 'amountCash'],
    lacks: ['signVerif', 'txnType', 'trnStatus'],
    adds: ['amountCash'],
  }),
  Preauthorization: cardMethod('preauthorization'),
  SaleCompletion: cardMethod('completion', {
    required: ['amount', 'addamount', 'approvalCode'],
    filled: ['amount', 'addamount', 'approvalCode'],
    merchant: '0',
  }),
  Withdrawal: { does: 'void', partly: false },
  WithdrawalPartly: { does: 'void', partly: true },
  GetBalance: { does: 'balance' },

  ServicePbP: sale('6'),
  ServiceRefPbP: saleRefund('6'),
  ServicePartlyRefPbP: saleRefund('6'),
  ServicePbPperiod: sale('3'),
  ServiceRefPbPperiod: saleRefund('3'),
  ServicePartlyRefPbPperiod: saleRefund('3'),
  ServiceInstantPbI: sale('4'),
  ServiceRefPbI: saleRefund('4'),
  ServicePartlyRefPbI: saleRefund('4'),
  ServicePbIAct: sale('7'),
  ServiceRefPbIAct: saleRefund('7'),
  ServicePartlyRefPbIAct: saleRefund('7'),
  ServicePbPAct: sale('8'),
  ServiceRefPbPAct: saleRefund('8'),
  ServicePartlyRefPbPAct: saleRefund('8'),
  ServiceGeneric: cardMethod('instalment', {
    required: ['amount', 'param', 'srvNum', 'merchantId'],
    filled: ['amount', 'param', 'srvNum', 'merchantId'],
    adds: ['agreementNum', 'amountOfParts'],
  }),

  Audit: report('audit'),
  Verify: report('verify', true),
  VerifyCopy: report('verify-copy'),
  PrintReceiptNum: report('receipt'),
  PrintBatchJournal: report('batch-journal'),
  GetReceiptInfo: report('receipt-info'),

  ReadCardDiscount: {
    does: 'read',
    fields: { hash: '9F86D081884C7D65', track1: '', track2: TRACK2, track3: '' },
  },
  ReadBonusCard: { does: 'read', fields: { track2: TRACK2, result: 'true' } },
  GetPinBonusCard: {
    does: 'read',
    fields: { track2: TRACK2, pinblock: '0123456789ABCDEF', result: 'true' },
  },
  PinChangeBonusCard: {
    does: 'read',
    fields: {
      track2: TRACK2,
      pinblock: '0123456789ABCDEF',
      pinblockNew: 'FEDCBA9876543210',
      result: 'true',
    },
  },
  GetPhoneNumber: { does: 'type', field: 'PhoneNumber', typed: '380501234567' },
  GetOTPpassword: { does: 'type', field: 'OTPpassword', typed: '123456' },
};

export function methodOf(name: string): Method | null {
  return Object.hasOwn(METHODS, name) ? (METHODS[name] ?? null) : null;
}

/** Whether money may move or the journal may close: what the faults are about. */
export function isFinancial(method: Method): boolean {
  switch (method.does) {
    case 'card':
    case 'void':
      return true;
    case 'report':
      return method.financial;
    default:
      return false;
  }
}
