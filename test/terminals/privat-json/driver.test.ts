// The driver against a scripted peer: handshake, sale, statuses, cancel, corrected sum.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../kit/fake-clock.ts';
import * as vectors from '../../vectors/privat-json.ts';
import { createPeer, driverOf, exchangeOf, type PeerLink, purchase, uah } from '../kit.ts';
import {
  approval,
  idle,
  RECEIPT_TIME,
  sentMethods,
  service,
  type State,
  status,
  worldOf,
} from './scripted.ts';

test('connects by the reference scheme: ping with 0x00 in front, identify, then the open one', async () => {
  const { peer, driver } = await worldOf();
  assert.deepEqual(sentMethods(peer).slice(0, 5), [
    'PingDevice',
    'identify',
    'getMaskList',
    'getMerchantList',
    'GetTerminalInfo',
  ]);
  assert.equal(peer.links.length, 3);
  assert.equal(peer.raw[0], 0);
  // One in front of the ping, one behind each frame.
  assert.equal(peer.raw.filter((byte) => byte === 0).length, peer.frames.length + 1);
  assert.deepEqual(driver.identity(), {
    vendor: 'PAX',
    model: 's800',
    firmware: 'TE7E132',
    terminalId: 'TESTKKM000CT22927302',
    merchants: { '1': 'Shop' },
    merchantTerminalIds: { '1': 'TSTSALE2' },
  });
  await driver.stop();
});

test('a purchase: started with the watermark before the first byte, then the literal request', async () => {
  const { peer, driver, on, run } = await worldOf();
  const exchange = exchangeOf(purchase());
  let framesAtStart = 0;
  exchange.started = (watermark) => {
    framesAtStart = peer.frames.filter((frame) => frame.includes('Purchase')).length;
    exchange.watermark = watermark;
    return Promise.resolve();
  };
  on['Purchase'] = (frame, link) => {
    assert.equal(frame, vectors.PURCHASE_REQUEST);
    link.send(vectors.PURCHASE_REPLY);
  };
  const outcome = await run(exchange);
  assert.equal(outcome.kind, 'approved');
  assert.equal(framesAtStart, 0);
  assert.equal(exchange.watermark?.lastInvoice, '7');
  assert.equal(exchange.watermark?.terminalId, 'TESTKKM000CT22927302');
  assert.ok(Math.abs(driver.clockSkewMs() ?? 1e9) < 10_000);
  await driver.stop();
});

test('live statuses become displays, once each, and never overtake the answer', async () => {
  const { driver, on, state, run } = await worldOf();
  const codes = ['9', '9', '1', '6', '3', '10'];
  let link: PeerLink | null = null;
  on['Purchase'] = (_frame, given) => {
    link = given;
  };
  on['getLastStatMsgCode'] = (_frame, given) => {
    given.send(status(codes.shift() ?? '10'));
    if (codes.length === 0) link?.send(vectors.PURCHASE_REPLY);
  };
  state.lastResult = '2';
  const exchange = exchangeOf(purchase());
  assert.equal((await run(exchange)).kind, 'approved');
  assert.deepEqual(
    exchange.displays,
    ['9', '1', '6', '3', '10'].slice(0, exchange.displays.length),
  );
  assert.ok(exchange.displays.length >= 4);
  await driver.stop();
});

test('two sends are never closer than a tenth of a second', async () => {
  const clock = new FakeClock({ startsAt: RECEIPT_TIME });
  const times: number[] = [];
  const state: State = { statusCode: '9', lastResult: '2', receipts: new Map(), last: '' };
  const peer = createPeer((frame, link) => {
    times.push(clock.monotonic());
    idle(state, frame, link);
  });
  const driver = driverOf(peer.transport, clock, { handshake: 'single' });
  driver.start();
  await clock.runUntil(() => driver.link().kind === 'ready', 60_000, 'ready');
  const exchange = exchangeOf(purchase());
  const running = driver.perform(exchange);
  await clock.advance(700);
  exchange.cancel.abort();
  await clock.advance(2_000);
  await driver.stop();
  assert.equal((await running).kind, 'unknown');
  assert.ok(times.length > 8);
  for (let index = 1; index < times.length; index++) {
    assert.ok((times[index] ?? 0) - (times[index - 1] ?? 0) >= 99.9, `send ${index}`);
  }
});

test('cancel sends one interrupt and waits for the answer of the operation', async () => {
  const { clock, peer, driver, on, state } = await worldOf();
  state.statusCode = '9';
  state.lastResult = '2';
  let link: PeerLink | null = null;
  on['Purchase'] = (_frame, given) => {
    link = given;
  };
  const exchange = exchangeOf(purchase());
  const running = driver.perform(exchange);
  await clock.advance(1_000);
  exchange.cancel.abort();
  await clock.advance(5_000);
  assert.equal(sentMethods(peer).filter((name) => name === 'interrupt').length, 1);
  assert.ok(link !== null);
  state.statusCode = '0';
  state.lastResult = '0';
  (link as PeerLink).send(vectors.CANCELLED_REPLY);
  // Soon after the start the journal is asked as well.
  await clock.advance(5_000);
  const outcome = await running;
  assert.deepEqual([outcome.kind, outcome.code], ['cancelled', 'cancelled-by-till']);
  await driver.stop();
});

test('an approval that wins the race against a cancel is an approval', async () => {
  const { driver, on, state, run, clock } = await worldOf();
  state.statusCode = '10';
  state.lastResult = '2';
  on['interrupt'] = (_frame, link) => {
    link.send(vectors.INTERRUPT_REPLY);
    link.send(vectors.PURCHASE_REPLY);
  };
  on['Purchase'] = () => undefined;
  const exchange = exchangeOf(purchase());
  clock.after(1_200, () => exchange.cancel.abort());
  assert.equal((await run(exchange)).kind, 'approved');
  await driver.stop();
});

test('a cancel before the first byte sends nothing', async () => {
  const { peer, driver, run } = await worldOf();
  const exchange = exchangeOf(purchase());
  exchange.cancel.abort();
  const outcome = await run(exchange);
  assert.deepEqual([outcome.kind, outcome.code], ['cancelled', 'cancelled-by-till']);
  assert.ok(!sentMethods(peer).includes('Purchase'));
  assert.equal(exchange.startedCalls, 0);
  await driver.stop();
});

test('status 11 asks for the corrected sum once and sends it in the literal form', async () => {
  const { peer, driver, on, run } = await worldOf();
  let link: PeerLink | null = null;
  on['Purchase'] = (_frame, given) => {
    link = given;
  };
  on['getLastStatMsgCode'] = (_frame, given) => given.send(status('11'));
  on['getDiscountName'] = (_frame, given) =>
    given.send(
      service(
        'getDiscountName',
        ',"discountName":"BONUS","pan":"4731XXXXXXXX9838","posEntryMode":"071"',
      ),
    );
  on['correctTransaction'] = (frame, given) => {
    assert.equal(frame, vectors.CORRECTION_REQUEST);
    given.send(service('correctionTransmitted'));
    const reply = vectors.PURCHASE_REPLY.replace('"amount":"0.60"', '"amount":"0.02"');
    given.send(reply.replace('"discount":"0.00"', '"discount":"0.01"'));
  };
  const answer = { kind: 'adjust', amount: uah(2), discount: uah(1) } as const;
  const exchange = exchangeOf(purchase(), answer);
  const outcome = await run(exchange);
  assert.ok(link !== null && outcome.kind === 'approved');
  assert.deepEqual([outcome.approvedAmount, outcome.discount], [2, 1]);
  assert.equal(exchange.questions.length, 1);
  assert.deepEqual(exchange.masks, ['4731********9838']);
  const [question] = exchange.questions;
  assert.ok(question?.kind === 'adjust' && question.loyalty === 'BONUS');
  assert.equal(sentMethods(peer).filter((name) => name === 'correctTransaction').length, 1);
  await driver.stop();
});

test('nobody answers status 11: the unchanged sum goes out and the sale goes on', async () => {
  const { driver, on, run } = await worldOf();
  on['Purchase'] = () => undefined;
  on['getLastStatMsgCode'] = (_frame, link) => link.send(status('11'));
  on['getDiscountName'] = (_frame, link) => link.send(service('getDiscountName'));
  on['correctTransaction'] = (frame, link) => {
    assert.ok(frame.includes('"amount":"0.60","discount":"0.00"'));
    link.send(service('correctionTransmitted'));
    link.send(vectors.PURCHASE_REPLY);
  };
  const outcome = await run(exchangeOf(purchase()));
  assert.ok(outcome.kind === 'approved' && outcome.approvedAmount === 60);
  await driver.stop();
});

test('a terminal that is not there: failed as offline, and nothing was started', async () => {
  const clock = new FakeClock();
  const peer = createPeer(() => undefined);
  peer.refuse = true;
  const driver = driverOf(peer.transport, clock);
  driver.start();
  await clock.advance(10_000);
  assert.equal(driver.link().kind, 'offline');
  const exchange = exchangeOf(purchase());
  const running = driver.perform(exchange);
  await clock.advance(4_000);
  const outcome = await running;
  assert.deepEqual([outcome.kind, outcome.code], ['failed', 'terminal-offline']);
  assert.equal(exchange.startedCalls, 0);
  await driver.stop();
});

test('an idle terminal is asked quietly: never for the bank, never for a card', async () => {
  const { clock, peer, driver } = await worldOf();
  const before = peer.frames.length;
  await clock.advance(300_000);
  const asked = new Set(sentMethods(peer).slice(before));
  assert.deepEqual([...asked].sort(), ['GetReceiptInfo', 'PingDevice']);
  await driver.stop();
});

test('terminals that were connected together are not asked together while idle', async () => {
  const clock = new FakeClock({ startsAt: RECEIPT_TIME });
  const pings: number[] = [];
  const drivers = [0.1, 0.6].map((fraction) => {
    const state: State = { statusCode: '9', lastResult: '2', receipts: new Map(), last: '' };
    let handshake = true;
    const peer = createPeer((frame, link) => {
      if (frame.includes('PingDevice') && !handshake) pings.push(clock.monotonic());
      if (frame.includes('PingDevice')) handshake = false;
      idle(state, frame, link);
    });
    return driverOf(peer.transport, clock, { handshake: 'single' }, undefined, () => fraction);
  });
  for (const driver of drivers) driver.start();
  await clock.advance(35_000);
  // The first one of all, two seconds after the start, finds a terminal that has just spoken.
  assert.deepEqual(
    pings.map((at) => Math.round(at / 1_000)),
    [12, 22, 32],
  );
  for (const driver of drivers) await driver.stop();
});

test('a terminal that sells is not asked whether it is alive', async () => {
  const { clock, peer, driver, on, run } = await worldOf();
  let sales = 0;
  on['Purchase'] = (_frame, link) => {
    sales += 1;
    link.send(approval(String(100 + sales), String(700_000_000_000 + sales)));
  };
  const before = peer.frames.length;
  for (let sale = 0; sale < 12; sale += 1) {
    assert.equal((await run(exchangeOf(purchase()))).kind, 'approved');
    await clock.advance(9_000);
  }
  assert.deepEqual(new Set(sentMethods(peer).slice(before)), new Set(['Purchase']));
  await driver.stop();
});

test('a silent peer behind an open connection is offline, and is tried again with pauses', async () => {
  const clock = new FakeClock();
  const peer = createPeer(() => undefined);
  const driver = driverOf(peer.transport, clock);
  driver.start();
  await clock.advance(120_000);
  assert.equal(driver.link().kind, 'offline');
  assert.ok(peer.links.length > 3 && peer.links.length < 20, String(peer.links.length));
  await driver.stop();
});
