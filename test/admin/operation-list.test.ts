// Lists of operations as files and on paper, and the first steps with a terminal: no browser needed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { administrator, type Box, boxFor, type Visitor } from './keeping-stage.ts';
import { PASSWORD } from './kit.ts';

test('what a search found is what its file and its paper hold', async (t) => {
  const box = await boxFor(t);
  const visitor = await administrator(box);
  await call(box, 'POST', '/v1/simulators/till-1/settings', { answerAfterMs: 50 });
  for (const [at, amount] of [12_345, 50_000, 12_345].entries()) {
    const body = { kind: 'purchase', amount, reference: `order ${at}` };
    const { state } = await call(box, 'PUT', `/v1/operations/sale-${at}?wait=20`, body);
    assert.equal(state, 'approved');
  }

  await t.test('the file has the rows that were found, and no others', async () => {
    assert.deepEqual(await idsInFile(visitor, ''), ['sale-2', 'sale-1', 'sale-0']);
    assert.deepEqual(await idsInFile(visitor, '?q=order+1'), ['sale-1']);
    assert.deepEqual(await idsInFile(visitor, '?q=123.45'), ['sale-2', 'sale-0']);
    assert.deepEqual(await idsInFile(visitor, '?q=123.45&state=declined'), []);
    assert.deepEqual(await idsInFile(visitor, '?q=sale-1'), ['sale-1']);
  });

  await t.test('the file is in the language of the page', async () => {
    const { text } = await visitor.get('/admin/operations.csv?q=order+1');
    const [head, line] = text.split('\r\n');
    assert.match(head ?? '', /^\uFEFFOperation,Created,/);
    assert.match(line ?? '', /^sale-1,.*,purchase,.*,approved,.*,500\.00,500\.00,/);
    await visitor.post('/admin/language', { language: 'uk' });
    const other = await visitor.get('/admin/operations.csv?q=order+1');
    assert.match(other.text, /^\uFEFFОперація;Створено;/);
    assert.match(other.text, /\r\nsale-1;.*;оплата;.*;схвалено;.*;"500,00";"500,00";/);
    await visitor.post('/admin/language', { language: 'en' });
  });

  await t.test('the paper names what was asked for, and what it comes to', async () => {
    const { status, text } = await visitor.get('/admin/operations-report?q=123.45&state=approved');
    assert.equal(status, 200);
    const words = text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
    assert.match(words, /Search: 123\.45 · State: approved/);
    assert.match(words, /Net: ₴246\.90 · 2 sales, ₴246\.90 · 0 refunds, ₴0\.00/);
    assert.match(words, /Corner shop · Made .* by Olena/);
    assert.doesNotMatch(words, /order 1/);
  });

  await t.test('an operation that is called like the report is still found', async () => {
    const body = { kind: 'purchase', amount: 100, reference: 'odd' };
    await call(box, 'PUT', '/v1/operations/report?wait=20', body);
    assert.match((await visitor.get('/admin/operations/report')).text, /odd/);
  });

  await t.test('the test of the first terminal comes back to the first steps', async () => {
    const { to } = await visitor.post('/admin/terminals/till-1/test', { back: 'first' });
    assert.equal(to, '/admin/first-terminal');
    assert.match((await visitor.get(to)).text, /The terminal answers\./);
    assert.doesNotMatch((await visitor.get(to)).text, /The terminal answers\./, 'seen once');
  });

  await t.test('the cable is pulled and the reply is lost with one press each', async () => {
    const path = '/admin/terminals/till-1/virtual';
    const { text } = await visitor.get(path);
    for (const [word, fault] of [
      ['Pull the cable', 'link-drop-at-9'],
      ['Lose the reply', 'reply-lost'],
    ] as const) {
      assert.match(text, new RegExp(`name="fault" value="${fault}">${word}<`));
      await visitor.post(path, { knob: 'fault', fault });
      assert.match((await visitor.get(path)).text, new RegExp(`<code>${fault}</code>`));
    }
  });

  await t.test(
    'a password that is guessed at the second factor locks its other doors',
    async () => {
      for (let n = 0; n < 12; n += 1) {
        await visitor.post('/admin/me/factor-off', { current: `guess ${n}` });
      }
      const right = { current: PASSWORD, password: 'four green frogs' };
      const { status, text } = await visitor.post('/admin/me/password', right);
      assert.equal(status, 422);
      assert.match(text, /Too many tries\. Wait \d+ s/);
    },
  );
});

async function idsInFile(visitor: Visitor, query: string): Promise<string[]> {
  const { text } = await visitor.get(`/admin/operations.csv${query}`);
  const [, ...lines] = text.trim().split('\r\n');
  return lines.map((line) => line.split(',')[0] ?? '');
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
