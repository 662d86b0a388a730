// One lost sale, and what a terminal's journal may show of it.
import type {
  Expectation,
  JournalEntry,
  TerminalFacts,
  Watermark,
} from '../../app/src/domain/evidence.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import { EMPTY_RESULT } from '../../app/src/domain/outcome.ts';

export const STARTED = Date.UTC(2026, 0, 5, 10, 0, 0);
export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;
export const SUM = minorUnits(12_345);
export const MASK = '516815******9659';

export const WATERMARK: Watermark = {
  readAt: STARTED - 20 * SECOND,
  terminalId: 'S1234501',
  batch: '12',
  lastInvoice: '41',
  clockSkewMs: 0,
};
export const FACTS: TerminalFacts = {
  readAt: STARTED + 60 * SECOND,
  idle: true,
  terminalId: 'S1234501',
  batch: '12',
  lastInvoice: '42',
  newer: [],
  complete: true,
};
export const OURS: Expectation = {
  kind: 'purchase',
  amounts: [SUM],
  currency: 'UAH',
  merchantTerminalId: 'S1234501',
  startedAt: STARTED,
  cardMask: MASK,
  voids: null,
};
export const ENTRY: JournalEntry = {
  kinds: ['purchase', 'cashback'],
  status: 'approved',
  amount: SUM,
  invoice: '42',
  merchantTerminalId: 'S1234501',
  at: STARTED + 15 * SECOND,
  cardMask: MASK,
  voids: null,
  result: { ...EMPTY_RESULT, rrn: '014721258513', invoice: '42' },
};
/** A customer before or after us, with another sum. */
export const FOREIGN: JournalEntry = {
  ...ENTRY,
  amount: minorUnits(500),
  cardMask: '414949******1111',
  result: { ...EMPTY_RESULT, rrn: '014721258999' },
};
export const VOID: Expectation = { ...OURS, kind: 'void', cardMask: null, voids: '40' };
export const VOID_ENTRY: JournalEntry = { ...ENTRY, kinds: ['void'], voids: '40' };
/** A terminal that marks the voided receipt, which keeps the time of its purchase. */
export const MARKED: JournalEntry = { ...VOID_ENTRY, invoice: '40', at: STARTED - 5 * HOUR };
