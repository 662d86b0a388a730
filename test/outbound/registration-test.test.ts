// «Send a test»: one Register of nothing, past outbox and ledger, and the server's own answer.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { RegistrationTest } from '../../app/src/ports/outbound.ts';
import { putKey } from '../../app/src/operations/keys.ts';
import { NO_LIMITS } from '../kit/world.ts';
import { keyOf, openFront } from './front.ts';
import {
  answers,
  cuts,
  faults,
  field,
  hangs,
  openOtherSide,
  openShop,
  type Reply,
  says,
  until,
} from './shop.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const NEVER = new AbortController().signal;

async function world(replies: readonly Reply[], more: Record<string, unknown> = {}) {
  const server = await openOtherSide(...replies);
  const terminals = ['till-1', 'till-2'];
  const shop = await openShop({ terminals, registration: { url: server.url, ...more } });
  open.push(shop, server);
  const send = async (terminal?: string): Promise<RegistrationTest> =>
    shop.outbound.test({ terminal }, NEVER);
  return { shop, server, send };
}

async function sent(send: () => Promise<RegistrationTest>) {
  const tested = await send();
  if (tested.kind !== 'sent') assert.fail(`not sent: ${tested.why}`);
  return tested;
}

test('the server gets one document of nothing that says that it is a test', async () => {
  const { shop, server, send } = await world([says('true')], {
    user: 'pos',
    terminalIds: { 'till-2': 'T-0002' },
    priceElement: 'price',
  });
  await shop.settings.change((draft) => {
    draft.shop.language = 'uk';
  });
  await shop.secrets.change((draft) => {
    draft.registration.password = 'secret';
  });
  const tested = await sent(() => send('till-2'));
  assert.equal(tested.answer, 'accepted');
  assert.equal(tested.check, 'document');
  assert.equal(tested.status, 200);
  assert.equal(tested.words, '');
  assert.equal(tested.url, `${server.url}ws/pos.1cws`);
  assert.match(tested.uid, /^tillgate-test-[0-9a-f]{16}$/);
  assert.equal(server.heard.length, 1);
  const { body, headers, path } = server.heard[0]!;
  assert.equal(path, '/ws/pos.1cws');
  assert.equal(headers.authorization, `Basic ${Buffer.from('pos:secret').toString('base64')}`);
  assert.equal(field(body, 'uid'), tested.uid);
  assert.equal(field(body, 'terminal_id'), 'T-0002');
  for (const name of ['amount', 'pay_amount', 'charge_amount', 'rest_amount', 'price']) {
    assert.equal(field(body, name), '0', name);
  }
  assert.equal(field(body, 'name'), 'Перевірка зв’язку з Tillgate, не оплата');
  const again = await sent(() => send());
  assert.notEqual(again.uid, tested.uid, 'a uid of its own');
  assert.equal(field(server.heard[1]!.body, 'terminal_id'), 'till-1', 'the first, unless named');
});

test('nothing of it is queued, nothing stands in the ledger, and it is not sent again', async () => {
  const { shop, server, send } = await world([faults('Server', 'locked')], { enabled: true });
  const { uid } = await sent(() => send());
  await new Promise((resolve) => setTimeout(resolve, 100)); // ten seconds of the shop's clock
  assert.equal(server.heard.length, 1);
  assert.deepEqual(shop.items(), []);
  assert.deepEqual(shop.outbound.counts(), []);
  const all = shop.gateway.list(
    { name: 'x', role: 'administrator', limits: { terminals: null, kinds: null, amountMax: null } },
    { limit: 10 },
  );
  assert.deepEqual(all.operations, []);
  assert.doesNotMatch(JSON.stringify(shop.log.lines), new RegExp(uid));
});

test('what the server says is told as its own words, with what to look at', async () => {
  const page = answers(404, 'text/html', '<html><body>Not here</body></html>');
  const cases: readonly [Reply, string, string, number | null, RegExp][] = [
    [says('false'), 'refused', 'rules', 200, /^$/],
    [faults('Client', 'Невідомий термінал'), 'fault', 'contract', 500, /Невідомий термінал/],
    [faults('Server', 'База заблокована'), 'fault', 'server', 500, /База заблокована/],
    [answers(401, 'text/plain', ''), 'no-answer', 'credentials', 401, /password is refused/],
    [page, 'no-answer', 'publication', 404, /HTTP 404 without SOAP.*Not here/],
    [answers(502, 'text/html', '<p>bad'), 'no-answer', 'server', 502, /HTTP 502/],
    [cuts, 'no-answer', 'publication', null, /hang up|ECONNRESET/],
  ];
  const { send } = await world(cases.map(([reply]) => reply));
  for (const [, answer, check, status, words] of cases) {
    const tested = await sent(() => send());
    assert.deepEqual([tested.answer, tested.check, tested.status], [answer, check, status]);
    assert.match(tested.words, words);
  }
});

test('a server that is silent, speaks no TLS or is away is told apart', async () => {
  // A third of a second outside.
  const { shop, server, send } = await world([hangs], { timeoutMs: 30_000 });
  const silent = await sent(() => send());
  assert.deepEqual([silent.answer, silent.check, silent.status], ['no-answer', 'patience', null]);
  assert.ok(silent.tookMs >= 29_000, `${silent.tookMs} ms`);
  await shop.settings.change((draft) => {
    draft.registration.url = server.url.replace('http:', 'https:');
  });
  const plain = await sent(() => send());
  assert.deepEqual([plain.answer, plain.check], ['no-answer', 'publication'], plain.words);
  await server.close();
  const away = await sent(() => send());
  assert.deepEqual([away.answer, away.check], ['no-answer', 'address'], away.words);
});

test('a caller who gives up ends the wait, and nothing is left behind', async () => {
  const { shop, server } = await world([hangs]);
  const caller = new AbortController();
  const waiting = shop.outbound.test({}, caller.signal);
  await until(() => server.heard.length === 1, 'sent');
  caller.abort();
  const given = await waiting;
  assert.equal(given.kind === 'sent' && given.answer, 'no-answer');
  assert.deepEqual(shop.items(), []);
});

test('nothing is sent without an address or to an unknown terminal', async () => {
  const { shop, server, send } = await world([says('true')]);
  assert.deepEqual(await send('till-9'), { kind: 'not-sent', why: 'unknown-terminal' });
  await shop.settings.change((draft) => {
    delete draft.registration.url;
  });
  assert.deepEqual(await send(), { kind: 'not-sent', why: 'no-address' });
  assert.equal(server.heard.length, 0);
});

test('over the API, for administrators, also while registration is off', async () => {
  const { shop, server } = await world([says('false')], { enabled: false });
  const front = await openFront(shop);
  open.unshift(front);
  const call = async (role: string, body: unknown) => {
    const response = await fetch(new URL('/v1/registration/test', front.url), {
      method: 'POST',
      headers: { Authorization: keyOf(role), 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  const { status, json } = await call('administrator', {});
  assert.equal(status, 200, 'a server that says no is no error of ours');
  assert.equal(json['answer'], 'refused');
  assert.equal(json['uid'], field(server.heard[0]!.body, 'uid'));
  assert.equal((await call('till', {})).status, 403);
  await shop.settings.change((draft) => {
    delete draft.registration.url;
  });
  const none = await call('administrator', {});
  assert.deepEqual([none.status, none.json['code']], [409, 'no-processing-server']);
  assert.equal(server.heard.length, 1);
});

test('a key that is limited to terminals tests for those, and for no other', async () => {
  const { shop, server } = await world([says('true')]);
  const front = await openFront(shop);
  open.unshift(front);
  const key = async (name: string, terminals: string[]): Promise<void> => {
    const limits = { ...NO_LIMITS, terminals };
    const secret = name + name;
    await putKey(shop.secrets, shop.clock, { name, role: 'administrator', limits, secret });
  };
  await key('second-till', ['till-2']);
  await key('gone-till', ['till-9']);
  const call = async (name: string, body: unknown) => {
    const response = await fetch(new URL('/v1/registration/test', front.url), {
      method: 'POST',
      headers: { Authorization: keyOf(name), 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const json = (await response.json()) as Record<string, unknown>;
    return [response.status, json['code'] ?? json['terminal'], json['limit'] ?? null];
  };
  const refused = [403, 'forbidden', 'terminals'];
  assert.deepEqual(await call('second-till', { terminal: 'till-1' }), refused);
  // Whether there is such a terminal is not told either.
  assert.deepEqual(await call('second-till', { terminal: 'till-9' }), refused);
  assert.deepEqual(await call('gone-till', {}), [404, 'unknown-terminal', null]);
  assert.deepEqual(await call('gone-till', { terminal: 'till-9' }), [
    404,
    'unknown-terminal',
    null,
  ]);
  assert.equal(server.heard.length, 0);
  assert.deepEqual(await call('second-till', { terminal: 'till-2' }), [200, 'till-2', null]);
  assert.deepEqual(await call('second-till', {}), [200, 'till-2', null], 'the first of its own');
  assert.deepEqual(await call('administrator', {}), [200, 'till-1', null]);
  assert.deepEqual(
    server.heard.map(({ body }) => field(body, 'terminal_id')),
    ['till-2', 'till-2', 'till-1'],
  );
});
