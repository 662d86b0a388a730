import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { envelope, pay, payPoll, post, value } from '../soap/soap-server.ts';
import { keyOf, openFront } from './front.ts';
import { answers, openOtherSide, openShop, says, type Reply, until } from './shop.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function world(replies: readonly Reply[], more: Record<string, unknown> = {}) {
  const server = await openOtherSide(...replies);
  const registration = { enabled: true, url: server.url, ...more };
  const shop = await openShop({ registration });
  const front = await openFront(shop);
  open.push(front, shop, server);
  const call = async (method: string, path: string, role = 'administrator', body?: unknown) => {
    const response = await fetch(new URL(path, front.url), {
      method,
      headers: { Authorization: keyOf(role), 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as Record<string, never>;
    return { status: response.status, json };
  };
  return { shop, server, front, call };
}

test('an administrator sees what is parked and sends it again; a till may not', async () => {
  const { shop, call } = await world([says('false'), says('true')]);
  await shop.run('a', { kind: 'purchase', amount: 100 });
  await until(() => shop.items('parked').length === 1, 'parked');
  const { status, json } = await call('GET', '/v1/outbox?state=parked');
  assert.equal(status, 200);
  const { items, counts } = json as unknown as {
    items: Record<string, unknown>[];
    counts: unknown;
  };
  assert.deepEqual(counts, [{ topic: 'registration', state: 'parked', count: 1 }]);
  assert.equal(items.length, 1);
  const { id, operation, lastError, payload, nextAt } = items[0]!;
  assert.equal(operation, 'a');
  assert.equal(lastError, 'the processing server answered false');
  assert.equal(nextAt, null);
  assert.equal((payload as { payAmount: number }).payAmount, 100);
  assert.equal((await call('GET', '/v1/outbox', 'till')).status, 403);
  assert.equal((await call('POST', `/v1/outbox/${String(id)}/replay`, 'till')).status, 403);
  assert.equal((await call('GET', '/v1/outbox?state=lost')).status, 400);
  assert.equal((await call('POST', `/v1/outbox/${String(id)}/replay`)).status, 202);
  await until(() => shop.items('delivered').length === 1, 'delivered');
  const again = await call('POST', `/v1/outbox/${String(id)}/replay`);
  assert.equal(again.status, 404);
  assert.equal(again.json['code'], 'no-parked-message');
});

test('the WSDL of a processing server can be read over the API', async () => {
  const page: Reply = answers(200, 'text/html', '<html><body>hello</body></html>');
  const { call, front } = await world([page]);
  const bad = await call('POST', '/v1/registration/probe', 'administrator', {});
  assert.equal(bad.status, 200);
  assert.equal(bad.json['ok'], false);
  assert.match(String(bad.json['detail']), /not a WSDL/);
  const [user, password] = ['till', 'tilltill'];
  // Our own WSDL is one too; it only has no Register.
  const own = { url: `${front.url}?wsdl`, user, password };
  const good = await call('POST', '/v1/registration/probe', 'administrator', own);
  assert.equal(good.json['namespace'], 'http://www.stampsoft.ru/pos');
  assert.match(String(good.json['problems']), /no SOAP port with an operation Register/);
  assert.equal((await call('POST', '/v1/registration/probe', 'till', own)).status, 403);
});

test('never sends the stored password to another server', async () => {
  const { shop, call, server } = await world([answers(401, 'text/plain', '')], { user: 'pos' });
  await shop.secrets.change((draft) => {
    draft.registration.password = 'secret';
  });
  const other = await openOtherSide(answers(404, 'text/plain', ''));
  open.push(other);
  await call('POST', '/v1/registration/probe', 'administrator', { url: other.url });
  await call('POST', '/v1/registration/probe', 'administrator', {});
  assert.equal(sent(other.heard[0]!.headers), 'pos:');
  assert.equal(sent(server.heard[0]!.headers), 'pos:secret');
});

test('one operation through REST and SOAP, with one id', async () => {
  const { call, front } = await world([says('true')]);
  const headers = { Authorization: keyOf('till') };
  const body = { kind: 'purchase', amount: 300 };
  assert.equal((await call('PUT', '/v1/operations/r-1?wait=5', 'till', body)).status, 200);
  assert.equal((await post(front.url, payPoll('r-1'), headers)).code, 0);
  assert.equal((await post(front.url, pay('s-1', 300), headers)).code, 0);
  const shown = await call('GET', '/v1/operations/s-1?wait=5', 'till');
  assert.equal(shown.json['state'], 'approved');
});

test('SOAP adds less than 2 ms to the median of REST', async (context) => {
  const { front, shop } = await world([says('true')]);
  await shop.settings.change((draft) => {
    draft.registration.enabled = false;
  });
  const headers = { Authorization: keyOf('till') };
  const sums = { amount: 700, pay_amount: 700, charge_amount: 0, rest_amount: 0 };
  const values = Object.entries(sums).map(([name, sum]) => value(name, sum, 'int'));
  const times: { rest: number[]; soap: number[] } = { rest: [], soap: [] };
  for (let turn = 0; turn < 220; turn += 1) {
    const before = performance.now();
    const answer = await fetch(new URL(`/v1/operations/rest-${turn}`, front.url), {
      method: 'PUT',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind: 'cash', amount: 700, paid: 700 }),
    });
    assert.equal(answer.status, 200);
    await answer.text();
    const between = performance.now();
    const uid = value('uid', `soap-${turn}`);
    assert.equal(
      (await post(front.url, envelope('PayCash', uid + values.join('')), headers)).code,
      0,
    );
    if (turn < 20) continue; // what the compiler has not seen often
    times.rest.push(between - before);
    times.soap.push(performance.now() - between);
  }
  const [rest, soap] = [median(times.rest), median(times.soap)];
  context.diagnostic(`median of REST ${rest.toFixed(2)} ms, of SOAP ${soap.toFixed(2)} ms`);
  assert.ok(soap - rest < 2, `REST ${rest} ms, SOAP ${soap} ms`);
});

function sent(headers: { authorization?: string | undefined }): string {
  return Buffer.from((headers.authorization ?? '').slice(6), 'base64').toString();
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0;
}
