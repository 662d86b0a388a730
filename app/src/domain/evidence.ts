// After a lost answer the terminal's journal is compared with what we asked for (money rules, 5).
// Nothing here is rounded up: exactly one matching entry decides, or the unchanged watermark does.
import type { MessageCode } from './failures.ts';
import type { Instant } from './ids.ts';
import { EVIDENCE_WINDOW_SLACK_MS, OPERATION_DEADLINE_MS } from './limits.ts';
import type { Currency, MinorUnits } from './money.ts';
import type { OperationKind } from './operation.ts';
import type { Outcome, TransactionResult } from './outcome.ts';

/** What the terminal's journal ended with, read before a sale while the terminal was idle. */
export interface Watermark {
  readonly readAt: Instant;
  /** Which device it was; a replaced terminal has another. */
  readonly terminalId: string | null;
  readonly batch: string | null;
  /** Last invoice number of the open batch; null where the batch was empty. */
  readonly lastInvoice: string | null;
  /** What tells its entry from another one of the same number: numbers may begin anew. */
  readonly lastEntry?: string | null;
  /** Terminal clock minus ours, from receipts seen live; null where never measured. */
  readonly clockSkewMs: number | null;
}

/** One transaction of the terminal's journal, in our words. */
export interface JournalEntry {
  /** Kinds that the entry's type may stand for (a protocol may not tell purchase from cashback). */
  readonly kinds: readonly OperationKind[];
  readonly status: 'approved' | 'declined' | 'cancelled' | 'reversed' | 'unclear';
  readonly amount: MinorUnits | null;
  readonly invoice: string | null;
  /** Terminal id of the merchant the entry was made under. */
  readonly merchantTerminalId: string | null;
  /** The terminal's clock, read as our time zone. */
  readonly at: Instant | null;
  readonly cardMask: string | null;
  /** Invoice of the transaction that this one voided, where the protocol says so. */
  readonly voids: string | null;
  /** Our own name of the transaction, where the protocol carries one and gives it back. */
  readonly reference?: string | null;
  /**
   * Where the terminal says that `amount` is not the sum it was asked for (a tip on top, an
   * approved part): the asked sum, or null where it does not tell that one.
   */
  readonly askedAmount?: MinorUnits | null;
  readonly result: TransactionResult;
}

/** What the terminal told after the loss. */
export interface TerminalFacts {
  readonly readAt: Instant;
  readonly idle: boolean;
  readonly terminalId: string | null;
  readonly batch: string | null;
  readonly lastInvoice: string | null;
  /**
   * All entries newer than the watermark. For a void also the receipt that was to be voided, where
   * the terminal marks that one instead of writing a new one.
   */
  readonly newer: readonly JournalEntry[];
  /** False where some entry between watermark and last could not be read. */
  readonly complete: boolean;
}

/** Our side of the comparison. */
export interface Expectation {
  readonly kind: OperationKind;
  /** Sums that this operation may have ended with (the asked one; after an adjustment, both). */
  readonly amounts: readonly MinorUnits[];
  readonly currency: Currency;
  readonly merchantTerminalId: string | null;
  readonly startedAt: Instant;
  readonly cardMask: string | null;
  /** For a void: the invoice to be voided. */
  readonly voids: string | null;
  /** The name that we gave the transaction, where the protocol carries one. */
  readonly reference?: string | null;
}

export type FieldName = 'kind' | 'amount' | 'merchant' | 'time' | 'card' | 'voids' | 'reference';
export interface FieldComparison {
  readonly field: FieldName;
  readonly ours: string | null;
  readonly theirs: string | null;
  readonly verdict: 'equal' | 'different' | 'not-compared';
}

/** Kept with the operation and shown on its page: both sides, field by field. */
export interface EvidenceRecord {
  readonly at: Instant;
  readonly watermark: Watermark | null;
  readonly facts: Omit<TerminalFacts, 'newer'>;
  readonly entries: readonly {
    readonly invoice: string | null;
    readonly status: JournalEntry['status'];
    readonly fields: readonly FieldComparison[];
    readonly matches: boolean;
  }[];
  readonly decided: boolean;
  readonly code: MessageCode;
}

export interface Judgement {
  readonly record: EvidenceRecord;
  /** Null while the evidence is ambiguous: a person decides. */
  readonly outcome: Outcome | null;
}

/** Compares both sides; decides only where the money rules say that it may. */
export function judge(
  expectation: Expectation,
  watermark: Watermark | null,
  facts: TerminalFacts,
): Judgement {
  const entries = facts.newer.map((entry) => {
    const fields = compare(expectation, watermark, entry);
    const possible = fields.every((field) => field.verdict !== 'different');
    const certain = possible && isPlaced(expectation, watermark, facts, fields);
    return { entry, fields, possible, certain };
  });
  const outcome = decide(expectation, watermark, facts, entries);
  const record: EvidenceRecord = {
    at: facts.readAt,
    watermark,
    facts: {
      readAt: facts.readAt,
      idle: facts.idle,
      terminalId: facts.terminalId,
      batch: facts.batch,
      lastInvoice: facts.lastInvoice,
      complete: facts.complete,
    },
    entries: entries.map(({ entry, fields, certain }) => ({
      invoice: entry.invoice,
      status: entry.status,
      fields,
      matches: certain,
    })),
    decided: typeof outcome !== 'string',
    code: typeof outcome === 'string' ? outcome : outcome.code,
  };
  return { record, outcome: typeof outcome === 'string' ? null : outcome };
}

interface Compared {
  readonly entry: JournalEntry;
  readonly fields: readonly FieldComparison[];
  /** Nothing speaks against it. */
  readonly possible: boolean;
  /** And what must speak for it does. */
  readonly certain: boolean;
}

/** An outcome, or the code that says why there is none. */
function decide(
  expectation: Expectation,
  watermark: Watermark | null,
  facts: TerminalFacts,
  entries: readonly Compared[],
): Outcome | MessageCode {
  const named = entries.filter(({ fields }) => isEqual(fields, 'reference'));
  if (named.length > 0) return decideNamed(expectation, facts, named);
  // A device that does not say which one it is cannot be shown to be the same one.
  if (watermark === null || watermark.terminalId === null) return 'evidence-no-watermark';
  if (!facts.idle || facts.terminalId === null) return 'evidence-incomplete';
  if (watermark.terminalId !== facts.terminalId) return 'evidence-terminal-replaced';
  if (watermark.batch !== facts.batch) return 'evidence-batch-closed';
  // Without a last invoice nothing proves that the batch was not closed in between.
  if (facts.lastInvoice === null) return 'evidence-journal-empty';
  if (!facts.complete) return 'evidence-incomplete';
  if (entries.length === 0) {
    if (facts.lastInvoice !== watermark.lastInvoice) return 'evidence-batch-closed';
    // A void may be a mark on an old receipt; without its number nobody has looked there.
    return expectation.kind === 'void' && expectation.voids === null
      ? 'evidence-incomplete'
      : { kind: 'failed', code: 'never-happened', terminalText: null, result: null };
  }
  if (!entries.every(({ entry }) => isNewer(expectation, watermark, entry))) {
    return 'evidence-incomplete';
  }
  // One that only may be ours takes away the certainty of another that seems to be.
  const possible = entries.filter((compared) => compared.possible);
  if (possible.length > 1) return 'evidence-several-match';
  const [only] = possible;
  return only?.certain === true ? outcomeOf(only.entry, expectation) : 'evidence-none-matches';
}

/**
 * The terminal gave our own name back, which no other transaction has: no watermark is needed to
 * tell them apart, but nothing may speak against it either.
 */
function decideNamed(
  expectation: Expectation,
  facts: TerminalFacts,
  named: readonly Compared[],
): Outcome | MessageCode {
  const [own] = named;
  if (own === undefined || named.length > 1) return 'evidence-several-match';
  if (!facts.idle) return 'evidence-incomplete';
  return own.possible ? outcomeOf(own.entry, expectation) : 'evidence-none-matches';
}

/** True where the entry cannot be one from before the watermark. */
function isNewer(ours: Expectation, watermark: Watermark, entry: JournalEntry): boolean {
  if (entry.invoice === null) return false;
  if (isVoidedReceipt(ours, entry) || watermark.lastInvoice === null) return true;
  const digits = /^\d+$/;
  return digits.test(entry.invoice) && digits.test(watermark.lastInvoice)
    ? BigInt(entry.invoice) > BigInt(watermark.lastInvoice)
    : entry.invoice !== watermark.lastInvoice;
}

/** The receipt that was to be voided, marked as voided by now. */
function isVoidedReceipt(ours: Expectation, entry: JournalEntry): boolean {
  return ours.kind === 'void' && ours.voids !== null && entry.invoice === ours.voids;
}

/**
 * Something must name this operation (our own name of it, its sum, or the receipt that it voids),
 * and the entry must belong to its minutes: by its time, or because the journal was read right
 * before and after. Our own name says both.
 */
function isPlaced(
  ours: Expectation,
  watermark: Watermark | null,
  facts: TerminalFacts,
  fields: readonly FieldComparison[],
): boolean {
  const equal = (name: FieldName): boolean => isEqual(fields, name);
  if (equal('reference')) return true;
  const named = equal('amount') || (ours.kind === 'void' && equal('voids'));
  const slack = EVIDENCE_WINDOW_SLACK_MS;
  const readBefore = watermark !== null && watermark.readAt >= ours.startedAt - slack;
  const readAfter =
    facts.readAt >= ours.startedAt - slack && facts.readAt <= latestEnd(ours.startedAt) + slack;
  return named && (equal('time') || (readBefore && readAfter));
}

/** The terminal works on an operation no longer than its deadline, whenever we come to look. */
function latestEnd(startedAt: Instant): Instant {
  return startedAt + OPERATION_DEADLINE_MS;
}

function isEqual(fields: readonly FieldComparison[], name: FieldName): boolean {
  return fields.some(({ field, verdict }) => field === name && verdict === 'equal');
}

function outcomeOf(entry: JournalEntry, ours: Expectation): Outcome | MessageCode {
  switch (entry.status) {
    case 'approved':
      if (!isSigned(entry, ours)) return 'evidence-none-matches';
      return {
        kind: 'approved',
        code: isPart(entry, ours) ? 'approved-partially' : 'approved',
        approvedAmount: entry.amount,
        discount: null,
        bonus: null,
        result: entry.result,
      };
    case 'declined':
      return {
        kind: 'declined',
        code: 'declined-by-bank',
        terminalText: null,
        result: entry.result,
      };
    case 'cancelled':
      return {
        kind: 'cancelled',
        code: 'cancelled-at-terminal',
        terminalText: null,
        result: entry.result,
      };
    case 'reversed':
      return { kind: 'reversed', code: 'reversed', terminalText: null, result: entry.result };
    case 'unclear':
      return 'evidence-none-matches';
  }
}

/**
 * Money rules, 4: an approval carries a reference of the bank; where our own name came back, the
 * terminal's number of the transaction is one.
 */
function isSigned(entry: JournalEntry, ours: Expectation): boolean {
  const { rrn, authCode, invoice } = entry.result;
  const named = (ours.reference ?? null) !== null && entry.reference === ours.reference;
  return rrn !== null || authCode !== null || (named && invoice !== null);
}

function isPart(entry: JournalEntry, ours: Expectation): boolean {
  const { amount } = entry;
  const told = entry.askedAmount !== undefined;
  return told && amount !== null && ours.amounts.every((asked) => amount < asked);
}

function compare(
  ours: Expectation,
  watermark: Watermark | null,
  theirs: JournalEntry,
): FieldComparison[] {
  const skew = watermark?.clockSkewMs ?? null;
  return [
    {
      field: 'kind',
      ours: ours.kind,
      theirs: theirs.kinds.join(' | '),
      verdict: theirs.kinds.includes(ours.kind) ? 'equal' : 'different',
    },
    {
      field: 'amount',
      ours: ours.amounts.join(' | '),
      theirs: theirs.amount === null ? null : String(theirs.amount),
      verdict: amountVerdict(ours, theirs),
    },
    {
      field: 'merchant',
      ours: ours.merchantTerminalId,
      theirs: theirs.merchantTerminalId,
      verdict: sameWhereBothKnown(ours.merchantTerminalId, theirs.merchantTerminalId),
    },
    {
      field: 'time',
      ours: `${shown(ours.startedAt)} … ${shown(latestEnd(ours.startedAt))}`,
      theirs: theirs.at === null ? null : shown(theirs.at),
      // The voided receipt may keep the time of its purchase.
      verdict: isVoidedReceipt(ours, theirs)
        ? 'not-compared'
        : timeVerdict(ours.startedAt, theirs.at, skew),
    },
    {
      field: 'card',
      ours: ours.cardMask,
      theirs: theirs.cardMask,
      verdict: masksAgree(ours.cardMask, theirs.cardMask),
    },
    {
      field: 'voids',
      ours: ours.voids,
      theirs: theirs.voids,
      verdict: sameWhereBothKnown(ours.voids, theirs.voids),
    },
    ...compareReferences(ours.reference ?? null, theirs.reference ?? null),
  ];
}

/** Shown only where the protocol has such names. */
function compareReferences(ours: string | null, theirs: string | null): FieldComparison[] {
  if (ours === null) return [];
  return [{ field: 'reference', ours, theirs, verdict: sameWhereBothKnown(ours, theirs) }];
}

/** A sum that the journal does not name may be ours, which is not enough to decide. */
function amountVerdict(ours: Expectation, theirs: JournalEntry): FieldComparison['verdict'] {
  const amount = theirs.askedAmount === undefined ? theirs.amount : theirs.askedAmount;
  if (amount === null || ours.amounts.length === 0) return 'not-compared';
  return ours.amounts.includes(amount) ? 'equal' : 'different';
}

function sameWhereBothKnown(a: string | null, b: string | null): FieldComparison['verdict'] {
  if (a === null || b === null) return 'not-compared';
  return a === b ? 'equal' : 'different';
}

/** A clock whose skew was never measured says nothing, for or against. */
function timeVerdict(
  startedAt: Instant,
  at: Instant | null,
  skewMs: number | null,
): FieldComparison['verdict'] {
  if (at === null || skewMs === null) return 'not-compared';
  const ours = at - skewMs;
  const slack = EVIDENCE_WINDOW_SLACK_MS;
  return ours >= startedAt - slack && ours <= latestEnd(startedAt) + slack ? 'equal' : 'different';
}

/** A terminal may show a date that no calendar has; that must not stop the comparison. */
function shown(at: Instant): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}

/** Masks agree where every digit that both show is the same, counted from both ends. */
function masksAgree(a: string | null, b: string | null): FieldComparison['verdict'] {
  if (a === null || b === null) return 'not-compared';
  const [headA, headB] = [leadingDigits(a), leadingDigits(b)];
  const [tailA, tailB] = [trailingDigits(a), trailingDigits(b)];
  const head = Math.min(headA.length, headB.length);
  const tail = Math.min(tailA.length, tailB.length);
  if (head + tail === 0) return 'not-compared';
  const same =
    headA.slice(0, head) === headB.slice(0, head) &&
    tailA.slice(tailA.length - tail) === tailB.slice(tailB.length - tail);
  return same ? 'equal' : 'different';
}

function leadingDigits(text: string): string {
  return /^\d*/.exec(text)?.[0] ?? '';
}

function trailingDigits(text: string): string {
  return /\d*$/.exec(text)?.[0] ?? '';
}
