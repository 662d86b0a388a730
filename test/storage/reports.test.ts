import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { terminalId } from '../../app/src/domain/ids.ts';
import { SEARCH_CANDIDATES_MAX } from '../../app/src/domain/limits.ts';
import type { OperationQuery } from '../../app/src/ports/ledger.ts';
import { listSql } from '../../app/src/storage/ledger/list-query.ts';
import { openReports } from '../../app/src/storage/ledger/reports.ts';
import { candidatesSql } from '../../app/src/storage/ledger/search.ts';
import { accepted, folderFor, ledgerFor, NOON, sell } from './helpers.ts';

const HOUR = 3_600_000;
const NOTHING: Partial<OperationQuery> = {};

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

test('a filter beside the search leaves nothing out, whatever the pages', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  for (let n = 0; n < 40; n += 1) {
    const terminal = n % 3 === 0 ? 'pos-2' : 'pos-1';
    const at = NOON + n * HOUR;
    if (n % 5 === 0) await ledger.append([accepted(`open-${n}`, { at, terminal })]);
    else await sell(ledger, `sale-${n}`, { at, terminal });
  }
  const reports = openReports(folder);
  t.after(() => reports.close());
  const all = ledger.list({ limit: 50 }).operations;
  const period = { from: NOON + 4 * HOUR, to: NOON + 30 * HOUR };
  for (const filter of [
    {},
    { terminal: terminalId('pos-2') },
    { kind: 'purchase' },
    { state: 'accepted' },
    { state: 'approved', terminal: terminalId('pos-1'), ...period },
    { kind: 'refund', ...period },
  ] as const) {
    const { terminal, kind, state, from, to } = { ...NOTHING, ...filter };
    const wanted = all.filter(
      (one) =>
        (terminal === undefined || one.request.terminal === terminal) &&
        (kind === undefined || one.request.kind === kind) &&
        (state === undefined || one.state === state) &&
        (from === undefined || one.createdAt >= from) &&
        (to === undefined || one.createdAt < to),
    );
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = reports.search({
        amount: 12_345,
        ...filter,
        limit: 3,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...ids(page));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(
      found,
      wanted.map(({ id }) => id as string),
      JSON.stringify(filter),
    );
  }
});

test('a page looks at so many only, and says where to go on', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  await sell(ledger, 'oldest', { terminal: 'pos-2' });
  const rest = Array.from({ length: SEARCH_CANDIDATES_MAX + 5 }, (_, n) =>
    ledger.append([accepted(`sale-${n}`)]),
  );
  await Promise.all(rest);
  const reports = openReports(folder);
  t.after(() => reports.close());
  const asked = { amount: 12_345, terminal: terminalId('pos-2'), limit: 9 };
  const first = reports.search(asked);
  assert.deepEqual(ids(first), []);
  const second = reports.search({ ...asked, cursor: first.next ?? '' });
  assert.deepEqual(ids(second), ['oldest']);
  assert.equal(second.next, null);
});

test('finds through an index, never through the whole table', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  await sell(ledger, 'a');
  const database = new Database(join(folder, 'ledger.db'), { readonly: true });
  t.after(() => database.close());
  const planOf = (sql: string, values: readonly unknown[]): string =>
    database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values)
      .map(({ detail }) => detail)
      .join('; ');
  for (const column of ['rrn', 'reference', 'card_last4', 'amount'] as const) {
    const plan = planOf(candidatesSql(column), [1, 0, 9, 5]);
    assert.match(
      plan,
      new RegExp(`^SEARCH operations USING COVERING INDEX \\w+ \\(${column}=\\? AND rowid>`),
    );
    assert.doesNotMatch(plan, /TEMP B-TREE/);
  }
  const filters = [{ terminal: 'pos-1' }, { kind: 'purchase' }, { state: 'approved' }] as const;
  for (let bits = 1; bits < 2 ** filters.length; bits += 1) {
    const chosen = Object.assign({}, ...filters.filter((_, at) => (bits & (1 << at)) !== 0));
    const { probe, values } = listSql({ ...chosen, limit: 1 });
    assert.match(
      planOf(probe, [...values, 7]),
      /^SEARCH operations USING COVERING INDEX \w+ \(.*rowid=\?\)$/,
      probe,
    );
  }
});

function ids(page: { operations: readonly { id: string }[] }): string[] {
  return page.operations.map(({ id }) => id);
}
