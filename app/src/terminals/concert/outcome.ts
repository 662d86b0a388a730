// An answer → what came of the operation. All signs agree, or it is unknown.
import { CURRENCIES, type Currency, type MinorUnits } from '../../domain/money.ts';
import {
  EMPTY_RESULT,
  type Outcome,
  type TransactionResult,
  unknownOutcome,
} from '../../domain/outcome.ts';
import { maskedCard, withMaskedCards } from '../wire/card-mask.ts';
import type { ConcertAnswer } from './messages.ts';

export interface Asked {
  readonly position: string;
  readonly amount: MinorUnits;
  readonly currency: Currency;
  readonly trustCodeOnly: boolean;
}

const RESULT = { done: '0', refused: '7', notVerified: '9' } as const;

export function conclude(answer: ConcertAnswer, asked: Asked): Outcome {
  const result = resultOf(answer);
  const ours =
    answer.position === asked.position &&
    answer.amount === asked.amount &&
    answer.currency === CURRENCIES[asked.currency].number;
  if (!ours) return unknownOutcome('contradictory-answer', null, result);
  switch (answer.result) {
    case RESULT.done: {
      const signed = asked.trustCodeOnly || result.card !== null;
      if (!signed) return unknownOutcome('contradictory-answer', null, result);
      const { amount: approvedAmount } = asked;
      return {
        kind: 'approved',
        code: 'approved',
        approvedAmount,
        discount: null,
        bonus: null,
        result,
      };
    }
    case RESULT.refused:
      return { kind: 'declined', code: 'declined-by-bank', terminalText: null, result };
    default:
      return unknownOutcome('unlisted-code', null, result);
  }
}

function resultOf({ result, report }: ConcertAnswer): TransactionResult {
  // What stands in the report is up to the terminal's application; a card number begins it.
  const number = /^\s*([\d*X]{12,19})/i.exec(report ?? '')?.[1] ?? null;
  const mask = number === null ? null : maskedCard(number);
  const rest = (report ?? '').trim();
  return {
    ...EMPTY_RESULT,
    responseCode: result,
    card: mask === null ? null : { mask, brand: null, issuer: null, entry: null },
    extra: rest === '' ? {} : { report: withMaskedCards(rest) },
  };
}
