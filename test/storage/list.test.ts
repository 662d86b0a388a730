import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { terminalId } from '../../app/src/domain/ids.ts';
import { OPERATIONS_PER_SPAN, PAGE_SIZE } from '../../app/src/domain/limits.ts';
import { type Operation, STATES } from '../../app/src/domain/operation.ts';
import type { LedgerWrite, OperationQuery } from '../../app/src/ports/ledger.ts';
import type { StoredLedger } from '../../app/src/storage/ledger/ledger.ts';
import { listSql } from '../../app/src/storage/ledger/list-query.ts';
import { openForReading } from '../../app/src/storage/ledger/opening.ts';
import {
  accepted,
  approved,
  failed,
  folderFor,
  ledgerFor,
  lost,
  NOON,
  started,
} from './helpers.ts';

const TERMINALS = ['pos-1', 'pos-2', 'pos-3'];
const REFERENCES = ['order-1', 'order-2', null];

test('pages exactly what a query asks for, newest first, whatever the clock did', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  // Three spans; the clock jumps back at the second.
  const rows = await fill(ledger, 2 * OPERATIONS_PER_SPAN + 300, (n) =>
    n < OPERATIONS_PER_SPAN ? NOON + n : NOON + n - 1_700,
  );
  const newestFirst = rows.toReversed();
  const time = fc.integer({ min: NOON - 800, max: NOON + 1_200 });
  const queries = fc.record({
    terminal: maybe(fc.constantFrom(...TERMINALS, 'pos-9').map(terminalId)),
    terminals: maybe(fc.subarray([...TERMINALS, 'pos-9'])),
    state: maybe(fc.constantFrom(...STATES)),
    kind: maybe(fc.constantFrom('purchase', 'refund', 'void' as const)),
    reference: maybe(fc.constantFrom('order-1', 'order-2', 'order-3')),
    rrn: maybe(fc.constantFrom('000000000001', '000000000002', '9')),
    from: maybe(time),
    to: maybe(time),
    limit: fc.constantFrom(1, 7, 100, PAGE_SIZE.largest),
  });
  fc.assert(
    fc.property(queries, (query) => {
      const expected = newestFirst.filter((row) => matches(row, query)).map(({ id }) => id);
      // Small pages of a long list are read from its beginning only.
      const pages = pagesOf(ledger, query, 6);
      const got = pages.flat().map(({ id }) => id);
      assert.deepEqual(got, expected.slice(0, got.length));
      if (pages.length < 6) assert.equal(got.length, expected.length);
    }),
    { numRuns: 300 },
  );
});

test('keeps its place while new operations come in', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  const rows = await fill(ledger, 30, (n) => NOON + n);
  const first = ledger.list({ limit: 10 });
  await ledger.append([accepted('newer')]);
  const second = ledger.list({ limit: 30, cursor: first.next ?? '' });
  assert.deepEqual(
    [...first.operations, ...second.operations].map(({ id }) => id),
    rows.toReversed().map(({ id }) => id),
  );
  assert.equal(second.next, null);
});

test('refuses a cursor that it did not make', async (t) => {
  const ledger = await ledgerFor(t, folderFor(t));
  for (const cursor of ['', 'x', 'MQ', '-1', Buffer.from('1.-5').toString('base64url')]) {
    assert.throws(() => ledger.list({ limit: 1, cursor }), RangeError, cursor);
  }
});

test('answers every combination of filters from an index, without a sort', async (t) => {
  const folder = folderFor(t);
  await ledgerFor(t, folder);
  const database = openForReading(folder);
  t.after(() => database.close());
  const filters = { terminal: 'pos-1', kind: 'purchase', reference: 'r', rrn: '1' };
  const names = [...Object.keys(filters), 'open', 'final'];
  for (let bits = 0; bits < 2 ** names.length; bits += 1) {
    const has = (name: string): boolean => (bits & (1 << names.indexOf(name))) !== 0;
    if (has('open') && has('final')) continue;
    const state = has('open') ? 'running' : has('final') ? 'approved' : undefined;
    const chosen = Object.fromEntries(Object.entries(filters).filter(([name]) => has(name)));
    const { sql, values } = listSql({ ...chosen, state, limit: 1 });
    const plan = database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...values, 0, 1, 0, 1, 1)
      .map(({ detail }) => detail)
      .join('; ');
    assert.match(plan, /^SEARCH operations USING (INDEX|INTEGER PRIMARY KEY)/, sql);
    assert.doesNotMatch(plan, /TEMP B-TREE/, sql);
  }
});

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

async function fill(
  ledger: StoredLedger,
  count: number,
  at: (n: number) => number,
): Promise<Operation[]> {
  const calls = Array.from({ length: count }, (_, n) => lifeOf(n, at(n)));
  await Promise.all(calls.map((writes) => ledger.append(writes)));
  return calls.map((writes) => writes.at(-1)!.operation);
}

/** Some of every state that matters, spread over terminals, kinds and references. */
function lifeOf(n: number, at: number): LedgerWrite[] {
  const first = accepted(`op-${n}`, {
    at,
    terminal: TERMINALS[n % TERMINALS.length]!,
    kind: n % 5 === 0 ? 'refund' : 'purchase',
    reference: REFERENCES[(n >> 2) % REFERENCES.length]!,
  });
  const second = started(first.operation);
  switch (n % 7) {
    case 0:
      return [first, failed(first.operation)];
    case 1:
      return n % 70 === 1 ? [first, second, lost(second.operation)] : [first, second];
    default:
      return [first, second, approved(second.operation, `00000000000${n % 3}`)];
  }
}

function pagesOf(
  ledger: StoredLedger,
  query: OperationQuery,
  most: number,
): (readonly Operation[])[] {
  const pages: (readonly Operation[])[] = [];
  let cursor: string | undefined;
  do {
    const page = ledger.list({ ...query, cursor });
    pages.push(page.operations);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && pages.length < most);
  return pages;
}

function matches(row: Operation, query: OperationQuery): boolean {
  const { request, state, createdAt, result } = row;
  return (
    (query.terminal === undefined || request.terminal === query.terminal) &&
    (query.terminals === undefined || query.terminals.includes(request.terminal)) &&
    (query.state === undefined || state === query.state) &&
    (query.kind === undefined || request.kind === query.kind) &&
    (query.reference === undefined || request.reference === query.reference) &&
    (query.rrn === undefined || result?.rrn === query.rrn) &&
    (query.from === undefined || createdAt >= query.from) &&
    (query.to === undefined || createdAt < query.to)
  );
}
