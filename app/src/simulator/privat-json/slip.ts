// Texts on the terminal's paper, in Ukrainian, and the fields of a reply about a transaction.
import { writeAmount } from './amounts.ts';
import { hostText, mask } from './cards.ts';
import type { Transaction, TransactionKind } from './journal.ts';
import type { TerminalProfile } from './profile.ts';

const TITLES: Readonly<Record<TransactionKind, string>> = {
  purchase: 'ОПЛАТА',
  refund: 'ПОВЕРНЕННЯ',
  void: 'СКАСУВАННЯ',
  'partial-void': 'ЧАСТКОВЕ СКАСУВАННЯ',
  preauthorization: 'ПЕРЕДАВТОРИЗАЦІЯ',
  completion: 'ЗАВЕРШЕННЯ РОЗРАХУНКУ',
  cashback: 'ОПЛАТА З ВИДАЧЕЮ ГОТІВКИ',
  instalment: 'ОПЛАТА ЧАСТИНАМИ',
  'instalment-refund': 'ПОВЕРНЕННЯ ОПЛАТИ ЧАСТИНАМИ',
};

/** TxnType: 0 undefined, 1 purchase, 2 refund, 3 void; 4 instalment in GetReceiptInfo alone. */
const TXN_TYPES: Readonly<Record<TransactionKind, string>> = {
  purchase: '1',
  refund: '2',
  void: '3',
  'partial-void': '3',
  preauthorization: '0',
  completion: '1',
  cashback: '1',
  instalment: '1',
  'instalment-refund': '2',
};

const PROCESSING_CODES: Readonly<Record<TransactionKind, string>> = {
  purchase: '000000',
  refund: '200000',
  void: '020000',
  'partial-void': '020000',
  preauthorization: '000000',
  completion: '000000',
  cashback: '090000',
  instalment: '000000',
  'instalment-refund': '200000',
};

export function invoiceText(invoice: number): string {
  return String(invoice).padStart(6, '0');
}

/** Date and time as the terminal's own clock shows them. */
export function dateAndTime(at: number, timeZone: string): { date: string; time: string } {
  const parts = new Map(
    formatter(timeZone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
  const get = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return {
    date: `${get('day')}.${get('month')}.${get('year')}`,
    time: `${get('hour')}:${get('minute')}:${get('second')}`,
  };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  formatters.set(timeZone, made);
  return made;
}

const money = (kopecks: number): string => `${writeAmount(kopecks, '.')} ГРН`;

export function slip(transaction: Transaction, profile: TerminalProfile): string {
  const { date, time } = dateAndTime(transaction.at, profile.timeZone);
  const merchant = profile.merchants.find((one) => one.index === transaction.merchant);
  const lines = [
    'ПРИВАТБАНК',
    merchant?.name ?? '',
    `ТЕРМІНАЛ: ${transaction.tid}`,
    `ПАКЕТ: ${invoiceText(transaction.batch)}   ЧЕК: ${invoiceText(transaction.invoice)}`,
    `${date} ${time}`,
    '',
    TITLES[transaction.kind],
    `${transaction.brand} ${mask(transaction.pan, 'stars')}`,
    `СУМА: ${money(transaction.amount)}`,
  ];
  if (transaction.discount > 0) lines.push(`ЗНИЖКА: ${money(transaction.discount)}`);
  if (transaction.cash > 0) lines.push(`ГОТІВКА: ${money(transaction.cash)}`);
  if (transaction.parts !== '') lines.push(`КІЛЬКІСТЬ ПЛАТЕЖІВ: ${transaction.parts}`);
  if (transaction.agreement !== '') lines.push(`ДОГОВІР: ${transaction.agreement}`);
  if (transaction.voids !== null) lines.push(`СКАСОВАНИЙ ЧЕК: ${invoiceText(transaction.voids)}`);
  if (transaction.rrn !== '') lines.push(`RRN: ${transaction.rrn}`);
  if (transaction.approvalCode !== '') lines.push(`КОД АВТ.: ${transaction.approvalCode}`);
  lines.push(`КОД ВІДПОВІДІ: ${transaction.responseCode} ${verdict(transaction)}`);
  if (transaction.signature) lines.push('', 'ПІДПИС КЛІЄНТА: ______________');
  return `${lines.join('\n')}\n`;
}

function verdict(transaction: Transaction): string {
  switch (transaction.status) {
    case '1':
    case '2':
      return hostText(transaction.responseCode).toUpperCase();
    case '3':
      return 'РЕВЕРСОВАНО';
    case '4':
      return 'СКАСОВАНО';
  }
}

/** The common financial fields, in the order of the specification's example. */
export function financialFields(
  transaction: Transaction,
  profile: TerminalProfile,
  receipt: string,
): Record<string, string> {
  const { date, time } = dateAndTime(transaction.at, profile.timeZone);
  const separator = profile.amountSeparator;
  return {
    amount: writeAmount(transaction.amount, separator),
    approvalCode: transaction.approvalCode,
    captureReference: '',
    cardExpiryDate: transaction.expiry,
    cardHolderName: 'INSTANT/ISSUE',
    date,
    discount: writeAmount(transaction.discount, separator),
    hstFld63Sf89: '',
    invoiceNumber: invoiceText(transaction.invoice),
    issuerName: transaction.issuer,
    merchant: transaction.tid,
    pan: mask(transaction.pan, profile.maskStyle),
    posConditionCode: '00',
    posEntryMode: transaction.entry,
    processingCode: PROCESSING_CODES[transaction.kind],
    receipt,
    responseCode: transaction.responseCode,
    rrn: transaction.rrn,
    rrnExt: '',
    terminalId: transaction.tid,
    time,
    track1: '',
    signVerif: transaction.signature ? '1' : '0',
    txnType: TXN_TYPES[transaction.kind],
    trnStatus: transaction.status,
    adv: 'ПриватБанк',
    adv2p: 'Беремо і робимо!',
    bankAcquirer: 'ПриватБанк',
    paymentSystem: transaction.brand,
    subMerchant: transaction.subMerchant,
  };
}

/** The fields of GetReceiptInfo; there an instalment has a type of its own. */
export function receiptInfoFields(
  transaction: Transaction,
  profile: TerminalProfile,
): Record<string, string> {
  const all = financialFields(transaction, profile, slip(transaction, profile));
  const fields = Object.fromEntries(RECEIPT_INFO_FIELDS.map((name) => [name, all[name] ?? '']));
  if (transaction.kind === 'instalment') fields['txnType'] = '4';
  return fields;
}

export const RECEIPT_INFO_FIELDS = [
  'amount',
  'approvalCode',
  'date',
  'invoiceNumber',
  'issuerName',
  'merchant',
  'pan',
  'receipt',
  'rrn',
  'time',
  'bankAcquirer',
  'paymentSystem',
  'signVerif',
  'txnType',
  'responseCode',
] as const;

/** Money in, money back and cancelled, as the X and Z reports show them. */
export function totalsSlip(
  title: string,
  transactions: readonly Transaction[],
  batch: number,
  at: number,
  profile: TerminalProfile,
): string {
  const { date, time } = dateAndTime(at, profile.timeZone);
  const lines = ['ПРИВАТБАНК', title, `${date} ${time}`, `ПАКЕТ: ${invoiceText(batch)}`];
  for (const tid of new Set(transactions.map((transaction) => transaction.tid))) {
    const ofMerchant = transactions.filter((transaction) => transaction.tid === tid);
    lines.push(`ТЕРМІНАЛ: ${tid}`);
    for (const [name, belongs] of TOTALS) {
      const chosen = ofMerchant.filter(belongs);
      const sum = chosen.reduce((total, transaction) => total + transaction.amount, 0);
      lines.push(`${name}: ${chosen.length}  ${writeAmount(sum, '.')} ГРН`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const isRefund = (transaction: Transaction): boolean =>
  transaction.kind === 'refund' || transaction.kind === 'instalment-refund';
const isVoid = (transaction: Transaction): boolean =>
  transaction.kind === 'void' || transaction.kind === 'partial-void';
const isHold = (transaction: Transaction): boolean => transaction.kind === 'preauthorization';

const TOTALS: readonly (readonly [string, (transaction: Transaction) => boolean])[] = [
  ['ОПЛАТА', (one) => one.status === '1' && !isRefund(one) && !isVoid(one) && !isHold(one)],
  ['ПОВЕРНЕННЯ', (one) => one.status === '1' && isRefund(one)],
  ['СКАСУВАННЯ', (one) => one.status === '1' && isVoid(one)],
];

export function batchJournalSlip(
  transactions: readonly Transaction[],
  batch: number,
  profile: TerminalProfile,
): string {
  const lines = transactions.map((one) => {
    const { time } = dateAndTime(one.at, profile.timeZone);
    const amount = writeAmount(one.amount, '.');
    const code = one.approvalCode || one.responseCode;
    return `${invoiceText(one.invoice)} ${time} ${TITLES[one.kind]} ${amount} ${code}`;
  });
  return ['ЖУРНАЛ ПАКЕТА', `ПАКЕТ: ${invoiceText(batch)}`, ...lines, ''].join('\n');
}
