// Power cuts, full disks and stops: what the next life of the process finds and does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transition } from '../../app/src/domain/transition.ts';
import type { Operation } from '../../app/src/domain/operation.ts';
import {
  approved,
  approvesAfter,
  declined,
  endsWith,
  losesAnswer,
  neverAnswers,
  type Script,
  watermarkAt,
} from '../kit/scripted-driver.ts';
import { oid, word, World } from '../kit/world.ts';

/** Says yes in two phases: the bank's yes, then our Confirm after `ms`. */
function confirmsAfter(
  ms: number,
  outcome: (operation: Operation) => ReturnType<typeof approved>,
): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    const yes = approved(exchange.operation);
    if (yes.kind !== 'approved' || yes.approvedAmount === null) throw new Error('not a yes');
    await exchange.confirming(yes.approvedAmount, yes.result);
    await clock.sleep(ms);
    return outcome(exchange.operation);
  };
}

test('fails what was accepted or queued when the power went: nothing was sent', async () => {
  const world = await World.boot();
  world.driver().scripts = [
    async (exchange, clock) => {
      await clock.sleep(60_000);
      await exchange.started(null);
      return approved(exchange.operation);
    },
  ];
  await world.purchase('a');
  await world.purchase('b', { busy: 'wait' });
  await world.restart();
  for (const id of ['a', 'b']) {
    assert.equal(world.row(id).state, 'failed');
    assert.equal(world.row(id).message.code, 'gateway-restarted-before-start');
  }
  assert.equal(word(await world.purchase('c')), 'accepted');
});

test('makes a running operation unknown after a power cut and never sends it again', async () => {
  const world = await World.boot();
  world.driver().scripts = [neverAnswers()];
  await world.purchase('a');
  await world.until('a', 'running');
  await world.restart();
  assert.equal(world.row('a').state, 'unknown');
  assert.equal(world.row('a').message.code, 'gateway-restarted');
  await world.tick(60_000);
  assert.equal(world.driver().performed.length, 0);
  assert.ok(world.driver().lookUps > 0);
  assert.equal(word(await world.purchase('a')), 'unknown');
});

test('a thousand lost operations are taken up in a few commits', async () => {
  const terminals = Array.from({ length: 1_000 }, (_, at) => `till-${at}`);
  const world = await World.boot({
    terminals,
    prepare: (driver) => {
      driver.scripts = [neverAnswers()];
    },
  });
  for (const id of terminals)
    await world.start(id, { kind: 'purchase', terminal: id, amount: 100 });
  await world.tick();
  const before = world.disk.commits.length;
  await world.restart();
  for (const id of terminals) assert.equal(world.row(id).state, 'unknown');
  assert.ok(world.disk.commits.length - before < 10, String(world.disk.commits.length - before));
});

test('fails a running report after a power cut', async () => {
  const world = await World.boot();
  world.driver().scripts = [neverAnswers()];
  await world.start('x', { kind: 'totals' });
  await world.until('x', 'running');
  await world.restart();
  assert.equal(world.row('x').state, 'failed');
  assert.equal(word(await world.purchase('b')), 'accepted');
});

test('makes a confirming operation unknown after a power cut, keeping the bank’s yes', async () => {
  const world = await World.boot();
  world.driver().scripts = [confirmsAfter(10_000, approved)];
  await world.purchase('a');
  await world.until('a', 'confirming');
  await world.restart();
  assert.equal(world.row('a').state, 'unknown');
  assert.equal(world.row('a').result?.rrn, '014721258513');
  assert.equal(word(await world.purchase('b')), 'terminal-unresolved');
});

test('confirms in two phases', async () => {
  const world = await World.boot();
  world.driver().scripts = [confirmsAfter(10, approved)];
  await world.purchase('a');
  assert.equal((await world.ended('a')).state, 'approved');
  assert.deepEqual(world.kinds('a'), ['accepted', 'started', 'confirming', 'concluded']);
});

test('calls a no after the bank’s yes a contradiction, not a decline', async () => {
  const world = await World.boot();
  world.driver().scripts = [confirmsAfter(10, declined)];
  await world.purchase('a');
  const row = await world.ended('a');
  assert.equal(row.state, 'unknown');
  assert.equal(row.message.code, 'contradictory-answer');
});

test('finds an unknown operation unknown, and its record unchanged', async () => {
  const world = await World.boot();
  world.driver().scripts = [losesAnswer()];
  await world.purchase('a');
  const before = await world.ended('a');
  await world.restart();
  assert.deepEqual(world.row('a'), before);
});

test('gives every row again when its events are replayed', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(10), losesAnswer()];
  await world.purchase('a');
  await world.ended('a');
  await world.purchase('b');
  await world.ended('b');
  await world.restart();
  for (const id of ['a', 'b']) {
    let row: Operation | null = null;
    for (const { event } of world.ledger.events(oid(id), 0)) {
      const next = transition(row, event);
      assert.ok(next.kind === 'moved', id);
      row = next.operation;
    }
    assert.deepEqual(row, world.row(id));
  }
});

test('loses an acceptance that nobody was told of, or finds it and fails it', async () => {
  for (let seed = 0; seed < 8; seed++) {
    const world = await World.boot({ ledger: { syncMs: () => 50 } });
    for (let skip = 0; skip < seed; skip++) world.random.fraction();
    void world.startNow('a', { kind: 'purchase', amount: 1 });
    await world.tick(20);
    await world.restart();
    const row = world.ledger.find(oid('a'));
    assert.ok(row === null || row.state === 'failed' || row.state === 'unknown');
    assert.equal(world.driver().performed.length, 0);
  }
});

test('sends nothing when the ledger does not take the acceptance', async () => {
  const world = await World.boot();
  let sent = 0;
  world.driver().scripts = [
    async (exchange, clock) => {
      await clock.sleep(1_000);
      await exchange.started(null);
      sent += 1;
      return approved(exchange.operation);
    },
  ];
  // The disk still looks well when the door is passed.
  world.disk.failing = 1;
  const starting = world.startNow('a', { kind: 'purchase', amount: 1 });
  assert.equal(word(await world.settled(starting)), 'ledger-unavailable');
  await world.tick(10_000);
  assert.equal(sent, 0);
  assert.equal(world.ledger.find(oid('a')), null);
});

test('does not run a lost acceptance in the name of a later request with its id', async () => {
  const world = await World.boot();
  const sums: unknown[] = [];
  world.driver().scripts = [
    async (exchange, clock) => {
      await clock.sleep(1_000);
      await exchange.started(null);
      const { request } = exchange.operation;
      sums.push('amount' in request ? request.amount : null);
      return approved(exchange.operation);
    },
  ];
  const lost = world.startNow('a', { kind: 'purchase', amount: 100 });
  world.disk.full = true;
  assert.equal(word(await world.settled(lost)), 'ledger-unavailable');
  world.disk.full = false;
  assert.equal(word(await world.purchase('a', { amount: 200, busy: 'wait' })), 'queued');
  await world.ended('a');
  await world.tick(10_000);
  assert.deepEqual(sums, [200]);
  assert.equal(word(await world.purchase('b')), 'accepted', 'the lane goes on');
  assert.equal((await world.ended('b')).state, 'approved');
});

test('forgets a queued operation whose acceptance was lost', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  await world.until('a', 'running');
  const lost = world.startNow('b', { kind: 'purchase', amount: 100, busy: 'wait' });
  world.disk.full = true;
  assert.equal(word(await world.settled(lost)), 'ledger-unavailable');
  world.disk.full = false;
  assert.equal(world.view().queued, 0);
  assert.equal(word(await world.purchase('b', { amount: 200, busy: 'wait' })), 'queued');
  assert.equal((await world.ended('b')).state, 'approved');
  assert.equal(world.driver().performed.length, 2);
});

test('fails without sending when the disk is full at `started`', async () => {
  const world = await World.boot();
  let sent = false;
  world.driver().scripts = [
    async (exchange, clock) => {
      await clock.sleep(1_000);
      await exchange.started(null);
      sent = true;
      return approved(exchange.operation);
    },
  ];
  await world.purchase('a');
  world.disk.full = true;
  await world.tick(2_000);
  assert.equal(world.row('a').state, 'accepted');
  world.disk.full = false;
  const row = await world.ended('a');
  assert.equal(row.state, 'failed');
  assert.equal(row.message.code, 'ledger-unavailable');
  assert.equal(sent, false);
});

test('writes the conclusion when the disk has room again, and tells nobody before', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  await world.until('a', 'running');
  world.disk.full = true;
  await world.tick(30_000);
  assert.equal(world.row('a').state, 'running');
  assert.equal(word(await world.purchase('b')), 'terminal-busy');
  world.disk.full = false;
  assert.equal((await world.ended('a')).state, 'approved');
});

test('looks up what was concluded in vain when the power goes too', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(1_000)];
  await world.purchase('a');
  await world.until('a', 'running');
  world.disk.full = true;
  await world.tick(30_000);
  world.disk.full = false;
  await world.restart();
  assert.equal(world.row('a').state, 'unknown');
});

test('starts on a full disk: reads go on, the gate is closed, the rest follows', async () => {
  const world = await World.boot({ terminals: ['till-1', 'till-2'] });
  world.driver('till-1').scripts = [neverAnswers()];
  await world.purchase('a', { terminal: 'till-1' });
  await world.until('a', 'running');
  world.powerCut();
  world.disk.full = true;
  await world.boot();
  assert.equal(world.row('a').state, 'running');
  assert.equal(word(await world.purchase('b', { terminal: 'till-1' })), 'terminal-unresolved');
  assert.equal(word(await world.purchase('b', { terminal: 'till-2' })), 'ledger-unavailable');
  await world.tick(5_000);
  world.disk.full = false;
  await world.until('a', 'unknown', 5_000);
  assert.equal(word(await world.purchase('b', { terminal: 'till-1' })), 'terminal-unresolved');
  await world.tick(60_000);
  assert.ok(world.driver('till-1').lookUps > 0);
});

test('reverses the original of an approved void in the same transaction', async () => {
  const world = await World.boot();
  await world.purchase('sale');
  await world.ended('sale');
  world.driver().scripts = [
    async (exchange, clock) => {
      await exchange.started(watermarkAt(clock.now()));
      return approved(exchange.operation, 12_345 as never); // minor units
    },
  ];
  await world.start('void', { kind: 'void', of: 'sale' });
  await world.ended('void');
  assert.equal(world.row('sale').state, 'reversed');
  assert.deepEqual(world.row('sale').resolution, {
    by: 'operation',
    at: world.row('void').finishedAt,
    operation: 'void',
  });
  const together = world.disk.commits.filter(({ writes }) =>
    writes.some(({ event }) => event.kind === 'reversed'),
  );
  assert.equal(together.length, 1);
  assert.ok(together[0]?.writes.some(({ operation }) => operation.id === 'void'));
});

test('lets a running payment end within the grace of a stop, and takes no new one', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(5_000)];
  await world.purchase('a');
  await world.purchase('b', { busy: 'wait' });
  await world.until('a', 'running');
  const stopping = world.gateway.stop(20_000);
  await world.tick(100);
  assert.equal(word(await world.purchase('c', { busy: 'wait' })), 'ledger-unavailable');
  assert.equal(world.row('b').message.code, 'gateway-stopping');
  await world.settled(stopping);
  assert.equal(world.row('a').state, 'approved');
});

test('journals as lost what does not end within the grace', async () => {
  const world = await World.boot();
  world.driver().scripts = [approvesAfter(60_000)];
  await world.purchase('a');
  await world.until('a', 'running');
  const began = world.clock.monotonic();
  await world.settled(world.gateway.stop(20_000));
  assert.ok(world.clock.monotonic() - began < 25_000);
  assert.equal(world.row('a').state, 'unknown');
});

test('stops although the disk is full', async () => {
  const world = await World.boot();
  world.driver().scripts = [endsWith(declined(), 60_000)];
  await world.purchase('a');
  await world.purchase('b', { busy: 'wait' });
  await world.until('a', 'running');
  world.disk.full = true;
  await world.settled(world.gateway.stop(1_000), 10_000);
  world.disk.full = false;
  await world.restart();
  assert.equal(world.row('a').state, 'unknown');
  assert.equal(world.row('b').state, 'failed');
});
