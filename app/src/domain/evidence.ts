// After a lost answer the terminal's journal is compared with what we asked for (money rules, 5).
// Nothing here is rounded up: exactly one matching entry decides, or the unchanged watermark does.
import type { MessageCode } from './failures.ts';
import type { Instant } from './ids.ts';
import { EVIDENCE_WINDOW_SLACK_MS } from './limits.ts';
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
  readonly result: TransactionResult;
}

/** What the terminal told after the loss. */
export interface TerminalFacts {
  readonly readAt: Instant;
  readonly idle: boolean;
  readonly terminalId: string | null;
  readonly batch: string | null;
  readonly lastInvoice: string | null;
  /** All entries newer than the watermark. */
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
}

export type FieldName = 'kind' | 'amount' | 'merchant' | 'time' | 'card' | 'voids';
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
    const fields = compare(expectation, watermark, facts, entry);
    return { entry, fields, matches: fields.every((field) => field.verdict !== 'different') };
  });
  const outcome = decide(watermark, facts, entries);
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
    entries: entries.map(({ entry, fields, matches }) => ({
      invoice: entry.invoice,
      status: entry.status,
      fields,
      matches,
    })),
    decided: typeof outcome !== 'string',
    code: typeof outcome === 'string' ? outcome : outcome.code,
  };
  return { record, outcome: typeof outcome === 'string' ? null : outcome };
}

interface Compared {
  readonly entry: JournalEntry;
  readonly matches: boolean;
}

/** An outcome, or the code that says why there is none. */
function decide(
  watermark: Watermark | null,
  facts: TerminalFacts,
  entries: readonly Compared[],
): Outcome | MessageCode {
  if (watermark === null) return 'evidence-no-watermark';
  if (!facts.idle) return 'evidence-incomplete';
  if (watermark.terminalId !== facts.terminalId) return 'evidence-terminal-replaced';
  if (watermark.batch !== facts.batch) return 'evidence-batch-closed';
  // Without a last invoice nothing proves that the batch was not closed in between.
  if (facts.lastInvoice === null) return 'evidence-journal-empty';
  if (!facts.complete) return 'evidence-incomplete';
  if (entries.length === 0) {
    return facts.lastInvoice === watermark.lastInvoice
      ? { kind: 'failed', code: 'never-happened', terminalText: null, result: null }
      : 'evidence-batch-closed';
  }
  const matching = entries.filter((compared) => compared.matches);
  if (matching.length > 1) return 'evidence-several-match';
  const [only] = matching;
  if (only === undefined) return 'evidence-none-matches';
  return outcomeOf(only.entry);
}

function outcomeOf(entry: JournalEntry): Outcome | MessageCode {
  switch (entry.status) {
    case 'approved':
      return {
        kind: 'approved',
        code: 'approved',
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

function compare(
  ours: Expectation,
  watermark: Watermark | null,
  facts: TerminalFacts,
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
      ours: `${new Date(ours.startedAt).toISOString()} … ${new Date(facts.readAt).toISOString()}`,
      theirs: theirs.at === null ? null : new Date(theirs.at).toISOString(),
      verdict: timeVerdict(ours.startedAt, facts.readAt, theirs.at, skew),
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
  ];
}

/** A sum that the journal does not name cannot be taken for ours. */
function amountVerdict(ours: Expectation, theirs: JournalEntry): FieldComparison['verdict'] {
  if (ours.amounts.length === 0) return 'not-compared';
  return theirs.amount !== null && ours.amounts.includes(theirs.amount) ? 'equal' : 'different';
}

function sameWhereBothKnown(a: string | null, b: string | null): FieldComparison['verdict'] {
  if (a === null || b === null) return 'not-compared';
  return a === b ? 'equal' : 'different';
}

/** A clock whose skew was never measured says nothing, for or against. */
function timeVerdict(
  from: Instant,
  to: Instant,
  at: Instant | null,
  skewMs: number | null,
): FieldComparison['verdict'] {
  if (at === null || skewMs === null) return 'not-compared';
  const ours = at - skewMs;
  const inside = ours >= from - EVIDENCE_WINDOW_SLACK_MS && ours <= to + EVIDENCE_WINDOW_SLACK_MS;
  return inside ? 'equal' : 'different';
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
