// What the parts of one driver share, and the question that most of them ask: what was the last
// transaction, or what became of ours.
import type { Watermark } from '../../domain/evidence.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Exchange, TerminalIdentity, TerminalSetup } from '../../ports/terminal-driver.ts';
import { at, nestedMessage, responseOf } from '../../xml/nexo/envelope.ts';
import type { Mutex } from '../wire/mutex.ts';
import { markOf, readAnswer, type TransactionAnswer } from './answer.ts';
import type { NexoLink } from './link.ts';
import { type Category, type Reference, transactionStatus } from './messages.ts';
import type { NexoOptions } from './options.ts';
import type { Receipt } from './receipt.ts';

/** The operation that the terminal works on. */
export interface Running {
  readonly exchange: Exchange;
  /** What an abort has to name; null while nothing can be aborted. */
  reference: Reference | null;
  aborted: boolean;
  /** Messages of the terminal that arrived meanwhile. */
  heard: number;
  /** A question to the cashier is open: it is answered, not aborted. */
  asking: boolean;
  /** The cashier said no to the terminal’s question. */
  refused: boolean;
  /** Printed before the answer came. */
  readonly printed: Receipt[];
}

export interface Core {
  readonly setup: TerminalSetup;
  readonly options: NexoOptions;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly link: NexoLink;
  /** Who may send what must not be sent beside anything: an operation, a look, the idle checks. */
  readonly mutex: Mutex;
  identity: TerminalIdentity | null;
  clockSkewMs: number | null;
  /** The last transaction of this POIID and SaleID. */
  last: LastTransaction | null;
  /** True where the terminal may have made another since. */
  lastStale: boolean;
  running: Running | null;
  /** What this terminal was found to know, besides what all know. */
  readonly known: Set<Category>;
  probed: boolean;
  /** After a loss nothing resets the terminal before the operation was looked up. */
  unsettled: boolean;
  /** The address that the terminal says it has now; an administrator has to agree. */
  announced: string | null;
  readonly maintenance: Maintenance;
}

export interface LastTransaction {
  /** `-` where the terminal has none. */
  readonly mark: string;
  readonly answer: TransactionAnswer | null;
}

export const NO_TRANSACTION = '-';

export interface Maintenance {
  /** The terminal asked for it. */
  required: boolean;
  /** Logged out for it; ends by itself after this moment. */
  until: number | null;
  /** The night whose window is done, so that it is not begun again. */
  doneOn: string;
}

export type StatusAnswer =
  | { kind: 'repeated'; answer: TransactionAnswer }
  | { kind: 'not-found' }
  /** Ours is unfinished, or the terminal is busy with something else: it does not say which. */
  | { kind: 'unfinished' }
  /** Nobody is logged in. */
  | { kind: 'refused' }
  /** It does not take this form of the question. */
  | { kind: 'not-taken' }
  | { kind: 'silent' };

/** SPEC 4.5: `Success` means that something was found; the verdict is inside of it. */
export async function askStatus(
  core: Core,
  of: Reference | null,
  signal?: AbortSignal,
): Promise<StatusAnswer> {
  const { options, link, setup } = core;
  const ending = await link.ask({
    category: 'TransactionStatus',
    body: transactionStatus(of, options),
    timeoutMs: options.queryTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  if (ending.kind !== 'answered') return { kind: 'silent' };
  const { result, condition } = ending.response;
  if (result === 'Success' || result === 'Partial') {
    const repeated = at(ending.message.body, 'RepeatedMessageResponse');
    const nested = repeated === null ? null : nestedMessage(repeated);
    if (nested === null || responseOf(nested.body) === null) return { kind: 'not-taken' };
    const answer = readAnswer(nested, setup.currency);
    return answer === null ? { kind: 'not-taken' } : { kind: 'repeated', answer };
  }
  switch (condition) {
    case 'Busy':
    case 'InProgress':
      return { kind: 'unfinished' };
    case 'NotFound':
      return { kind: 'not-found' };
    case 'NotAllowed':
    case 'LoggedOut':
      return { kind: 'refused' };
    default:
      return { kind: 'not-taken' };
  }
}

/** Reads the last transaction of the idle terminal. The turn must be ours. */
export async function readLast(core: Core, signal?: AbortSignal): Promise<StatusAnswer> {
  const status = await askStatus(core, null, signal);
  noteLast(core, status);
  return status;
}

export function noteLast(core: Core, status: StatusAnswer): void {
  if (status.kind === 'repeated') learnLast(core, status.answer);
  else if (status.kind === 'not-found') {
    core.last = { mark: NO_TRANSACTION, answer: null };
    core.lastStale = false;
  }
}

/** The terminal has just told of its newest transaction. */
export function learnLast(core: Core, answer: TransactionAnswer): void {
  const mark = markOf(answer);
  if (mark === null) {
    core.lastStale = true;
    return;
  }
  core.last = { mark, answer };
  core.lastStale = false;
}

/**
 * SPEC 5.5: within one login a terminal that knows nothing of ours never got it. So the login
 * stands for the batch, and the mark of the last transaction for its invoice.
 */
export function watermarkOf(core: Core): Watermark | null {
  const { session } = core.link;
  if (session.kind !== 'in' || core.last === null || core.lastStale) return null;
  return {
    readAt: core.clock.now(),
    terminalId: core.options.poiId,
    batch: session.id,
    lastInvoice: core.last.mark,
    clockSkewMs: core.clockSkewMs,
  };
}
