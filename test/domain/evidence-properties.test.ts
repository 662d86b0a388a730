// Whatever a journal shows, the judge decides only with every sign, and never against one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type JournalEntry, judge } from '../../app/src/domain/evidence.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import { EMPTY_RESULT } from '../../app/src/domain/outcome.ts';
import { ENTRY, FACTS, HOUR, MASK, OURS, STARTED, SUM, VOID, WATERMARK } from './lost-sale.ts';

const entries: fc.Arbitrary<JournalEntry> = fc.record({
  kinds: fc.constantFrom<JournalEntry['kinds'][]>(
    ['purchase'],
    ['purchase', 'cashback'],
    ['void'],
    [],
  ),
  status: fc.constantFrom('approved', 'declined', 'cancelled', 'reversed', 'unclear'),
  amount: fc.constantFrom(SUM, minorUnits(500), null),
  invoice: fc.constantFrom('40', '41', '42', '43', null),
  merchantTerminalId: fc.constantFrom('S1234501', 'S1234502', null),
  at: fc.constantFrom(STARTED, STARTED + HOUR, null, Number.NaN),
  cardMask: fc.constantFrom(MASK, '414949******1111', null),
  voids: fc.constantFrom('40', '39', null),
  result: fc.constantFrom(ENTRY.result, EMPTY_RESULT),
});
const stories = fc.record({
  ours: fc.constantFrom(OURS, VOID, { ...OURS, cardMask: null, merchantTerminalId: null }),
  watermark: fc.record({
    readAt: fc.constantFrom(WATERMARK.readAt, STARTED - HOUR),
    terminalId: fc.constantFrom('S1234501', null),
    batch: fc.constantFrom('12', null),
    lastInvoice: fc.constantFrom('41', null),
    clockSkewMs: fc.constantFrom(0, null, HOUR),
  }),
  facts: fc.record({
    readAt: fc.constantFrom(FACTS.readAt, STARTED + HOUR),
    idle: fc.constantFrom(true, true, false),
    terminalId: fc.constantFrom('S1234501', 'S1234501', 'S7777777', null),
    batch: fc.constantFrom('12', '12', '13', null),
    lastInvoice: fc.constantFrom('41', '42', '43', null),
    newer: fc.array(entries, { maxLength: 3 }),
    complete: fc.constantFrom(true, true, false),
  }),
});
const RUNS = { numRuns: 2_000 };

test('whatever the journal shows: a decision has all its signs', () => {
  fc.assert(
    fc.property(stories, ({ ours, watermark, facts }) => {
      const { outcome, record } = judge(ours, watermark, facts);
      if (outcome === null) return;
      assert.notEqual(outcome.kind, 'unknown');
      assert.ok(facts.idle && facts.complete && facts.lastInvoice !== null);
      assert.equal(facts.terminalId, 'S1234501');
      assert.equal(watermark.terminalId, 'S1234501');
      assert.equal(facts.batch, watermark.batch);
      if (outcome.kind === 'failed') {
        assert.equal(facts.newer.length, 0);
        assert.equal(facts.lastInvoice, watermark.lastInvoice);
        return;
      }
      const matching = record.entries.filter(({ matches }) => matches);
      assert.equal(matching.length, 1, 'exactly one entry decides');
      const index = record.entries.findIndex(({ matches }) => matches);
      const entry = facts.newer[index]!;
      assert.ok(entry.kinds.includes(ours.kind));
      assert.ok(entry.amount === SUM || (ours.kind === 'void' && entry.voids === ours.voids));
      assert.ok(entry.amount === SUM || entry.amount === null);
      assert.ok(entry.cardMask === null || ours.cardMask === null || entry.cardMask === MASK);
      assert.equal(outcome.kind, entry.status);
      if (outcome.kind === 'approved') assert.notEqual(outcome.result.rrn, null);
    }),
    RUNS,
  );
});

test('the same entry twice never decides', () => {
  fc.assert(
    fc.property(stories, entries, ({ ours, watermark, facts }, entry) => {
      const twice = { ...facts, newer: [entry, entry] };
      assert.equal(judge(ours, watermark, twice).outcome, null);
    }),
    RUNS,
  );
});

test('more entries never turn one verdict into another', () => {
  fc.assert(
    fc.property(stories, entries, ({ ours, watermark, facts }, entry) => {
      const fewer = judge(ours, watermark, facts).outcome;
      const more = judge(ours, watermark, { ...facts, newer: [...facts.newer, entry] }).outcome;
      if (fewer === null || more === null || facts.newer.length === 0) return;
      assert.deepEqual(more, fewer);
    }),
    RUNS,
  );
});

test('these properties see decisions of every kind', () => {
  const kinds = new Set<string>(
    fc
      .sample(stories, { numRuns: 20_000, seed: 1 })
      .map(({ ours, watermark, facts }) => judge(ours, watermark, facts).outcome?.kind ?? 'none'),
  );
  const all = ['approved', 'cancelled', 'declined', 'failed', 'none', 'reversed'];
  assert.deepEqual(
    all.filter((kind) => !kinds.has(kind)),
    [],
  );
});
