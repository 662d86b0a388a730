import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { addPerson, ADMIN, firstStart, oneTimeCode, stageFor } from './stage.ts';

const PEOPLE = {
  supervisor: { login: 'vira', name: 'Vira', role: 'supervisor', password: 'seven blue boats' },
  cashier: { login: 'ira', name: 'Ira', role: 'cashier', password: 'nine white swans' },
  auditor: { login: 'taras', name: 'Taras', role: 'auditor', password: 'eleven old oaks' },
};

const PAGES = {
  look: [
    '',
    '/operations',
    '/operations/page-x',
    '/terminals',
    '/terminals/till-1',
    '/day-end',
    '/me',
  ],
  audit: ['/audit', '/audit.json'],
  configure: [
    '/terminals/new',
    '/terminals/till-1/edit',
    '/terminals/till-1/virtual',
    '/integration',
    '/people',
    '/system',
    '/first-terminal',
  ],
} as const;

const MAY = {
  supervisor: { look: true, audit: false, configure: false },
  cashier: { look: true, audit: false, configure: false },
  auditor: { look: true, audit: true, configure: false },
} as const;

/** What a role may not press, though it knows the address. */
const ACTS = {
  supervisor: ['/terminals/till-1/test', '/people', '/integration/keys', '/system/backup'],
  cashier: [
    '/day-end/till-1',
    '/terminals/till-1/penny',
    '/operations/page-x/cancel',
    '/people',
    '/system/support',
  ],
  auditor: ['/day-end/till-1', '/operations/page-x/resolve', '/integration/soap', '/terminals/new'],
} as const;

async function cookieOf(page: Page): Promise<string> {
  const cookies = await page.context().cookies();
  const found = cookies.find(({ name }) => name === 'tillgate_session');
  return found === undefined ? '' : `${found.name}=${found.value}`;
}

function shop(name: string): Record<string, string> {
  return { shop: name, language: 'en', timeZone: 'Europe/Kyiv' };
}

test('roles and attacks', async (t) => {
  const stage = await stageFor(t);
  const { base } = stage.gateway;
  const admin = await firstStart(stage);
  for (const person of Object.values(PEOPLE)) await addPerson(admin, base, person);
  const formOf = async (page: Page): Promise<string> => {
    await page.goto(`${base}/admin`);
    return page.locator('input[name=form]').first().inputValue();
  };
  const post = (path: string, headers: Record<string, string>, body: Record<string, string>) =>
    fetch(`${base}/admin${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(body),
      signal: AbortSignal.timeout(15_000),
    });

  for (const role of ['supervisor', 'cashier', 'auditor'] as const) {
    await t.test(`a ${role} sees what the role may, and nothing else`, async () => {
      const page = await stage.signedIn(PEOPLE[role].login, PEOPLE[role].password);
      for (const right of ['look', 'audit', 'configure'] as const) {
        for (const path of PAGES[right]) {
          const { status } = await fetch(`${base}/admin${path}`, {
            headers: { cookie: await cookieOf(page) },
            redirect: 'manual',
            signal: AbortSignal.timeout(15_000),
          });
          const expected = !MAY[role][right] ? [403] : path.includes('page-x') ? [404] : [200];
          assert.ok(expected.includes(status), `${path}: ${status}`);
        }
      }
      const form = await formOf(page);
      const headers = { cookie: await cookieOf(page), origin: base };
      for (const path of ACTS[role]) {
        const { status } = await post(path, headers, { form });
        assert.equal(status, 403, path);
      }
      const menu = await page.locator('.side .menu a').allInnerTexts();
      assert.equal(menu.includes('People'), false);
      assert.equal(menu.includes('Audit'), MAY[role].audit);
    });
  }

  await t.test('a form that is not ours changes nothing', async () => {
    const form = await formOf(admin);
    const cookie = await cookieOf(admin);
    const attacks: Record<string, [Record<string, string>, Record<string, string>]> = {
      'no token': [{ cookie, origin: base }, shop('a')],
      'a token of nothing': [
        { cookie, origin: base },
        { ...shop('b'), form: 'x'.repeat(43) },
      ],
      'from another site': [
        { cookie, origin: 'https://evil.example' },
        { ...shop('c'), form },
      ],
      'from a sandboxed frame': [
        { cookie, origin: 'null' },
        { ...shop('d'), form },
      ],
      'from nowhere': [{ cookie }, { ...shop('e'), form }],
      'cross-site by the browser’s own word': [
        { cookie, origin: base, 'sec-fetch-site': 'cross-site' },
        { ...shop('f'), form },
      ],
      'same-site is not same-origin': [
        { cookie, origin: base, 'sec-fetch-site': 'same-site' },
        { ...shop('g'), form },
      ],
      'without the cookie': [{ origin: base }, { ...shop('h'), form }],
    };
    for (const [name, [headers, body]] of Object.entries(attacks)) {
      const { status } = await post('/system', headers, body);
      assert.ok(status === 403 || status === 303, `${name}: ${status}`);
    }
    const other = await stage.signedIn(PEOPLE.cashier.login, PEOPLE.cashier.password);
    const foreign = await formOf(other);
    const { status } = await post(
      '/system',
      { cookie, origin: base },
      { ...shop('i'), form: foreign },
    );
    assert.equal(status, 403, 'the token of another session');
    await admin.goto(`${base}/admin/system`);
    assert.equal(await admin.inputValue('[name=shop]'), 'Corner shop');
    const good = await post(
      '/system',
      { cookie, origin: base },
      { ...shop('Corner shop 2'), form },
    );
    assert.equal(good.status, 303, 'and the right one works');
  });

  await t.test('sign-in takes no form of another site', async () => {
    const body = { login: ADMIN.login, password: ADMIN.password };
    assert.equal((await post('/sign-in', { origin: 'https://evil.example' }, body)).status, 403);
    assert.equal((await post('/sign-in', {}, body)).status, 403);
    const json = await fetch(`${base}/admin/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', origin: base },
      body: 'login=admin',
      signal: AbortSignal.timeout(15_000),
    });
    assert.equal(json.status, 400);
  });

  await t.test('a session is made anew at sign-in, and is over at sign-out', async () => {
    const planted = `tillgate_session=${'A'.repeat(43)}`;
    const answer = await post(
      '/sign-in',
      { origin: base, cookie: planted },
      { login: ADMIN.login, password: ADMIN.password, next: '//evil.example/admin' },
    );
    const set = answer.headers.getSetCookie().join('\n');
    assert.match(
      set,
      /tillgate_session=[A-Za-z0-9_-]{43}; Path=\/admin; Max-Age=\d+; HttpOnly; SameSite=Strict/,
    );
    assert.doesNotMatch(set, /A{43}/);
    assert.equal(answer.headers.get('location'), '/admin', 'nobody is led away');
    const page = await stage.signedIn(PEOPLE.supervisor.login, PEOPLE.supervisor.password);
    const cookie = await cookieOf(page);
    await page.click('.side .quiet-button');
    await page.waitForURL('**/admin/sign-in');
    const after = await fetch(`${base}/admin/people`, {
      headers: { cookie },
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    assert.equal(after.status, 303);
    assert.match(after.headers.get('location') ?? '', /^\/admin\/sign-in/);
  });

  await t.test('a cookie of the pages opens nothing of the API', async () => {
    const { status } = await fetch(`${base}/v1/operations`, {
      headers: { cookie: await cookieOf(admin) },
      signal: AbortSignal.timeout(15_000),
    });
    assert.equal(status, 401);
  });

  await t.test('guessing shuts the door for the right password too', async () => {
    const page = await stage.visitor();
    await page.goto(`${base}/admin/sign-in`);
    for (let n = 0; n < 6; n += 1) {
      await page.fill('[name=login]', PEOPLE.auditor.login);
      await page.fill('[name=password]', n < 5 ? 'wrong wrong wrong' : PEOPLE.auditor.password);
      await Promise.all([page.waitForEvent('load'), page.click('button.primary')]);
    }
    assert.match(await page.innerText('[role=alert]'), /Too many tries/);
    assert.match(page.url(), /sign-in$/);
  });

  await t.test('what people type is text, never a part of the page', async () => {
    const nasty = '<img src=x onerror=alert(1)>"\'{{ 7 * 7 }}';
    await stage.gateway.call('PUT', '/v1/operations/nasty?wait=20', {
      kind: 'purchase',
      amount: 100,
      reference: nasty,
    });
    await admin.goto(`${base}/admin/operations/nasty`);
    assert.ok((await admin.innerText('.facts')).includes(nasty));
    await admin.goto(`${base}/admin/operations?q=${encodeURIComponent(nasty)}`);
    assert.equal(await admin.inputValue('[name=q]'), nasty);
    assert.equal(await admin.locator('img[src=x]').count(), 0);
  });

  await t.test('no page lets others frame it, or load anything from elsewhere', async () => {
    const { headers } = await fetch(`${base}/admin/sign-in`, {
      signal: AbortSignal.timeout(15_000),
    });
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers.get('cache-control'), 'no-store');
  });

  await t.test('the audit knows who failed, and from where', async () => {
    await admin.goto(`${base}/admin/audit?act=sign-in-failed`);
    assert.match(await admin.innerText('table'), /person taras/);
    assert.doesNotMatch(await admin.innerText('table'), /wrong wrong/);
  });

  assert.deepEqual(stage.complaints, []);
});

test('over TLS the cookie is for TLS only', async (t) => {
  const stage = await stageFor(t, { TILLGATE_TLS_PORT: '0' });
  const ready = stage.gateway.lines.find((line) => line.includes('"event":"ready"')) ?? '{}';
  const { tlsPort } = JSON.parse(ready) as { tlsPort: number };
  const body = new URLSearchParams({
    code: oneTimeCode(stage.folder),
    name: ADMIN.name,
    login: ADMIN.login,
    password: ADMIN.password,
    shop: '',
    language: 'en',
    timeZone: 'UTC',
  }).toString();
  const cookies = await new Promise<string>((resolve, reject) => {
    const origin = `https://127.0.0.1:${tlsPort}`;
    const request = httpsRequest(
      `${origin}/admin/first-start`,
      {
        method: 'POST',
        rejectUnauthorized: false,
        timeout: 15_000,
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      },
      (response) => {
        response.resume();
        resolve((response.headers['set-cookie'] ?? []).join('\n'));
      },
    );
    request.on('error', reject).on('timeout', () => request.destroy(new Error('no answer')));
    request.end(body);
  });
  assert.match(cookies, /tillgate_session=[^;]+; .*HttpOnly; Secure; SameSite=Strict/);
});
