// Reads the terminal's journal: the last entry for the watermark, all newer ones after a loss.
import type { JournalEntry, TerminalFacts, Watermark } from '../../domain/evidence.ts';
import type { Instant } from '../../domain/ids.ts';
import { EVIDENCE_ENTRIES_MAX, EVIDENCE_WINDOW_SLACK_MS } from '../../domain/limits.ts';
import { type Params, responseCode, text } from './fields.ts';
import {
  canonicalInvoice,
  entryOf,
  fingerprint,
  type JournalContext,
  paramsOfReceipt,
} from './journal.ts';
import type { Method } from './messages.ts';
import type { Session } from './session.ts';

export type ReadEntry =
  | { kind: 'entry'; entry: JournalEntry; fingerprint: string | null }
  /** The terminal says that it has no such receipt. */
  | { kind: 'none' }
  /** It did not say: busy, silent, gone, or not understood. */
  | { kind: 'unread' };

export interface ReaderContext extends JournalContext {
  readonly queryTimeoutMs: number;
  /** Whether this firmware refused GetReceiptInfo; learnt once. */
  receiptInfoMissing: boolean;
}

/** SPEC 3.3: an empty journal answers 0001 or the general 1000, with the error flag. */
const NO_RECEIPT_CODES: readonly (string | null)[] = ['0001', '1000'];

/** Reads one receipt; an empty `invoice` means the last one of the batch. */
export async function readEntry(
  session: Session,
  context: ReaderContext,
  invoice: string,
  signal: AbortSignal | null,
): Promise<ReadEntry> {
  const method: Method = context.receiptInfoMissing ? 'PrintReceiptNum' : 'GetReceiptInfo';
  const params: Params = context.receiptInfoMissing
    ? { invoiceNumber: invoice === '' ? '0' : invoice, prnFlag: '0' }
    : { invoiceNumber: invoice };
  const timeoutMs = context.queryTimeoutMs;
  const ending = await session.exchange({ method, params, signal, timeoutMs });
  if (ending.kind === 'not-implemented' && !context.receiptInfoMissing) {
    context.receiptInfoMissing = true;
    return readEntry(session, context, invoice, signal);
  }
  if (ending.kind !== 'answered') return { kind: 'unread' };
  const reply = ending.answer;
  const receipt = text(reply.params, 'receipt');
  const fields =
    method === 'PrintReceiptNum' && receipt !== null ? paramsOfReceipt(receipt) : reply.params;
  const entry = entryOf(fields, context);
  if (reply.error !== false) {
    const none = entry === null && NO_RECEIPT_CODES.includes(responseCode(reply.params));
    return { kind: none ? 'none' : 'unread' };
  }
  // An answer about another receipt is no answer.
  if (entry === null || (invoice !== '' && entry.invoice !== canonicalInvoice(invoice))) {
    return { kind: 'unread' };
  }
  return { kind: 'entry', entry, fingerprint: fingerprint(fields) };
}

export interface FactsRequest {
  readonly watermark: Watermark | null;
  /** Fingerprint of the watermark's entry, where this process read it. */
  readonly watermarkFingerprint: string | null;
  /** For a void: the receipt that was to be voided. */
  readonly voids: string | null;
  readonly startedAt: Instant;
  readonly terminalId: string | null;
  readonly now: () => Instant;
  readonly clockTrusted: boolean;
  readonly signal: AbortSignal;
}

interface Newer {
  readonly entries: readonly JournalEntry[];
  readonly complete: boolean;
}

/** Everything newer than the watermark; null where the terminal did not answer. */
export async function readFacts(
  session: Session,
  context: ReaderContext,
  request: FactsRequest,
): Promise<TerminalFacts | null> {
  const last = await readEntry(session, context, '', request.signal);
  if (last.kind === 'unread') return null;
  const newer = await newerThan(session, context, request, last);
  const voided = await voidedTarget(session, context, request, newer);
  return {
    readAt: request.now(),
    idle: true,
    terminalId: request.terminalId,
    batch: null,
    lastInvoice: last.kind === 'entry' ? last.entry.invoice : null,
    newer: voided.entries,
    complete: voided.complete,
  };
}

async function newerThan(
  session: Session,
  context: ReaderContext,
  request: FactsRequest,
  last: Exclude<ReadEntry, { kind: 'unread' }>,
): Promise<Newer> {
  if (last.kind === 'none') return { entries: [], complete: true };
  const { watermark } = request;
  if (watermark === null) return { entries: [last.entry], complete: false };
  const from = canonicalInvoice(watermark.lastInvoice);
  if (from === null) return sinceEmpty(session, context, request, last.entry);
  const to = last.entry.invoice ?? '';
  if (from === to) {
    // The same number of a later batch is another transaction, and its batch was closed between.
    const same = isWatermarkEntry(request, watermark, last);
    return same ? { entries: [], complete: true } : { entries: [last.entry], complete: false };
  }
  if (!/^\d{1,15}$/.test(from) || !/^\d{1,15}$/.test(to)) {
    return { entries: [last.entry], complete: false };
  }
  const [first, end] = [Number(from) + 1, Number(to)];
  // Numbers that went back: the batch was closed, and the judge says so.
  if (end < first) return { entries: [], complete: true };
  if (end - first >= EVIDENCE_ENTRIES_MAX) return { entries: [last.entry], complete: false };
  const entries: JournalEntry[] = [];
  let complete = true;
  for (let number = first; number < end; number++) {
    const read = await readEntry(session, context, String(number), request.signal);
    if (read.kind === 'entry') entries.push(read.entry);
    else complete = false;
  }
  return { entries: [...entries, last.entry], complete };
}

/** The batch was empty before: everything in it is newer. Numbers need not begin at one. */
async function sinceEmpty(
  session: Session,
  context: ReaderContext,
  request: FactsRequest,
  last: JournalEntry,
): Promise<Newer> {
  const entries: JournalEntry[] = [last];
  let number = Number(last.invoice) - 1;
  let ended = number < 1;
  while (!ended && number >= 1 && entries.length < EVIDENCE_ENTRIES_MAX) {
    const read = await readEntry(session, context, String(number), request.signal);
    if (read.kind === 'unread') return { entries, complete: false };
    ended = read.kind === 'none' || number === 1;
    if (read.kind === 'entry') entries.unshift(read.entry);
    number -= 1;
  }
  // «Empty» was the terminal's word once; entries from before the operation disprove it.
  const skew = request.watermark?.clockSkewMs ?? 0;
  const plausible = entries.every(
    ({ at }) => at !== null && at - skew >= request.startedAt - EMPTY_BATCH_SLACK_MS,
  );
  return { entries, complete: ended && plausible && request.clockTrusted };
}

/** Wider than the window of the judge: here the skew may never have been measured. */
const EMPTY_BATCH_SLACK_MS = 10 * EVIDENCE_WINDOW_SLACK_MS;

function isWatermarkEntry(
  request: FactsRequest,
  watermark: Watermark,
  last: Extract<ReadEntry, { kind: 'entry' }>,
): boolean {
  const print = request.watermarkFingerprint ?? watermark.lastEntry ?? null;
  if (print !== null && last.fingerprint !== null) return print === last.fingerprint;
  // Without it only an entry from well before our first byte cannot be ours.
  const { at } = last.entry;
  if (at === null || watermark.clockSkewMs === null) return false;
  return at - watermark.clockSkewMs < request.startedAt - EVIDENCE_WINDOW_SLACK_MS;
}

/** A terminal may mark the voided receipt instead of writing a new one. */
async function voidedTarget(
  session: Session,
  context: ReaderContext,
  request: FactsRequest,
  newer: Newer,
): Promise<Newer> {
  const target = canonicalInvoice(request.voids);
  if (target === null || newer.entries.some((entry) => entry.invoice === target)) return newer;
  const read = await readEntry(session, context, target, request.signal);
  if (read.kind === 'unread') return { ...newer, complete: false };
  if (read.kind === 'none' || !read.entry.kinds.includes('void')) return newer;
  return { ...newer, entries: [...newer.entries, { ...read.entry, voids: target }] };
}
