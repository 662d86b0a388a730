// The facts of an operation as label and value; what is not known is not a line.
import { amountOf, type Operation, originalOf } from '../../../domain/operation.ts';
import type { Visit } from '../parts.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly code?: boolean;
  readonly href?: string;
}

export function factsOf(
  operation: Operation,
  visit: Visit,
  nameOf: (id: string) => string,
): Fact[] {
  const all: (Fact | null)[] = [...asked(operation, visit, nameOf), ...told(operation, visit)];
  return all.filter((one): one is Fact => one !== null);
}

function asked(
  operation: Operation,
  { t, f, nameOf: personName }: Visit,
  nameOf: (id: string) => string,
): (Fact | null)[] {
  const { request } = operation;
  const money = (amount: number | null | undefined): string | null =>
    amount === null || amount === undefined ? null : f.money(amount, request.currency);
  const amount = amountOf(request);
  const approved = operation.approvedAmount;
  const original = originalOf(request);
  return [
    fact(t.sum, money(amount)),
    approved !== null && approved !== amount ? fact(t.approvedSum, money(approved)) : null,
    'cash' in request ? fact(t.cashSum, money(request.cash)) : null,
    (operation.discount ?? 0) > 0 ? fact(t.discount, money(operation.discount)) : null,
    (operation.bonus ?? 0) > 0 ? fact(t.bonus, money(operation.bonus)) : null,
    fact(t.terminal, nameOf(request.terminal)),
    fact(t.merchant, request.merchant === null ? null : String(request.merchant)),
    fact(t.reference, request.reference),
    fact(t.cashier, request.cashier),
    fact(t.askedBy, personName(operation.askedBy)),
    original === null
      ? null
      : { ...code(t.original, original), href: `/admin/operations/${original}` },
    operation.finishedAt === null
      ? null
      : fact(t.took, f.duration(Math.max(0, operation.finishedAt - operation.createdAt))),
  ];
}

function told(operation: Operation, { t }: Visit): (Fact | null)[] {
  const { result, seen } = operation;
  const card = result?.card ?? null;
  const cardText = [card?.mask ?? seen.cardMask, card?.brand, card?.issuer]
    .filter((part) => part !== null && part !== undefined)
    .join(' · ');
  return [
    fact(t.card, cardText === '' ? null : cardText),
    fact(t.entry, card?.entry === null || card === null ? null : entryWord(card.entry, t)),
    codeOrNull('RRN', result?.rrn),
    codeOrNull(t.authCode, result?.authCode),
    codeOrNull(t.invoice, result?.invoice),
    codeOrNull(t.batch, result?.batch),
    codeOrNull(t.responseCode, result?.responseCode),
    fact(t.acquirer, result?.acquirer ?? null),
    codeOrNull(t.merchantId, result?.merchantId),
    codeOrNull(t.terminalIdLabel, result?.terminalId),
    fact(t.terminalTime, result?.terminalTime?.replace('T', ' ') ?? null),
    codeOrNull(t.agreement, result?.agreement),
  ];
}

function entryWord(
  entry: 'chip' | 'contactless' | 'stripe' | 'fallback' | 'manual',
  t: Visit['t'],
): string {
  return {
    chip: t.entryChip,
    contactless: t.entryContactless,
    stripe: t.entryStripe,
    fallback: t.entryFallback,
    manual: t.entryManual,
  }[entry];
}

function fact(label: string, value: string | null): Fact | null {
  return value === null || value === '' ? null : { label, value };
}

function code(label: string, value: string): Fact {
  return { label, value, code: true };
}

function codeOrNull(label: string, value: string | null | undefined): Fact | null {
  return value === null || value === undefined || value === '' ? null : code(label, value);
}
