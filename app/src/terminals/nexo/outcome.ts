// A terminal's answer → what came of the operation. A condition that is not listed is unknown.
import type { JournalEntry } from '../../domain/evidence.ts';
import type { MessageCode } from '../../domain/failures.ts';
import type { Currency, MinorUnits } from '../../domain/money.ts';
import type { OperationKind } from '../../domain/operation.ts';
import { failedOutcome, type Outcome, unknownOutcome } from '../../domain/outcome.ts';
import type { ResponseHead } from '../../xml/nexo/envelope.ts';
import type { TransactionAnswer } from './answer.ts';

/** What we asked for: the side that the answer is held against. */
export interface Asked {
  readonly kind: OperationKind;
  readonly currency: Currency;
  /** Null for a reversal whose original's sum is not known here. */
  readonly amount: MinorUnits | null;
  readonly paymentType: 'Normal' | 'Refund';
  readonly transactionId: string;
  /** Of a reversal: the transaction to take back. */
  readonly reverses: string | null;
  /** We asked to abort. */
  readonly aborted: boolean;
}

/** SPEC 7: what a Failure of a Payment or Reversal means. */
type Meaning =
  | { kind: 'declined'; code: MessageCode }
  | { kind: 'cancelled' }
  /** It was not started: offered again, or refused. */
  | { kind: 'busy' }
  | { kind: 'logged-out' }
  | { kind: 'failed'; code: MessageCode }
  /** The terminal does not say for certain that no money moved: it is asked afterwards. */
  | { kind: 'unknown'; code: MessageCode };

const CONDITIONS: Readonly<Record<string, Meaning>> = {
  Refusal: { kind: 'declined', code: 'declined-by-bank' },
  InvalidCard: { kind: 'declined', code: 'invalid-card' },
  WrongPIN: { kind: 'declined', code: 'wrong-pin' },
  PaymentRestriction: { kind: 'declined', code: 'card-not-permitted' },
  Cancel: { kind: 'cancelled' },
  Aborted: { kind: 'cancelled' },
  Busy: { kind: 'busy' },
  NotAllowed: { kind: 'logged-out' },
  LoggedOut: { kind: 'logged-out' },
  MessageFormat: { kind: 'failed', code: 'terminal-refused' },
  UnavailableService: { kind: 'failed', code: 'method-missing' },
  NotFound: { kind: 'failed', code: 'original-not-usable' },
  // The authorisation may have left the terminal before the host was lost.
  UnreachableHost: { kind: 'unknown', code: 'lost-answer' },
  DeviceOut: { kind: 'unknown', code: 'lost-answer' },
  InProgress: { kind: 'unknown', code: 'lost-answer' },
};

export function meaningOf(condition: string): Meaning {
  const listed = Object.hasOwn(CONDITIONS, condition) ? CONDITIONS[condition] : undefined;
  return listed ?? { kind: 'unknown', code: 'unlisted-code' };
}

/** For Payment and Reversal. */
export function concludeMoney(answer: TransactionAnswer, asked: Asked): Outcome {
  const { response, result } = answer;
  if (response.result === 'Success' || response.result === 'Partial') {
    const sum = approvedSum(answer, asked);
    return sum === null
      ? unknownOutcome('contradictory-answer', response.text, result)
      : {
          kind: 'approved',
          code: response.result === 'Partial' ? 'approved-partially' : 'approved',
          approvedAmount: sum.total,
          discount: null,
          bonus: null,
          result,
        };
  }
  if (response.result !== 'Failure') return unknownOutcome('unlisted-code', response.text, result);
  if (!isOurs(answer, asked) || looksApproved(answer)) {
    return unknownOutcome('contradictory-answer', response.text, result);
  }
  return failure(response, asked, answer);
}

function failure(response: ResponseHead, asked: Asked, answer: TransactionAnswer): Outcome {
  const meaning = meaningOf(response.condition);
  const terminalText = response.text ?? (response.condition === '' ? null : response.condition);
  const { result } = answer;
  switch (meaning.kind) {
    case 'declined':
      return { kind: 'declined', code: meaning.code, terminalText, result };
    case 'cancelled': {
      const code =
        response.condition === 'Aborted' && asked.aborted
          ? 'cancelled-by-till'
          : 'cancelled-at-terminal';
      return { kind: 'cancelled', code, terminalText, result };
    }
    case 'busy':
      return failedOutcome('terminal-busy-itself', terminalText);
    case 'logged-out':
      return failedOutcome('terminal-refused', terminalText);
    case 'failed':
      return failedOutcome(meaning.code, terminalText);
    case 'unknown':
      return unknownOutcome(meaning.code, terminalText, result);
  }
}

/** A name or a number in the answer that is not ours makes it somebody else's. */
function isOurs(answer: TransactionAnswer, asked: Asked): boolean {
  return asked.reverses === null
    ? same(answer.saleTransactionId, asked.transactionId)
    : same(answer.reversed, asked.reverses);
}

function same(theirs: string | null, ours: string | null): boolean {
  return theirs === null || ours === null || theirs === ours;
}

/** A «no» that carries a sum and an approval code is none. */
function looksApproved({ authorized, result }: TransactionAnswer): boolean {
  return result.authCode !== null && authorized !== null && authorized !== 0;
}

export interface ApprovedSum {
  readonly total: MinorUnits | null;
  /** Of it, what was asked for; null where only a part was approved. */
  readonly asked: MinorUnits | null;
}

/** Null where some sign contradicts the yes. */
export function approvedSum(answer: TransactionAnswer, asked: Asked): ApprovedSum | null {
  if (!isOurs(answer, asked)) return null;
  return asked.reverses === null ? paymentSum(answer, asked) : reversalSum(answer, asked);
}

/** SPEC 4.3: the sum to charge is AuthorizedAmount, which may hold a tip. */
function paymentSum(answer: TransactionAnswer, asked: Asked): ApprovedSum | null {
  const { currency, tip, poiTransaction, receipts } = answer;
  // On a yes our name must have come back, and the terminal's own must be there.
  if (answer.saleTransactionId !== asked.transactionId || poiTransaction === null) return null;
  if (currency !== null && currency !== asked.currency) return null;
  if (answer.paymentType !== null && answer.paymentType !== asked.paymentType) return null;
  const sums = receipts.flatMap((receipt) => receipt.sums);
  const authorized = answer.authorized ?? sums[0] ?? null;
  if (authorized === null || authorized === 'unreadable' || authorized === 0) return null;
  // The paper and the message tell of the same money.
  if (sums.length > 0 && !sums.includes(authorized)) return null;
  if (asked.amount === null) return null;
  if (answer.response.result === 'Partial') {
    return authorized < asked.amount ? { total: authorized, asked: null } : null;
  }
  const withTip = authorized - tip === asked.amount || authorized === asked.amount;
  return withTip ? { total: authorized, asked: asked.amount } : null;
}

/** SPEC 4.6: a reversal is of the whole sum. */
function reversalSum(answer: TransactionAnswer, asked: Asked): ApprovedSum | null {
  if (answer.response.result === 'Partial') return null;
  const { reversedAmount } = answer;
  const differs =
    reversedAmount !== null && asked.amount !== null && reversedAmount !== asked.amount;
  return differs ? null : { total: asked.amount, asked: asked.amount };
}

/** How a repeated answer stands in the evidence. */
export function entryStatus(answer: TransactionAnswer, asked: Asked): JournalEntry['status'] {
  const outcome = concludeMoney(answer, asked);
  switch (outcome.kind) {
    case 'approved':
      return 'approved';
    case 'declined':
      return 'declined';
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      // It was refused before it started; what the terminal keeps of that is a «no».
      return 'declined';
    case 'reversed':
    case 'unknown':
      return repeatedNo(answer) ? 'declined' : 'unclear';
  }
}

/** What was doubtful when it came at once is certain once the terminal has filed it as a «no». */
function repeatedNo(answer: TransactionAnswer): boolean {
  const filed = ['UnreachableHost', 'DeviceOut'].includes(answer.response.condition);
  return answer.response.result === 'Failure' && filed && !looksApproved(answer);
}

/** For questions and reports: they move no money, so a «no» is certain. */
export function concludePlain(response: ResponseHead): Outcome | null {
  if (response.result === 'Success' || response.result === 'Partial') return null;
  const meaning = meaningOf(response.condition);
  const terminalText = response.text ?? (response.condition === '' ? null : response.condition);
  switch (meaning.kind) {
    case 'cancelled':
      return { kind: 'cancelled', code: 'cancelled-at-terminal', terminalText, result: null };
    case 'declined':
      return failedOutcome('terminal-refused', terminalText);
    case 'busy':
      return failedOutcome('terminal-busy-itself', terminalText);
    case 'failed':
      return failedOutcome(
        meaning.code === 'original-not-usable' ? 'journal-empty' : meaning.code,
        terminalText,
      );
    case 'logged-out':
    case 'unknown':
      return failedOutcome(
        response.condition === 'UnreachableHost' ? 'no-host' : 'terminal-refused',
        terminalText,
      );
  }
}
