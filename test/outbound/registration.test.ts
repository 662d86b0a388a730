import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { SERVER_FAULTS_MAX } from '../../app/src/domain/limits.ts';
import { operationIdOfUid } from '../../app/src/operations/till-uid.ts';
import { approved, declined, endsWith, losesAnswer } from '../kit/scripted-driver.ts';
import { oid, SUPERVISOR } from '../kit/world.ts';
import {
  answers,
  cuts,
  faults,
  field,
  hangs,
  openOtherSide,
  openShop,
  type OtherSide,
  says,
  type Reply,
  type Shop,
  type ShopOptions,
  until,
} from './shop.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function world(
  replies: readonly Reply[],
  options: ShopOptions = {},
): Promise<{ shop: Shop; server: OtherSide }> {
  const server = await openOtherSide(...replies);
  const registration = { enabled: true, url: server.url, user: 'pos', ...options.registration };
  const secrets = { registration: { password: 'пароль' } };
  const shop = await openShop({ ...options, registration, secrets });
  open.push(shop, server);
  return { shop, server };
}

const ORDER = [
  { id: 'a', name: 'Сир «Гауда» & <хліб>', count: 0.345, cost: 100 },
  { id: 'b', name: 'b', count: 2, cost: -50 },
];

test('tells the processing server of a card payment, in the terms of the seed', async () => {
  const { shop, server } = await world([says('true')]);
  assert.equal(await shop.run('p-1', { kind: 'purchase', amount: 1000, order: ORDER }), 'approved');
  await until(() => shop.items('delivered').length === 1, 'delivered');
  const [heard] = server.heard;
  assert.ok(heard);
  assert.equal(heard.method, 'POST');
  assert.equal(heard.path, '/ws/pos.1cws');
  assert.equal(heard.headers['content-type'], 'text/xml; charset=utf-8');
  assert.equal(heard.headers['soapaction'], '"http://www.stampsoft.ru/pos#pos:Register"');
  const basic = `Basic ${Buffer.from('pos:пароль').toString('base64')}`;
  assert.equal(heard.headers.authorization, basic);
  const values = ['terminal_id', 'uid', 'amount', 'pay_amount', 'charge_amount', 'rest_amount'];
  assert.deepEqual(
    [...values, 'pay_type'].map((name) => field(heard.body, name)),
    ['till-1', 'p-1', '1000', '1000', '0', '0', '1'],
  );
  assert.match(
    heard.body,
    /<m:order><o:orderitem><o:id>a<\/o:id><o:name>Сир «Гауда» &amp; &lt;хліб&gt;<\/o:name><o:count>0.345<\/o:count><o:cost>100<\/o:cost><\/o:orderitem><o:orderitem>/,
  );
  const finished = shop.ledger.find(oid('p-1'))?.finishedAt ?? 0;
  assert.equal(field(heard.body, 'time'), String(Math.floor(finished / 1000)));
});

test('speaks SOAP 1.2 and the names that the settings give', async () => {
  const { shop, server } = await world([says('1')], {
    registration: {
      soap: '1.2',
      namespace: 'urn:shop',
      terminalIds: { 'till-1': 'Каса 7' },
      priceElement: 'price',
    },
  });
  await shop.run('p-1', { kind: 'purchase', amount: 1000, order: ORDER });
  await until(() => shop.items('delivered').length === 1, 'delivered');
  const { headers, body } = server.heard[0]!;
  assert.equal(
    headers['content-type'],
    'application/soap+xml; charset=utf-8; action="urn:shop#pos:Register"',
  );
  assert.equal(headers['soapaction'], undefined);
  assert.match(body, /xmlns:soap="http:\/\/www.w3.org\/2003\/05\/soap-envelope"/);
  assert.match(body, /<m:Register xmlns:m="urn:shop" xmlns:o="http:\/\/www.stampsoft.ru\/pos">/);
  assert.match(body, /<o:price>100<\/o:price>/);
  assert.equal(field(body, 'terminal_id'), 'Каса 7');
});

test('tells of cash, refunds, voids and decisions, and of nothing that moved no money', async () => {
  const { shop, server } = await world([says('true')]);
  const uid = '06.08.2015 11:15:42';
  const body = { kind: 'purchase', amount: 500 } as const;
  await shop.run(operationIdOfUid(uid), { ...body, reference: uid });
  const cash = { kind: 'cash', amount: 700, paid: 1000, change: 250, rest: 50 };
  assert.equal(await shop.run('cash-1', cash), 'approved');
  assert.equal(await shop.run('sold-1', { ...body, order: ORDER }), 'approved');
  assert.equal(await shop.run('back-1', { kind: 'refund', amount: 200, of: 'sold-1' }), 'approved');
  assert.equal(await shop.run('void-1', { kind: 'void', of: 'sold-1' }), 'approved');
  assert.equal(await shop.run('hold-1', { kind: 'preauthorization', amount: 900 }), 'approved');
  assert.equal(await shop.run('z-1', { kind: 'settlement' }), 'approved');
  shop.driver().scripts = [endsWith(declined(), 1)];
  assert.equal(await shop.run('poor-1', body), 'declined');
  shop.driver().scripts = [losesAnswer(1)];
  void shop.run('lost-1', body);
  await until(() => shop.ledger.find(oid('lost-1'))?.state === 'unknown', 'lost');
  const verdict = { verdict: 'approved', name: 'Olena', reason: 'slip', amount: null } as const;
  await shop.gateway.resolve(SUPERVISOR, oid('lost-1'), verdict);
  await until(() => server.heard.length >= 6, 'six registrations');
  const names = ['uid', 'amount', 'pay_amount', 'charge_amount', 'rest_amount', 'pay_type'];
  assert.deepEqual(
    server.heard.map((heard) => names.map((name) => field(heard.body, name)).join(' ')),
    [
      `${uid} 500 500 0 0 1`,
      'cash-1 700 1000 250 50 0',
      'sold-1 500 500 0 0 1',
      'back-1 -200 -200 0 0 1',
      'void-1 -500 -500 0 0 1',
      'lost-1 500 500 0 0 1',
    ],
  );
  await shop.settings.change((draft) => {
    draft.registration.corrections = false;
  });
  await shop.run('back-2', { kind: 'refund', amount: 100, of: 'lost-1' });
  assert.equal(server.heard.length, 6);
});

test('parks what is answered with false; the lane goes on, and a person sends it again', async () => {
  const { shop, server } = await world([says('false'), says('true')]);
  await shop.run('a', { kind: 'purchase', amount: 1 });
  await shop.run('b', { kind: 'purchase', amount: 2 });
  await until(() => shop.items('delivered').length === 1, 'the second');
  const [parked] = shop.items('parked');
  assert.equal(parked?.operation, 'a');
  assert.match(parked.lastError ?? '', /answered false/);
  assert.equal(await shop.outbound.replay(parked.id), true);
  await until(() => shop.items('delivered').length === 2, 'the first');
  assert.deepEqual(
    server.heard.map(({ body }) => field(body, 'uid')),
    ['a', 'b', 'a'],
  );
  assert.equal(await shop.outbound.replay(parked.id), false);
});

test('parks a fault of ours at once, with its text', async () => {
  const { shop } = await world([faults('Client', '{ВебСервис.pos.Модуль(12)}: тип не той')]);
  await shop.run('a', { kind: 'purchase', amount: 1 });
  await until(() => shop.items('parked').length === 1, 'parked');
  assert.match(
    shop.items('parked')[0]?.lastError ?? '',
    /HTTP 500: \{ВебСервис.pos.Модуль\(12\)\}/,
  );
});

test('tries a fault of the server again, and parks it when it does not heal', async () => {
  const { shop, server } = await world([faults('Server', 'блокування'), says('true')]);
  await shop.run('a', { kind: 'purchase', amount: 1 });
  await until(() => shop.items('delivered').length === 1, 'healed');
  assert.equal(server.heard.length, 2);
  server.replies = [faults('Server', 'ділення на 0')];
  // An hour of pauses, at a hundred times their speed, is more than a test may take.
  const { DELIVERY_RETRY_MS } = await import('../../app/src/domain/limits.ts');
  const longest = DELIVERY_RETRY_MS.longest;
  DELIVERY_RETRY_MS.longest = 1_000;
  try {
    await shop.run('b', { kind: 'purchase', amount: 1 });
    await until(() => shop.items('parked').length === 1, 'parked');
  } finally {
    DELIVERY_RETRY_MS.longest = longest;
  }
  assert.equal(server.heard.length, 2 + SERVER_FAULTS_MAX);
});

test('asks again with the same uid after everything that is no answer, in order', async () => {
  const html = answers(500, 'text/html', '<html><body>Ліцензію не знайдено</body>');
  const { shop, server } = await world([
    answers(401, 'text/plain', ''),
    html,
    answers(400, 'text/plain', 'session'),
    cuts,
    answers(200, 'text/html', '<html>portal</html>'),
    says('maybe'),
    says('true'),
  ]);
  await shop.run('a', { kind: 'purchase', amount: 1 });
  await shop.run('b', { kind: 'purchase', amount: 2 });
  await until(() => shop.items('delivered').length === 2, 'both');
  assert.deepEqual(
    server.heard.map(({ body }) => field(body, 'uid')),
    [...Array.from({ length: 7 }, () => 'a'), 'b'],
  );
  const errors = shop.log.lines.filter(({ event }) => event === 'delivery-postponed');
  assert.match(String(errors[0]?.fields['error']), /401: the user or the password is refused/);
  assert.match(String(errors[1]?.fields['error']), /without SOAP.*Ліцензію/);
});

test('asks again when the answer was lost after the server had taken it', async () => {
  const taken: string[] = [];
  const losing: Reply = (response, { body }) => {
    taken.push(field(body, 'uid') ?? '');
    response.socket?.destroy();
  };
  const { shop, server } = await world([losing, says('true')]);
  await shop.run('a', { kind: 'purchase', amount: 1 });
  await until(() => shop.items('delivered').length === 1, 'delivered');
  assert.deepEqual(taken, ['a']);
  assert.equal(field(server.heard[1]!.body, 'uid'), 'a');
});

const byTerminal: Reply = (response, heard) =>
  (field(heard.body, 'terminal_id') === 'till-1' ? hangs : says('true'))(response, heard);

test('a server that hangs slows no payment and no other terminal', async () => {
  const { shop } = await world([byTerminal], { terminals: ['till-1', 'till-2'] });
  const began = performance.now();
  for (let n = 1; n <= 5; n += 1) {
    await shop.run(`a${n}`, { kind: 'purchase', amount: n, terminal: 'till-1' });
    await shop.run(`b${n}`, { kind: 'purchase', amount: n, terminal: 'till-2' });
  }
  assert.ok(performance.now() - began < 2_000);
  await until(() => shop.items('delivered').length === 5, "the other terminal's");
  assert.equal(shop.items('waiting').length, 5);
});

test('tells after a restart what it could not tell before, in order for each terminal', async () => {
  const gone = await openOtherSide(says('true'));
  await gone.close();
  const first = await openShop({ registration: { enabled: true, url: gone.url } });
  for (let n = 1; n <= 20; n += 1) await first.run(`p${n}`, { kind: 'purchase', amount: n });
  await first.stop();
  const server = await openOtherSide(says('true'));
  const { folder } = first;
  const second = await openShop({ folder, registration: { enabled: true, url: server.url } });
  open.push(second, server);
  await second.settings.change((draft) => {
    draft.registration.timeoutMs = 5_000; // any change: what waits is tried now
  });
  await until(() => second.items('delivered').length === 20, 'all of them');
  assert.deepEqual(
    server.heard.map(({ body }) => field(body, 'uid')),
    Array.from({ length: 20 }, (_, index) => `p${index + 1}`),
  );
});

test('parks a sum that the contract cannot carry', async () => {
  const { shop } = await world([says('true')]);
  shop.driver().scripts = [
    async (exchange) => {
      await exchange.started(null);
      return approved(exchange.operation);
    },
  ];
  await shop.run('whale', { kind: 'purchase', amount: 3_000_000_000 });
  await until(() => shop.items('parked').length === 1, 'parked');
  assert.match(shop.items('parked')[0]?.lastError ?? '', /beyond xs:int/);
});
