// What is checked before an operation exists, in which order, and what one id means.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  approvesAfter,
  declined,
  endsWith,
  losesAnswer,
  neverAnswers,
} from '../kit/scripted-driver.ts';
import { AUDITOR, oid, principal, refusalOf, TILL, word, World } from '../kit/world.ts';

const PURCHASE = { kind: 'purchase', amount: 12_345 };

test('runs a purchase and keeps its result', async () => {
  const world = await World.boot();
  const started = await world.purchase('a');
  assert.equal(started.kind, 'operation');
  assert.equal(started.kind === 'operation' && started.repeated, false);
  const row = await world.ended('a');
  assert.equal(row.state, 'approved');
  assert.equal(row.approvedAmount, 12_345);
  assert.equal(row.askedBy, 'till-key');
  assert.deepEqual(world.kinds('a'), ['accepted', 'started', 'concluded']);
});

test('makes `started` durable before the driver goes on', async () => {
  const world = await World.boot({ ledger: { syncMs: () => 50 } });
  let stateWhenSending: string | undefined;
  world.driver().scripts = [
    async (exchange) => {
      await exchange.started(null);
      stateWhenSending = world.ledger.find(exchange.operation.id)?.state;
      return declined();
    },
  ];
  await world.purchase('a');
  await world.ended('a');
  assert.equal(stateWhenSending, 'running');
});

test('answers a till only with what is on disk', async () => {
  const world = await World.boot({ ledger: { syncMs: () => 50 } });
  const answer = world.startNow('a', PURCHASE);
  await world.tick(49);
  assert.equal(world.gateway.find(TILL, oid('a')), null);
  await world.tick(1);
  assert.equal(word(await answer), 'accepted');
  assert.ok(world.kinds('a').includes('accepted'));
});

test('runs once when a hundred equal requests arrive together', async () => {
  const world = await World.boot();
  const answers = Array.from({ length: 100 }, () => world.startNow('a', PURCHASE));
  const all = await world.settled(Promise.all(answers));
  const fresh = all.filter((answer) => answer.kind === 'operation' && !answer.repeated);
  assert.equal(fresh.length, 1);
  assert.ok(all.every((answer) => answer.kind === 'operation'));
  await world.ended('a');
  assert.equal(world.driver().performed.length, 1);
});

test('runs once when equal requests of one id carry two different bodies', async () => {
  const world = await World.boot();
  const answers = Array.from({ length: 20 }, (_, index) =>
    world.startNow('a', { ...PURCHASE, amount: 100 + (index % 2) }),
  );
  const words = (await world.settled(Promise.all(answers))).map(word);
  assert.equal(words.filter((one) => one === 'id-reused').length, 10);
  await world.ended('a');
  assert.equal(world.driver().performed.length, 1);
});

test('returns the running operation, later the stored result, to a repeat', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  await world.tick(100);
  const during = await world.purchase('a');
  assert.equal(word(during), 'running');
  assert.equal(during.kind === 'operation' && during.repeated, true);
  await world.ended('a');
  assert.equal(word(await world.purchase('a')), 'approved');
  await world.restart();
  assert.equal(word(await world.purchase('a')), 'approved');
  assert.equal(world.driver().performed.length, 0);
});

test('takes another patience for the same request, another sum for a reused id', async () => {
  const world = await World.boot();
  await world.purchase('a');
  await world.ended('a');
  assert.equal(word(await world.purchase('a', { busy: 'wait' })), 'approved');
  const refusal = refusalOf(await world.purchase('a', { amount: 12_346 }));
  assert.equal(refusal.code, 'id-reused');
  assert.equal(refusal.facts['bodyHash'], world.row('a').bodyHash);
  assert.equal(refusal.facts['createdAt'], '2026-01-05T10:00:00.000Z');
});

test('leaves no operation behind a refusal, so that the id may be sent again', async () => {
  const world = await World.boot();
  assert.equal(word(await world.purchase('a', { terminal: 'nowhere' })), 'unknown-terminal');
  assert.equal(world.ledger.find(oid('a')), null);
  assert.equal(word(await world.purchase('a')), 'accepted');
});

test('checks in the order of the contract', async () => {
  const world = await World.boot();
  world.driver().capabilities = { ...world.driver().capabilities, kinds: ['purchase', 'totals'] };
  world.driver().scripts = [losesAnswer(), neverAnswers()];
  await world.purchase('lost');
  await world.ended('lost');
  // Forbidden comes before a known id, which comes before everything about the terminal.
  assert.equal(word(await world.purchase('lost', { amount: 1 }, AUDITOR)), 'forbidden');
  assert.equal(word(await world.purchase('lost', { amount: 1, terminal: 'no' })), 'id-reused');
  assert.equal(
    word(await world.start('b', { kind: 'refund', amount: 1, rrn: '1', terminal: 'no' })),
    'unknown-terminal',
  );
  assert.equal(
    word(await world.start('b', { kind: 'refund', amount: 1, rrn: '1' })),
    'unsupported-by-terminal',
  );
  // The gate comes before busy, and before a ledger that cannot be written.
  assert.equal(word(await world.start('report', { kind: 'totals' })), 'accepted');
  await world.tick();
  world.disk.full = true;
  assert.equal(word(await world.purchase('b')), 'terminal-unresolved');
  assert.equal(word(await world.start('c', { kind: 'totals' })), 'terminal-busy');
  assert.equal(world.ledger.all().length, 2);
});

test('holds a key to its terminals, kinds and largest amount', async () => {
  const world = await World.boot({ terminals: ['till-1', 'till-2'] });
  const key = principal('till', { terminals: ['till-1'], kinds: ['purchase'], amountMax: 500 });
  const ask = async (changes: object): Promise<string> =>
    word(await world.start('a', { kind: 'purchase', amount: 500, ...changes }, key));
  assert.equal(await ask({ terminal: 'till-2' }), 'forbidden');
  assert.equal(await ask({ amount: 501 }), 'forbidden');
  assert.equal(await ask({ kind: 'preauthorization' }), 'forbidden');
  // Its only terminal need not be named.
  assert.equal(await ask({}), 'accepted');
  assert.equal(world.row('a').request.terminal, 'till-1');
});

test('counts the cash of a cashback against the largest amount of a key', async () => {
  const world = await World.boot();
  const key = principal('till', { amountMax: 500 });
  const answer = await world.start('a', { kind: 'cashback', amount: 400, cash: 200 }, key);
  assert.equal(word(answer), 'forbidden');
});

test('shows a key nothing of terminals beyond its limits', async () => {
  const world = await World.boot({ terminals: ['till-1', 'till-2'] });
  await world.purchase('a', { terminal: 'till-2' });
  const key = principal('till', { terminals: ['till-1'] });
  assert.equal(world.gateway.find(key, oid('a')), null);
  assert.equal(word(await world.purchase('a', { terminal: 'till-2' }, key)), 'forbidden');
  assert.equal(word(await world.purchase('a', {}, key)), 'forbidden');
  assert.deepEqual(world.gateway.list(key, { limit: 10 }).operations, []);
  assert.deepEqual(world.gateway.events(key, oid('a'), 0), []);
  assert.equal(word(await world.cancel('a', key)), 'unknown-operation');
});

test('asks for the name of the terminal where there are several', async () => {
  const world = await World.boot({ terminals: ['till-1', 'till-2'] });
  assert.equal(word(await world.purchase('a')), 'unknown-terminal');
  assert.equal(word(await world.purchase('a', { terminal: 'till-2' })), 'accepted');
});

test('refuses a currency, merchant, product or service that the terminal does not have', async () => {
  const world = await World.boot({
    terminals: [{ id: 'till-1', merchants: [{ index: 1, name: 'shop', taxCode: '' }] }],
  });
  const ask = async (body: object): Promise<string> => word(await world.start('a', body));
  const cannot = 'unsupported-by-terminal';
  assert.equal(await ask({ ...PURCHASE, currency: 'EUR' }), cannot);
  assert.equal(await ask({ ...PURCHASE, merchant: 2 }), cannot);
  assert.equal(await ask({ kind: 'instalment', product: 'none', parts: 3, amount: 100 }), cannot);
  assert.equal(await ask({ kind: 'service', service: 'none' }), cannot);
  assert.equal(await ask({ ...PURCHASE, merchant: 1, currency: 'UAH' }), 'accepted');
});

test('follows up only an approved operation, up to the sum that was taken', async () => {
  const world = await World.boot();
  await world.purchase('sale');
  await world.ended('sale');
  world.driver().scripts = [endsWith(declined())];
  await world.purchase('refused');
  await world.ended('refused');
  const refund = async (of: string, amount: number): Promise<string> =>
    word(await world.start('r', { kind: 'refund', of, amount }));
  assert.equal(await refund('nothing', 1), 'unknown-operation');
  assert.equal(await refund('refused', 1), 'invalid-request');
  assert.equal(await refund('sale', 12_346), 'invalid-request');
  assert.equal(await refund('sale', 12_345), 'accepted');
});

test('refuses while the ledger cannot be written, and goes on reading', async () => {
  const world = await World.boot();
  await world.purchase('a');
  await world.ended('a');
  world.disk.full = true;
  assert.equal(word(await world.purchase('b')), 'ledger-unavailable');
  assert.equal(word(await world.purchase('a')), 'approved');
  assert.equal(world.gateway.health().ok, false);
  world.disk.full = false;
  assert.equal(word(await world.purchase('b')), 'accepted');
});
