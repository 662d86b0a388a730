// Stories of lost answers: what the terminal's journal shows, and what may be concluded from it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Expectation,
  type FieldName,
  type JournalEntry,
  judge,
  type TerminalFacts,
  type Watermark,
} from '../../app/src/domain/evidence.ts';
import type { MessageCode } from '../../app/src/domain/failures.ts';
import { EVIDENCE_WINDOW_SLACK_MS, OPERATION_DEADLINE_MS } from '../../app/src/domain/limits.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import { EMPTY_RESULT } from '../../app/src/domain/outcome.ts';
import {
  ENTRY,
  FACTS,
  FOREIGN,
  HOUR,
  MARKED,
  MASK,
  OURS,
  SECOND,
  STARTED,
  SUM,
  VOID,
  VOID_ENTRY,
  WATERMARK,
} from './lost-sale.ts';

interface Story {
  readonly ours?: Partial<Expectation>;
  readonly watermark?: Partial<Watermark> | null;
  readonly facts?: Partial<TerminalFacts>;
  readonly newer?: readonly JournalEntry[];
  /** The outcome, or the code of an ambiguity. */
  readonly ends: 'approved' | 'declined' | 'cancelled' | 'failed' | 'reversed' | MessageCode;
}

const unread = { clockSkewMs: null };
const nothingNew = { lastInvoice: '41' };

const STORIES: Readonly<Record<string, Story>> = {
  'the terminal never got it': { facts: nothingNew, newer: [], ends: 'failed' },
  'ours is there, approved': { newer: [ENTRY], ends: 'approved' },
  'ours is there, declined': { newer: [{ ...ENTRY, status: 'declined' }], ends: 'declined' },
  'ours is there, cancelled': { newer: [{ ...ENTRY, status: 'cancelled' }], ends: 'cancelled' },
  'ours is there and was taken back': {
    newer: [{ ...ENTRY, status: 'reversed' }],
    ends: 'reversed',
  },
  'ours is there, but not clear': {
    newer: [{ ...ENTRY, status: 'unclear' }],
    ends: 'evidence-none-matches',
  },
  'ours is there, approved without any reference of the bank': {
    newer: [{ ...ENTRY, result: EMPTY_RESULT }],
    ends: 'evidence-none-matches',
  },
  'an authorisation code without RRN is a reference too': {
    newer: [{ ...ENTRY, result: { ...EMPTY_RESULT, authCode: '611506' } }],
    ends: 'approved',
  },

  'somebody else’s receipt is the last one': { newer: [FOREIGN], ends: 'evidence-none-matches' },
  'somebody else’s receipt lies beside ours': {
    facts: { lastInvoice: '43' },
    newer: [FOREIGN, { ...ENTRY, invoice: '43' }],
    ends: 'approved',
  },
  'two equal sums, both possible': {
    facts: { lastInvoice: '43' },
    newer: [ENTRY, { ...ENTRY, invoice: '43' }],
    ends: 'evidence-several-match',
  },
  'declined, then approved with the same sum': {
    facts: { lastInvoice: '43' },
    newer: [
      { ...ENTRY, status: 'declined' },
      { ...ENTRY, invoice: '43' },
    ],
    ends: 'evidence-several-match',
  },
  'two equal sums, another card the second time': {
    facts: { lastInvoice: '43' },
    newer: [ENTRY, { ...ENTRY, invoice: '43', cardMask: '414949******1111' }],
    ends: 'approved',
  },
  'beside ours an entry whose sum cannot be read': {
    facts: { lastInvoice: '43' },
    newer: [ENTRY, { ...ENTRY, invoice: '43', amount: null }],
    ends: 'evidence-several-match',
  },
  'the only entry has no readable sum': {
    newer: [{ ...ENTRY, amount: null }],
    ends: 'evidence-none-matches',
  },
  'the same sum, but a refund': {
    newer: [{ ...ENTRY, kinds: ['refund'] }],
    ends: 'evidence-none-matches',
  },
  'the same sum, an entry of no known kind': {
    newer: [{ ...ENTRY, kinds: [] }],
    ends: 'evidence-none-matches',
  },
  'the same sum under another merchant': {
    newer: [{ ...ENTRY, merchantTerminalId: 'S1234502' }],
    ends: 'evidence-none-matches',
  },
  'an approved part of the sum is not taken for the whole': {
    newer: [{ ...ENTRY, amount: minorUnits(10_000) }],
    ends: 'evidence-none-matches',
  },
  'the sum after a discount that the till gave': {
    ours: { amounts: [SUM, minorUnits(11_000)] },
    newer: [{ ...ENTRY, amount: minorUnits(11_000) }],
    ends: 'approved',
  },
  'a purchase whose sums nobody names cannot be recognised': {
    ours: { amounts: [] },
    newer: [ENTRY],
    ends: 'evidence-none-matches',
  },
  'a service without a sum does not take somebody’s purchase': {
    ours: { kind: 'service', amounts: [] },
    newer: [{ ...ENTRY, kinds: ['purchase', 'service'] }],
    ends: 'evidence-none-matches',
  },

  'the batch was closed: another number': {
    facts: { batch: '13' },
    newer: [ENTRY],
    ends: 'evidence-batch-closed',
  },
  'the batch was closed: invoices went back': {
    watermark: { batch: null },
    facts: { batch: null, lastInvoice: '3' },
    newer: [],
    ends: 'evidence-batch-closed',
  },
  'the batch was closed, and the journal is empty': {
    facts: { lastInvoice: null },
    newer: [],
    ends: 'evidence-journal-empty',
  },
  'the first sale of a batch': {
    watermark: { lastInvoice: null },
    facts: { lastInvoice: '1' },
    newer: [{ ...ENTRY, invoice: '1' }],
    ends: 'approved',
  },
  'nothing before and nothing after proves nothing': {
    watermark: { lastInvoice: null },
    facts: { lastInvoice: null },
    newer: [],
    ends: 'evidence-journal-empty',
  },
  'the terminal was replaced': {
    facts: { terminalId: 'S7777777' },
    newer: [ENTRY],
    ends: 'evidence-terminal-replaced',
  },
  'the terminal was replaced and shows nothing new': {
    facts: { terminalId: 'S7777777', lastInvoice: '41' },
    newer: [],
    ends: 'evidence-terminal-replaced',
  },
  'a terminal that never says who it is': {
    watermark: { terminalId: null },
    facts: { terminalId: null, lastInvoice: '41' },
    newer: [],
    ends: 'evidence-no-watermark',
  },
  'a terminal that does not say any more who it is': {
    facts: { terminalId: null },
    newer: [ENTRY],
    ends: 'evidence-incomplete',
  },
  'nobody knows how the journal ended before': {
    watermark: null,
    newer: [ENTRY],
    ends: 'evidence-no-watermark',
  },
  'the terminal is still working': {
    facts: { idle: false, lastInvoice: '41' },
    newer: [],
    ends: 'evidence-incomplete',
  },
  'an entry could not be read': {
    facts: { complete: false, lastInvoice: '43' },
    newer: [ENTRY],
    ends: 'evidence-incomplete',
  },
  'nothing was read of what is new': {
    facts: { complete: false, lastInvoice: '41' },
    newer: [],
    ends: 'evidence-incomplete',
  },
  'what is called new is the watermark’s own entry': {
    facts: nothingNew,
    newer: [{ ...ENTRY, invoice: '41' }],
    ends: 'evidence-incomplete',
  },
  'what is called new is older than the watermark': {
    newer: [{ ...ENTRY, invoice: '0040' }],
    ends: 'evidence-incomplete',
  },
  'an entry without a number may be old': {
    newer: [{ ...ENTRY, invoice: null }],
    ends: 'evidence-incomplete',
  },

  'the clock is five minutes ahead, as measured': {
    watermark: { clockSkewMs: 300 * SECOND },
    newer: [{ ...ENTRY, at: ENTRY.at! + 300 * SECOND }],
    ends: 'approved',
  },
  'the clock is said to be right, the entry is an hour old': {
    newer: [{ ...ENTRY, at: STARTED - HOUR }],
    ends: 'evidence-none-matches',
  },
  'the clock was measured, but the entry has no time': {
    newer: [{ ...ENTRY, at: null }],
    ends: 'approved',
  },
  'the clock was never measured, and the journal was read right before and after': {
    watermark: unread,
    newer: [{ ...ENTRY, at: STARTED - HOUR }],
    ends: 'approved',
  },
  'the clock was never measured, and hours passed until the terminal came back': {
    watermark: unread,
    facts: { readAt: STARTED + 5 * HOUR },
    newer: [ENTRY],
    ends: 'evidence-none-matches',
  },
  'the clock was never measured, and the watermark was hours old': {
    watermark: { ...unread, readAt: STARTED - 5 * HOUR },
    newer: [ENTRY],
    ends: 'evidence-none-matches',
  },
  'the clock was never measured, and ours was set back meanwhile': {
    watermark: unread,
    facts: { readAt: STARTED - HOUR },
    newer: [ENTRY],
    ends: 'evidence-none-matches',
  },
  'the terminal comes back after hours, and the time is ours': {
    facts: { readAt: STARTED + 5 * HOUR },
    newer: [ENTRY],
    ends: 'approved',
  },
  'an equal sum that the cashier typed in hours later': {
    facts: { readAt: STARTED + 5 * HOUR },
    newer: [{ ...ENTRY, at: STARTED + 4 * HOUR }],
    ends: 'evidence-none-matches',
  },
  'approved in the last second of the deadline': {
    facts: { readAt: STARTED + HOUR },
    newer: [{ ...ENTRY, at: STARTED + OPERATION_DEADLINE_MS }],
    ends: 'approved',
  },
  'a date that no calendar has': {
    newer: [{ ...ENTRY, at: Number.NaN }],
    ends: 'evidence-none-matches',
  },

  'another card than the one we saw': {
    newer: [{ ...ENTRY, cardMask: '414949******1111' }],
    ends: 'evidence-none-matches',
  },
  'the same card, masked in another way': {
    newer: [{ ...ENTRY, cardMask: '5168XXXXXXXX9659' }],
    ends: 'approved',
  },
  'the same card in groups': {
    newer: [{ ...ENTRY, cardMask: '5168 15** **** 9659' }],
    ends: 'approved',
  },
  'the first digits differ': {
    newer: [{ ...ENTRY, cardMask: '516819******9659' }],
    ends: 'evidence-none-matches',
  },
  'the last digits differ': {
    newer: [{ ...ENTRY, cardMask: '516815******9650' }],
    ends: 'evidence-none-matches',
  },
  'a card that we never saw': { ours: { cardMask: null }, newer: [ENTRY], ends: 'approved' },
  'a mask that shows no digit': {
    newer: [{ ...ENTRY, cardMask: '****************' }],
    ends: 'approved',
  },

  'a void of our receipt': { ours: VOID, newer: [VOID_ENTRY], ends: 'approved' },
  'a void of another receipt': {
    ours: VOID,
    newer: [{ ...VOID_ENTRY, voids: '39' }],
    ends: 'evidence-none-matches',
  },
  'a void that does not say of what, with our sum': {
    ours: VOID,
    newer: [{ ...VOID_ENTRY, voids: null }],
    ends: 'approved',
  },
  'a void that says neither of what nor how much': {
    ours: { ...VOID, amounts: [] },
    newer: [{ ...VOID_ENTRY, voids: null, amount: null }],
    ends: 'evidence-none-matches',
  },
  'a void without a sum, but of our receipt': {
    ours: { ...VOID, amounts: [] },
    newer: [{ ...VOID_ENTRY, amount: null }],
    ends: 'approved',
  },
  'a void that only marks the old receipt': {
    ours: VOID,
    facts: nothingNew,
    newer: [MARKED],
    ends: 'approved',
  },
  'a void of which nothing is to be seen': {
    ours: VOID,
    facts: nothingNew,
    newer: [],
    ends: 'failed',
  },
  'a void whose receipt nobody knows may be a mark somewhere': {
    ours: { ...VOID, voids: null },
    facts: nothingNew,
    newer: [],
    ends: 'evidence-incomplete',
  },
};

for (const [name, story] of Object.entries(STORIES)) {
  test(`${name}: ${story.ends}`, () => {
    const { outcome, record } = judge(...told(story));
    if (outcome === null) {
      assert.equal(record.code, story.ends);
      assert.equal(record.decided, false);
    } else {
      assert.equal(outcome.kind, story.ends);
      assert.equal(record.code, outcome.code);
      assert.equal(record.decided, true);
    }
  });
}

test('an approval is the entry’s: its sum, its references', () => {
  const { outcome } = judge(...told({ newer: [ENTRY], ends: 'approved' }));
  assert.ok(outcome?.kind === 'approved');
  assert.equal(outcome.approvedAmount, SUM);
  assert.deepEqual(outcome.result, ENTRY.result);
});

test('the record shows both sides, field by field', () => {
  const { record } = judge(...told({ newer: [FOREIGN], ends: 'evidence-none-matches' }));
  const verdicts: Record<Exclude<FieldName, 'reference'>, string> = {
    kind: 'equal',
    amount: 'different',
    merchant: 'equal',
    time: 'equal',
    card: 'different',
    voids: 'not-compared',
  };
  const [entry] = record.entries;
  assert.deepEqual(
    Object.fromEntries(entry!.fields.map(({ field, verdict }) => [field, verdict])),
    verdicts,
  );
  assert.deepEqual(
    entry!.fields.filter(({ field }) => field === 'amount' || field === 'card'),
    [
      { field: 'amount', ours: '12345', theirs: '500', verdict: 'different' },
      { field: 'card', ours: MASK, theirs: '414949******1111', verdict: 'different' },
    ],
  );
  assert.equal(entry!.matches, false);
  assert.deepEqual(record.watermark, WATERMARK);
  assert.equal('newer' in record.facts, false);
});

test('the window of time ends where its slack ends', () => {
  const slack = EVIDENCE_WINDOW_SLACK_MS;
  const inside = [STARTED - slack, STARTED + OPERATION_DEADLINE_MS + slack];
  const outside = [STARTED - slack - 1, STARTED + OPERATION_DEADLINE_MS + slack + 1];
  const facts = { readAt: STARTED + HOUR };
  for (const at of inside) {
    assert.notEqual(
      judge(...told({ facts, newer: [{ ...ENTRY, at }], ends: 'approved' })).outcome,
      null,
    );
  }
  for (const at of outside) {
    assert.equal(
      judge(...told({ facts, newer: [{ ...ENTRY, at }], ends: 'approved' })).outcome,
      null,
    );
  }
});

function told(story: Story): [Expectation, Watermark | null, TerminalFacts] {
  return [
    { ...OURS, ...story.ours },
    story.watermark === null ? null : { ...WATERMARK, ...story.watermark },
    { ...FACTS, ...story.facts, newer: story.newer ?? [] },
  ];
}
