// Reads the terminal's journal: its last entry for the watermark, all newer ones after a loss.
import type { TerminalFacts, Watermark } from '../../domain/evidence.ts';
import type { Instant } from '../../domain/ids.ts';
import { EVIDENCE_ENTRIES_MAX, EVIDENCE_WINDOW_SLACK_MS } from '../../domain/limits.ts';
import type { Call } from '../../ports/bank-library.ts';
import { entryOf, readTransaction, type Transaction } from './transaction.ts';
import { question, type Tools, value, work } from './waiting.ts';

export type JournalEnd =
  /** `last` is null where the journal is empty. */
  | { kind: 'read'; count: number; last: Transaction | null }
  /** Busy, silent, gone, or it said no. */
  | { kind: 'unread' };

export async function readJournalEnd(tools: Tools): Promise<JournalEnd> {
  const count = await countOf(tools);
  if (count === null) return { kind: 'unread' };
  if (count === 0) return { kind: 'read', count, last: null };
  const last = await readByOrder(tools, count);
  return last === null ? { kind: 'unread' } : { kind: 'read', count, last };
}

async function countOf(tools: Tools): Promise<number | null> {
  const { queryTimeoutMs } = tools.options;
  const ending = await work(tools, question({ name: 'GetTxnNum', args: [] }, queryTimeoutMs));
  if (ending.kind !== 'success') return null;
  const count = await value(tools, 'TxnNum');
  return count !== null && count >= 0 ? count : null;
}

/** Null where it could not be read. Orders begin at 1. */
export function readByOrder(tools: Tools, order: number): Promise<Transaction | null> {
  return readBy(tools, { name: 'GetTxnDataByOrder', args: [order] });
}

export async function readByInvoice(
  tools: Tools,
  invoice: string,
  merchant: number,
): Promise<Transaction | null> {
  if (!tools.library.has('GetTxnDataByInv')) return null;
  const read = await readBy(tools, { name: 'GetTxnDataByInv', args: [Number(invoice), merchant] });
  return read?.result.invoice === String(Number(invoice)) ? read : null;
}

async function readBy(tools: Tools, call: Call): Promise<Transaction | null> {
  const ending = await work(tools, question(call, tools.options.queryTimeoutMs));
  return ending.kind === 'success' ? readTransaction(tools) : null;
}

export interface FactsRequest {
  readonly watermark: Watermark | null;
  /** Terminal id of the appliance's own knowledge; null where it never told. */
  readonly terminalId: string | null;
  readonly timeZone: string;
  /** For a void: the invoice that was to be voided, and under which merchant. */
  readonly voids: { readonly invoice: string; readonly merchant: number } | null;
  readonly startedAt: Instant;
  readonly now: () => Instant;
  readonly clockTrusted: boolean;
}

interface Newer {
  readonly transactions: readonly Transaction[];
  readonly complete: boolean;
}

/** Everything newer than the watermark; null where the terminal cannot be asked. */
export async function readFacts(
  tools: Tools,
  request: FactsRequest,
): Promise<TerminalFacts | null> {
  const end = await readJournalEnd(tools);
  if (end.kind === 'unread') return null;
  const newer = await newerThan(tools, request, end);
  if (newer === null) return null;
  const entries = newer.transactions.map((one) => entryOf(one, request.timeZone));
  const voided = await voidedTarget(tools, request, newer.transactions);
  const batch = end.last?.result.batch ?? null;
  const { watermark } = request;
  return {
    readAt: request.now(),
    idle: true,
    terminalId: request.terminalId,
    // Where the journal was empty before, its batch had no number yet; `newerThan` guards that case.
    batch: watermark?.lastInvoice === null ? watermark.batch : batch,
    lastInvoice: end.last?.identity ?? null,
    newer: voided === null ? entries : [...entries, voided],
    complete: newer.complete,
  };
}

async function newerThan(
  tools: Tools,
  request: FactsRequest,
  end: Extract<JournalEnd, { kind: 'read' }>,
): Promise<Newer | null> {
  const { last, count } = end;
  if (last === null) return { transactions: [], complete: true };
  const { watermark } = request;
  if (watermark === null) return { transactions: [last], complete: false };
  const found: Transaction[] = [];
  for (let order = count; order >= 1; order--) {
    const transaction = order === count ? last : await readByOrder(tools, order);
    if (transaction === null) return null;
    const isKnown = transaction.identity !== null && transaction.identity === watermark.lastInvoice;
    if (isKnown) return { transactions: found, complete: true };
    if (found.length >= EVIDENCE_ENTRIES_MAX) return { transactions: found, complete: false };
    found.unshift(transaction);
  }
  // The entry that we knew is gone: a batch was closed, or the journal was emptied.
  if (watermark.lastInvoice !== null) return { transactions: found, complete: false };
  return { transactions: found, complete: request.clockTrusted && allAfter(found, request) };
}

/** Wider than the window of the judge: here the skew may never have been measured. */
const EMPTY_BATCH_SLACK_MS = 10 * EVIDENCE_WINDOW_SLACK_MS;

/**
 * The batch was empty before, so nothing of it proves that no other batch was opened and closed
 * meanwhile, except the time of its entries.
 */
function allAfter(transactions: readonly Transaction[], request: FactsRequest): boolean {
  const skew = request.watermark?.clockSkewMs ?? 0;
  return transactions.every((one) => {
    const { at } = entryOf(one, request.timeZone);
    return at !== null && at - skew >= request.startedAt - EMPTY_BATCH_SLACK_MS;
  });
}

/** A terminal may mark the voided transaction instead of writing a new one. */
async function voidedTarget(
  tools: Tools,
  { voids, timeZone }: FactsRequest,
  newer: readonly Transaction[],
) {
  if (voids === null || newer.length > 0) return null;
  const target = await readByInvoice(tools, voids.invoice, voids.merchant);
  if (target === null) return null;
  const entry = entryOf(target, timeZone);
  if (entry.status !== 'cancelled' && entry.status !== 'reversed') return null;
  return { ...entry, kinds: ['void'], status: 'approved', voids: voids.invoice, at: null } as const;
}
