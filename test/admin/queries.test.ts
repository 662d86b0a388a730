// What a page asks of the ledger: how often, and never by reading through all of it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import Database, { type Statement } from 'better-sqlite3';
import { administrator, type Box, boxFor } from './keeping-stage.ts';

const PAGES = [
  '',
  '/operations',
  '/operations?state=approved',
  '/operations?state=unknown&terminal=till-1',
  '/operations?terminal=till-1&kind=purchase&since=2020-01-01&until=2035-01-01',
  '/operations?q=sale-3',
  '/operations?q=9659',
  '/operations?q=123.45&state=declined&since=2020-01-01',
  '/operations?q=order+1',
  '/operations/sale-3',
  '/terminals',
  '/terminals/till-1',
  '/terminals/till-1/virtual',
  '/day-end',
  '/integration',
  '/system',
] as const;
/** Statements of the ledger a page, besides the rows of its list by their keys. */
const STATEMENTS_MAX = 40;
const ROWS_MAX = 60;
const BY_KEY = /^SELECT row FROM operations WHERE (?:ordinal|id) = \?$/;
const SALES = 5;
/** The outbox is kept short (OUTBOX_DELIVERED_KEPT), and its counts are read from one index. */
const COUNTS = 'SCAN outbox USING COVERING INDEX outbox_state';

test('every page asks the ledger a few times, and each question has its index', async (t) => {
  const box = await boxFor(t);
  const asked = watchStatements(t);
  const visitor = await administrator(box);
  await call(box, 'POST', '/v1/simulators/till-1/settings', { answerAfterMs: 100 });
  for (let n = 0; n < SALES; n += 1) {
    const body = { kind: 'purchase', amount: 12_345, reference: `order ${n}` };
    const { state } = await call(box, 'PUT', `/v1/operations/sale-${n}?wait=20`, body);
    assert.equal(state, 'approved');
  }
  const ledger = new Database(join(box.folder, 'ledger', 'ledger.db'), { readonly: true });
  t.after(() => ledger.close());
  let seen = 0;
  for (const path of PAGES) {
    // The first visit prepares and remembers; the second is how it goes on.
    for (const visit of ['first', 'second']) {
      asked.length = 0;
      const { status } = await visitor.get(`/admin${path}`);
      assert.equal(status, 200, path);
      const ours = asked.filter(({ sql }) => /\b(?:operations|events|outbox|spans)\b/.test(sql));
      seen += ours.length;
      const rows = ours.filter(({ sql }) => BY_KEY.test(sql.replaceAll(/\s+/g, ' ').trim()));
      const others = ours.length - rows.length;
      assert.ok(others <= STATEMENTS_MAX, `${path}, ${visit} visit: ${others} statements`);
      assert.ok(rows.length <= ROWS_MAX, `${path}, ${visit} visit: ${rows.length} rows by key`);
      for (const one of ours) {
        const plan = planOf(ledger, one).replace(COUNTS, '');
        assert.doesNotMatch(plan, /\bSCAN (?:operations|events|outbox)\b/, one.sql);
      }
    }
  }
  assert.ok(seen > PAGES.length * 2, `${seen} statements were seen`);
});

interface Asked {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** Every statement that runs in this process, from now to the end of the test. */
function watchStatements(t: TestContext): Asked[] {
  const asked: Asked[] = [];
  const memory = new Database(':memory:');
  const kind = Object.getPrototypeOf(memory.prepare('SELECT 1')) as Statement;
  memory.close();
  for (const name of ['all', 'get', 'iterate'] as const) {
    const own = kind[name] as (...values: unknown[]) => unknown;
    t.mock.method(kind, name, function run(this: Statement, ...values: unknown[]) {
      asked.push({ sql: this.source, values });
      return own.apply(this, values);
    });
  }
  return asked;
}

function planOf(ledger: Database.Database, { sql, values }: Asked): string {
  return ledger
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map(({ detail }) => detail)
    .join('; ');
}

async function call(
  box: Box,
  method: string,
  path: string,
  body: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${box.base()}${path}`, {
    method,
    headers: {
      authorization: 'Bearer test-key-0123456789',
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(25_000),
  });
  return (await response.json()) as Readonly<Record<string, unknown>>;
}
