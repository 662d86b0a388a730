// Tills in browsers: origins, preflights; languages; pages under a strict policy.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import inject from 'light-my-request';
import { chooseLanguage } from '../../app/src/http/language.ts';
import { openTestServer, type TestServer } from './kit.ts';

const ORIGIN = 'https://pos.example';
const purchase = { kind: 'purchase', terminal: 'till-1', amount: 100 };

describe('origins', () => {
  let server: TestServer;
  before(async () => {
    server = await openTestServer({ settings: { http: { origins: [ORIGIN] } } });
  });
  after(() => server.close());

  const ask = (method: 'GET' | 'PUT' | 'OPTIONS', origin: string, headers: object = {}) =>
    inject(server.listener, {
      method,
      url: '/v1/operations/x',
      headers: {
        origin,
        host: 'box.local:8080',
        authorization: `Bearer ${server.keys.till}`,
        ...headers,
      },
      ...(method === 'PUT' ? { payload: purchase } : {}),
    });
  const preflight = { 'access-control-request-method': 'PUT' };

  test('a preflight of a listed origin is allowed, for private networks too', async () => {
    const reply = await ask('OPTIONS', ORIGIN, {
      ...preflight,
      'access-control-request-private-network': 'true',
    });
    assert.equal(reply.statusCode, 204);
    assert.equal(reply.headers['access-control-allow-origin'], ORIGIN);
    assert.match(String(reply.headers['access-control-allow-methods']), /PUT/);
    assert.match(
      String(reply.headers['access-control-allow-headers']),
      /Authorization.*Idempotency/,
    );
    assert.equal(reply.headers['access-control-allow-private-network'], 'true');
    assert.match(String(reply.headers.vary), /Origin/);
  });

  test('a preflight of another origin is refused and says nothing', async () => {
    for (const origin of ['https://pos.example.evil', 'http://pos.example', 'null']) {
      const reply = await ask('OPTIONS', origin, preflight);
      assert.equal(reply.statusCode, 403, origin);
      assert.equal(reply.headers['access-control-allow-origin'], undefined);
    }
  });

  test('a change from another origin is refused even with a good key', async () => {
    assert.equal((await ask('PUT', 'https://evil.example')).statusCode, 403);
    assert.equal(server.gateway.rows.size, 0);
    assert.equal((await ask('PUT', ORIGIN)).statusCode, 202);
    assert.equal((await ask('PUT', 'http://box.local:8080')).statusCode, 202, 'our own page');
  });

  test('an answer may be read by listed origins only', async () => {
    const listed = await ask('GET', ORIGIN);
    assert.equal(listed.headers['access-control-allow-origin'], ORIGIN);
    assert.match(String(listed.headers['access-control-expose-headers']), /Retry-After/);
    const other = await ask('GET', 'https://evil.example');
    assert.equal(other.headers['access-control-allow-origin'], undefined);
  });

  test('the list is empty unless somebody fills it, and changes count at once', async () => {
    await server.settings.change((draft) => {
      draft.http.origins = [];
    });
    assert.equal((await ask('OPTIONS', ORIGIN, preflight)).statusCode, 403);
  });
});

describe('languages', () => {
  test('the best of ours is chosen, else the shop’s', () => {
    assert.equal(chooseLanguage(undefined, 'uk'), 'uk');
    assert.equal(chooseLanguage('de, fr;q=0.9', 'ru'), 'ru');
    assert.equal(chooseLanguage('de, en-GB;q=0.5, uk;q=0.4', 'ru'), 'en');
    assert.equal(chooseLanguage('ru;q=0.3, uk-UA', 'en'), 'uk');
    assert.equal(chooseLanguage('uk;q=0, en;q=0.1', 'ru'), 'en');
    assert.equal(chooseLanguage('*', 'ru'), 'ru');
    assert.equal(chooseLanguage('en;q=nonsense,,;', 'uk'), 'en');
  });

  test('texts and titles follow the header, details stay English', async () => {
    const server = await openTestServer({ settings: { shop: { language: 'en' } } });
    try {
      const title = async (language: string | null): Promise<string> => {
        const headers = language === null ? {} : { 'Accept-Language': language };
        // fetch adds its own Accept-Language, so this one goes without a socket.
        const reply = await inject(server.listener, { url: '/v1/terminals', headers });
        const problem = reply.json<{ title: string; detail: string }>();
        assert.match(problem.detail, /^send a key/);
        return problem.title;
      };
      const titles = [await title('uk'), await title('ru'), await title('en')];
      assert.equal(new Set(titles).size, 3);
      assert.equal(await title(null), titles[2]);
    } finally {
      await server.close();
    }
  });
});

describe('pages', () => {
  let server: TestServer;
  before(async () => {
    server = await openTestServer({
      settings: { shop: { name: '<script>alert(1)</script>' } },
      parts: { mode: 'demonstration' },
    });
  });
  after(() => server.close());

  const page = async (path: string, language = 'uk'): Promise<{ text: string; csp: string }> => {
    const headers = { 'Accept-Language': language };
    const response = await server.call(null, path, { headers });
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    const csp = response.headers.get('content-security-policy') ?? '';
    return { text: await response.text(), csp };
  };

  test('the start page tells what stands, in three languages', async () => {
    server.gateway.rows.clear();
    await server.send('PUT', 'till', '/v1/operations/lost', purchase);
    server.gateway.lose('lost');
    const ukrainian = await page('/');
    assert.match(ukrainian.text, /<html lang="uk">/);
    assert.match(ukrainian.text, /готовий/);
    assert.match(ukrainian.text, /чекає на з’ясування/);
    assert.match(ukrainian.text, /Не повторюйте оплату/);
    assert.match((await page('/', 'en')).text, /simulated, no money moves/);
    assert.match((await page('/?lang=ru', 'en')).text, /<html lang="ru">/);
    assert.match((await page('/?lang=xx', 'en')).text, /<html lang="en">/);
  });

  test('the start page tells why payments are not taken', async () => {
    server.gateway.sick = 'the disk is full';
    const { text } = await page('/', 'en');
    server.gateway.sick = null;
    assert.match(text, /Payments are not taken/);
    assert.match(text, /ledger: the disk is full/);
  });

  test('names are text, and pages have nothing inline and nothing foreign', async () => {
    for (const path of ['/', '/docs']) {
      const { text, csp } = await page(path);
      assert.match(csp, /default-src 'none'/);
      assert.doesNotMatch(csp, /unsafe/);
      assert.doesNotMatch(text, /<script|<style| style=| on\w+=|(?:src|href)="https?:/);
    }
    assert.match((await page('/')).text, /&lt;script&gt;/);
  });

  test('the docs have every route, every code, and anchors for problem types', async () => {
    const { text } = await page('/docs', 'en');
    for (const part of [
      '/v1/operations/{id}/resolve',
      'id="problem-terminal-unresolved"',
      'id="message-evidence-several-match"',
      'id="schema-OperationRequest"',
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.match((await page('/docs', 'uk')).text, /Коди відмов/);
  });

  test('only our own files are served', async () => {
    const css = await server.call(null, '/assets/page.css');
    assert.match(css.headers.get('content-type') ?? '', /^text\/css/);
    await css.arrayBuffer();
    for (const path of [
      '/assets/..%2flayout.njk',
      '/assets/%2e%2e/layout.njk',
      '/assets/',
      '/assets/none.css',
      '/constructor',
      '/__proto__',
    ]) {
      assert.equal((await server.call(null, path)).status, 404, path);
    }
    assert.equal((await server.call(null, '/docs', { method: 'DELETE' })).status, 405);
  });

  test('no header tells what we are made of', async () => {
    const response = await server.call(null, '/health');
    for (const name of ['server', 'x-powered-by']) assert.equal(response.headers.get(name), null);
    await response.arrayBuffer();
  });
});

test('metrics need a key from elsewhere and none from the box itself', async () => {
  const server = await openTestServer();
  try {
    const ask = (remoteAddress: string, key?: string) =>
      inject(server.listener, {
        url: '/metrics',
        remoteAddress,
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      });
    assert.equal((await ask('192.168.1.7')).statusCode, 401);
    assert.equal((await ask('192.168.1.7', server.keys.auditor)).statusCode, 200);
    assert.equal((await ask('127.0.0.1', 'wrong')).statusCode, 401);
    const open = await ask('::ffff:127.0.0.1');
    assert.match(
      open.payload,
      /^tillgate_operations_total\{kind="purchase",state="approved"\} 3$/m,
    );
    assert.match(open.payload, /^tillgate_terminal_up\{terminal="till-1"\} 1$/m);
    for (const line of open.payload.trimEnd().split('\n')) {
      assert.match(line, /^(# (HELP|TYPE) tillgate_\w+ .+|tillgate_\w+(\{.+\})? [\d.]+)$/);
    }
  } finally {
    await server.close();
  }
});
