// What the driver makes of doubtful answers: refusals, losses, repeats, bare codes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as vectors from '../../vectors/privat-json.ts';
import { exchangeOf, operationOf, purchase, type Script } from '../kit.ts';
import { approval, receipt, sentMethods, service, worldOf } from './scripted.ts';

test('a refusal to start is certain: busy, method missing', async () => {
  for (const [notice, code] of [
    ['deviceBusy', 'terminal-busy-itself'],
    ['methodNotImplemented', 'method-missing'],
  ] as const) {
    const { driver, on, run } = await worldOf();
    on['Purchase'] = (_frame, link) => link.send(service(notice));
    const outcome = await run(exchangeOf(purchase()));
    assert.deepEqual([outcome.kind, outcome.code], ['failed', code]);
    await driver.stop();
  }
});

test('methodNotImplemented that answers a status poll refuses no purchase', async () => {
  const { driver, on, run, clock } = await worldOf();
  on['getLastStatMsgCode'] = (_frame, link) => link.send(service('methodNotImplemented'));
  on['Purchase'] = (_frame, link) => {
    clock.after(5_000, () => link.send(vectors.PURCHASE_REPLY));
  };
  assert.equal((await run(exchangeOf(purchase()))).kind, 'approved');
  await driver.stop();
});

test('what breaks after the first byte is unknown, by name', async () => {
  const breaks: Record<string, Script> = {
    'link-cut': (_frame, link) => link.drop(),
    'unreadable-answer': (_frame, link) => link.send('{"method":"Purchase","params":{'),
    'deadline-passed': () => undefined,
  };
  for (const [code, script] of Object.entries(breaks)) {
    const { driver, on, run, state, clock } = await worldOf();
    state.statusCode = '9';
    state.lastResult = '2';
    on['Purchase'] = script;
    const exchange = exchangeOf(purchase());
    clock.after(310_000, () => exchange.end.abort(new Error('deadline-passed')));
    const outcome = await run(exchange, 400_000);
    assert.deepEqual([outcome.kind, outcome.code], ['unknown', code]);
    await driver.stop();
  }
});

test('a terminal that is idle again and sends nothing has lost the answer', async () => {
  const { driver, on, run, clock } = await worldOf();
  on['Purchase'] = () => undefined;
  const before = clock.monotonic();
  const outcome = await run(exchangeOf(purchase()));
  assert.deepEqual([outcome.kind, outcome.code], ['unknown', 'lost-answer']);
  assert.ok(clock.monotonic() - before < 20_000);
  await driver.stop();
});

test('a lost report moved no money', async () => {
  const { driver, on, run } = await worldOf();
  on['Audit'] = (_frame, link) => link.drop();
  const outcome = await run(exchangeOf(operationOf({ kind: 'totals' })));
  assert.deepEqual([outcome.kind, outcome.code], ['failed', 'no-answer-no-money']);
  await driver.stop();
});

test('a foreign broken frame does not end the wait for ours', async () => {
  const { driver, on, run } = await worldOf();
  on['Purchase'] = (_frame, link) => {
    link.send(vectors.BROKEN_DUMP);
    link.send('{"method":"Refund","params":{"responseCode":"0000"},"error":false}');
    link.send(vectors.PURCHASE_REPLY);
  };
  assert.equal((await run(exchangeOf(purchase()))).kind, 'approved');
  await driver.stop();
});

test('the answer may come byte by byte, or glued to others', async () => {
  const { driver, on, run } = await worldOf();
  on['Purchase'] = (_frame, link) => {
    for (const byte of Buffer.from(`${vectors.PURCHASE_REPLY}\0`))
      link.sendBytes(Uint8Array.of(byte));
  };
  assert.equal((await run(exchangeOf(purchase()))).kind, 'approved');
  on['Purchase'] = (_frame, link) => {
    link.send(
      [vectors.STATUS_REPLY, approval('8', '000000000008'), approval('8', '000000000008')].join(
        '\0',
      ),
    );
  };
  assert.equal((await run(exchangeOf(purchase()))).kind, 'approved');
  await driver.stop();
});

test('a second copy of the last approval is not the answer of the next purchase', async () => {
  const { driver, on, run } = await worldOf();
  on['Purchase'] = (_frame, link) => link.send(approval('8', '000000000008'));
  assert.equal((await run(exchangeOf(purchase()))).kind, 'approved');
  const outcome = await run(exchangeOf(purchase()));
  assert.deepEqual([outcome.kind, outcome.code], ['unknown', 'contradictory-answer']);
  await driver.stop();
});

test('an approval that the journal showed before is not the answer either', async () => {
  const { driver, on, run } = await worldOf();
  on['Purchase'] = (_frame, link) => link.send(approval('7', '000000000007'));
  assert.equal((await run(exchangeOf(purchase()))).code, 'contradictory-answer');
  await driver.stop();
});

test('the same bare refusal again is believed only where the terminal is idle', async () => {
  const { driver, on, run, state } = await worldOf();
  on['Purchase'] = (_frame, link) => link.send(vectors.CANCELLED_REPLY);
  assert.equal((await run(exchangeOf(purchase()))).kind, 'cancelled');
  assert.equal((await run(exchangeOf(purchase()))).kind, 'cancelled');
  state.lastResult = '2';
  assert.equal((await run(exchangeOf(purchase()))).code, 'contradictory-answer');
  await driver.stop();
});

test('an answer while nothing waits is dropped', async () => {
  const { clock, peer, driver, on, run } = await worldOf();
  peer.links.at(-1)?.send(approval('8', '000000000008'));
  await clock.advance(50);
  on['Purchase'] = (_frame, link) => link.send(vectors.CANCELLED_REPLY);
  assert.equal((await run(exchangeOf(purchase()))).kind, 'cancelled');
  await driver.stop();
});

test('a bare yes is confirmed by the receipt, and only by a matching one', async () => {
  const bare = '{"method":"Purchase","step":0,"params":{"responseCode":"0000"},"error":false}';
  const cases: [string, string | null, string][] = [
    ['matching', receipt('8', '000000000008'), 'approved'],
    ['none newer', null, 'unknown'],
    ['another sum', receipt('8', '000000000008').replace('"0.60"', '"0.61"'), 'unknown'],
    ['a refund', receipt('8', '000000000008').replace('"txnType":"1"', '"txnType":"2"'), 'unknown'],
  ];
  for (const [name, newest, expected] of cases) {
    const { driver, on, run, state } = await worldOf();
    on['Purchase'] = (_frame, link) => {
      if (newest !== null) {
        state.receipts.set('8', newest);
        state.last = '8';
      }
      link.send(bare);
    };
    const outcome = await run(exchangeOf(purchase()));
    assert.equal(outcome.kind, expected, name);
    if (outcome.kind === 'approved') assert.equal(outcome.result.rrn, '000000000008');
    await driver.stop();
  }
});

test('a bare yes is believed by itself only where an administrator chose so', async () => {
  const { driver, on, run } = await worldOf({ trustCodeOnly: true });
  on['Purchase'] = (_frame, link) =>
    link.send('{"method":"Purchase","step":0,"params":{"responseCode":"0000"},"error":false}');
  const outcome = await run(exchangeOf(purchase()));
  assert.ok(outcome.kind === 'approved' && outcome.approvedAmount === 60);
  await driver.stop();
});

test('after a loss nothing is sent but the handshake until the journal is looked at', async () => {
  const { clock, peer, driver, on, run } = await worldOf();
  on['Purchase'] = (_frame, link) => link.drop();
  await run(exchangeOf(purchase()));
  const before = peer.frames.length;
  await clock.advance(200_000);
  const quiet = new Set(sentMethods(peer).slice(before));
  assert.deepEqual([...quiet].sort(), ['PingDevice', 'getMaskList', 'getMerchantList', 'identify']);
  await driver.stop();
});
