// How the library ended, and what it then shows → what came of the operation. All signs agree, or it
// is unknown (money rules, 4).
import type { MinorUnits } from '../../domain/money.ts';
import { type Outcome, type TransactionResult, unknownOutcome } from '../../domain/outcome.ts';
import {
  ERROR_CODES,
  type Phase,
  RETURNED_BUSY,
  RETURNED_NOT_OPEN,
  RETURN_CODES,
  TRN_STATUS,
  TXN_TYPE,
} from './enumerations.ts';
import { meaningOf } from '../wire/bank-codes.ts';
import { isSigned, type Transaction } from './transaction.ts';
import type { Ending } from './waiting.ts';

/** What we asked for and saw on the way: the side that the library's words are held against. */
export interface Asked {
  /** Sums it may end with; empty where the till named none. */
  readonly amounts: readonly MinorUnits[];
  /** Goods and cash, where the terminal may give them apart. */
  readonly cashback: { readonly goods: MinorUnits; readonly cash: MinorUnits } | null;
  readonly types: readonly number[];
  /** The data may be those of the transaction that was voided. */
  readonly isVoid: boolean;
  readonly interrupted: boolean;
  readonly phase: Phase;
  /** Identity of the transaction before ours; the library may still show it. */
  readonly before: string | null;
}

export type Verdict =
  | { kind: 'outcome'; outcome: Outcome }
  /** Every sign says yes: may be confirmed. */
  | { kind: 'yes'; amount: MinorUnits; discount: MinorUnits }
  /** A yes that lacks signs but contradicts nothing: the journal has to show the rest. */
  | { kind: 'unsigned' };

/** After LastResult 0. */
export function concludeSuccess(transaction: Transaction, asked: Asked): Verdict {
  const { amount, addAmount, result } = transaction;
  if (!isConsistent(transaction, asked)) {
    return outcome(unknownOutcome('contradictory-answer', null, result));
  }
  if (amount !== null && !fits(amount, addAmount, asked)) {
    return outcome(unknownOutcome('contradictory-answer', null, result));
  }
  if (amount === null || !isSigned(result)) return { kind: 'unsigned' };
  const { cashback } = asked;
  if (cashback === null) return { kind: 'yes', amount, discount: addAmount };
  const [whole = amount] = asked.amounts;
  return { kind: 'yes', amount: whole, discount: 0 as MinorUnits }; // zero is money
}

function fits(amount: MinorUnits, addAmount: MinorUnits, asked: Asked): boolean {
  const { cashback } = asked;
  if (cashback !== null && amount === cashback.goods && addAmount === cashback.cash) return true;
  return asked.amounts.length === 0 || asked.amounts.includes(amount);
}

function isConsistent(transaction: Transaction, asked: Asked): boolean {
  const { errorCode, responseCode, status, type, identity } = transaction;
  if (errorCode !== ERROR_CODES.none || meaningOf(responseCode).kind !== 'approved') return false;
  const typeFits = type === TXN_TYPE.undefined || asked.types.includes(type);
  const approved = status === TRN_STATUS.undefined || status === TRN_STATUS.approved;
  if (!asked.isVoid) {
    // The library may show somebody else's last transaction for ours.
    const isOld = identity !== null && identity === asked.before;
    return typeFits && approved && !isOld;
  }
  const takenBack = status === TRN_STATUS.reversed || status === TRN_STATUS.cancelled;
  return takenBack || (typeFits && approved);
}

/** Any end but success. `shown` is what the getters hold, where they could be read. */
export function concludeFailure(
  ending: Exclude<Ending, { kind: 'success' }>,
  shown: Transaction | null,
  asked: Asked,
): Outcome {
  switch (ending.kind) {
    case 'lost':
      return ending.sent
        ? unknownOutcome(ending.code)
        : { kind: 'failed', code: 'terminal-offline', terminalText: null, result: null };
    case 'returned':
      return concludeReturned(ending.code);
    case 'error':
      return concludeError(ending, shown, asked);
  }
}

/** Only codes that say that nothing went to the terminal are believed. */
function concludeReturned(code: number): Outcome {
  const terminalText = RETURN_CODES[code] ?? `code ${code}`;
  if (RETURNED_NOT_OPEN.includes(code)) {
    return { kind: 'failed', code: 'terminal-offline', terminalText, result: null };
  }
  if (code === RETURNED_BUSY) {
    return { kind: 'failed', code: 'terminal-busy-itself', terminalText, result: null };
  }
  return unknownOutcome('send-failed', terminalText);
}

function concludeError(
  ending: Extract<Ending, { kind: 'error' }>,
  shown: Transaction | null,
  asked: Asked,
): Outcome {
  const { errorCode, responseCode, text: terminalText } = ending;
  if (errorCode !== ERROR_CODES.terminal) {
    const lostLine = errorCode === ERROR_CODES.connection || errorCode === ERROR_CODES.portNotOpen;
    return unknownOutcome(lostLine ? 'link-cut' : 'contradictory-answer', terminalText);
  }
  const result = shown !== null && shown.identity !== asked.before ? shown.result : null;
  if (hasMarkOfYes(shown, asked)) {
    return unknownOutcome('contradictory-answer', terminalText, result);
  }
  const coded = codedResult(responseCode, result);
  const meaning = meaningOf(responseCode);
  switch (meaning.kind) {
    case 'declined':
      return { kind: 'declined', code: meaning.code, terminalText, result: coded };
    case 'cancelled': {
      const code = asked.interrupted ? 'cancelled-by-till' : 'cancelled-at-terminal';
      return { kind: 'cancelled', code, terminalText, result: coded };
    }
    case 'refused':
      return asked.phase === 'before-host'
        ? { kind: 'failed', code: meaning.code, terminalText, result: coded }
        : unknownOutcome('contradictory-answer', terminalText, coded);
    case 'approved':
      return unknownOutcome('contradictory-answer', terminalText, coded);
    case 'unknown':
      return unknownOutcome(meaning.code, terminalText, coded);
  }
}

/** A no whose data show a new, approved transaction is none. */
function hasMarkOfYes(shown: Transaction | null, asked: Asked): boolean {
  if (shown === null || shown.identity === null || shown.identity === asked.before) return false;
  return shown.status === TRN_STATUS.approved && !asked.isVoid;
}

/** Old data may still be shown; of them only the code is ours. */
function codedResult(
  responseCode: number,
  result: TransactionResult | null,
): TransactionResult | null {
  return result === null
    ? null
    : { ...result, responseCode: String(responseCode).padStart(4, '0') };
}

/** Reports and questions: they move no money, so an error is a certain «no». */
export function concludePlain(
  ending: Exclude<Ending, { kind: 'success' }>,
  interrupted: boolean,
): Outcome {
  switch (ending.kind) {
    case 'lost':
      return unknownOutcome(ending.code);
    case 'returned': {
      const busy = ending.code === RETURNED_BUSY;
      const code = busy ? 'terminal-busy-itself' : 'terminal-refused';
      const terminalText = RETURN_CODES[ending.code] ?? `code ${ending.code}`;
      return { kind: 'failed', code, terminalText, result: null };
    }
    case 'error': {
      const { text: terminalText } = ending;
      if (ending.errorCode !== ERROR_CODES.terminal) {
        return { kind: 'failed', code: 'no-answer-no-money', terminalText, result: null };
      }
      const meaning = meaningOf(ending.responseCode);
      switch (meaning.kind) {
        case 'declined':
          return { kind: 'declined', code: meaning.code, terminalText, result: null };
        case 'cancelled': {
          const code = interrupted ? 'cancelled-by-till' : 'cancelled-at-terminal';
          return { kind: 'cancelled', code, terminalText, result: null };
        }
        case 'refused':
          return { kind: 'failed', code: meaning.code, terminalText, result: null };
        case 'approved':
        case 'unknown':
          return { kind: 'failed', code: 'terminal-refused', terminalText, result: null };
      }
    }
  }
}

/** A settlement empties the journal: only the terminal's own listed refusal is certain. */
export function concludeSettlement(
  ending: Exclude<Ending, { kind: 'success' }>,
  asked: Asked,
): Outcome {
  return concludeFailure(ending, null, asked);
}

function outcome(decided: Outcome): Verdict {
  return { kind: 'outcome', outcome: decided };
}
