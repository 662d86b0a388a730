// Beside a running operation: reads statuses, passes on texts, asks for the corrected sum, sends
// the interrupt, and notices a terminal that works on nothing any more.
import type { Answer } from '../../domain/event.ts';
import { ADJUST_DEADLINE_MS } from '../../domain/limits.ts';
import { formatDecimal, type MinorUnits, minorUnits } from '../../domain/money.ts';
import { amountOf, type Question } from '../../domain/operation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Exchange } from '../../ports/terminal-driver.ts';
import { type Params, text } from './fields.ts';
import { STATUS_ADJUST, STATUS_IDLE, STATUSES } from './messages.ts';
import type { PrivatJsonOptions } from './options.ts';
import type { Asked } from './outcome.ts';
import { maskedCard } from '../wire/card-mask.ts';
import type { Session } from './session.ts';

export interface Watch {
  /** Our first byte is about to leave. */
  begin(): void;
  /** The exchange has ended: nothing more is sent for it. */
  stop(): void;
  readonly interrupted: boolean;
  readonly phase: Asked['phase'];
  /** Sum that was sent as correction; null where none was. */
  readonly corrected: MinorUnits | null;
}

interface State {
  readonly end: AbortController;
  began: boolean;
  beganAt: number;
  interrupted: boolean;
  corrected: MinorUnits | null;
  adjustSeen: boolean;
  statusShown: string | null;
  statusHeardAt: number | null;
  idleSince: number | null;
  authorising: boolean;
}

/** Statuses are read after the first poll only: before it no refusal can be blind. */
const BLIND_POLLS = 3;

export function createWatch(
  session: Session,
  exchange: Exchange,
  options: PrivatJsonOptions,
  clock: Clock,
  log: Log,
): Watch {
  const state: State = {
    end: new AbortController(),
    began: false,
    beganAt: 0,
    interrupted: false,
    corrected: null,
    adjustSeen: false,
    statusShown: null,
    statusHeardAt: null,
    idleSince: null,
    authorising: false,
  };
  const context = { session, exchange, options, clock, log, state };
  const onCancel = (): void => interrupt(context);
  return {
    begin: () => {
      if (state.began) return;
      state.began = true;
      state.beganAt = clock.monotonic();
      exchange.cancelRequested.addEventListener('abort', onCancel, { once: true });
      if (exchange.cancelRequested.aborted) onCancel();
      void poll(context);
    },
    stop: () => {
      exchange.cancelRequested.removeEventListener('abort', onCancel);
      state.end.abort(new Error('the exchange has ended'));
    },
    get interrupted() {
      return state.interrupted;
    },
    get corrected() {
      return state.corrected;
    },
    get phase() {
      if (state.authorising) return 'authorising';
      const blindAfter = options.statusPollMs * BLIND_POLLS;
      const blind = state.statusHeardAt === null && clock.monotonic() - state.beganAt > blindAfter;
      return blind ? 'blind' : 'before-host';
    },
  };
}

interface Context {
  readonly session: Session;
  readonly exchange: Exchange;
  readonly options: PrivatJsonOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: State;
}

/** SPEC 3.7: once; what counts is the answer of the operation itself. */
function interrupt({ session, options, state, log }: Context): void {
  if (state.interrupted || state.end.signal.aborted) return;
  state.interrupted = true;
  void session
    .service('interrupt', {}, options.pingTimeoutMs)
    .then((ending) => log.info('interrupt', { ending: ending.kind }));
}

async function poll(context: Context): Promise<void> {
  const { session, options, clock, log, state } = context;
  const { signal } = state.end;
  while (!signal.aborted && session.isOpen) {
    try {
      await clock.sleep(options.statusPollMs, signal);
    } catch {
      return; // the exchange has ended
    }
    const ending = await session.service('getLastStatMsgCode', {}, options.pingTimeoutMs);
    if (signal.aborted) return;
    if (ending.kind === 'not-implemented') {
      log.info('status-not-implemented');
      return;
    }
    if (ending.kind === 'answered') await heard(context, ending.params);
    else watchSilence(context);
  }
}

async function heard(context: Context, params: Params): Promise<void> {
  const { exchange, clock, state } = context;
  const status = text(params, 'LastStatMsgCode') ?? STATUS_IDLE;
  state.statusHeardAt = clock.monotonic();
  // A status that no table lists may be anything.
  if ((STATUSES[status]?.phase ?? 'authorising') === 'authorising') state.authorising = true;
  if (status === STATUS_IDLE) await watchIdle(context);
  else state.idleSince = null;
  if (status !== state.statusShown && !(status === STATUS_IDLE && state.statusShown === null)) {
    state.statusShown = status;
    exchange.display(status, STATUSES[status]?.text ?? `Status ${status}`);
  }
  if (status === STATUS_ADJUST && !state.adjustSeen) {
    state.adjustSeen = true;
    void adjust(context);
  }
}

/** A terminal that told statuses and is then silent for long is not there any more. */
function watchSilence({ session, options, clock, state }: Context): void {
  const { statusHeardAt } = state;
  if (statusHeardAt === null) return;
  if (clock.monotonic() - statusHeardAt >= options.silenceMs) session.giveUp();
}

/** Idle by both signs for long enough: the answer was lost on its way, or the request was. */
async function watchIdle({ session, options, clock, state }: Context): Promise<void> {
  const ending = await session.service('getLastResult', {}, options.pingTimeoutMs);
  if (state.end.signal.aborted) return;
  const idle = ending.kind === 'answered' && text(ending.params, 'LastResult') === '0';
  const since = idle ? (state.idleSince ?? clock.monotonic()) : null;
  state.idleSince = since;
  if (since !== null && clock.monotonic() - since >= options.idleAnswerMs) session.giveUp();
}

/** Status 11: the till or a rule may correct the sum once; else the sale goes on unchanged. */
async function adjust(context: Context): Promise<void> {
  const { session, exchange, options, clock, log, state } = context;
  const { request } = exchange.operation;
  const asked = await session.service('getDiscountName', {}, options.pingTimeoutMs);
  const card = asked.kind === 'answered' ? asked.params : {};
  const shown = text(card, 'pan');
  const cardMask = shown === null ? null : maskedCard(shown);
  if (state.end.signal.aborted) return;
  if (cardMask !== null) exchange.cardSeen(cardMask);
  const answer = await ask(context, {
    kind: 'adjust',
    askedAt: clock.now(),
    deadline: clock.now() + ADJUST_DEADLINE_MS,
    loyalty: defined(text(card, 'discountName')),
    cardMask,
    entry: defined(text(card, 'posEntryMode')),
  });
  if (state.end.signal.aborted) return;
  const unchanged = amountOf(request) ?? minorUnits(0);
  const sum = answer?.kind === 'adjust' ? answer.amount : unchanged;
  const given = 'discount' in request ? request.discount : minorUnits(0);
  const discount = answer?.kind === 'adjust' ? answer.discount : given;
  // Before it is sent: from here on the terminal may end with this sum.
  if (answer !== null) state.corrected = sum;
  const params = {
    amount: formatDecimal(sum, request.currency),
    discount: formatDecimal(discount, request.currency),
  };
  const ending = await session.service('correctTransaction', params, options.pingTimeoutMs);
  const refused = ending.kind === 'answered' && ending.error === true;
  if (refused && !state.end.signal.aborted) state.corrected = null;
  log.info('correction', { ending: ending.kind, refused });
}

async function ask({ exchange, log }: Context, question: Question): Promise<Answer | null> {
  try {
    return await exchange.ask(question);
  } catch (error) {
    log.warn('adjust-not-asked', { reason: String(error) });
    return null;
  }
}

/** SPEC 3.6: `NO_D_GROUP`, `MODE_UNDEF` mean nothing. */
function defined(value: string | null): string | null {
  return value === null || value === 'NO_D_GROUP' || value.endsWith('_UNDEF') ? null : value;
}
