// The fields of an answer → what came of the operation. All signs agree, or it is unknown.
import { isMinorUnits, type MinorUnits } from '../../domain/money.ts';
import {
  EMPTY_RESULT,
  type Outcome,
  type TransactionResult,
  unknownOutcome,
} from '../../domain/outcome.ts';
import { maskedCard, withMaskedCards } from '../wire/card-mask.ts';
import { meaningOf } from '../wire/bank-codes.ts';
import type { Fields } from './messages.ts';

export interface Asked {
  /** Null where the till named none (void by invoice). */
  readonly amount: MinorUnits | null;
  readonly interrupted: boolean;
  readonly trustCodeOnly: boolean;
}

export type Verdict = { kind: 'yes'; result: TransactionResult } | { kind: 'no'; outcome: Outcome };

/** The first of these names that the terminal uses. */
function first(fields: Fields, ...names: readonly string[]): string | null {
  const name = names.find((one) => (fields[one] ?? '').trim() !== '');
  return name === undefined ? null : (fields[name] ?? '').trim();
}

export function resultOf(fields: Fields): TransactionResult {
  const pan = first(fields, 'PAN', 'CARD');
  const mask = pan === null ? null : maskedCard(pan);
  const receipt = first(fields, 'RECEIPT', 'SLIP');
  const text = receipt === null ? null : withMaskedCards(receipt);
  return {
    ...EMPTY_RESULT,
    responseCode: first(fields, 'RC'),
    invoice: first(fields, 'INVOICE'),
    rrn: first(fields, 'RRN'),
    authCode: first(fields, 'AUTH', 'AUTHCODE', 'APPROVAL'),
    batch: first(fields, 'BATCH'),
    terminalId: first(fields, 'TID'),
    merchantId: first(fields, 'MID'),
    card:
      mask === null ? null : { mask, brand: first(fields, 'ISSUER'), issuer: null, entry: null },
    receipt: text === null ? null : { merchant: text, customer: text },
  };
}

function no(outcome: Outcome): Verdict {
  return { kind: 'no', outcome };
}

export function conclude(fields: Fields, asked: Asked): Verdict {
  const result = resultOf(fields);
  const terminalText = first(fields, 'MSG', 'TEXT');
  const meaning = meaningOf(codeOf(result.responseCode));
  const contradiction = no(unknownOutcome('contradictory-answer', terminalText, result));
  switch (meaning.kind) {
    case 'approved':
      return hasSigns(fields, result, asked) ? { kind: 'yes', result } : contradiction;
    case 'declined':
      return no({ kind: 'declined', code: meaning.code, terminalText, result });
    case 'cancelled': {
      const code = asked.interrupted ? 'cancelled-by-till' : 'cancelled-at-terminal';
      return no({ kind: 'cancelled', code, terminalText, result });
    }
    // Nothing tells whether the bank was asked before.
    case 'refused':
      return contradiction;
    case 'unknown':
      return no(unknownOutcome(meaning.code, terminalText, result));
  }
}

function hasSigns(fields: Fields, result: TransactionResult, asked: Asked): boolean {
  const told = first(fields, 'AMOUNT');
  if (told !== null && asked.amount !== null && amountIn(told) !== asked.amount) return false;
  if (asked.trustCodeOnly) return true;
  const signed = result.rrn !== null || result.authCode !== null;
  return signed && (told !== null || asked.amount === null);
}

export function amountIn(text: string): MinorUnits | null {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  return isMinorUnits(value) ? value : null;
}

/** `0000` → 0; -1 where it is no code. */
export function codeOf(text: string | null): number {
  return text !== null && /^\d{1,4}$/.test(text) ? Number(text) : -1;
}

/** Sums and counts of a settlement, by our names. */
const TOTALS: Readonly<Record<string, string>> = {
  DEBAMT: 'debitAmount',
  DEBNUM: 'debitCount',
  CRDAMT: 'creditAmount',
  CRDNUM: 'creditCount',
  CANAMT: 'cancelledAmount',
  CANNUM: 'cancelledCount',
  TXNNUM: 'transactions',
};

export function totalsOf(fields: Fields): Readonly<Record<string, string>> {
  const kept = Object.entries(TOTALS)
    .filter(([name]) => /^\d+$/.test(fields[name] ?? ''))
    .map(([name, ours]) => [ours, fields[name] ?? '']);
  return Object.fromEntries(kept) as Record<string, string>; // pairs of texts
}
