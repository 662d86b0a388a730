// Lists, pages, and tables for spreadsheets.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { csvOf } from '../../app/src/http/rest/csv.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { openTestServer, type TestServer } from './kit.ts';

const NO_LIMITS = { terminals: null, kinds: null, amountMax: null };

interface Page {
  readonly operations: { id: string; reference: string | null }[];
  readonly next: string | null;
}

describe('lists of operations', () => {
  let server: TestServer;
  before(async () => {
    server = await openTestServer();
    server.gateway.instantly = true;
    for (const [id, reference] of [
      ['o1', '=HYPERLINK("http://evil","x")'],
      ['o2', '+380 44'],
      ['o3', 'order "7"; two\r\nlines'],
      ['o4', '@SUM(A1)'],
      ['o5', ' -1'],
      ['o6', 'замовлення 6'],
    ]) {
      const body = { kind: 'purchase', terminal: 'till-1', amount: 12_345, reference };
      await server.send('PUT', 'till', `/v1/operations/${id}`, body);
    }
  });
  after(() => server.close());

  const csv = async (query = ''): Promise<string> => {
    const headers = { Accept: 'text/csv' };
    const response = await server.call('auditor', `/v1/operations${query}`, { headers });
    assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
    assert.match(response.headers.get('content-disposition') ?? '', /operations\.csv/);
    return Buffer.from(await response.arrayBuffer()).toString('utf8');
  };

  test('pages follow each other by cursor, newest first, to the last', async () => {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const response = await server.call('auditor', `/v1/operations?limit=4${query}`);
      const page = (await response.json()) as Page;
      ids.push(...page.operations.map(({ id }) => id));
      cursor = page.next;
    }
    assert.deepEqual(ids, ['o6', 'o5', 'o4', 'o3', 'o2', 'o1']);
  });

  test('filters reach the gateway', async () => {
    const reference = encodeURIComponent('замовлення 6');
    const response = await server.call('till', `/v1/operations?reference=${reference}`);
    assert.deepEqual(
      ((await response.json()) as Page).operations.map(({ id }) => id),
      ['o6'],
    );
    const later = await server.call('till', '/v1/operations?from=2999-01-01T00:00:00%2B02:00');
    assert.deepEqual(((await later.json()) as Page).operations, []);
  });

  test('the table has all pages, and Excel sees that it is UTF-8', async () => {
    const text = await csv('?limit=2');
    assert.ok(text.startsWith('\uFEFFid,createdAt,'));
    assert.equal(text.match(/^o\d,/gm)?.length, 6);
    assert.match(text, /замовлення 6/);
    assert.match(text, /,12345,12345,/);
    assert.ok(text.endsWith('\r\n'));
  });

  test('a long table leaves others a turn between two pages', { timeout: 10_000 }, async () => {
    const clock = systemClock(() => true);
    let turns = 0;
    const other = setInterval(() => {
      turns += 1;
    }, 0);
    const gateway = Object.assign(Object.create(server.gateway), {
      list: (_who: unknown, { cursor }: { cursor?: string }) => ({
        operations: [],
        next: cursor === '50' ? null : String(Number(cursor ?? '0') + 1),
      }),
    }) as typeof server.gateway;
    const auditor = { name: 'auditor', role: 'auditor', limits: NO_LIMITS } as const;
    let pages = 0;
    for await (const chunk of csvOf({ gateway, clock }, auditor, { limit: 50 })) {
      pages += typeof chunk === 'string' ? 1 : 0;
    }
    clearInterval(other);
    assert.equal(pages, 52);
    assert.ok(turns > 20, String(turns));
  });

  test('no cell of the table is a formula', async () => {
    const text = await csv();
    for (const cell of [`"'=HYPERLINK(""http://evil"",""x"")"`, `'+380 44`, `'@SUM(A1)`, `' -1`]) {
      assert.ok(text.includes(`,${cell},`), cell);
    }
    assert.ok(text.includes('"order ""7""; two\r\nlines"'));
  });

  test('JSON is what a client gets that does not ask for a table', async () => {
    for (const accept of ['*/*', 'application/json, text/csv;q=0.5', 'text/html, */*;q=0.1']) {
      const response = await server.call('till', '/v1/operations', { headers: { Accept: accept } });
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/, accept);
      await response.arrayBuffer();
    }
  });
});
