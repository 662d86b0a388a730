import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { openReports } from '../../app/src/storage/ledger/reports.ts';
import { accepted, folderFor, ledgerFor, NOON, sell } from './helpers.ts';

const HOUR = 3_600_000;

test('sums the approved sums of a period by terminal, kind and state', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  await sell(ledger, 'a', { at: NOON });
  await sell(ledger, 'b', { at: NOON + HOUR });
  await sell(ledger, 'c', { at: NOON + HOUR, terminal: 'pos-2' });
  await sell(ledger, 'late', { at: NOON + 2 * HOUR });
  await ledger.append([accepted('open', { at: NOON, terminal: 'pos-2' })]);
  const reports = openReports(folder);
  t.after(() => reports.close());
  const rows = reports.sums({ from: NOON, to: NOON + 2 * HOUR });
  const short = rows
    .map(({ terminal, state, count, amount }) => `${terminal} ${state} ${count} ${amount}`)
    .sort();
  assert.deepEqual(short, [
    'pos-1 approved 2 24690',
    'pos-2 accepted 1 0',
    'pos-2 approved 1 12345',
  ]);
  assert.deepEqual(reports.sums({ from: 0, to: NOON }), []);
});

test('searches by the number on the slip, the card and the sum, page by page', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  for (let n = 0; n < 5; n += 1) {
    await sell(ledger, `sale-${n}`, {
      amount: 1_000 + (n % 2),
      reference: `order ${n}`,
      rrn: `00000000000${n}`,
    });
  }
  const reports = openReports(folder);
  t.after(() => reports.close());
  assert.deepEqual(ids(reports.search({ rrn: '000000000003', limit: 9 })), ['sale-3']);
  assert.deepEqual(ids(reports.search({ reference: 'order 2', limit: 9 })), ['sale-2']);
  assert.deepEqual(ids(reports.search({ amount: 1_001, limit: 9 })), ['sale-3', 'sale-1']);
  const first = reports.search({ cardLast4: '1234', limit: 2 });
  assert.deepEqual(ids(first), ['sale-4', 'sale-3']);
  assert.notEqual(first.next, null);
  const second = reports.search({ cardLast4: '1234', limit: 9, cursor: first.next ?? '' });
  assert.deepEqual(ids(second), ['sale-2', 'sale-1', 'sale-0']);
  assert.equal(second.next, null);
  assert.deepEqual(ids(reports.search({ cardLast4: '1234', amount: 1_001, limit: 9 })), [
    'sale-3',
    'sale-1',
  ]);
  assert.throws(() => reports.search({ amount: 1, cursor: 'nonsense', limit: 9 }), RangeError);
});

test('finds through an index, never through the whole table', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  await sell(ledger, 'a');
  const database = new Database(join(folder, 'ledger.db'), { readonly: true });
  t.after(() => database.close());
  for (const [column, index] of [
    ['card_last4', 'operations_card'],
    ['amount', 'operations_amount'],
  ]) {
    const plan = database
      .prepare(
        `EXPLAIN QUERY PLAN SELECT ordinal, row FROM operations INDEXED BY ${index}
         WHERE ${column} = 1 AND ordinal < 9 ORDER BY ordinal DESC LIMIT 5`,
      )
      .all()
      .map((row) => (row as { detail: string }).detail)
      .join('; ');
    assert.match(
      plan,
      new RegExp(`SEARCH operations USING INDEX ${index} \\(${column}=\\? AND rowid<\\?\\)`),
    );
    assert.doesNotMatch(plan, /TEMP B-TREE/);
  }
});

function ids(page: { operations: readonly { id: string }[] }): string[] {
  return page.operations.map(({ id }) => id);
}
