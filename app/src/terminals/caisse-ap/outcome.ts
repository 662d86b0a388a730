// An answer's tags → what came of the operation. All signs agree, or it is unknown.
import type { MessageCode } from '../../domain/failures.ts';
import { CURRENCIES, type Currency, type MinorUnits } from '../../domain/money.ts';
import {
  type CardEntry,
  EMPTY_RESULT,
  type Outcome,
  type TransactionResult,
  unknownOutcome,
} from '../../domain/outcome.ts';
import { maskedCard } from '../wire/card-mask.ts';
import type { Tags } from './messages.ts';

export interface Asked {
  readonly amount: MinorUnits;
  readonly currency: Currency;
  readonly position: string;
  readonly trustCodeOnly: boolean;
}

/** AE. 11 (accepted, no result) is never asked for. */
const DONE = '10';
const NOT_DONE = '01';

/** AF, why it was not done. */
const REASONS: Readonly<
  Record<string, { kind: 'declined' | 'cancelled' | 'failed'; code: MessageCode }>
> = {
  '04': { kind: 'declined', code: 'declined-by-bank' },
  '05': { kind: 'failed', code: 'terminal-refused' },
  '08': { kind: 'cancelled', code: 'cancelled-at-terminal' },
  '09': { kind: 'failed', code: 'terminal-refused' },
  '11': { kind: 'cancelled', code: 'cancelled-at-terminal' },
};

const ENTRIES: Readonly<Record<string, CardEntry>> = { '1': 'chip', '2': 'contactless' };

export function conclude(tags: Tags, asked: Asked): Outcome {
  const result = resultOf(tags);
  const contradiction = unknownOutcome('contradictory-answer', null, result);
  if (!isOurs(tags, asked)) return contradiction;
  if (tags['AE'] === NOT_DONE) {
    const reason = REASONS[tags['AF'] ?? ''];
    if (result.authCode !== null) return contradiction;
    return reason === undefined
      ? unknownOutcome('unlisted-code', null, result)
      : { ...reason, terminalText: null, result };
  }
  if (tags['AE'] !== DONE) return unknownOutcome('unlisted-code', null, result);
  const told = tags['CB'] !== undefined;
  const signed = told && result.authCode !== null;
  if (!signed && !asked.trustCodeOnly) return contradiction;
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

/** What the answer repeats of our request must be ours. */
function isOurs(tags: Tags, asked: Asked): boolean {
  const amount = tags['CB'];
  const same =
    amount === undefined || (/^\d{1,12}$/.test(amount) && Number(amount) === asked.amount);
  const currency = tags['CE'] ?? CURRENCIES[asked.currency].number;
  const position = tags['CA'] ?? asked.position;
  return same && currency === CURRENCIES[asked.currency].number && position === asked.position;
}

function resultOf(tags: Tags): TransactionResult {
  const mask = tags['AA'] === undefined ? null : maskedCard(tags['AA']);
  const authCode = (tags['AC'] ?? '').trim();
  const entry = ENTRIES[tags['CI'] ?? ''] ?? null;
  const extra = Object.entries({ aid: tags['AI'], contract: tags['CG'], reason: tags['AF'] });
  return {
    ...EMPTY_RESULT,
    responseCode: tags['AE'] ?? null,
    authCode: authCode === '' ? null : authCode,
    card: mask === null && entry === null ? null : { mask, brand: null, issuer: null, entry },
    extra: Object.fromEntries(
      extra.filter((pair): pair is [string, string] => (pair[1] ?? '').trim() !== ''),
    ),
  };
}
