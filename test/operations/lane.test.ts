// One terminal, many tills: busy, the queue, cancelling, and deadlines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  OPERATION_DEADLINE_MS,
  QUEUE_DEADLINE_MS,
  QUEUE_LENGTH_MAX,
} from '../../app/src/domain/limits.ts';
import {
  approved,
  approvesAfter,
  cancellable,
  factsWith,
  losesAnswer,
  neverAnswers,
} from '../kit/scripted-driver.ts';
import { oid, refusalOf, TILL, word, World } from '../kit/world.ts';

const wait = { busy: 'wait' };

test('refuses a second till while the terminal is busy, naming what it does', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  const refusal = refusalOf(await world.purchase('b'));
  assert.equal(refusal.code, 'terminal-busy');
  assert.equal(refusal.facts['operation'], 'a');
  await world.ended('a');
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('serves waiting tills in the order in which they came, one at a time', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  for (const id of ['b', 'c', 'd']) assert.equal(word(await world.purchase(id, wait)), 'queued');
  assert.deepEqual(
    ['b', 'c', 'd'].map((id) => world.gateway.queuePosition(oid(id))),
    [1, 2, 3],
  );
  assert.equal(world.view().queued, 3);
  await world.ended('a');
  assert.deepEqual(
    ['b', 'c', 'd'].map((id) => world.gateway.queuePosition(oid(id))),
    [null, 1, 2],
  );
  await world.ended('d');
  const order = world.driver().performed.map(({ operation }) => operation.id);
  assert.deepEqual(order, ['a', 'b', 'c', 'd']);
  assert.equal(world.driver().mostAtOnce, 1);
});

test('bounds the queue', async () => {
  const world = await World.boot();
  world.driver().scripts = [neverAnswers()];
  await world.purchase('a');
  for (let index = 0; index < QUEUE_LENGTH_MAX; index++) {
    assert.equal(word(await world.purchase(`q${index}`, wait)), 'queued');
  }
  assert.equal(word(await world.purchase('late', wait)), 'terminal-busy');
});

test('lets a till that went away leave the queue, and nothing else', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  await world.purchase('b', wait);
  await world.settled(world.gateway.abandon(oid('b')));
  assert.equal(world.row('b').state, 'cancelled');
  assert.equal(world.row('b').message.code, 'left-queue');
  await world.settled(world.gateway.abandon(oid('a')));
  assert.equal((await world.ended('a')).state, 'approved');
  assert.equal(world.driver().performed.length, 1);
});

test('fails an operation that waited too long in the queue', async () => {
  const world = await World.boot();
  world.driver().scripts = [neverAnswers()];
  world.driver().facts = () => Promise.resolve(null);
  await world.purchase('a');
  await world.purchase('b', wait);
  const row = await world.ended('b', QUEUE_DEADLINE_MS + 1_000);
  assert.equal(row.state, 'failed');
  assert.equal(row.message.code, 'queue-deadline');
});

test('takes a waiting operation out of the queue when it is cancelled', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  await world.purchase('b', wait);
  assert.equal(word(await world.cancel('b')), 'cancelled');
  await world.ended('a');
  await world.tick(5_000);
  assert.equal(world.driver().performed.length, 1);
});

test('passes a cancel to the terminal and ends by the terminal’s own answer', async () => {
  const world = await World.boot();
  world.driver().scripts = [cancellable()];
  await world.purchase('a');
  await world.until('a', 'running');
  assert.equal(word(await world.cancel('a')), 'running');
  assert.notEqual(world.row('a').cancelRequestedAt, null);
  assert.equal((await world.ended('a')).state, 'cancelled');
});

test('keeps an approval that won the race against a cancel', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  await world.until('a', 'running');
  assert.equal(word(await world.cancel('a')), 'running');
  assert.equal((await world.ended('a')).state, 'approved');
});

test('sends nothing when the cancel came before the first byte', async () => {
  const world = await World.boot();
  let sent = false;
  world.driver().scripts = [
    async (exchange, clock) => {
      await clock.sleep(500);
      await exchange.started(null);
      sent = true;
      return approved(exchange.operation);
    },
  ];
  await world.purchase('a');
  await world.cancel('a');
  const row = await world.ended('a');
  assert.equal(row.state, 'cancelled');
  assert.equal(row.message.code, 'cancelled-by-till');
  assert.equal(sent, false);
});

test('sends nothing when the cancel came while `started` was on its way to the disk', async () => {
  const world = await World.boot({ ledger: { syncMs: () => 100 } });
  let sent = false;
  world.driver().scripts = [
    async (exchange) => {
      await exchange.started(null);
      if (exchange.cancelRequested.aborted) {
        return { kind: 'cancelled', code: 'cancelled-by-till', terminalText: null, result: null };
      }
      sent = true;
      return approved(exchange.operation);
    },
  ];
  const started = world.startNow('a', { kind: 'purchase', amount: 100 });
  await world.tick(101);
  const cancelled = world.gateway.cancel(TILL, oid('a'));
  await world.settled(Promise.all([started, cancelled]));
  const row = await world.ended('a');
  assert.equal(row.state === 'cancelled', !sent);
});

test('refuses to cancel what is over, unresolved or not cancellable on this terminal', async () => {
  const world = await World.boot();
  await world.purchase('a');
  await world.ended('a');
  assert.equal(word(await world.cancel('a')), 'not-cancellable');
  assert.equal(word(await world.cancel('none')), 'unknown-operation');
  world.driver().capabilities = { ...world.driver().capabilities, cancel: false };
  world.driver().scripts = [losesAnswer(1_000)];
  await world.purchase('b');
  await world.until('b', 'running');
  assert.equal(word(await world.cancel('b')), 'not-cancellable');
  await world.ended('b');
  world.driver().capabilities = { ...world.driver().capabilities, cancel: true };
  assert.equal(word(await world.cancel('b')), 'not-cancellable');
});

test('ends the exchange at its deadline as unknown, never as declined', async () => {
  const world = await World.boot();
  world.driver().scripts = [neverAnswers()];
  await world.purchase('a');
  const began = world.clock.monotonic();
  const row = await world.ended('a', OPERATION_DEADLINE_MS + 1_000);
  assert.equal(row.state, 'unknown');
  assert.equal(row.message.code, 'deadline-passed');
  assert.ok(world.clock.monotonic() - began >= OPERATION_DEADLINE_MS - 1_000);
});

test('runs a report past queued payments that wait behind the gate', async () => {
  const world = await World.boot();
  world.driver().scripts = [losesAnswer(1_000), approvesAfter(10)];
  await world.purchase('a');
  await world.purchase('b', wait);
  await world.ended('a');
  assert.equal(world.row('b').state, 'queued');
  assert.equal(word(await world.start('x', { kind: 'totals' })), 'accepted');
  assert.equal((await world.ended('x')).state, 'approved');
  assert.equal(word(await world.start('y', { kind: 'totals', ...wait })), 'accepted');
  assert.equal((await world.ended('y')).state, 'approved');
  assert.equal(world.row('b').state, 'queued');
});

test('goes on with the queue when the gate opens', async () => {
  const world = await World.boot();
  world.driver().scripts = [losesAnswer(1_000), approvesAfter(10)];
  await world.purchase('a');
  await world.purchase('b', wait);
  await world.ended('a');
  world.driver().facts = () => Promise.resolve(factsWith(12_345));
  assert.equal((await world.until('a', 'approved')).state, 'approved');
  assert.equal((await world.ended('b')).state, 'approved');
});

test('never looks at the journal beside an exchange', async () => {
  const world = await World.boot();
  world.driver().scripts = [losesAnswer(), approvesAfter(5_000)];
  world.driver().facts = async () => {
    await world.clock.sleep(700);
    return null;
  };
  await world.purchase('a');
  await world.ended('a');
  for (let index = 0; index < 5; index++) {
    await world.start(`r${index}`, { kind: 'totals', ...wait });
    await world.tick(1_300);
  }
  await world.tick(60_000);
  assert.equal(world.driver().mostAtOnce, 1);
  assert.ok(world.driver().lookUps > 1);
});

test('concludes a queued operation although the disk is full when it is cancelled', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(60_000)];
  await world.purchase('a');
  await world.purchase('b', wait);
  await world.until('a', 'running');
  world.disk.full = true;
  const refused = world.gateway.cancel(TILL, oid('b')).then(word, () => 'ledger-error');
  await world.tick(2_000);
  world.disk.full = false;
  await world.settled(refused);
  // Either it still waits for its turn, or it is cancelled; it does not hang between.
  await world.ended('a');
  const row = await world.ended('b');
  assert.ok(['approved', 'cancelled'].includes(row.state));
});

test('survives a queue deadline that falls into a full disk', async () => {
  const world = await World.boot();
  world.driver().scripts = [neverAnswers()];
  await world.purchase('a');
  await world.purchase('b', wait);
  await world.ended('a', OPERATION_DEADLINE_MS + 1_000);
  world.disk.full = true;
  await world.tick(QUEUE_DEADLINE_MS);
  world.disk.full = false;
  const row = await world.ended('b');
  assert.equal(row.message.code, 'queue-deadline');
});

test('gives wait() the final row, the patience of the till, or its leaving', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  await world.until('a', 'running');
  const leaving = new AbortController();
  const patient = world.gateway.wait(TILL, oid('a'), 5_000, leaving.signal);
  const hasty = world.gateway.wait(TILL, oid('a'), 500, leaving.signal);
  const none = world.gateway.wait(TILL, oid('a'), 0, leaving.signal);
  const gone = new AbortController();
  const left = world.gateway.wait(TILL, oid('a'), 5_000, gone.signal);
  gone.abort();
  assert.equal((await world.settled(none))?.state, 'running');
  assert.equal((await world.settled(left))?.state, 'running');
  assert.equal((await world.settled(hasty))?.state, 'running');
  assert.equal((await world.settled(patient))?.state, 'approved');
  assert.equal(await world.settled(world.gateway.wait(TILL, oid('x'), 500, gone.signal)), null);
  assert.equal(world.clock.pending, 0, 'no timer of a waiting till is left');
});

test('tells subscribers every event once, in order, after it is durable', async () => {
  const world = await World.boot({ ledger: { syncMs: () => 20 } });
  world.driver().scripts = [
    async (exchange, clock) => {
      await exchange.started(null);
      for (const text of ['card', 'pin', 'bank']) {
        exchange.display(text, text);
        await clock.sleep(30);
      }
      exchange.cardSeen('516815******9659');
      return approved(exchange.operation);
    },
  ];
  const told: string[] = [];
  const unsubscribe = world.gateway.subscribe(oid('a'), (event) => {
    const stored = world.ledger.events(oid('a'), event.seq - 1)[0];
    told.push(stored?.seq === event.seq ? event.event.kind : 'not durable');
  });
  await world.purchase('a');
  await world.ended('a');
  assert.deepEqual(told, world.kinds('a'));
  assert.equal(told.filter((kind) => kind === 'display').length, 3);
  unsubscribe();
});

test('does not let a subscriber that throws harm the payment', async () => {
  const world = await World.boot();
  world.gateway.subscribeAll(() => {
    throw new Error('a broken page');
  });
  await world.purchase('a');
  assert.equal((await world.ended('a')).state, 'approved');
});

test('closes the gate behind a loss for the queue that is left', async () => {
  const world = await World.boot();
  world.driver().scripts = [losesAnswer(500), approvesAfter(10)];
  await world.purchase('a');
  await world.purchase('b', wait);
  await world.ended('a');
  await world.tick(100_000);
  assert.equal(world.driver().performed.length, 1);
});
