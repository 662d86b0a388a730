// What the door refuses: bodies, ids, queries, paths, and clients that are too slow.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import inject from 'light-my-request';
import { BODY_BYTES_MAX, BODY_DRAIN_BYTES_MAX } from '../../app/src/domain/limits.ts';
import { openTestServer, rawExchange, type TestServer } from './kit.ts';

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly title: string;
  readonly errors?: { path: string; message: string }[];
}

const purchase = { kind: 'purchase', terminal: 'till-1', amount: 100 };

async function refusal(response: Response, status: number): Promise<Problem> {
  const problem = (await response.json()) as Problem;
  assert.equal(response.status, status, problem.detail);
  assert.equal(response.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  return problem;
}

describe('bodies', () => {
  let server: TestServer;
  before(async () => {
    server = await openTestServer();
  });
  after(() => server.close());

  const put = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    server.call('till', '/v1/operations/x', {
      method: 'PUT',
      body: body as string,
      headers: { 'Content-Type': 'application/json', ...headers },
    });

  test('what is not exactly one JSON value in UTF-8 is refused', async () => {
    const deep = '['.repeat(100) + ']'.repeat(100);
    for (const [body, detail] of [
      ['', /empty/],
      ['{"kind":', /not JSON/],
      ['{"kind":"purchase"} {}', /not JSON/],
      ["{'kind':1}", /not JSON/],
      [Buffer.from([0x7b, 0xff, 0x7d]), /not UTF-8/],
      [Buffer.from('{}', 'utf16le'), /not JSON/],
      ['{"kind":"purchase","amount":1,"amount":2}', /amount twice/],
      [String.raw`{"amount":1,"\u0061mount":2}`, /amount twice/],
      ['{"order":[{"id":"1"},{"id":"1","id":"2"}]}', /id twice/],
      ['{"__proto__":{"amount":1}}', /__proto__/],
      [deep, /nested/],
    ] as const) {
      const problem = await refusal(await put(body), 400);
      assert.equal(problem.code, 'invalid-request');
      assert.match(problem.detail, detail);
    }
    assert.equal(server.gateway.rows.size, 0);
  });

  test('a byte order mark and braces inside of texts do no harm', async () => {
    const reference = '{"a":1,"a":2} \\" [';
    const body = `\uFEFF${JSON.stringify({ ...purchase, reference })}`;
    const response = await server.call('till', '/v1/operations/bom', {
      method: 'PUT',
      // Bytes, so that fetch names no media type: 1C does not either.
      body: Buffer.from(body),
    });
    assert.equal(response.status, 202);
    assert.equal(((await response.json()) as { reference: string }).reference, reference);
  });

  test('other media types, charsets and encodings are refused', async () => {
    for (const type of ['text/plain', 'application/json; charset=windows-1251', 'text/json+x']) {
      const problem = await refusal(await put('{}', { 'Content-Type': type }), 415);
      assert.equal(problem.code, 'unsupported-media-type');
    }
    assert.equal((await put('{}', { 'Content-Encoding': 'gzip' })).status, 415);
    const charset = { 'Content-Type': 'Application/JSON; Charset="UTF-8"' };
    assert.equal((await put('{}', charset)).status, 400);
  });

  test('a body that is too large is refused and the client can read why', async () => {
    const body = JSON.stringify({ ...purchase, reference: 'x'.repeat(BODY_BYTES_MAX) });
    assert.equal((await refusal(await put(body), 413)).code, 'too-large');
  });

  test('a body that is far too large is not read at all', async () => {
    const text = await rawExchange(server.port, [
      `PUT /v1/operations/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${server.keys.till}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${BODY_DRAIN_BYTES_MAX + 1}\r\n\r\n{`,
    ]);
    assert.match(text, /^HTTP\/1\.1 413 .*\r\n/);
    assert.match(text, /connection: close/i);
  });

  test('every fault is named with its path, in the language of the till', async () => {
    const faults = async (language: string) => {
      const body = JSON.stringify({ kind: 'purchase', amount: '1', discont: 0, merchant: 100 });
      const response = await put(body, { 'Accept-Language': language });
      assert.equal(response.headers.get('content-language'), language);
      return (await refusal(response, 400)).errors ?? [];
    };
    const [uk, en, ru] = [await faults('uk'), await faults('en'), await faults('ru')];
    for (const list of [uk, en, ru]) {
      assert.deepEqual(list.map(({ path }) => path).sort(), ['amount', 'discont', 'merchant']);
    }
    assert.match(uk.find(({ path }) => path === 'amount')?.message ?? '', /очікується/);
    assert.match(en.find(({ path }) => path === 'amount')?.message ?? '', /expected number/);
    assert.match(ru.find(({ path }) => path === 'amount')?.message ?? '', /ожидалось|ожидается/i);
    const missing = await refusal(await put('{"kind":"refund","amount":1}'), 400);
    assert.deepEqual(missing.errors, [{ path: 'rrn', message: "Обов'язкове поле" }]);
  });

  test('a flood of unknown fields makes a short answer', async () => {
    const body = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`f${index}${'y'.repeat(150)}`, 1]),
    );
    const response = await put(JSON.stringify({ ...purchase, ...body }));
    const text = await response.text();
    assert.equal(response.status, 400);
    assert.ok(text.length < 40_000, `${text.length} characters`);
  });

  test('what cannot be an id, a wait or a query is refused', async () => {
    for (const path of [
      '/v1/operations/a%20b',
      '/v1/operations/%E0%A4%A',
      `/v1/operations/${'a'.repeat(65)}`,
      '/v1/operations/a?wait=321',
      '/v1/operations/a?wait=-1',
      '/v1/operations/a?wait=1e2',
      '/v1/operations/a?wait=1&wait=2',
      '/v1/operations/a?wiat=1',
      '/v1/operations?limit=0',
      '/v1/operations?limit=501',
      '/v1/operations?from=yesterday',
      '/v1/operations?cursor=%00',
      '/v1/operations?cursor=nonsense',
    ]) {
      assert.equal((await server.call('till', path)).status, 400, path);
    }
  });

  const post = (body: unknown, header?: string) =>
    server.call('till', '/v1/operations', {
      method: 'POST',
      body: Buffer.from(JSON.stringify(body)),
      headers: header === undefined ? {} : { 'Idempotency-Key': header },
    });

  test('an id in the body and in the header must agree, and one is needed', async () => {
    const other = { ...purchase, terminal: 'till-2' };
    assert.equal((await post(other)).status, 400);
    assert.equal((await post({ id: 'p1', ...other }, 'p2')).status, 400);
    assert.equal((await post(other, 'not an id')).status, 400);
    const started = await post({ id: 'p1', ...other }, '"p1"');
    assert.equal(started.status, 202);
    assert.equal(started.headers.get('location'), '/v1/operations/p1');
    assert.equal((await post(other, 'p1')).status, 202, 'the same operation');
  });

  test('unknown paths and methods get problem documents with the allowed methods', async () => {
    const path = await refusal(await server.call('till', '/v1/nothing'), 404);
    assert.equal(path.code, 'unknown-path');
    assert.equal((await server.call('till', '/v1/Operations')).status, 404);
    assert.equal((await server.call('till', '/v1/operations/')).status, 404);
    const patch = await server.call('till', '/v1/operations/a', { method: 'PATCH' });
    assert.equal((await refusal(patch, 405)).code, 'method-not-allowed');
    assert.deepEqual((patch.headers.get('allow') ?? '').split(', ').sort(), ['GET', 'HEAD', 'PUT']);
    const options = await server.call('till', '/v1/terminals', { method: 'OPTIONS' });
    assert.equal(options.status, 204);
    assert.match(options.headers.get('allow') ?? '', /GET/);
  });

  test('HEAD is GET without a body', async () => {
    for (const path of ['/v1/terminals', '/v1/operations/bom', '/v1/operations/bom/events', '/']) {
      const response = await server.call('till', path, { method: 'HEAD' });
      assert.ok(response.ok, path);
      assert.equal(await response.text(), '');
    }
    assert.equal(server.gateway.listeners, 0);
  });
});

test('headers and bodies that do not come in time end the connection', async () => {
  const timeouts = { headersMs: 200, requestMs: 400, checkMs: 50 };
  const server = await openTestServer({ parts: { timeouts } });
  try {
    const slowHead = await rawExchange(server.port, ['GET /health HTTP/1.1\r\nHost: a\r\n']);
    assert.match(slowHead, /^HTTP\/1\.1 408 /);
    const slowBody = await rawExchange(server.port, [
      `PUT /v1/operations/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${server.keys.till}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{"kind":',
    ]);
    assert.match(slowBody, /^(HTTP\/1\.1 408 |$)/);
    assert.equal(server.gateway.rows.size, 0);
    assert.equal(server.log.lines.filter(({ level }) => level === 'error').length, 0);
  } finally {
    await server.close();
  }
});

test('a fault of ours is a problem document without its inside', async () => {
  const server = await openTestServer();
  try {
    server.gateway.list = () => {
      throw new Error('secret inside');
    };
    const headers = { authorization: `Bearer ${server.keys.till}` };
    const response = await inject(server.listener, { url: '/v1/operations', headers });
    assert.equal(response.statusCode, 500);
    assert.equal(response.json<Problem>().code, 'internal-error');
    assert.ok(!response.payload.includes('secret inside'));
    assert.ok(server.log.lines.some(({ event }) => event === 'http-failed'));
  } finally {
    await server.close();
  }
});
