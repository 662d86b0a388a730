// Checks what the till asks for as the firmware does, and starts the transaction.
import { readAmount, writeAmount } from './amounts.ts';
import { answer, errorReply } from './answer.ts';
import { authorise, payByCard, type Plan } from './card-flow.ts';
import { CARDS, type Card, hostText } from './cards.ts';
import type { CardMethod } from './catalogue.ts';
import type { Device, Exchange } from './device.ts';
import type { Params, Reply } from './frames.ts';
import type { Transaction, TransactionKind } from './journal.ts';
import type { MerchantProfile, TerminalProfile } from './profile.ts';
import { financialFields, slip } from './slip.ts';

type Checked<T> = { readonly value: T } | { readonly refusal: string };

/** Starts a transaction with a card, or refuses it with 1000 and what is missing. */
export function startCardMethod(device: Device, exchange: Exchange, method: CardMethod): void {
  const checked = planOf(device, exchange, method);
  if ('refusal' in checked) refuse(device, exchange, checked.refusal);
  else if (device.journal.transactions.length >= device.profile.journalEntriesMax) {
    fail(device, exchange, '1003');
  } else payByCard(device, exchange, checked.value);
}

export function fail(device: Device, exchange: Exchange, code: string): void {
  const description = hostText(code);
  answer(device, exchange, errorReply(exchange.method, code, description), description);
}

function refuse(device: Device, exchange: Exchange, description: string): void {
  answer(device, exchange, errorReply(exchange.method, '1000', description), description);
}

function planOf(device: Device, exchange: Exchange, method: CardMethod): Checked<Plan> {
  const { params } = exchange;
  const missing = missingParameter(params, method);
  if (missing !== null) return { refusal: missing };
  const merchant = merchantOf(device, params, method);
  if (merchant === null) return { refusal: 'Невірний номер мерчанта' };
  const subMerchant = text(params, 'subMerchant');
  if (subMerchant !== '' && !device.profile.subMerchants.includes(subMerchant)) {
    return { refusal: 'Невідомий subMerchant' };
  }
  const sums = sumsOf(params, method);
  if (sums === null) return { refusal: 'Операція неможлива' };
  const service = serviceOf(params, method);
  const { kind } = service;
  if (method.kind === 'completion') {
    const refusal = refusalOfCompletion(device, params, sums.amount);
    if (refusal !== null) return { refusal };
  }
  const plan: Plan = {
    ...sums,
    ...service,
    merchant,
    subMerchant,
    voids: null,
    reply: (transaction) =>
      cardReply(exchange.method, { ...method, kind }, transaction, device.profile),
  };
  return { value: plan };
}

/** «Введіть …»: the firmware names the first parameter that it misses. */
function missingParameter(params: Params, method: CardMethod): string | null {
  for (const name of method.required) {
    const value = params[name];
    if (typeof value !== 'string') return `Введіть ${name}`;
    if (value === '' && method.filled.includes(name)) return `Введіть ${name}`;
  }
  return null;
}

function merchantOf(device: Device, params: Params, method: CardMethod): MerchantProfile | null {
  return device.merchant(method.merchant ?? text(params, 'merchantId'));
}

interface Sums {
  readonly amount: number;
  readonly discount: number;
  readonly cash: number;
}

/** The sum that will be charged; null where a number is not money. */
function sumsOf(params: Params, method: CardMethod): Sums | null {
  const amount = readAmount(text(params, method.kind === 'completion' ? 'addamount' : 'amount'));
  const discount = text(params, 'discount') === '' ? 0 : readAmount(text(params, 'discount'));
  const cash = method.kind === 'cashback' ? readAmount(text(params, 'amountCash')) : 0;
  if (amount === null || amount === 0 || discount === null || cash === null) return null;
  return { amount: amount + cash, discount, cash };
}

/** Number of instalments or of the agreement; ServiceGeneric says by `srvNum` which it is. */
function serviceOf(
  params: Params,
  method: CardMethod,
): { kind: TransactionKind; parts: string; agreement: string } {
  const generic = text(params, 'param');
  if (!method.required.includes('param')) {
    const parts = text(params, 'amountOfParts');
    return { kind: method.kind, parts, agreement: text(params, 'agreementNum') };
  }
  const sells = ['046', '044'].includes(text(params, 'srvNum'));
  return sells
    ? { kind: 'instalment', parts: generic, agreement: '' }
    : { kind: 'instalment-refund', parts: '', agreement: generic };
}

function refusalOfCompletion(device: Device, params: Params, amount: number): string | null {
  const held = readAmount(text(params, 'amount'));
  if (held === null) return 'Операція неможлива';
  const code = text(params, 'approvalCode');
  const hold = device.journal.transactions.find(
    (one) => one.kind === 'preauthorization' && one.approvalCode === code,
  );
  if (amount > (hold?.amount ?? held)) return 'Сума перевищує передавторизацію';
  return hold?.status === '4' ? 'Передавторизацію вже завершено' : null;
}

/** `Withdrawal` and `WithdrawalPartly`: no card is asked for. */
export function startVoid(device: Device, exchange: Exchange, partly: boolean): void {
  const { params } = exchange;
  const invoice = text(params, 'invoiceNumber');
  if (invoice === '') {
    refuse(device, exchange, 'Введіть invoiceNumber');
    return;
  }
  const original = /^\d+$/.test(invoice) ? device.journal.find(Number(invoice)) : null;
  const merchant = original === null ? null : device.merchant(original.merchant);
  if (original === null || merchant === null || !canBeVoided(original)) {
    refuse(device, exchange, 'Чек не знайдено або його вже скасовано');
    return;
  }
  const rest = original.amount - original.voided;
  const amount = partly ? readAmount(text(params, 'amount')) : rest;
  if (amount === null || amount === 0 || amount > rest) {
    refuse(device, exchange, 'Операція неможлива');
    return;
  }
  const method = partly ? PARTIAL_VOID : VOID;
  const plan: Plan = {
    kind: method.kind,
    amount,
    discount: 0,
    cash: 0,
    merchant,
    parts: '',
    agreement: '',
    subMerchant: original.subMerchant,
    voids: original.invoice,
    reply: (transaction) => cardReply(exchange.method, method, transaction, device.profile),
  };
  const card: Card = { ...CARDS.good, ...cardOf(original) };
  if (!device.enterStatus(exchange, '10', 'Скасування')) return;
  device.step(exchange, device.share(exchange, 0.2), () => authorise(device, exchange, plan, card));
}

function canBeVoided(original: Transaction): boolean {
  return original.status === '1' && original.kind !== 'void' && original.kind !== 'partial-void';
}

function cardOf(original: Transaction): Partial<Card> {
  const { pan, brand, issuer, expiry, entry } = original;
  return { pan, brand, issuer, expiry, entry };
}

interface Replying {
  readonly kind: TransactionKind;
  readonly lacks: readonly string[];
  readonly adds: CardMethod['adds'];
}

const VOID: Replying = { kind: 'void', lacks: [], adds: [] };
const PARTIAL_VOID: Replying = { kind: 'partial-void', lacks: ['signVerif', 'txnType'], adds: [] };

function cardReply(
  name: string,
  method: Replying,
  transaction: Transaction,
  profile: TerminalProfile,
): Reply {
  const params = financialFields(transaction, profile, slip(transaction, profile));
  for (const field of method.lacks) delete params[field];
  for (const field of method.adds) {
    params[field] = {
      amountOfParts: transaction.parts,
      agreementNum: transaction.agreement,
      amountCash: writeAmount(transaction.cash, profile.amountSeparator),
    }[field];
  }
  if (method.kind === 'cashback') {
    const done = String(transaction.status === '1');
    Object.assign(params, { result: done, resultCashback: done });
  }
  return { method: name, params, error: false, description: '' };
}

/** A parameter's text; empty where it is missing or not a string. */
export function text(params: Params, name: string): string {
  const value = params[name];
  return typeof value === 'string' ? value : '';
}
