// One operation through its driver: running is durable before the first byte, the conclusion is
// durable before anybody hears of it, and what is not certain is unknown.
import type { Answer, DecidedOutcome, OperationEvent } from '../domain/event.ts';
import type { MessageCode } from '../domain/failures.ts';
import { LEDGER_RETRY_MS } from '../domain/limits.ts';
import { amountOf, isFinal, KINDS, type Operation, type Question } from '../domain/operation.ts';
import { failedOutcome, type Outcome, unknownOutcome } from '../domain/outcome.ts';
import { LedgerError } from '../ports/ledger.ts';
import type { Exchange } from '../ports/terminal-driver.ts';
import { minorUnits } from '../domain/money.ts';
import type { Entry, Journal } from './journal.ts';
import { ruleAnswer } from './loyalty.ts';
import type { LaneContext, Run, TerminalLane } from './terminal-lane.ts';

export type Conclusion =
  | { kind: 'final' }
  /** Lost: the gate closes until evidence or a person decides. */
  | { kind: 'unknown'; operation: Operation };

/** Thrown through the driver by `started`, before any byte: the outcome is certain. */
class NotStartedError extends Error {
  readonly outcome: DecidedOutcome;
  constructor(outcome: DecidedOutcome, cause?: unknown) {
    super(outcome.code, { cause });
    this.outcome = outcome;
  }
}

/** Runs one operation; never throws. */
export async function runExchange(
  lane: TerminalLane,
  run: Run,
  context: LaneContext,
): Promise<Conclusion> {
  const { id, request } = run.operation;
  const flags: Flags = { started: false, confirming: false };
  const outcome = await performed(lane, run, context, flags);
  // A question that is still open is nobody's any more.
  run.end.abort(new Error('the exchange has ended'));
  if (run.discarded) return { kind: 'final' };
  const safe = certain(outcome, flags, KINDS[request.kind].whenLost);
  return conclude(run, safe, context, id);
}

/** How far an exchange came, by what went to the ledger. */
interface Flags {
  started: boolean;
  confirming: boolean;
}

async function performed(
  lane: TerminalLane,
  run: Run,
  context: LaneContext,
  flags: Flags,
): Promise<Outcome> {
  try {
    return await lane.driver.perform(exchangeOf(lane, run, context, flags));
  } catch (error) {
    if (error instanceof NotStartedError && !flags.started) return error.outcome;
    context.log.error('driver-threw', { operation: run.operation.id }, error);
    return flags.started ? unknownOutcome('driver-fault') : failedOutcome('terminal-refused');
  }
}

/** A driver's word, held against what is known here: nothing sent is certain, lost is not. */
function certain(outcome: Outcome, flags: Flags, whenLost: 'unknown' | 'failed'): Outcome {
  if (!flags.started) {
    if (outcome.kind === 'failed' || outcome.kind === 'cancelled') return outcome;
    return failedOutcome('terminal-refused');
  }
  // After the bank's yes a «no» is a contradiction (money rules, 4).
  if (flags.confirming && outcome.kind !== 'approved' && outcome.kind !== 'unknown') {
    return unknownOutcome('contradictory-answer', outcome.terminalText, outcome.result);
  }
  if (outcome.kind === 'unknown' && whenLost === 'failed') {
    return failedOutcome('no-answer-no-money', outcome.terminalText);
  }
  return outcome;
}

function exchangeOf(lane: TerminalLane, run: Run, context: LaneContext, flags: Flags): Exchange {
  const { journal, clock } = context;
  const { id } = run.operation;
  const tell = (event: OperationEvent): void => {
    try {
      journal.record({ id, event });
    } catch (error) {
      context.log.warn('event-refused', {
        operation: id,
        event: event.kind,
        reason: String(error),
      });
    }
  };
  return {
    operation: run.operation,
    original: run.original,
    signal: run.end.signal,
    cancelRequested: run.cancel.signal,
    started: async (watermark) => {
      if (run.discarded) throw new NotStartedError(notStarted('failed', 'ledger-unavailable'));
      if (run.cancel.signal.aborted) {
        throw new NotStartedError(notStarted('cancelled', 'cancelled-by-till'));
      }
      const before = flags.started;
      try {
        const event = { kind: 'started', at: clock.now(), watermark } as const;
        const { durable } = journal.record({ id, event });
        // From here on it may be on disk, so a driver that does not wait is not believed.
        flags.started = true;
        await durable;
      } catch (error) {
        flags.started = before;
        throw new NotStartedError(notStarted('failed', 'ledger-unavailable'), error);
      }
    },
    confirming: async (approvedAmount, result) => {
      const event = { kind: 'confirming', at: clock.now(), approvedAmount, result } as const;
      await journal.record({ id, event }).durable;
      flags.confirming = true;
    },
    display: (status, text) => tell({ kind: 'display', at: clock.now(), status, text }),
    cardSeen: (cardMask) => tell({ kind: 'card-seen', at: clock.now(), cardMask }),
    ask: (question) => ask(lane, run, context, question),
  };
}

function notStarted(kind: 'cancelled' | 'failed', code: MessageCode): DecidedOutcome {
  return { kind, code, terminalText: null, result: null };
}

/**
 * A rule of the shop answers at once; else the till has until the question's deadline. An answer
 * that cannot be written is none: the terminal goes on with the sum it has.
 */
async function ask(
  lane: TerminalLane,
  run: Run,
  context: LaneContext,
  question: Question,
): Promise<Answer | null> {
  const { journal, clock, log } = context;
  const { id, request } = run.operation;
  const write = (event: OperationEvent): Promise<void> => journal.record({ id, event }).durable;
  const note = (answer: Answer, by: string): Promise<void> =>
    write({ kind: 'answered', at: clock.now(), answer, by });
  try {
    await write({ kind: 'asked', at: clock.now(), question });
    const rule = question.kind === 'adjust' ? ruleOf(lane, request) : null;
    if (rule !== null) {
      await note(rule, 'rule');
      return rule;
    }
    const answer = await answerOfTill(run, clock, question, (given) => note(given, 'till'));
    // An exchange that ends takes its question along.
    if (answer === null && !run.end.signal.aborted)
      await write({ kind: 'unanswered', at: clock.now() });
    return answer;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    log.error('question-not-written', { operation: id }, error);
    return null;
  }
}

function ruleOf(lane: TerminalLane, request: Operation['request']): Answer | null {
  const discount = 'discount' in request ? request.discount : minorUnits(0);
  return ruleAnswer(lane.settings.loyalty, amountOf(request) ?? minorUnits(0), discount);
}

/** The till's durable answer; null after the deadline or the end of the exchange. */
function answerOfTill(
  run: Run,
  clock: LaneContext['clock'],
  question: Question,
  note: (given: Answer) => Promise<void>,
): Promise<Answer | null> {
  return new Promise((resolve) => {
    let over = false;
    const finish = (answer: Answer | null): void => {
      forget();
      run.end.signal.removeEventListener('abort', giveUp);
      run.answer = null;
      resolve(answer);
    };
    const giveUp = (): void => {
      over = true;
      // Where an answer is on its way to the disk, that decides.
      if (run.answer !== null) finish(null);
    };
    const take = async (given: Answer): Promise<void> => {
      run.answer = null;
      try {
        await note(given);
      } catch (error) {
        run.answer = take;
        if (over) finish(null);
        throw error;
      }
      finish(given);
    };
    run.answer = take;
    const forget = clock.after(Math.max(question.deadline - clock.now(), 0), giveUp);
    run.end.signal.addEventListener('abort', giveUp, { once: true });
    if (run.end.signal.aborted) giveUp();
  });
}

/**
 * Writes the conclusion, again and again while the ledger cannot: the terminal has answered, and
 * a process that dies here finds the operation as running and looks it up.
 */
async function conclude(
  run: Run,
  outcome: Outcome,
  context: LaneContext,
  id: Operation['id'],
): Promise<Conclusion> {
  const { journal, clock, log } = context;
  for (;;) {
    try {
      const recorded = journal.record(...conclusionOf(run, outcome, clock.now(), journal));
      await recorded.durable;
      const [operation] = recorded.operations;
      return operation?.state === 'unknown' ? { kind: 'unknown', operation } : { kind: 'final' };
    } catch (error) {
      log.error('conclusion-not-written', { operation: id, outcome: outcome.kind }, error);
      const head = journal.head(id);
      // Its acceptance was never durable, or somebody ended it: nothing is left to say.
      if (head === null || isFinal(head.state)) return { kind: 'final' };
      if (head.state === 'unknown') return { kind: 'unknown', operation: head };
      await clock.sleep(LEDGER_RETRY_MS);
    }
  }
}

function conclusionOf(run: Run, outcome: Outcome, at: number, journal: Journal): Entry[] {
  const { id } = run.operation;
  if (outcome.kind === 'unknown') {
    const { code, terminalText, result } = outcome;
    return [{ id, event: { kind: 'lost', at, code, terminalText, result } }];
  }
  return [
    { id, event: { kind: 'concluded', at, outcome } },
    ...reversalOf(run.operation, run.original, outcome, at, journal),
  ];
}

/** An approved void takes its original back, in the same transaction. */
export function reversalOf(
  operation: Operation,
  original: Operation | null,
  outcome: DecidedOutcome,
  at: number,
  journal: Journal,
): Entry[] {
  if (operation.request.kind !== 'void' || outcome.kind !== 'approved' || original === null) {
    return [];
  }
  if (journal.head(original.id)?.state !== 'approved') return [];
  return [{ id: original.id, event: { kind: 'reversed', at, by: operation.id } }];
}
