// Runs one function of the library to its end: the library works by itself, and its state is read
// until it is no longer «in progress».
import type { MessageCode } from '../../domain/failures.ts';
import {
  type BankLibrary,
  type Call,
  type CodeFunction,
  type FunctionName,
  LibraryError,
  type ResultOf,
} from '../../ports/bank-library.ts';
import type { Clock } from '../../ports/clock.ts';
import { LAST_RESULT, STATUS_NONE } from './enumerations.ts';
import type { BposOptions } from './options.ts';

export type Ending =
  | { kind: 'success' }
  | { kind: 'error'; errorCode: number; responseCode: number; text: string | null }
  /** The function itself returned a code: it did not begin. */
  | { kind: 'returned'; code: number }
  /** `sent` is false where the function was certainly not called. */
  | { kind: 'lost'; code: MessageCode; sent: boolean };

export interface Tools {
  readonly library: BankLibrary;
  readonly clock: Clock;
  readonly options: BposOptions;
  /** The state of the library is not known any more: its process is ended after this use. */
  readonly lost: () => void;
}

export interface Work {
  readonly call: Call;
  /** Null = until `signal` aborts. */
  readonly timeoutMs: number | null;
  /** Ends the wait, after one Cancel and a grace. */
  readonly signal: AbortSignal | null;
  /** Sends one Cancel; the wait goes on. */
  readonly cancel: AbortSignal | null;
  /** Called for each new status or text. */
  readonly onStatus: ((code: number, text: string) => void) | null;
}

/** A question to the terminal that needs no card, no bank and no cancel. */
export function question(call: Call, timeoutMs: number): Work {
  return { call, timeoutMs, signal: null, cancel: null, onStatus: null };
}

/** Never rejects: a library that is gone is a lost answer. */
export async function work(tools: Tools, request: Work): Promise<Ending> {
  const ending = await worked(tools, request);
  if (ending.kind === 'lost') tools.lost();
  return ending;
}

async function worked(tools: Tools, request: Work): Promise<Ending> {
  let sent = false;
  try {
    const code = await begin(tools, request.call);
    if (code !== 0) return { kind: 'returned', code };
    sent = true;
    return await untilEnd(tools, request);
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    const code = error.code === 'deadline' ? 'lost-answer' : 'link-cut';
    return { kind: 'lost', code, sent: sent || error.sent };
  }
}

function begin({ library, options }: Tools, { name, args }: Call): Promise<number> {
  return library.call<CodeFunction>(name, args, options.callTimeoutMs);
}

/** The value of a getter; null where this library does not have it. */
export async function value<N extends FunctionName>(
  { library, options }: Tools,
  name: N & { [G in FunctionName]: G }[N],
): Promise<ResultOf<N> | null> {
  if (!library.has(name)) return null;
  const none = [] as unknown as Parameters<typeof library.call<N>>[1]; // getters take nothing
  return library.call<N>(name, none, options.callTimeoutMs);
}

/** A text of the library, trimmed; null where it is empty. */
export async function textValue(
  tools: Tools,
  name: { [G in FunctionName]: ResultOf<G> extends string ? G : never }[FunctionName],
): Promise<string | null> {
  const text = ((await value(tools, name)) ?? '').trim();
  return text === '' ? null : text;
}

interface Watch {
  readonly began: number;
  status: number;
  text: string;
  changedAt: number;
  checksFailed: number;
  cancelSent: boolean;
  expiredAt: number | null;
}

/** Two silent checks, a stall apart: one may be lost on a busy line. */
const CHECKS_FAILED_MAX = 2;

const QUESTION_POLL_MS = 50;

async function untilEnd(tools: Tools, request: Work): Promise<Ending> {
  const { library, clock, options } = tools;
  const { callTimeoutMs } = options;
  const began = clock.monotonic();
  const watch: Watch = {
    began,
    status: STATUS_NONE,
    text: '',
    changedAt: began,
    checksFailed: 0,
    cancelSent: false,
    expiredAt: null,
  };
  for (;;) {
    if (request.onStatus !== null) await readStatus(tools, request.onStatus, watch);
    const result = await library.call('LastResult', [], callTimeoutMs);
    if (result === LAST_RESULT.success) return { kind: 'success' };
    if (result === LAST_RESULT.error) return readError(tools);
    if (result !== LAST_RESULT.inProgress) {
      return { kind: 'lost', code: 'unreadable-answer', sent: true };
    }
    const given = await watchOver(tools, request, watch);
    if (given !== null) return { kind: 'lost', code: given, sent: true };
    // A question is answered at once; a sale takes as long as the customer does.
    await clock.sleep(
      request.timeoutMs === null ? options.pollMs : Math.min(options.pollMs, QUESTION_POLL_MS),
    );
  }
}

async function readStatus(
  tools: Tools,
  onStatus: (code: number, text: string) => void,
  watch: Watch,
): Promise<void> {
  const status = (await value(tools, 'LastStatMsgCode')) ?? STATUS_NONE;
  const text = (await textValue(tools, 'LastStatMsgDescription')) ?? '';
  if (status === watch.status && text === watch.text) return;
  const changed = status !== watch.status;
  watch.status = status;
  watch.text = text;
  watch.changedAt = tools.clock.monotonic();
  watch.checksFailed = 0;
  if (status !== STATUS_NONE || !changed) onStatus(status, text);
}

async function readError(tools: Tools): Promise<Ending> {
  const errorCode = (await value(tools, 'LastErrorCode')) ?? 0;
  const responseCode = (await value(tools, 'ResponseCode')) ?? 0;
  const text = await textValue(tools, 'LastErrorDescription');
  return { kind: 'error', errorCode, responseCode, text };
}

/** Cancels where asked, checks a silent terminal; the code of the loss where there is no hope. */
async function watchOver(tools: Tools, request: Work, watch: Watch): Promise<MessageCode | null> {
  const { library, clock, options } = tools;
  const now = clock.monotonic();
  const timedOut = request.timeoutMs !== null && now - watch.began >= request.timeoutMs;
  if (timedOut || request.signal?.aborted === true) watch.expiredAt ??= now;
  const mayCancel = request.signal !== null || request.cancel !== null;
  if (watch.expiredAt !== null && !mayCancel) return 'deadline-passed';
  const asked = request.cancel?.aborted === true || watch.expiredAt !== null;
  if (asked && !watch.cancelSent) {
    watch.cancelSent = true;
    await library.call('Cancel', [], options.callTimeoutMs);
  }
  if (watch.expiredAt !== null) {
    return now - watch.expiredAt >= options.cancelGraceMs ? 'deadline-passed' : null;
  }
  if (now - watch.changedAt < options.stallMs || !library.has('CheckTerminal')) return null;
  watch.changedAt = now;
  const code = await library.call('CheckTerminal', [], options.callTimeoutMs);
  watch.checksFailed = code === 0 ? 0 : watch.checksFailed + 1;
  return watch.checksFailed >= CHECKS_FAILED_MAX ? 'lost-answer' : null;
}
