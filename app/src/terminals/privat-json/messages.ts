// The protocol as tables (PrivatBank ECR JSON 1.0.3.1): methods, the service lane, statuses.

interface MethodRow {
  readonly params: readonly string[];
  /** Members beside `params` in the envelope. */
  readonly top?: readonly string[];
  readonly results: readonly string[];
  /** Whom the terminal waits for; only `nobody` has the short deadline of a query. */
  readonly waits: 'nobody' | 'customer' | 'host';
  /** `txnType` values that agree with this method; 0 and absence are no sign. */
  readonly txnTypes: readonly string[];
}

/** SPEC 3.4, the common financial fields; card data that never leaves the codec is not listed. */
const FIN = [
  'amount',
  'discount',
  'approvalCode',
  'rrn',
  'rrnExt',
  'invoiceNumber',
  'pan',
  'date',
  'time',
  'issuerName',
  'paymentSystem',
  'bankAcquirer',
  'merchant',
  'terminalId',
  'posEntryMode',
  'posConditionCode',
  'processingCode',
  'captureReference',
  'hstFld63Sf89',
  'signVerif',
  'txnType',
  'trnStatus',
  'adv',
  'adv2p',
  'subMerchant',
  'receipt',
  'responseCode',
] as const;

const sale = (txnTypes: readonly string[], ...params: string[]): MethodRow => ({
  params,
  results: FIN,
  waits: 'customer',
  txnTypes,
});
const instalment = sale(['1', '4'], 'amount', 'amountOfParts', 'subMerchant');
const instalmentRefund: MethodRow = {
  ...sale(['2', '4'], 'amount', 'agreementNum'),
  results: [...FIN, 'agreementNum'],
};
const report = (waits: MethodRow['waits'], ...params: string[]): MethodRow => ({
  params,
  results: ['receipt', 'responseCode'],
  waits,
  txnTypes: [],
});
const CARD_PROMPT = ['prompt', 'timeout', 'enterPIN', 'attempt'] as const;

/** SPEC 3.3: the ordinary lane, one method at a time. */
export const METHODS = {
  PingDevice: { ...report('nobody'), results: ['code', 'responseCode'] },
  CheckConnection: { ...report('customer'), results: ['code', 'responseCode'] },
  GetTerminalInfo: { ...report('nobody'), results: ['version'] },
  Purchase: sale(['1'], 'amount', 'discount', 'merchantId', 'facepay', 'subMerchant'),
  Refund: sale(['2'], 'amount', 'discount', 'merchantId', 'rrn', 'subMerchant'),
  Withdrawal: sale(['3'], 'invoiceNumber'),
  WithdrawalPartly: sale(['2', '3'], 'amount', 'invoiceNumber'),
  Cashback: {
    ...sale(['1'], 'amount', 'amountCash', 'merchantId', 'subMerchant'),
    results: [...FIN, 'amountCash', 'result', 'resultCashback'],
  },
  Preauthorization: sale(['1'], 'amount', 'merchantId'),
  SaleCompletion: sale(['1'], 'amount', 'addamount', 'approvalCode', 'rrn'),
  /** The name of SaleCompletion before 1.0.3.1. */
  SaleCompleteon: sale(['1'], 'amount', 'addamount', 'approvalCode'),
  ServiceRefund: sale(['2'], 'amount', 'rrn', 'subMerchant'),
  ServiceGeneric: {
    ...sale(['1', '2', '3', '4'], 'amount', 'param', 'srvNum', 'merchantId'),
    results: [...FIN, 'agreementNum', 'amountOfParts'],
  },
  ServicePbP: instalment,
  ServiceRefPbP: instalmentRefund,
  ServicePartlyRefPbP: instalmentRefund,
  ServicePbPperiod: instalment,
  ServiceRefPbPperiod: instalmentRefund,
  ServicePartlyRefPbPperiod: instalmentRefund,
  ServiceInstantPbI: instalment,
  ServiceRefPbI: instalmentRefund,
  ServicePartlyRefPbI: instalmentRefund,
  ServicePbIAct: instalment,
  ServiceRefPbIAct: instalmentRefund,
  ServicePartlyRefPbIAct: instalmentRefund,
  ServicePbPAct: instalment,
  ServiceRefPbPAct: instalmentRefund,
  ServicePartlyRefPbPAct: instalmentRefund,
  GetBalance: { ...report('customer', 'merchantId'), results: ['balance', 'code', 'responseCode'] },
  Audit: report('host', 'merchantId', 'getTotals'),
  Verify: report('host', 'merchantId'),
  VerifyCopy: report('host', 'merchantId'),
  PrintReceiptNum: report('nobody', 'invoiceNumber', 'prnFlag'),
  PrintBatchJournal: report('host', 'merchantId', 'prnFlag'),
  GetReceiptInfo: { ...report('nobody', 'invoiceNumber'), results: FIN },
  ReadCardDiscount: { ...report('customer'), results: ['pan', 'responseCode'] },
  ReadBonusCard: { ...report('customer'), top: CARD_PROMPT, results: ['pan', 'result'] },
  GetPhoneNumber: { ...report('customer', 'deviceType', 'timeout'), results: ['PhoneNumber'] },
  GetOTPpassword: { ...report('customer', 'deviceType', 'timeout'), results: ['OTPpassword'] },
} as const satisfies Record<string, MethodRow>;
export type Method = keyof typeof METHODS;

interface ServiceRow {
  readonly params: readonly string[];
  /** `msgType` of the answer. */
  readonly reply: readonly string[];
  readonly results: readonly string[];
}
const asked = (msgType: string, ...results: string[]): ServiceRow => ({
  params: [],
  reply: [msgType],
  results,
});

/** SPEC 3.6: the service lane, allowed at any time on the same connection. */
export const SERVICES = {
  identify: asked('identify', 'result', 'vendor', 'model'),
  interrupt: asked('interruptTransmitted'),
  getMerchantList: asked('getMerchantList'),
  getMaskList: asked('getMaskList'),
  getLastResult: asked('getLastResult', 'LastResult'),
  getLastStatMsgCode: asked('getLastStatMsgCode', 'LastStatMsgCode'),
  getLastStatMsgDescription: asked('getLastStatMsgDescription', 'LastStatMsgDescription'),
  getDiscountName: asked('getDiscountName', 'discountName', 'pan', 'posEntryMode'),
  correctTransaction: {
    params: ['amount', 'discount'],
    // A refused correction comes back under its own name with the error flag.
    reply: ['correctionTransmitted', 'correctTransaction'],
    results: [],
  },
  debug: { params: [], reply: ['debugOn', 'debugOff'], results: [] },
} as const satisfies Record<string, ServiceRow>;
export type Service = keyof typeof SERVICES;

/** What the terminal says by itself, unasked. */
export const NOTICES = { busy: 'deviceBusy', notImplemented: 'methodNotImplemented' } as const;

/**
 * How far a running transaction may have come. From `authorising` on, the host may know of it, and
 * «the terminal refused» proves nothing.
 */
export type Phase = 'before-host' | 'authorising';

export const STATUS_IDLE = '0';
export const STATUS_ADJUST = '11';

/** Table 1.3, 0–11 by SPEC, 12–14 by the vendor's own test program. */
export const STATUSES: Readonly<Record<string, { text: string; phase: Phase }>> = {
  '0': { text: 'Ready', phase: 'before-host' },
  '1': { text: 'Card was read', phase: 'before-host' },
  '2': { text: 'Card has a chip: insert it', phase: 'before-host' },
  '3': { text: 'Authorising', phase: 'authorising' },
  '4': { text: 'Waiting for the cashier', phase: 'authorising' },
  '5': { text: 'Printing the receipt', phase: 'authorising' },
  '6': { text: 'Customer enters the PIN', phase: 'before-host' },
  '7': { text: 'Card was removed', phase: 'before-host' },
  '8': { text: 'Customer chooses the application of the card', phase: 'before-host' },
  '9': { text: 'Waiting for the card', phase: 'before-host' },
  '10': { text: 'In progress', phase: 'authorising' },
  '11': { text: 'Waiting for the corrected sum', phase: 'before-host' },
  '12': { text: 'Waiting for a PIN key', phase: 'before-host' },
  '13': { text: 'PIN digit was deleted', phase: 'before-host' },
  '14': { text: 'PIN key was pressed', phase: 'before-host' },
};

interface Product {
  readonly sale: Method;
  readonly refund: Method;
  readonly partlyRefund: Method;
}

/**
 * SPEC 3.5, the named instalment services, by the names that tills use:
 * `pbp` Оплата частинами, `pbp-period` the same by period, `pbp-act` its promotion,
 * `instant` Миттєва розстрочка, `instant-act` its promotion.
 */
export const PRODUCTS: Readonly<Record<string, Product>> = {
  pbp: { sale: 'ServicePbP', refund: 'ServiceRefPbP', partlyRefund: 'ServicePartlyRefPbP' },
  'pbp-period': {
    sale: 'ServicePbPperiod',
    refund: 'ServiceRefPbPperiod',
    partlyRefund: 'ServicePartlyRefPbPperiod',
  },
  'pbp-act': {
    sale: 'ServicePbPAct',
    refund: 'ServiceRefPbPAct',
    partlyRefund: 'ServicePartlyRefPbPAct',
  },
  instant: {
    sale: 'ServiceInstantPbI',
    refund: 'ServiceRefPbI',
    partlyRefund: 'ServicePartlyRefPbI',
  },
  'instant-act': {
    sale: 'ServicePbIAct',
    refund: 'ServiceRefPbIAct',
    partlyRefund: 'ServicePartlyRefPbIAct',
  },
};
/** Put after a product's name where a till knows only the agreement: return a part of the sum. */
export const PARTLY_SUFFIX = '-partly';

interface NamedService {
  readonly method: Method;
  readonly money: boolean;
  /** Our parameter names that the till must or may give. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** Services that a till starts by name; the sum goes in `amount`. */
export const NAMED_SERVICES: Readonly<Record<string, NamedService>> = {
  /** Any service of the bank by its number; read the merchant list first (SPEC 3.5, caution). */
  generic: {
    method: 'ServiceGeneric',
    money: true,
    required: ['srvNum'],
    optional: ['param', 'merchantId'],
  },
  /** The alternative refund, service 054. */
  refund: { method: 'ServiceRefund', money: true, required: ['rrn'], optional: ['subMerchant'] },
  /** Gives back a part of a purchase of the open batch. */
  'withdrawal-partly': {
    method: 'WithdrawalPartly',
    money: true,
    required: ['invoiceNumber'],
    optional: [],
  },
  'phone-number': {
    method: 'GetPhoneNumber',
    money: false,
    required: [],
    optional: ['deviceType', 'timeout'],
  },
  'otp-password': {
    method: 'GetOTPpassword',
    money: false,
    required: [],
    optional: ['deviceType', 'timeout'],
  },
  'bonus-card': { method: 'ReadBonusCard', money: false, required: [], optional: ['timeout'] },
  'discount-card': { method: 'ReadCardDiscount', money: false, required: [], optional: [] },
};
