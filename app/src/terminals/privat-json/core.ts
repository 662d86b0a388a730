// What the parts of one driver share: the link, the lane's turn, and what was learnt of the
// terminal.
import type { Watermark } from '../../domain/evidence.ts';
import type { Instant } from '../../domain/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { TerminalIdentity, TerminalSetup } from '../../ports/terminal-driver.ts';
import type { Mutex } from '../wire/mutex.ts';
import type { Reply } from './codec.ts';
import type { Params } from './fields.ts';
import { fingerprint, momentOf } from './journal.ts';
import type { Link } from './link.ts';
import type { PrivatJsonOptions } from './options.ts';
import { type ReaderContext, readEntry } from './reader.ts';
import type { Session } from './session.ts';

export interface Core {
  readonly setup: TerminalSetup;
  readonly options: PrivatJsonOptions;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly link: Link;
  /** Who may use the ordinary lane: an operation, a look at the journal, or the idle checks. */
  readonly mutex: Mutex;
  identity: TerminalIdentity | null;
  /** The answer to `identify` of this connection. */
  identified: Params;
  /** Whether firmware and terminal id were read on this connection. */
  identityComplete: boolean;
  /** Queries that this terminal does not answer: not asked again. */
  readonly unanswered: Set<string>;
  clockSkewMs: number | null;
  watermark: Watermark | null;
  /** Of the watermark's entry. */
  watermarkFingerprint: string | null;
  /** True where the last operation may have changed the journal in a way that we did not see. */
  watermarkStale: boolean;
  watermarkReadAt: number;
  /** Reads in a row that the terminal left unanswered; after a few it is not asked any more. */
  watermarkSilences: number;
  receiptInfoMissing: boolean;
  readonly known: KnownTransactions;
  /** What the terminal last answered to each method, and when an answer was last lost. */
  readonly lastReplies: Map<string, Reply>;
  lostAt: number | null;
  /** The watermark of the lost operation, and the fingerprint of its entry. */
  lost: { readonly readAt: Instant | null; readonly fingerprint: string | null } | null;
  /** After a loss nothing is asked until the journal is looked at. */
  quiet: boolean;
}

/** Transactions that this terminal told of already: a second copy of one is no news. */
export interface KnownTransactions {
  has(print: string | null): boolean;
  learn(print: string | null): void;
}

/** Enough for every repeat that can still be on its way; a shift has a few hundred sales. */
const KNOWN_MAX = 512;

export function createKnownTransactions(): KnownTransactions {
  const prints = new Set<string>();
  return {
    has: (print) => print !== null && prints.has(print),
    learn: (print) => {
      if (print === null) return;
      prints.add(print);
      const [oldest] = prints;
      if (prints.size > KNOWN_MAX && oldest !== undefined) prints.delete(oldest);
    },
  };
}

export function readerContext(core: Core): ReaderContext {
  return {
    currency: core.setup.currency,
    timeZone: core.timeZone,
    merchantTerminalIds: Object.values(core.identity?.merchantTerminalIds ?? {}),
    queryTimeoutMs: core.options.queryTimeoutMs,
    get receiptInfoMissing() {
      return core.receiptInfoMissing;
    },
    set receiptInfoMissing(missing) {
      core.receiptInfoMissing = missing;
    },
  };
}

const SILENCES_MAX = 3;

/** Reads the last receipt of the idle terminal. The lane's turn must be ours. */
export async function readWatermark(core: Core, session: Session): Promise<void> {
  if (core.watermarkSilences >= SILENCES_MAX) return;
  const read = await readEntry(session, readerContext(core), '', null);
  if (read.kind === 'unread') {
    // A silent answer costs the connection: it must not cost every connection.
    if (!session.isOpen) core.watermarkSilences += 1;
    return;
  }
  core.watermarkSilences = 0;
  const entry = read.kind === 'entry' ? read : null;
  setWatermark(core, entry?.entry.invoice ?? null, entry?.fingerprint ?? null);
  core.watermarkStale = false;
}

export function setWatermark(core: Core, lastInvoice: string | null, print: string | null): void {
  core.watermark = {
    readAt: core.clock.now(),
    terminalId: core.identity?.terminalId ?? null,
    batch: null,
    lastInvoice,
    lastEntry: print,
    clockSkewMs: core.clockSkewMs,
  };
  core.watermarkFingerprint = print;
  core.watermarkReadAt = core.clock.monotonic();
  core.known.learn(print);
}

/** The terminal's clock against ours, from an approval that has just come. */
export function measureSkew(core: Core, params: Params): void {
  const shown: Instant | null = momentOf(params, core.timeZone);
  if (shown !== null) core.clockSkewMs = shown - core.clock.now();
}

export function learnTransaction(core: Core, params: Params): void {
  core.known.learn(fingerprint(params));
}
