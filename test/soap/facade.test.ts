import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { operationIdOfUid, uidOf } from '../../app/src/operations/till-uid.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import {
  approved,
  approvesAfter,
  cancellable,
  declined,
  endsWith,
  losesAnswer,
} from '../kit/scripted-driver.ts';
import { oid, principal, TILL } from '../kit/world.ts';
import {
  BASIC,
  envelope,
  pay,
  payPoll,
  polled,
  post,
  SAMPLE_ORDER,
  SOAP12,
  type SoapServer,
  startSoapServer,
  value,
} from './soap-server.ts';

let server: SoapServer;
before(async () => {
  server = await startSoapServer({
    terminals: ['till-1', 'till-2'],
    soap: { defaultTerminal: 'till-1' },
  });
});
after(() => server.close());
beforeEach(() => {
  server.driver().scripts = [approvesAfter(10)];
});

test('pays as the sample of the seed does, with a time as uid', async () => {
  const uid = '06.08.2015 11:15:42';
  assert.equal((await post(server.url, pay(uid, 1000, SAMPLE_ORDER))).code, 0);
  assert.equal(await polled(server.url, uid), 0);
  const operation = server.gateway.find(TILL, operationIdOfUid(uid));
  assert.ok(operation);
  assert.equal(operation.request.reference, uid);
  assert.equal(uidOf(operation), uid);
  assert.equal(operation.approvedAmount, 1000);
  assert.deepEqual(operation.request.order, [
    { id: 'id0', name: 'name0', count: 1, cost: 100 },
    { id: 'id1', name: 'name1', count: 2, cost: 200 },
  ]);
});

test('answers as one call whatever prefix, version and content type the caller uses', async () => {
  const body =
    `<?xml version="1.0"?><E:Envelope xmlns:E="${SOAP12}"><E:Body>` +
    `<PayPoll xmlns="http://www.stampsoft.ru/pos"><uid>nobody</uid></PayPoll></E:Body></E:Envelope>`;
  const types = ['application/soap+xml; charset=utf-8; action="x"', 'text/xml'];
  for (const type of types) {
    const answer = await post(server.url, body, { 'Content-Type': type });
    assert.equal(answer.status, 200);
    assert.equal(answer.code, -4);
    assert.match(answer.type, /^application\/soap\+xml/);
    assert.match(answer.text, new RegExp(SOAP12));
  }
  const old = await post(server.url, payPoll('nobody'), { 'Content-Type': 'application/soap+xml' });
  assert.equal(old.code, -4);
  assert.match(old.type, /^text\/xml/);
});

test('refuses a known uid for ever, whatever the second call asks', async () => {
  assert.equal((await post(server.url, pay('again', 500))).code, 0);
  assert.equal(await polled(server.url, 'again'), 0);
  assert.equal((await post(server.url, pay('again', 500))).code, -3);
  assert.equal((await post(server.url, pay('again', 700))).code, -3);
  assert.equal((await post(`${server.url}soap/till-2`, pay('again', 500))).code, -3);
  assert.equal(
    server.driver().performed.filter(({ operation }) => operation.id === 'again').length,
    1,
  );
});

test('says −1 to wrong parameters and leaves nothing behind', async () => {
  const bodies = [
    pay('', 100),
    pay('x'.repeat(129), 100),
    pay('w1', 0),
    pay('w1', -5),
    pay('w1', '12.5'),
    pay('w1', 2147483648),
    pay('w1', ''),
    envelope('Pay', value('amount', 100, 'int')),
    envelope('Pay', value('uid', 'w1') + value('uid', 'w1') + value('amount', 1, 'int')),
    envelope('Pay', value('uid', 'w1') + value('amount', 1, 'int') + value('tip', 1, 'int')),
    pay('w1', 100, '<m:order><m:orderitem><m:id>1</m:id></m:orderitem></m:order>'),
    pay('w1', 100, `<m:order>${'<m:orderitem/>'.repeat(2001)}</m:order>`),
    pay('<m:b/>', 100),
    envelope('Pay', '<uid xmlns="urn:other">w1</uid>' + value('amount', 100, 'int')),
  ];
  for (const body of bodies) {
    const answer = await post(server.url, body);
    assert.equal(answer.status, 200, body.slice(0, 300));
    assert.equal(answer.code, -1, body.slice(0, 400));
  }
  assert.equal((await post(server.url, payPoll('w1'))).code, -4);
  assert.equal((await post(server.url, payPoll(''))).code, -1);
  assert.equal((await post(`${server.url}soap/nowhere`, pay('w1', 100))).code, -1);
});

test('takes price for cost, fractions of a count, and an order that is left out', async () => {
  const item =
    '<m:order><m:orderitem><m:id/><m:name>Сир «Гауда»</m:name><m:count>0.345</m:count>' +
    '<m:price>-50</m:price></m:orderitem></m:order>';
  assert.equal((await post(server.url, pay('priced', 100, item))).code, 0);
  assert.equal(await polled(server.url, 'priced'), 0);
  assert.equal((await post(server.url, pay('bare', 100, ''))).code, 0);
  assert.equal(await polled(server.url, 'bare'), 0);
  assert.deepEqual(server.gateway.find(TILL, oid('priced'))?.request.order, [
    { id: '', name: 'Сир «Гауда»', count: 0.345, cost: -50 },
  ]);
  assert.equal(server.gateway.find(TILL, oid('bare'))?.request.order, null);
});

test('says −2 while the terminal is busy and while its gate is closed, 1 while unknown', async () => {
  server.driver().scripts = [cancellable()];
  assert.equal((await post(server.url, pay('busy-1', 100))).code, 0);
  assert.equal((await post(server.url, pay('busy-2', 100))).code, -2);
  assert.equal((await post(server.url, payPoll('busy-1'))).code, 1);
  assert.equal((await post(server.url, envelope('Cancel', value('uid', 'busy-1')))).code, 0);
  assert.equal(await polled(server.url, 'busy-1'), 2);
  assert.equal((await post(server.url, envelope('Cancel', value('uid', 'busy-1')))).code, -5);
  assert.equal((await post(server.url, envelope('Cancel', value('uid', 'nobody')))).code, -4);

  server.driver().scripts = [losesAnswer(1)];
  assert.equal((await post(server.url, pay('lost-1', 100))).code, 0);
  const unknown = () => server.gateway.find(TILL, oid('lost-1'))?.state === 'unknown';
  for (let turn = 0; !unknown() && turn < 200; turn += 1) await server.clock.sleep(10);
  assert.equal((await post(server.url, payPoll('lost-1'))).code, 1);
  assert.equal((await post(server.url, pay('gated-1', 100))).code, -2);
  assert.equal((await post(server.url, envelope('Settlement', value('uid', 'z-1')))).code, -2);
  const verdict = { verdict: 'failed', name: 'Olena', reason: 'no slip', amount: null } as const;
  await server.gateway.resolve(principal('supervisor'), oid('lost-1'), verdict);
  assert.equal((await post(server.url, payPoll('lost-1'))).code, 2);
});

test('says 2 to a declined payment, with the reason in the language of the shop', async () => {
  server.driver().scripts = [endsWith(declined())];
  await post(server.url, pay('poor', 100));
  assert.equal(await polled(server.url, 'poor'), 2);
  const shop = await post(server.url, envelope('PayInfo', value('uid', 'poor')));
  assert.match(shop.text, /<status>2<\/status><state>declined<\/state><amount>100<\/amount>/);
  assert.match(shop.text, /<message>На картці недостатньо/);
  const english = await post(server.url, envelope('PayInfo', value('uid', 'poor')), {
    'Accept-Language': 'en',
  });
  assert.match(english.text, /<message>[A-Z][a-z]+/);
  assert.match(english.text, /<rrn xsi:nil="true"\/>/);
});

test('tells everything about a payment by PayInfo, escaped', async () => {
  server.driver().scripts = [
    async (exchange) => {
      await exchange.started(null);
      const outcome = approved(exchange.operation);
      assert.equal(outcome.kind, 'approved');
      const receipt = { merchant: 'КВИТАНЦІЯ & <1>\r\nдякуємо', customer: null };
      const card = { mask: '516815******9659', brand: null, issuer: null, entry: null };
      return { ...outcome, result: { ...outcome.result, receipt, card } };
    },
  ];
  await post(server.url, pay('full', 100));
  assert.equal(await polled(server.url, 'full'), 0);
  const { text } = await post(server.url, envelope('PayInfo', value('uid', 'full')));
  assert.match(text, /<rrn>014721258513<\/rrn><authCode>611506<\/authCode><invoice>42<\/invoice>/);
  assert.match(text, /<cardMask>516815\*{6}9659<\/cardMask>/);
  assert.match(text, /<receipt>КВИТАНЦІЯ &amp; &lt;1&gt;&#13;\nдякуємо<\/receipt>/);
  const none = await post(server.url, envelope('PayInfo', value('uid', 'nobody')));
  assert.match(none.text, /<status>-4<\/status>/);
});

test('refunds at the terminal of the payment; −4 for an original that is not there', async () => {
  assert.equal((await post(`${server.url}soap/till-2`, pay('sold', 900))).code, 0);
  assert.equal(await polled(server.url, 'sold'), 0);
  const refund = (uid: string, original: string, amount: number) =>
    post(
      server.url,
      envelope(
        'Refund',
        value('uid', uid) + value('originalUid', original) + value('amount', amount, 'int'),
      ),
    );
  assert.equal((await refund('back-0', 'nobody', 900)).code, -4);
  assert.equal((await refund('back-1', 'sold', 901)).code, -1);
  assert.equal((await refund('back-1', 'sold', 900)).code, 0);
  assert.equal(await polled(server.url, 'back-1'), 0);
  assert.equal(server.gateway.find(TILL, oid('back-1'))?.request.terminal, 'till-2');
  assert.equal((await refund('back-1', 'sold', 900)).code, -3);
});

test('settles', async () => {
  assert.equal((await post(server.url, envelope('Settlement', value('uid', 'z-2')))).code, 0);
  assert.equal(await polled(server.url, 'z-2'), 0);
});

test('sees a payment of REST and shows its own there', async () => {
  const body = { kind: 'purchase', amount: minorUnits(300), terminal: 'till-1' } as const;
  await server.gateway.start(TILL, oid('rest-1'), body);
  assert.equal(await polled(server.url, 'rest-1'), 0);
  assert.equal((await post(server.url, pay('rest-1', 300))).code, -3);
});

test('writes cash down while the terminal is busy, gated or offline', async () => {
  const cash = (uid: string, sums: readonly number[], order = '') => {
    const names = ['amount', 'pay_amount', 'charge_amount', 'rest_amount'];
    const values = names.map((name, index) => value(name, sums[index] ?? 0, 'int'));
    return post(server.url, envelope('PayCash', value('uid', uid) + values.join('') + order));
  };
  server.driver().scripts = [cancellable()];
  await post(server.url, pay('card', 100));
  server.driver().setLink('offline');
  assert.equal((await cash('cash-1', [1000, 1500, 400, 100], SAMPLE_ORDER)).code, 0);
  assert.equal((await post(server.url, payPoll('cash-1'))).code, 0);
  assert.equal((await cash('cash-1', [1000, 1500, 400, 100])).code, -3);
  assert.equal((await cash('cash-2', [1000, 1500, 400, 101])).code, -1);
  const operation = server.gateway.find(TILL, oid('cash-1'));
  assert.equal(operation?.state, 'approved');
  assert.deepEqual(
    server.gateway.events(TILL, oid('cash-1'), 0).map(({ event }) => event.kind),
    ['accepted', 'concluded'],
  );
  assert.equal(
    server.driver().performed.some(({ operation: { id } }) => id === 'cash-1'),
    false,
  );
  server.driver().setLink('ready');
  await post(server.url, envelope('Cancel', value('uid', 'card')));
  assert.equal(await polled(server.url, 'card'), 2);
  const refund =
    value('uid', 'cash-back') + value('originalUid', 'cash-1') + value('amount', 1000, 'int');
  assert.equal((await post(server.url, envelope('Refund', refund))).code, -1);
});

test('asks for Basic authentication on the WSDL and the calls, unless it is switched off', async () => {
  const bare = await fetch(`${server.url}?wsdl`);
  assert.equal(bare.status, 401);
  assert.match(bare.headers.get('www-authenticate') ?? '', /^Basic realm=/);
  const call = await post(server.url, pay('nokey', 1), { Authorization: 'Basic eDp5' });
  assert.equal(call.status, 401);
  assert.match(call.text, /<faultcode>soap:Client<\/faultcode>/);
  const off = (authentication: boolean) =>
    server.settings.change((draft) => {
      draft.soap.authentication = authentication;
    });
  await off(false);
  assert.equal((await fetch(`${server.url}?wsdl`)).status, 200);
  assert.equal((await post(server.url, pay('nokey', 1), { Authorization: '' })).code, 0);
  assert.equal(server.gateway.find(TILL, oid('nokey'))?.askedBy, 'soap');
  assert.equal(await polled(server.url, 'nokey'), 0);
  await off(true);
});

test('keeps to the limits of a key: a fault, not a code', async () => {
  const limits = { terminals: ['till-2'], kinds: null, amountMax: 50 };
  server.keys.set('small:secret', { name: 'small', role: 'till', limits });
  server.keys.set('reader:secret', {
    name: 'reader',
    role: 'auditor',
    limits: { ...limits, amountMax: null },
  });
  const there = `${server.url}soap/till-2`;
  const large = await post(there, pay('limit-1', 51), as('small'));
  assert.equal(large.status, 500);
  assert.match(large.text, /faultstring>[^<]+largest amount/);
  assert.equal((await post(server.url, pay('limit-1', 50), as('small'))).status, 500);
  assert.equal((await post(there, pay('limit-1', 50), as('reader'))).status, 500);
  assert.equal((await post(there, pay('limit-1', 50), as('small'))).code, 0);
  await post(server.url, pay('mine', 10));
  assert.equal((await post(there, payPoll('mine'), as('small'))).code, -4);
  assert.equal((await post(there, pay('mine', 10), as('small'))).code, -3);
  assert.equal(await polled(server.url, 'mine'), 0);
});

test('starts one operation for a hundred calls with one uid at once', async () => {
  const calls = Array.from({ length: 100 }, () => post(server.url, pay('flood', 1000)));
  const codes = (await Promise.all(calls)).map(({ code }) => code);
  assert.equal(codes.filter((code) => code === 0).length, 1);
  assert.equal(codes.filter((code) => code === -3).length, 99);
  assert.equal(await polled(server.url, 'flood'), 0);
  assert.equal(
    server.driver().performed.filter(({ operation }) => operation.id === 'flood').length,
    1,
  );
});

test('takes a chunked body and one that waits for 100-continue', async () => {
  const { request } = await import('node:http');
  const send = (headers: Record<string, string>, chunks: readonly Buffer[]) =>
    new Promise<string>((resolve, reject) => {
      const outgoing = request(server.url, {
        method: 'POST',
        headers: { Authorization: BASIC, 'Content-Type': 'text/xml', ...headers },
        timeout: 5_000,
      });
      const write = (): void => {
        for (const chunk of chunks) outgoing.write(chunk);
        outgoing.end();
      };
      outgoing.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text));
      });
      outgoing.on('error', reject);
      if (headers['Expect'] === undefined) write();
      else outgoing.on('continue', write).flushHeaders();
    });
  const bytes = Buffer.from(payPoll('Замовлення №1'));
  const pieces = [...bytes].map((byte) => Buffer.of(byte));
  assert.match(await send({ 'Transfer-Encoding': 'chunked' }, pieces), /<return>-4</);
  const length = { Expect: '100-continue', 'Content-Length': String(bytes.length) };
  assert.match(await send(length, [bytes]), /<return>-4</);
});

test('is not there where it is switched off', async () => {
  await server.settings.change((draft) => {
    draft.soap.enabled = false;
  });
  assert.equal((await post(server.url, payPoll('x'))).status, 404);
  await server.settings.change((draft) => {
    draft.soap.enabled = true;
  });
});

test('hears a refused caller out, so that he sees the refusal and no cut connection', async () => {
  const { connect } = await import('node:net');
  const body = pay('x'.repeat(400_000), 1);
  const answer = await new Promise<string>((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('end', () => resolve(text)).on('error', reject);
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.write(
      `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/xml\r\n` +
        `Content-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.slice(0, 1_000));
    setTimeout(() => socket.write(body.slice(1_000)), 100);
  });
  assert.match(answer, /^HTTP\/1\.1 401 /);
  assert.match(answer, /<soap:Fault>/);
});

function as(name: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${name}:secret`).toString('base64')}` };
}
