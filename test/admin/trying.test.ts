// Trying things out on pages: the PIN of a virtual terminal, a test of the processing server.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { faults, field, openOtherSide, type Reply, says } from '../outbound/shop.ts';
import { administrator, type Answer, type Box, boxFor, type Visitor } from './keeping-stage.ts';

const PIN = '73916428';
const VIRTUAL = '/admin/terminals/till-1/virtual';
const INTEGRATION = '/admin/integration';
const TEST = `${INTEGRATION}/registration/test`;

async function rest(box: Box, method: string, path: string, body?: unknown) {
  const response = await fetch(`${box.base()}${path}`, {
    method,
    headers: { Authorization: 'Bearer test-key-0123456789', 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(20_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text) as Record<string, unknown> };
}

/** The page once it says so. */
async function shows(page: Visitor, path: string, what: RegExp): Promise<string> {
  for (let look = 0; look < 200; look += 1) {
    const { text } = await page.get(path);
    if (what.test(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`in vain: ${String(what)}`);
}

const PIN_FIELD = /<input id="f-pin" name="pin" type="password" value=""/;

test('the virtual terminal asks for a PIN where it was told to, and keeps nothing of it', async (t: TestContext) => {
  const box = await boxFor(t);
  const page = await administrator(box);
  const idle = await page.get(VIRTUAL);
  assert.doesNotMatch(idle.text, PIN_FIELD);
  assert.match(idle.text, /name="askPin" type="checkbox" value="yes"[^>]*>/);
  const settings = { knob: 'configure', answerAfterMs: '0', defaultCard: 'good', autoCard: 'yes' };
  const told = await page.post(VIRTUAL, { ...settings, askPin: 'yes' });
  assert.equal(told.status, 303, told.text.slice(0, 2_000));
  assert.match((await page.get(VIRTUAL)).text, /name="askPin" type="checkbox" value="yes" checked/);

  const early = await page.post(VIRTUAL, { knob: 'pin', pin: PIN });
  assert.equal(early.status, 422);
  assert.match(early.text, /The terminal cannot do that now/);

  const sale = { kind: 'purchase', amount: 12_345, terminal: 'till-1' };
  assert.equal((await rest(box, 'PUT', '/v1/operations/pin-1', sale)).status, 202);
  const waiting = await shows(page, VIRTUAL, PIN_FIELD);
  assert.match(waiting, /Введіть ПІН/);
  const short = await page.post(VIRTUAL, { knob: 'pin', pin: '739' });
  assert.equal(short.status, 422);
  assert.match(short.text, /id="e-pin">.*4 to 12 digits/);
  assert.match(short.text, PIN_FIELD, 'and is not sent back');
  const wrong = await rest(box, 'POST', '/v1/simulators/till-1/pin', { pin: '73916428x' });
  assert.equal(wrong.status, 400);
  assert.doesNotMatch(wrong.text, /73916428/);
  assert.equal((await page.post(VIRTUAL, { knob: 'pin', pin: PIN })).status, 303);
  const done = await rest(box, 'GET', '/v1/operations/pin-1?wait=10');
  assert.equal(done.json['state'], 'approved', done.text);

  assert.equal((await rest(box, 'PUT', '/v1/operations/pin-2', sale)).status, 202);
  await shows(page, VIRTUAL, PIN_FIELD);
  const typed = await rest(box, 'POST', '/v1/simulators/till-1/pin', { pin: '0000' });
  assert.equal(typed.status, 200, typed.text);
  const declined = await rest(box, 'GET', '/v1/operations/pin-2?wait=10');
  assert.equal(declined.json['state'], 'declined', declined.text);
  assert.match(declined.text, /"responseCode":"0055"/);
  const late = await rest(box, 'POST', '/v1/simulators/till-1/pin', { pin: PIN });
  assert.equal(late.status, 400);

  assert.equal((await page.get(VIRTUAL)).text.includes(PIN), false);
  assert.equal(JSON.stringify(box.log.lines).includes(PIN), false);
  const names = readdirSync(box.folder, { recursive: true, encoding: 'utf8' });
  const files = names.map((name) => join(box.folder, name)).filter((one) => statSync(one).isFile());
  assert.deepEqual(
    files.filter((one) => readFileSync(one).includes(PIN)),
    [],
  );
});

async function withServer(t: TestContext, ...replies: Reply[]) {
  const server = await openOtherSide(...replies);
  t.after(() => server.close());
  const box = await boxFor(t);
  const page = await administrator(box);
  const patch = { registration: { url: server.url, enabled: false } };
  assert.equal((await rest(box, 'PATCH', '/v1/settings', patch)).status, 200);
  return { server, box, page };
}

/** Follows the redirect after a form. */
async function shown(page: Visitor, answer: Answer): Promise<string> {
  assert.equal(answer.status, 303, answer.text.slice(0, 2_000));
  return (await page.get(answer.to.replace(/#.*/, ''))).text;
}

test('a test is sent by a second step only, and shown as the server answered it', async (t: TestContext) => {
  const { server, box, page } = await withServer(
    t,
    says('true'),
    says('false'),
    faults('Client', 'unknown terminal &lt;7&gt;'),
  );
  const form = (await page.get(INTEGRATION)).text;
  assert.match(form, /a document with the sum 0\.00, the uid “tillgate-test-…”/);
  assert.match(form, /name="sure" type="checkbox" value="yes" required/);
  const careless = await page.post(TEST);
  assert.equal(careless.status, 422);
  assert.match(careless.text, /id="e-sure">.*nothing is sent without it/);
  assert.equal(server.heard.length, 0);

  const good = await shown(page, await page.post(TEST, { sure: 'yes' }));
  const uid = field(server.heard[0]!.body, 'uid') ?? '';
  assert.match(good, /notice good" role="status">.*The server accepted the test/s);
  assert.ok(good.includes(uid));
  assert.match(good, /Took<\/dt><dd>[\d,]+ ms/);
  assert.match(good, /Find the document with this uid on the server/);
  assert.ok(!(await page.get(INTEGRATION)).text.includes(uid), 'shown once');

  const refused = await shown(page, await page.post(TEST, { sure: 'yes' }));
  assert.match(refused, /notice alarm" role="status">.*The server answered “no” \(false\)/s);
  const fault = await shown(page, await page.post(TEST, { sure: 'yes' }));
  assert.match(fault, /The server answered with a fault/);
  assert.match(fault, /HTTP 500: unknown terminal &lt;7&gt;/);
  assert.match(fault, /read the WSDL/);
  const strange = await page.post(TEST, { sure: 'yes', testTerminal: 'till-99' });
  assert.equal(strange.status, 422);
  assert.match(strange.text, /id="e-testTerminal">.*There is no such terminal/);
  assert.equal(server.heard.length, 3);

  const audit = (await page.get('/admin/audit')).text;
  assert.match(audit, /sent a test to the processing server/);
  assert.ok(audit.includes(uid));
  const { json } = await rest(box, 'GET', '/v1/operations?limit=10');
  assert.deepEqual(json['operations'], []);
  const outbox = await rest(box, 'GET', '/v1/outbox');
  assert.deepEqual(outbox.json['items'], []);
});

test('without an address nothing can be sent, in clear words', async (t: TestContext) => {
  const { server, box, page } = await withServer(t, says('true'));
  await rest(box, 'PATCH', '/v1/settings', { registration: { url: null } });
  const form = (await page.get(INTEGRATION)).text;
  assert.match(form, /there is nowhere to send a test/);
  assert.doesNotMatch(form, /name="sure"/);
  const refused = await page.post(TEST, { sure: 'yes' });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /role="alert">.*there is nowhere to send a test/s);
  assert.equal(server.heard.length, 0);
});
