// Lost answers of protocols that carry our own name of a transaction and give it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Expectation, type JournalEntry, judge } from '../../app/src/domain/evidence.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import { EMPTY_RESULT } from '../../app/src/domain/outcome.ts';
import { ENTRY, FACTS, FOREIGN, OURS, SUM, WATERMARK } from './lost-sale.ts';

const NAMED: Expectation = { ...OURS, reference: 'op-1', cardMask: null };
const OWN: JournalEntry = {
  ...ENTRY,
  reference: 'op-1',
  at: null,
  result: { ...EMPTY_RESULT, authCode: '611506', invoice: '42' },
};

test('our own name decides without a watermark and without a time', () => {
  const { outcome, record } = judge(NAMED, null, { ...FACTS, newer: [OWN] });
  assert.equal(outcome?.kind, 'approved');
  assert.equal(record.entries[0]?.matches, true);
  const shown = record.entries[0]?.fields.find(({ field }) => field === 'reference');
  assert.deepEqual(shown, { field: 'reference', ours: 'op-1', theirs: 'op-1', verdict: 'equal' });
});

test('another name is another transaction, whatever else is equal', () => {
  const newer = [{ ...OWN, at: ENTRY.at, reference: 'op-2' }];
  const { outcome, record } = judge(NAMED, WATERMARK, { ...FACTS, newer });
  assert.equal(outcome, null);
  assert.equal(record.code, 'evidence-none-matches');
});

test('our name upon another sum is a contradiction', () => {
  const newer = [{ ...OWN, amount: FOREIGN.amount }];
  assert.equal(judge(NAMED, WATERMARK, { ...FACTS, newer }).outcome, null);
});

test('our name upon another kind is a contradiction', () => {
  const newer: JournalEntry[] = [{ ...OWN, kinds: ['refund'] }];
  assert.equal(judge(NAMED, WATERMARK, { ...FACTS, newer }).outcome, null);
});

test('our name twice decides nothing', () => {
  const facts = { ...FACTS, newer: [OWN, { ...OWN, status: 'declined' } as const] };
  assert.equal(judge(NAMED, WATERMARK, facts).record.code, 'evidence-several-match');
});

test('a terminal that still works on it has not decided', () => {
  const facts = { ...FACTS, idle: false, newer: [OWN] };
  assert.equal(judge(NAMED, WATERMARK, facts).record.code, 'evidence-incomplete');
});

test('beside our name somebody else’s transaction does not matter', () => {
  const facts = { ...FACTS, newer: [{ ...FOREIGN, reference: 'op-2' }, OWN] };
  assert.equal(judge(NAMED, WATERMARK, facts).outcome?.kind, 'approved');
});

test('a tip that the terminal tells of is approved on top of our sum', () => {
  const own = { ...OWN, amount: minorUnits(SUM + 500), askedAmount: SUM };
  const { outcome } = judge(NAMED, null, { ...FACTS, newer: [own] });
  assert.ok(outcome?.kind === 'approved');
  assert.equal(outcome.approvedAmount, SUM + 500);
  assert.equal(outcome.code, 'approved');
});

test('a part that the terminal marks as one is approved as a part', () => {
  const own = { ...OWN, amount: minorUnits(SUM - 500), askedAmount: null };
  const { outcome } = judge(NAMED, null, { ...FACTS, newer: [own] });
  assert.ok(outcome?.kind === 'approved');
  assert.equal(outcome.code, 'approved-partially');
});

test('with our name the terminal’s number is reference enough, without it it is not', () => {
  const bare = { ...ENTRY, result: { ...EMPTY_RESULT, invoice: '42' } };
  const named = { ...bare, reference: 'op-1' };
  assert.equal(judge(NAMED, null, { ...FACTS, newer: [named] }).outcome?.kind, 'approved');
  assert.equal(judge(OURS, WATERMARK, { ...FACTS, newer: [bare] }).outcome, null);
});

test('an unnamed journal that is unchanged still proves that nothing happened', () => {
  const facts = { ...FACTS, lastInvoice: '41', newer: [] };
  assert.equal(judge(NAMED, WATERMARK, facts).outcome?.kind, 'failed');
});
