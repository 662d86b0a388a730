// One operation through its driver: running is durable before the first byte, the conclusion is
// durable before anybody hears of it, and what is not certain is unknown.
import type { Answer, DecidedOutcome, OperationEvent } from '../domain/event.ts';
import type { MessageCode } from '../domain/failures.ts';
import { LEDGER_RETRY_MS } from '../domain/limits.ts';
import { amountOf, KINDS, type Operation, type Question } from '../domain/operation.ts';
import { failedOutcome, type Outcome, unknownOutcome } from '../domain/outcome.ts';
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
  const flags = { started: false };
  const outcome = await performed(lane, run, context, flags);
  const safe = certain(outcome, flags.started, KINDS[request.kind].whenLost);
  return conclude(run, safe, context, id);
}

async function performed(
  lane: TerminalLane,
  run: Run,
  context: LaneContext,
  flags: { started: boolean },
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
function certain(outcome: Outcome, started: boolean, whenLost: 'unknown' | 'failed'): Outcome {
  if (!started) {
    if (outcome.kind === 'failed' || outcome.kind === 'cancelled') return outcome;
    return failedOutcome('terminal-refused');
  }
  if (outcome.kind === 'unknown' && whenLost === 'failed') {
    return failedOutcome('no-answer-no-money', outcome.terminalText);
  }
  return outcome;
}

function exchangeOf(
  lane: TerminalLane,
  run: Run,
  context: LaneContext,
  flags: { started: boolean },
): Exchange {
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
      if (run.cancel.signal.aborted) {
        throw new NotStartedError(notStarted('cancelled', 'cancelled-by-till'));
      }
      try {
        await journal.record({ id, event: { kind: 'started', at: clock.now(), watermark } })
          .durable;
      } catch (error) {
        throw new NotStartedError(notStarted('failed', 'ledger-unavailable'), error);
      }
      flags.started = true;
    },
    confirming: async (approvedAmount, result) => {
      const event = { kind: 'confirming', at: clock.now(), approvedAmount, result } as const;
      await journal.record({ id, event }).durable;
    },
    display: (status, text) => tell({ kind: 'display', at: clock.now(), status, text }),
    cardSeen: (cardMask) => tell({ kind: 'card-seen', at: clock.now(), cardMask }),
    ask: (question) => ask(lane, run, context, question),
  };
}

function notStarted(kind: 'cancelled' | 'failed', code: MessageCode): DecidedOutcome {
  return { kind, code, terminalText: null, result: null };
}

/** A rule of the shop answers at once; else the till has until the question's deadline. */
async function ask(
  lane: TerminalLane,
  run: Run,
  context: LaneContext,
  question: Question,
): Promise<Answer | null> {
  const { journal, clock } = context;
  const { id, request } = run.operation;
  await journal.record({ id, event: { kind: 'asked', at: clock.now(), question } }).durable;
  const note = async (answer: Answer, by: string): Promise<Answer> => {
    const event = { kind: 'answered', at: clock.now(), answer, by } as const;
    await journal.record({ id, event }).durable;
    return answer;
  };
  if (question.kind === 'adjust') {
    const discount = 'discount' in request ? request.discount : minorUnits(0);
    const rule = ruleAnswer(lane.settings.loyalty, amountOf(request) ?? minorUnits(0), discount);
    if (rule !== null) return note(rule, 'rule');
  }
  const answer = await new Promise<Answer | null>((resolve, reject) => {
    const giveUp = (): void => resolve(null);
    const forget = clock.after(Math.max(question.deadline - clock.now(), 0), giveUp);
    run.end.signal.addEventListener('abort', giveUp, { once: true });
    run.answer = async (given) => {
      run.answer = null;
      forget();
      await note(given, 'till').then(resolve, (error: unknown) => {
        reject(error);
        throw error;
      });
    };
  });
  run.answer = null;
  if (answer === null) {
    await journal.record({ id, event: { kind: 'unanswered', at: clock.now() } }).durable;
  }
  return answer;
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
      if (journal.head(id) === null) return { kind: 'final' }; // its acceptance was never durable
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
