// What each call does with the gateway, and the number that it answers.
import type { Refusal, RefusalCode } from '../../domain/failures.ts';
import { amountOf, type Operation, type OperationState } from '../../domain/operation.ts';
import { textOf } from '../../domain/texts/index.ts';
import type { Done, Gateway, Principal, Started } from '../../operations/gateway.ts';
import { operationBodySchema } from '../../operations/request-schema.ts';
import type { Language } from '../../operations/settings-schema.ts';
import { operationIdOfUid } from '../../operations/till-uid.ts';
import { type CallName, CODES, type PayInfo, type Values } from './contract.ts';

export interface CallContext {
  readonly gateway: Gateway;
  readonly who: Principal;
  readonly language: Language;
  /** The terminal of this address; undefined where there is one only. */
  readonly terminal: string | undefined;
}

export type CallResult =
  /** `detail` tells the log why, where the number is not enough. */
  | { kind: 'code'; code: number; detail: string | null }
  | { kind: 'info'; info: PayInfo }
  /** Not a matter of this payment: the key may not do it. */
  | { kind: 'fault'; refusal: Refusal };

type Handlers = {
  readonly [C in CallName]: (
    context: CallContext,
    values: Values<C>,
  ) => CallResult | Promise<CallResult>;
};

export function perform<C extends CallName>(
  context: CallContext,
  name: C,
  values: Values<C>,
): CallResult | Promise<CallResult> {
  return HANDLERS[name](context, values);
}

const HANDLERS: Handlers = {
  Pay: (context, { uid, amount, order }) =>
    begin(context, uid, { kind: 'purchase', amount, order: order ?? undefined }),
  PayPoll: (context, { uid }) => {
    const operation = context.gateway.find(context.who, operationIdOfUid(uid));
    return code(operation === null ? CODES.notFound : STATUS[operation.state]);
  },
  PayInfo: (context, { uid }) => {
    const operation = context.gateway.find(context.who, operationIdOfUid(uid));
    return { kind: 'info', info: operation === null ? NOT_FOUND : infoOf(operation, context) };
  },
  Cancel: async ({ gateway, who }, { uid }) => {
    const done = await gateway.cancel(who, operationIdOfUid(uid));
    return answer(done);
  },
  Refund: (context, { uid, originalUid, amount }) => {
    const of = operationIdOfUid(originalUid);
    // A refund goes where the payment was made, unless the address names a terminal.
    const paidAt = context.gateway.find(context.who, of)?.request.terminal;
    const terminal = paidAt ?? context.terminal;
    return begin({ ...context, terminal }, uid, { kind: 'refund', amount, of });
  },
  Settlement: (context, { uid }) => begin(context, uid, { kind: 'settlement' }),
  PayCash: (context, values) => {
    const { uid, amount, order } = values;
    const sums = {
      paid: values.pay_amount,
      change: values.charge_amount,
      rest: values.rest_amount,
    };
    return begin(context, uid, { kind: 'cash', amount, ...sums, order: order ?? undefined });
  },
};

/** What PayPoll says of each state. An unknown one is in progress, never cancelled. */
const STATUS: { readonly [S in OperationState]: number } = {
  accepted: CODES.inProgress,
  queued: CODES.inProgress,
  running: CODES.inProgress,
  confirming: CODES.inProgress,
  unknown: CODES.inProgress,
  approved: CODES.ok,
  declined: CODES.cancelled,
  cancelled: CODES.cancelled,
  failed: CODES.cancelled,
  reversed: CODES.cancelled,
};

/** The number for each refusal; null = a fault, because it is no matter of business. */
const REFUSALS: { readonly [C in RefusalCode]: number | null } = {
  unauthenticated: null,
  'too-many-requests': null,
  forbidden: null,
  'too-large': null,
  'invalid-request': CODES.wrongParameters,
  'unknown-operation': CODES.notFound,
  'id-reused': CODES.uidExists,
  'unknown-terminal': CODES.wrongParameters,
  'unsupported-by-terminal': CODES.wrongParameters,
  'terminal-unresolved': CODES.terminalBusy,
  'terminal-busy': CODES.terminalBusy,
  'not-cancellable': CODES.notCancellable,
  // Nothing was started and the same uid may come again, as for a busy terminal.
  'ledger-unavailable': CODES.terminalBusy,
};

/** Starts an operation; a uid that is known is refused whatever it stands for, and for ever. */
async function begin(
  { gateway, who, terminal }: CallContext,
  uid: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<CallResult> {
  const id = operationIdOfUid(uid);
  const reference = id === uid ? {} : { reference: uid };
  const body = operationBodySchema.safeParse({ ...asked, ...reference, terminal });
  if (!body.success) {
    const [issue] = body.error.issues;
    return code(CODES.wrongParameters, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  return answer(await gateway.start(who, id, body.data), id);
}

function answer(done: Started | Done, id?: string): CallResult {
  if (done.kind === 'operation') {
    return code('repeated' in done && done.repeated ? CODES.uidExists : CODES.ok);
  }
  const { refusal } = done;
  // A uid of somebody else's terminal is a known uid all the same.
  if (refusal.code === 'forbidden' && refusal.facts['operation'] === id && id !== undefined) {
    return code(CODES.uidExists, refusal.detail);
  }
  const number = REFUSALS[refusal.code];
  return number === null ? { kind: 'fault', refusal } : code(number, refusal.detail);
}

function code(number: number, detail: string | null = null): CallResult {
  return { kind: 'code', code: number, detail };
}

const NOT_FOUND: PayInfo = {
  status: CODES.notFound,
  state: null,
  amount: null,
  approvedAmount: null,
  rrn: null,
  authCode: null,
  invoice: null,
  cardMask: null,
  receipt: null,
  merchantReceipt: null,
  message: null,
  remedy: null,
};

/** What PayInfo says where the parameters are wrong. */
export const WRONG_INFO: PayInfo = { ...NOT_FOUND, status: CODES.wrongParameters };

function infoOf(operation: Operation, { language }: CallContext): PayInfo {
  const { result, message, state } = operation;
  const { text, remedy } = textOf(message.code, language);
  return {
    status: STATUS[state],
    state,
    amount: amountOf(operation.request),
    approvedAmount: operation.approvedAmount,
    rrn: result?.rrn ?? null,
    authCode: result?.authCode ?? null,
    invoice: result?.invoice ?? null,
    cardMask: result?.card?.mask ?? operation.seen.cardMask,
    receipt: result?.receipt?.customer ?? result?.receipt?.merchant ?? null,
    merchantReceipt: result?.receipt?.merchant ?? null,
    message: text,
    remedy,
  };
}
