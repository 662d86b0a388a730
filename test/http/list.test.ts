// Lists, pages, and tables for spreadsheets.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { localTime } from '../../app/src/domain/days.ts';
import { csvOf } from '../../app/src/http/rest/csv.ts';
import { COLUMN_WORDS } from '../../app/src/http/rest/csv-words.ts';
import { LANGUAGES } from '../../app/src/operations/settings-schema.ts';
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

  const csv = async (query = '', language?: string): Promise<string> => {
    const named = language === undefined ? {} : { 'Accept-Language': language };
    const headers = { Accept: 'text/csv', ...named };
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

  test('a text that another separator would cut is no formula either', async () => {
    const reference = 'order;=1+1;"@x",-2\r\n+3';
    const body = { kind: 'purchase', terminal: 'till-1', amount: 100, reference };
    await server.send('PUT', 'till', '/v1/operations/o7', body);
    const text = await csv();
    const harmless = `"order;'=1+1;'""@x"",'-2\r\n'+3"`;
    assert.ok(text.includes(`,${harmless},`), text);
    for (const separator of [/[,\r\n]+/, /[;\r\n]+/, /[\t\r\n]+/]) {
      for (const cell of text.split(separator)) assert.doesNotMatch(cell, /^[\s"]*[=+\-@]/);
    }
  });

  test('people get the table in the language that they ask for, as its spreadsheet reads it', async () => {
    const cases = [
      ['uk-UA,uk;q=0.9,en;q=0.5', 'Операція;Створено;Завершено;Вид;', ';оплата;', ';"123,45";'],
      ['ru', 'Операция;Создана;Завершена;Вид;', ';оплата;', ';"123,45";'],
      ['en-GB', 'Operation,Created,Finished,Kind,', ',purchase,', ',123.45,'],
    ] as const;
    for (const [language, head, kind, sum] of cases) {
      const text = await csv('', language);
      assert.ok(text.startsWith(`\uFEFF${head}`), text.slice(0, 80));
      const line = text.split('\r\n').find((one) => one.startsWith('o6')) ?? '';
      assert.ok(line.includes(kind) && line.includes(sum), line);
      assert.match(line, /^o6[;,]\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[;,]/);
    }
    const { zone, time } = { zone: 'Europe/Kyiv', time: Date.UTC(2026, 6, 31, 22, 30, 5) };
    assert.equal(localTime(time, zone), '2026-08-01 01:30:05', 'the day is the shop’s');
  });

  test('programs get the same table whatever language anybody speaks', async () => {
    const plain = await csv();
    assert.equal(await csv('', '*'), plain);
    assert.equal(await csv('', 'de, *;q=0.5'), plain);
    assert.equal(await csv('?table=codes', 'uk'), plain);
    assert.notEqual(await csv('?table=words'), plain, 'in the language of the shop');
    const wrong = await server.call('auditor', '/v1/operations?table=both');
    assert.equal(wrong.status, 400);
  });

  test('every column has a word of its own in every language', () => {
    for (const language of LANGUAGES) {
      const words = Object.values(COLUMN_WORDS).map((one) => one[language]);
      assert.equal(new Set(words).size, words.length, language);
    }
  });

  test('JSON is what a client gets that does not ask for a table', async () => {
    for (const accept of ['*/*', 'application/json, text/csv;q=0.5', 'text/html, */*;q=0.1']) {
      const response = await server.call('till', '/v1/operations', { headers: { Accept: accept } });
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/, accept);
      await response.arrayBuffer();
    }
  });
});
