// The calls of the façade as a table: the WSDL is written and the calls are read from it.
import type { OrderItem } from '../../domain/operation.ts';

export const POS_NAMESPACE = 'http://www.stampsoft.ru/pos';

interface Types {
  string: string;
  int: number;
  /** Null where the caller passed none. */
  order: readonly OrderItem[] | null;
}
export type ParameterType = keyof Types;

/**
 * In the order in which 1C passes them. 1C keeps copies of the WSDL in configurations for years:
 * calls may be added here, and none may change.
 */
export const CALLS = {
  Pay: { parameters: { uid: 'string', amount: 'int', order: 'order' }, result: 'int' },
  PayPoll: { parameters: { uid: 'string' }, result: 'int' },
  PayInfo: { parameters: { uid: 'string' }, result: 'payinfo' },
  Cancel: { parameters: { uid: 'string' }, result: 'int' },
  Refund: { parameters: { uid: 'string', originalUid: 'string', amount: 'int' }, result: 'int' },
  Settlement: { parameters: { uid: 'string' }, result: 'int' },
  PayCash: {
    // The names that Register has for the same sums.
    parameters: {
      uid: 'string',
      amount: 'int',
      pay_amount: 'int',
      charge_amount: 'int',
      rest_amount: 'int',
      order: 'order',
    },
    result: 'int',
  },
} as const satisfies Record<
  string,
  { parameters: Readonly<Record<string, ParameterType>>; result: 'int' | 'payinfo' }
>;
export type CallName = keyof typeof CALLS;

/** The values of a call after reading. */
export type Values<C extends CallName> = {
  readonly [P in keyof (typeof CALLS)[C]['parameters']]: Types[(typeof CALLS)[C]['parameters'][P] &
    ParameterType];
};

export function isCall(name: string): name is CallName {
  return Object.hasOwn(CALLS, name);
}

/** What a call answers as a number. */
export const CODES = {
  /** Accepted; for PayPoll: paid. */
  ok: 0,
  inProgress: 1,
  cancelled: 2,
  wrongParameters: -1,
  terminalBusy: -2,
  uidExists: -3,
  notFound: -4,
  /** Not of the seed: Cancel came too late, or the terminal cannot cancel. */
  notCancellable: -5,
} as const;

/** Elements of `payinfo`, in order. Every one but `status` may be nil. */
export const PAYINFO_FIELDS = {
  status: 'int',
  state: 'string',
  amount: 'long',
  approvedAmount: 'long',
  rrn: 'string',
  authCode: 'string',
  invoice: 'string',
  cardMask: 'string',
  receipt: 'string',
  merchantReceipt: 'string',
  message: 'string',
  remedy: 'string',
} as const satisfies Record<string, 'int' | 'long' | 'string'>;
export type PayInfo = {
  readonly [F in keyof typeof PAYINFO_FIELDS]:
    | ((typeof PAYINFO_FIELDS)[F] extends 'string' ? string : number)
    | null;
};
