// An operation → the method that does it, its parameters, and the sums it may end with.
import type { MessageCode } from '../../domain/failures.ts';
import { formatDecimal, type MinorUnits, minorUnits } from '../../domain/money.ts';
import {
  KINDS,
  type Operation,
  type OperationRequest,
  type RequestBody,
} from '../../domain/operation.ts';
import type { TerminalSetup } from '../../ports/terminal-driver.ts';
import type { Params } from './fields.ts';
import { type Method, NAMED_SERVICES, PARTLY_SUFFIX, PRODUCTS } from './messages.ts';
import type { PrivatJsonOptions } from './options.ts';

export interface Plan {
  readonly kind: 'plan';
  readonly method: Method;
  /** The older name, tried where the firmware says that it lacks the method. */
  readonly fallback: Method | null;
  readonly params: Params;
  readonly top: object;
  readonly conclusion: 'money' | 'settlement' | 'plain';
  /** Sums it may end with; empty where nothing is known of them. */
  readonly amounts: readonly MinorUnits[];
  readonly withoutCash: MinorUnits | null;
  /** Index of the merchant it runs under; null where the method names none. */
  readonly merchant: string | null;
  /** False where it may carry the number of the transaction that it follows. */
  readonly makesNew: boolean;
  /** Invoice to be voided. */
  readonly voids: string | null;
}
export type Planned = Plan | { readonly kind: 'refused'; readonly code: MessageCode };

type BodyOf<K extends RequestBody['kind']> = Extract<OperationRequest, { kind: K }>;
type Draft = Pick<Plan, 'method' | 'params'> & Partial<Plan>;

export function planOf(
  operation: Operation,
  original: Operation | null,
  setup: TerminalSetup,
  options: PrivatJsonOptions,
): Planned {
  const { request } = operation;
  const money = (sum: MinorUnits): string => formatDecimal(sum, request.currency);
  const merchantId = String(request.merchant ?? setup.defaultMerchant);
  const sub = options.subMerchant === '' ? {} : { subMerchant: options.subMerchant };
  switch (request.kind) {
    case 'purchase': {
      // SPEC 3.3: a real N950 refuses a Purchase that lacks one of these.
      const discount = request.discount === 0 ? '' : money(request.discount);
      const params = { amount: money(request.amount), discount, merchantId };
      const more = { facepay: String(options.facepay), ...sub };
      return sale('Purchase', { ...params, ...more }, request.amount, merchantId);
    }
    case 'refund': {
      const rrn = request.rrn ?? original?.result?.rrn ?? null;
      if (rrn === null) return NOT_USABLE;
      const params = { amount: money(request.amount), discount: '', merchantId, rrn, ...sub };
      return sale('Refund', params, request.amount, merchantId);
    }
    case 'void':
      return voidPlan(request, original);
    case 'preauthorization': {
      const params = { amount: money(request.amount), merchantId };
      return sale('Preauthorization', params, request.amount, merchantId);
    }
    case 'completion':
      return completionPlan(request, original, money);
    case 'cashback': {
      const params = { amount: money(request.amount), amountCash: money(request.cash), merchantId };
      const whole = minorUnits(request.amount + request.cash);
      const cashback = sale('Cashback', { ...params, ...sub }, whole, merchantId);
      return { ...cashback, withoutCash: request.amount };
    }
    case 'cash':
    case 'deposit':
    case 'cash-advance':
      return MISSING; // concluded without a terminal, or not in this protocol
    case 'instalment': {
      const product = rowOf(PRODUCTS, request.product);
      if (product === null) return MISSING;
      const params = {
        amount: money(request.amount),
        amountOfParts: String(request.parts),
        ...sub,
      };
      return sale(product.sale, params, request.amount, null);
    }
    case 'instalment-refund':
      return instalmentRefundPlan(request, original, money);
    case 'service':
      return servicePlan(request, merchantId, money);
    default:
      return reportPlan(request, merchantId, options.printReceipts ? '1' : '0');
  }
}

type ReportBody = Exclude<OperationRequest, { kind: PlannedKind }>;
type PlannedKind =
  | 'purchase'
  | 'refund'
  | 'void'
  | 'preauthorization'
  | 'completion'
  | 'cashback'
  | 'cash'
  | 'deposit'
  | 'cash-advance'
  | 'instalment'
  | 'instalment-refund'
  | 'service';

/** Reports and questions: no sum, and for a report of no merchant that of all. */
function reportPlan(request: ReportBody, merchantId: string, prnFlag: string): Plan {
  const all = String(request.merchant ?? 0);
  switch (request.kind) {
    case 'settlement':
      return draft({ method: 'Verify', params: { merchantId: all }, conclusion: 'settlement' });
    case 'totals':
      return draft({ method: 'Audit', params: { merchantId: all } });
    case 'settlement-copy':
      return draft({ method: 'VerifyCopy', params: { merchantId: all } });
    case 'journal':
      return draft({ method: 'PrintBatchJournal', params: { merchantId: all, prnFlag } });
    case 'receipt-copy': {
      const invoiceNumber = request.invoice ?? '0';
      return draft({ method: 'PrintReceiptNum', params: { invoiceNumber, prnFlag } });
    }
    case 'balance':
      return draft({ method: 'GetBalance', params: { merchantId } });
    case 'identify':
      return draft({ method: 'ReadCardDiscount', params: {} });
    case 'read-card':
      return draft({ method: 'ReadBonusCard', params: {}, top: CARD_PROMPT });
    case 'check-host':
      return draft({ method: 'CheckConnection', params: {} });
    case 'info':
      return draft({ method: 'GetTerminalInfo', params: {} });
  }
}

/** Kinds whose plain answer needs no watermark and no journal. */
export function movesMoney(planned: Plan): boolean {
  return planned.conclusion !== 'plain';
}

/** How a lost answer is told: a question that moved no money simply failed. */
export function whenLost(operation: Operation, planned: Plan): 'unknown' | 'failed' {
  return movesMoney(planned) ? KINDS[operation.request.kind].whenLost : 'failed';
}

const NOT_USABLE: Planned = { kind: 'refused', code: 'original-not-usable' };
const MISSING: Planned = { kind: 'refused', code: 'method-missing' };
/** SPEC 3.3: the terminal shows this while it waits for the card; a minute is its default. */
const CARD_PROMPT = {
  prompt: { line: [{ text: 'Картка клієнта', font: 'N', align: 'C' }] },
  timeout: 60_000,
  enterPIN: false,
  attempt: 1,
};

function draft(given: Draft): Plan {
  return {
    kind: 'plan',
    fallback: null,
    top: {},
    conclusion: 'plain',
    amounts: [],
    withoutCash: null,
    merchant: null,
    makesNew: true,
    voids: null,
    ...given,
  };
}

function sale(method: Method, params: Params, sum: MinorUnits, merchant: string | null): Plan {
  return draft({ method, params, conclusion: 'money', amounts: [sum], merchant });
}

function voidPlan(request: BodyOf<'void'>, original: Operation | null): Planned {
  const invoiceNumber = request.invoice ?? original?.result?.invoice ?? null;
  if (invoiceNumber === null) return NOT_USABLE;
  const sum = original?.approvedAmount ?? null;
  const amounts = sum === null ? [] : [sum];
  const params = { invoiceNumber };
  return draft({
    method: 'Withdrawal',
    params,
    conclusion: 'money',
    amounts,
    makesNew: false,
    voids: invoiceNumber,
  });
}

function completionPlan(
  request: BodyOf<'completion'>,
  original: Operation | null,
  money: (sum: MinorUnits) => string,
): Planned {
  const approvalCode = request.authCode ?? original?.result?.authCode ?? null;
  const held = original?.approvedAmount ?? request.held;
  if (approvalCode === null || held === null) return NOT_USABLE;
  const rrn = request.rrn ?? original?.result?.rrn ?? null;
  const params = { amount: money(held), addamount: money(request.amount), approvalCode };
  const named = rrn === null ? params : { ...params, rrn };
  const completion = sale('SaleCompletion', named, request.amount, null);
  return { ...completion, fallback: 'SaleCompleteon', makesNew: false };
}

/** A part of the sum has a method of its own: known from the sale, or said by the suffix. */
function instalmentRefundPlan(
  request: BodyOf<'instalment-refund'>,
  original: Operation | null,
  money: (sum: MinorUnits) => string,
): Planned {
  const sold = original?.request.kind === 'instalment' ? original.request.product : null;
  const name = request.product ?? sold;
  const agreementNum = request.agreement ?? original?.result?.agreement ?? null;
  if (name === null || agreementNum === null) return NOT_USABLE;
  const suffixed = name.endsWith(PARTLY_SUFFIX);
  const product = rowOf(PRODUCTS, suffixed ? name.slice(0, -PARTLY_SUFFIX.length) : name);
  if (product === null) return MISSING;
  const whole = original?.approvedAmount ?? null;
  const partly = suffixed || (whole !== null && request.amount < whole);
  const method = partly ? product.partlyRefund : product.refund;
  return sale(method, { amount: money(request.amount), agreementNum }, request.amount, null);
}

function servicePlan(
  request: BodyOf<'service'>,
  merchantId: string,
  money: (sum: MinorUnits) => string,
): Planned {
  const service = rowOf(NAMED_SERVICES, request.service);
  if (service === null) return MISSING;
  if (service.required.some((name) => (request.parameters[name] ?? '') === '')) return NOT_USABLE;
  const given = [...service.required, ...service.optional].filter(
    (name) => request.parameters[name] !== undefined,
  );
  const named = Object.fromEntries(given.map((name) => [name, request.parameters[name] ?? '']));
  if (!service.money) {
    const top = service.method === 'ReadBonusCard' ? { ...CARD_PROMPT, ...numbers(named) } : {};
    const params = service.method === 'ReadBonusCard' ? {} : named;
    return draft({ method: service.method, params, top });
  }
  if (request.amount === null) return NOT_USABLE;
  const merchant = service.method === 'ServiceGeneric' ? { param: '', merchantId } : {};
  const params = { amount: money(request.amount), ...merchant, ...named };
  return sale(service.method, params, request.amount, null);
}

/** Members beside `params` are numbers, unlike those inside. */
function numbers(named: Params): Readonly<Record<string, number>> {
  const entries = Object.entries(named).map(([name, value]) => [name, Number(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => Number.isSafeInteger(value)));
}

function rowOf<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}
