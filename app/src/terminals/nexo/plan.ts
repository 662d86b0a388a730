// What an operation asks of the terminal, and what its answer is held against.
import type { MessageCode } from '../../domain/failures.ts';
import type { Instant } from '../../domain/ids.ts';
import { minorUnits } from '../../domain/money.ts';
import type { Operation, OperationRequest } from '../../domain/operation.ts';
import type { NexoNode } from '../../xml/nexo/write.ts';
import { POI_TIME } from './answer.ts';
import type { Core } from './core.ts';
import * as messages from './messages.ts';
import type { Asked } from './outcome.ts';

export interface MoneyPlan {
  readonly kind: 'money';
  readonly category: 'Payment' | 'Reversal';
  body(now: Instant): NexoNode;
  readonly asked: Asked;
}

export type Plan =
  | MoneyPlan
  | { kind: 'settlement' | 'totals' | 'settlement-copy' | 'read-card' | 'check-host' | 'info' }
  | { kind: 'refused'; code: MessageCode };

export function planOf(core: Core, operation: Operation, original: Operation | null): Plan {
  const { request } = operation;
  switch (request.kind) {
    case 'purchase':
    case 'refund':
    case 'cashback':
      return payment(operation, request);
    case 'void':
      return voidPlan(core, operation, request, original);
    case 'settlement':
    case 'totals':
    case 'settlement-copy':
    case 'read-card':
    case 'check-host':
    case 'info':
      return { kind: request.kind };
    default:
      return { kind: 'refused', code: 'method-missing' };
  }
}

function payment(
  operation: Operation,
  request: Extract<OperationRequest, { kind: 'purchase' | 'refund' | 'cashback' }>,
): Plan {
  const cash = request.kind === 'cashback' ? request.cash : minorUnits(0);
  // SPEC 4.3: RequestedAmount includes CashBackAmount.
  const amount = minorUnits(request.amount + cash);
  const type = request.kind === 'refund' ? 'Refund' : 'Normal';
  const { currency } = request;
  return {
    kind: 'money',
    category: 'Payment',
    body: (now) =>
      messages.payment({ type, transactionId: operation.id, currency, amount, cash }, now),
    asked: {
      kind: request.kind,
      currency,
      amount,
      paymentType: type,
      transactionId: operation.id,
      reverses: null,
      aborted: false,
    },
  };
}

function voidPlan(
  core: Core,
  operation: Operation,
  request: Extract<OperationRequest, { kind: 'void' }>,
  original: Operation | null,
): Plan {
  const of = reversible(core, request.invoice ?? null, original);
  if (of === null) return { kind: 'refused', code: 'original-not-usable' };
  return {
    kind: 'money',
    category: 'Reversal',
    body: () => messages.reversal(of, 'MerchantCancel', core.options),
    asked: {
      kind: 'void',
      currency: request.currency,
      amount: original?.approvedAmount ?? null,
      paymentType: 'Normal',
      transactionId: operation.id,
      reverses: of.id,
      aborted: false,
    },
  };
}

/** A reversal names id and time; a number alone is enough where the last transaction has it. */
function reversible(
  core: Core,
  invoice: string | null,
  original: Operation | null,
): messages.PoiTransaction | null {
  const result = original?.result ?? null;
  const [id = null, time] = [result?.invoice, result?.extra[POI_TIME]];
  if (id !== null && time !== undefined) return { id, time };
  const last = core.last?.answer?.poiTransaction ?? null;
  return last !== null && last.id === invoice ? last : null;
}
