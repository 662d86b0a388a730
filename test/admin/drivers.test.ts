// Drivers on pages and over REST: a secret option is «set» and nothing else, a protocol without a
// journal says so, and the simulated terminals of the small protocols take payments.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { administrator, type Box, boxFor } from './keeping-stage.ts';

const KEY = '00112233445566778899aabbccddeeff';

// oxlint-disable-next-line typescript/no-explicit-any -- answers of many shapes, looked into by each test
type Json = Readonly<Record<string, any>>;

async function rest(box: Box, method: string, path: string, body?: unknown) {
  const response = await fetch(`${box.base()}${path}`, {
    method,
    headers: { Authorization: 'Bearer test-key-0123456789', 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(60_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: (text === '' ? {} : JSON.parse(text)) as Json };
}

function fileOf(box: Box, name: string): string {
  return readFileSync(join(box.folder, name), 'utf8');
}

/** Every text file of the data folder in which the key stands, but for the one where it belongs. */
function leaks(box: Box): string[] {
  const names = readdirSync(box.folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => statSync(join(box.folder, name)).isFile())
    .filter((name) => !/^secrets\.json(?:\.last)?$/.test(name))
    .filter((name) => readFileSync(join(box.folder, name)).includes(KEY));
}

test('a key of a terminal lies in secrets.json only: not in settings, answers, audit or log', async (t: TestContext) => {
  const box = await boxFor(t);
  const put = { driver: 'bpos', address: 'tcp://127.0.0.1:1', options: { macKey: KEY } };
  const made = await rest(box, 'PUT', '/v1/terminals/till-9', put);
  assert.equal(made.status, 201, made.text);
  assert.match(made.json['settings'].options.macKey, /^secret:[0-9a-f]{16}$/);
  assert.ok(fileOf(box, 'secrets.json').includes(KEY));
  assert.equal(statSync(join(box.folder, 'secrets.json')).mode & 0o777, 0o600);
  for (const path of ['/v1/terminals', '/v1/settings']) {
    assert.ok(!(await rest(box, 'GET', path)).text.includes(KEY), path);
  }

  const page = await administrator(box);
  const form = await page.get('/admin/terminals/till-9/edit');
  assert.ok(!form.text.includes(KEY) && !form.text.includes('secret:'));
  assert.match(form.text, /macKey · set; an empty field changes nothing/);
  // A form that leaves the field empty keeps the key.
  const fields = {
    name: 'Desk',
    driver: 'bpos',
    driverShown: 'bpos',
    address: 'tcp://127.0.0.1:1',
    currency: 'UAH',
    defaultMerchant: '1',
    loyalty: 'ask-till',
    percent: '0',
  };
  const saved = await page.post('/admin/terminals/till-9/edit', {
    ...fields,
    ...defaults(form.text),
  });
  assert.equal(saved.status, 303, saved.text.slice(0, 2_000));
  const kept = await rest(box, 'GET', '/v1/terminals/till-9');
  assert.equal(kept.json['name'], 'Desk');
  assert.equal(kept.json['settings'].options.macKey, made.json['settings'].options.macKey);
  assert.ok(!(await page.get('/admin/audit')).text.includes(KEY));
  assert.deepEqual(leaks(box), []);
  assert.ok(!JSON.stringify(box.log.lines).includes(KEY));
  // And one that says so forgets it.
  const forget = { ...fields, ...defaults(form.text), 'o-macKey-forget': 'yes' };
  assert.equal((await page.post('/admin/terminals/till-9/edit', forget)).status, 303);
  assert.equal(
    (await rest(box, 'GET', '/v1/terminals/till-9')).json['settings'].options.macKey,
    undefined,
  );
  assert.ok(!fileOf(box, 'secrets.json').includes(KEY));
});

/** What a browser sends of the driver's own fields when nobody touches them. */
function defaults(html: string): Record<string, string> {
  const inputs = [
    ...html.matchAll(
      /<input id="f-o-\w+" name="(o-\w+)" type="(?:text|password)" value="([^"]*)"/g,
    ),
  ];
  const selects = [
    ...html.matchAll(
      /<select id="f-o-\w+" name="(o-\w+)"[^>]*>.*?<option value="([^"]*)" selected/gs,
    ),
  ];
  return Object.fromEntries([...inputs, ...selects].map(([, name, value]) => [name, value ?? '']));
}

test('a plain key of an older version is moved when the gateway starts', async (t: TestContext) => {
  const box = await boxFor(t);
  const put = { driver: 'bpos', address: 'tcp://127.0.0.1:1' };
  assert.equal((await rest(box, 'PUT', '/v1/terminals/till-9', put)).status, 201);
  await box.close();
  const settings = JSON.parse(fileOf(box, 'settings.json')) as Json;
  const terminal = settings['terminals'].find(({ id }: Json) => id === 'till-9');
  terminal.options = { macKey: KEY };
  writeFileSync(join(box.folder, 'settings.json'), JSON.stringify(settings));
  const again = await boxFor(t, box.folder);
  assert.ok(fileOf(again, 'secrets.json').includes(KEY));
  assert.deepEqual(leaks(again), [], 'nor in the copy of the last content');
  const shown = await rest(again, 'GET', '/v1/terminals/till-9');
  assert.match(shown.json['settings'].options.macKey, /^secret:/);
});

for (const driver of ['bpos-light', 'concert', 'caisse-ap']) {
  test(`${driver}: a simulated terminal takes a payment, and its page says that a person decides`, async (t) => {
    const box = await boxFor(t);
    const put = { driver, address: `sim://${driver}?answerAfterMs=50` };
    assert.equal((await rest(box, 'PUT', '/v1/terminals/till-9', put)).status, 201);
    const sale = { kind: 'purchase', amount: 12_345, terminal: 'till-9' };
    const sold = await rest(box, 'PUT', `/v1/operations/${driver}-1?wait=20`, sale);
    assert.equal(sold.json['state'], 'approved', sold.text);
    const page = await administrator(box);
    const shown = await page.get('/admin/terminals/till-9');
    assert.match(shown.text, /after a lost answer a person decides by the slip/);
    assert.match((await page.get('/admin/terminals/till-9/virtual')).text, /12345/);
    // Lost: nobody but a person ends it, and the gate stays shut until then.
    await rest(box, 'POST', '/v1/simulators/till-9/fault', { name: 'cut' });
    const lost = await rest(box, 'PUT', `/v1/operations/${driver}-2?wait=2`, sale);
    assert.equal(lost.json['state'], 'unknown', lost.text);
    const held = await rest(box, 'PUT', `/v1/operations/${driver}-3`, sale);
    assert.equal(held.status, 409);
    const verdict = { verdict: 'failed', name: 'Olena', reason: 'no slip' };
    const resolved = await rest(box, 'POST', `/v1/operations/${driver}-2/resolve`, verdict);
    assert.equal(resolved.json['state'], 'failed', resolved.text);
    const next = await rest(box, 'PUT', `/v1/operations/${driver}-4?wait=20`, sale);
    assert.equal(next.json['state'], 'approved', next.text);
  });
}

test('a simulated address of another protocol, or with a wrong option, is refused or offline', async (t) => {
  const box = await boxFor(t);
  const wrong = { driver: 'concert', address: 'sim://caisse-ap' };
  const refused = await rest(box, 'PUT', '/v1/terminals/till-9', wrong);
  assert.equal(refused.status, 400);
  assert.match(refused.text, /sim:\/\/concert/);
  const strange = { driver: 'concert', address: 'sim://concert?colour=red' };
  assert.equal((await rest(box, 'PUT', '/v1/terminals/till-9', strange)).status, 201);
  for (let look = 0; look < 100; look++) {
    const { json } = await rest(box, 'GET', '/v1/terminals/till-9');
    if (json['link'] === 'offline') {
      assert.match(json['reason'], /no such option/);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('it is not offline');
});
