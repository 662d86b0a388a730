// What the numbers of the bank's library mean. They are the true ones, from working programs; the
// vendor's document renumbers its lists.
import type { CardEntry } from '../../domain/outcome.ts';
import type { OperationKind } from '../../domain/operation.ts';

export const LAST_RESULT = { success: 0, error: 1, inProgress: 2 } as const;

/** What a function returns; 0 = the work goes on or is done. */
export const RETURN_CODES: Readonly<Record<number, string>> = {
  1: 'failed',
  2: 'the port cannot be opened',
  3: 'the ports cannot be listed',
  4: 'no connection with the terminal',
  5: 'the port is not open',
  6: 'the library is not initialised',
  7: 'busy',
  8: 'no data',
  9: 'the message was corrupted',
  10: 'the buffer is too small',
  11: 'disconnected',
  12: 'no answer in time',
  13: 'the message could not be sent',
  14: 'connection fault',
  15: 'the file cannot be read',
  16: 'unknown fault',
  17: 'the terminal did not answer the check',
};
/** Returned before anything went to the terminal. */
export const RETURNED_NOT_OPEN: readonly number[] = [5, 6];
export const RETURNED_BUSY = 7;

export const ERROR_CODES = {
  none: 0,
  cannotOpenPort: 1,
  portNotOpen: 2,
  connection: 3,
  /** See ResponseCode. */
  terminal: 4,
} as const;

/** `before-host`: the bank knows nothing yet. */
export type Phase = 'before-host' | 'authorising';

/** LastStatMsgCode. A code that is not listed may be anything, so it counts as authorising. */
export const STATUSES: Readonly<Record<number, { text: string; phase: Phase }>> = {
  1: { text: 'Card was read', phase: 'before-host' },
  2: { text: 'Card has a chip: insert it', phase: 'before-host' },
  3: { text: 'Authorising', phase: 'authorising' },
  4: { text: 'Waiting for the cashier', phase: 'authorising' },
  5: { text: 'Printing the receipt', phase: 'authorising' },
  6: { text: 'Customer enters the PIN', phase: 'before-host' },
  7: { text: 'Card was removed', phase: 'before-host' },
  8: { text: 'Customer chooses the application of the card', phase: 'before-host' },
  9: { text: 'Waiting for the card', phase: 'before-host' },
  10: { text: 'In progress', phase: 'authorising' },
  11: { text: 'Waiting for the corrected sum', phase: 'before-host' },
  12: { text: 'Waiting for a PIN key', phase: 'before-host' },
  13: { text: 'PIN digit was deleted', phase: 'before-host' },
  14: { text: 'PIN key was pressed', phase: 'before-host' },
  15: { text: 'Customer chooses the account', phase: 'before-host' },
  16: { text: 'Purchase only', phase: 'before-host' },
  17: { text: 'Purchase only: to be confirmed', phase: 'before-host' },
  18: { text: 'Waiting for the finger', phase: 'before-host' },
};
export const STATUS_NONE = 0;
export const STATUS_ADJUST = 11;

/** TxnType; 0 = the terminal did not say. */
export const TXN_TYPE = {
  undefined: 0,
  purchase: 1,
  refund: 2,
  void: 3,
  completion: 4,
  deposit: 7,
  cashbackDeposit: 9,
  instalment: 10,
  cashAdvance: 11,
  purchaseWithCashback: 14,
} as const;

/** What an entry of the journal may stand for; older terminals write 0 for types they lack. */
export const KINDS_OF_TYPE: Readonly<Record<number, readonly OperationKind[]>> = {
  [TXN_TYPE.undefined]: ['cash-advance', 'deposit', 'completion', 'instalment', 'service'],
  [TXN_TYPE.purchase]: ['purchase', 'cashback', 'instalment', 'service'],
  [TXN_TYPE.refund]: ['refund', 'service'],
  [TXN_TYPE.void]: ['void'],
  [TXN_TYPE.completion]: ['completion'],
  [TXN_TYPE.deposit]: ['deposit', 'service'],
  [TXN_TYPE.cashbackDeposit]: ['cashback'],
  [TXN_TYPE.instalment]: ['instalment', 'service'],
  [TXN_TYPE.cashAdvance]: ['cash-advance', 'service'],
  [TXN_TYPE.purchaseWithCashback]: ['cashback'],
};

/** TrnStatus; 0 = the terminal did not say. */
export const TRN_STATUS = {
  undefined: 0,
  approved: 1,
  declined: 2,
  reversed: 3,
  cancelled: 4,
} as const;

export const ENTRY_MODES: Readonly<Record<number, CardEntry>> = {
  1: 'stripe',
  2: 'chip',
  3: 'contactless',
  4: 'contactless',
  5: 'fallback',
  6: 'manual',
};

export const ERROR_LANGUAGES = { en: 0, uk: 1, ru: 2 } as const;
export const LOGGING_LEVELS = { none: 0, simple: 1, detailed: 2 } as const;
export const ACCOUNTS = { default: 0, savings: 1, checking: 2, credit: 3, universal: 4 } as const;
export const MAC_AES = 0;
/** ExchangeStatuses: the till is there and idle. */
export const ECR_STATUS_NORMAL = 2;
/** TermStatus: the batch must be closed; the readers failed. */
export const TERM_STATUS_TEXTS: Readonly<Record<number, string>> = {
  13: 'system operation',
  14: 'the batch has to be closed (settlement)',
  15: 'the card readers failed',
};
