import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CARDS } from '../../app/src/simulator/privat-json/cards.ts';
import { PURCHASE, world } from './core-till.ts';

// Bytes of the specification 1.0.3.1 (protocols/privat-json, 3.9).
const HANDSHAKE = Buffer.from(
  '007b226d6574686f64223a2250696e67446576696365222c2273746570223a307d00',
  'hex',
);
const HANDSHAKE_REPLY = Buffer.from(
  '7b226d6574686f64223a2250696e67446576696365222c2273746570223a302c22706172616d73223a7b22636f6465223a223030222c22726573706f6e7365436f6465223a2230303030227d2c226572726f72223a66616c73652c226572726f724465736372697470' +
    '74696f6e223a22227d00',
  'hex',
);
const IDENTIFY = Buffer.from(
  '7b226d6574686f64223a22536572766963654d657373616765222c2273746570223a302c22706172616d73223a7b226d736754797065223a226964656e74696679227d7d00',
  'hex',
);

test('answers the handshake of the specification byte by byte, as old firmware spells it', () => {
  const { till } = world({ profile: { descriptionKey: 'errorDescritption' } });
  const client = till();
  client.raw(HANDSHAKE);
  assert.deepEqual(client.bytes(), HANDSHAKE_REPLY);
});

test('answers identify as the specification shows it', () => {
  const client = world().till();
  client.raw(IDENTIFY);
  assert.equal(
    client.bytes().toString('utf8'),
    '{"method":"ServiceMessage","step":0,"params":{"msgType":"identify","result":"true","vendor":"PAX","model":"s800"},"error":false,"errorDescription":""}\0',
  );
});

test('reads requests that are split at any place', () => {
  const request = Buffer.concat([HANDSHAKE, IDENTIFY]);
  for (let at = 0; at <= request.length; at++) {
    const client = world().till();
    client.raw(request.subarray(0, at));
    client.raw(request.subarray(at));
    assert.equal(client.messages().length, 2, `split at ${at}`);
  }
});

test('survives any garbage and answers the next frame', () => {
  const { terminal, till } = world();
  const client = till();
  for (const bad of ['{', '[]', '"x"', '{"method":1}', '{"method":"A","params":[]}', '\u00ff']) {
    client.raw(Buffer.from(`${bad}\0`, 'latin1'));
  }
  client.raw(HANDSHAKE);
  assert.equal(client.messages().length, 1);
  assert.ok(terminal.device.remarks().length > 0);
});

test('fills the whole common set on an approved purchase', () => {
  const { till, terminal } = world();
  const client = till();
  client.send('Purchase', { ...PURCHASE, amount: '0.60' });
  const { params, error } = client.last();
  assert.equal(error, false);
  assert.equal(params['responseCode'], '0000');
  assert.equal(params['amount'], '0.60');
  assert.equal(params['discount'], '0.00');
  assert.match(params['rrn']!, /^\d{12}$/);
  assert.match(params['approvalCode']!, /^\d{6}$/);
  assert.match(params['date']!, /^05\.01\.2026$/);
  assert.equal(params['time'], '12:00:00');
  assert.equal(params['pan'], '516815******9659');
  assert.equal(params['txnType'], '1');
  assert.equal(params['trnStatus'], '1');
  for (const part of [params['terminalId'], params['rrn'], params['approvalCode'], 'СУМА: 0.60']) {
    assert.ok(params['receipt']!.includes(part!), `the slip names ${part}`);
  }
  assert.ok(!client.bytes().toString().includes(CARDS.good.pan), 'the full PAN never leaves');
  assert.equal(terminal.device.journal.transactions.length, 1);
});

test('goes through the statuses in the live order', async () => {
  const { clock, till } = world({ settings: { answerAfterMs: 5_000 } });
  const client = till();
  client.send('Purchase', PURCHASE);
  const seen: string[] = [];
  for (let at = 0; at < 60; at++) {
    client.service('getLastStatMsgCode');
    const code = client.last().params['LastStatMsgCode'] ?? 'reply';
    if (seen.at(-1) !== code) seen.push(code);
    await clock.advance(100);
  }
  assert.deepEqual(seen, ['9', '1', '6', '3', '10', '0']);
  const replies = client.messages().filter((message) => message?.method === 'Purchase');
  assert.equal(replies.length, 1);
});

test('tells by getLastResult whether something runs, and refuses a second method as busy', async () => {
  const { clock, till } = world({ settings: { answerAfterMs: 1_000 } });
  const client = till();
  client.send('Purchase', PURCHASE);
  client.service('getLastResult');
  assert.equal(client.last().params['LastResult'], '2');
  client.send('PingDevice');
  assert.equal(client.last().params['msgType'], 'deviceBusy');
  await clock.runUntilIdle();
  client.service('getLastResult');
  assert.equal(client.last().params['LastResult'], '0');
});

for (const missing of ['discount', 'merchantId', 'facepay']) {
  test(`refuses a purchase without ${missing} with 1000`, () => {
    const client = world().till();
    const { [missing]: _, ...rest } = PURCHASE as Record<string, string>;
    client.send('Purchase', rest);
    assert.equal(client.last().params['responseCode'], '1000');
    assert.equal(client.last().errorDescription, `Введіть ${missing}`);
  });
}

test('refuses amounts that are not two digits after a point', () => {
  for (const amount of ['1', '1.5', '1.555', '-1.00', '1 000.00', '0.00', '1e2']) {
    const client = world().till();
    client.send('Purchase', { ...PURCHASE, amount });
    assert.equal(client.last().params['responseCode'], '1000', amount);
  }
});

test('stays silent to a second client until the first has gone', () => {
  const { till } = world();
  const [first, second] = [till(), till()];
  second.raw(HANDSHAKE);
  assert.equal(second.bytes().length, 0);
  assert.equal(second.closed(), false);
  first.raw(HANDSHAKE);
  assert.equal(first.messages().length, 1);
  first.leave();
  assert.equal(second.messages().length, 1);
});

test('waits for a card where none presents itself, and gives up in the end', async () => {
  const { clock, terminal, till } = world({ settings: { autoCard: false } });
  const client = till();
  client.send('Purchase', PURCHASE);
  await clock.advance(30_000);
  assert.equal(client.messages().length, 0);
  assert.equal(terminal.presentCard(CARDS.good), true);
  assert.equal(client.last().params['responseCode'], '0000');
  client.send('Purchase', PURCHASE);
  await clock.advance(60_000);
  assert.equal(client.last().params['responseCode'], '1001');
});

test('is stopped by the red button with exactly the frame of the specification', () => {
  const { terminal, till } = world({ settings: { autoCard: false } });
  const client = till();
  client.send('Purchase', PURCHASE);
  assert.equal(terminal.pressCancel(), true);
  assert.equal(
    client.bytes().toString('utf8'),
    '{"error":true,"errorDescription":"Oперація скасов.","method":"Purchase","params":{"responseCode":"1001"},"step":0}\0',
  );
  assert.equal(terminal.device.journal.transactions.length, 0);
});

test('acknowledges an interrupt before the answer 1001', async () => {
  const { clock, till } = world({ settings: { autoCard: false } });
  const client = till();
  client.send('Purchase', PURCHASE);
  client.service('interrupt');
  await clock.advance(0);
  const [acknowledgement, reply] = client.messages();
  assert.equal(acknowledgement?.params['msgType'], 'interruptTransmitted');
  assert.equal(reply?.params['responseCode'], '1001');
});

test('takes the money back on an interrupt during authorisation, and says so in the journal', async () => {
  const { clock, till, terminal } = world({ settings: { answerAfterMs: 5_000 } });
  const client = till();
  client.send('Purchase', PURCHASE);
  await clock.advance(3_500);
  assert.equal(terminal.device.status, '3');
  client.service('interrupt');
  await clock.runUntilIdle();
  assert.equal(client.last().params['responseCode'], '1001');
  client.send('GetReceiptInfo', { invoiceNumber: '' });
  assert.equal(client.last().error, false);
  assert.equal(client.last().params['responseCode'], '1001');
});

test('lets an approval win the race where the firmware does', async () => {
  const { clock, till, terminal } = world({ settings: { answerAfterMs: 5_000 } });
  const client = till();
  terminal.fault('approval-wins');
  client.send('Purchase', PURCHASE);
  await clock.advance(3_500);
  client.service('interrupt');
  assert.equal(client.last().params['msgType'], 'interruptTransmitted');
  await clock.runUntilIdle();
  assert.equal(client.last().params['responseCode'], '0000');
});

test('asks for a corrected sum at status 11, and takes it', async () => {
  const { clock, till } = world({ settings: { defaultCard: 'bonus' } });
  const client = till();
  client.send('Purchase', PURCHASE);
  client.service('getLastStatMsgCode');
  assert.equal(client.last().params['LastStatMsgCode'], '11');
  client.service('getDiscountName');
  assert.equal(client.last().params['discountName'], 'BONUS_PLUS');
  client.service('correctTransaction', { amount: 'x', discount: '0.00' });
  assert.equal(client.last().errorDescription, 'Корекція неможлива');
  client.service('correctTransaction', { amount: '90.00', discount: '10.00' });
  assert.equal(client.last().params['msgType'], 'correctionTransmitted');
  await clock.advance(0);
  assert.equal(client.last().method, 'Purchase');
  assert.equal(client.last().params['amount'], '90.00');
  assert.equal(client.last().params['discount'], '10.00');
});

test('goes on with the original sum when nobody corrects it in time', async () => {
  const { clock, till } = world({ settings: { adjust: true } });
  const client = till();
  client.send('Purchase', PURCHASE);
  await clock.advance(24_999);
  assert.equal(client.messages().length, 0);
  await clock.advance(1);
  assert.equal(client.last().params['amount'], '100.00');
});

test('declines by card, with the code, a receipt and neither RRN nor approval code', () => {
  for (const [name, card] of Object.entries(CARDS)) {
    if (card.hostCode === '0000' || card.hostCode === '0010') continue;
    const { terminal, till } = world({ settings: { defaultCard: name } });
    const client = till();
    client.send('Purchase', PURCHASE);
    const { params, error } = client.last();
    assert.equal(params['responseCode'], card.hostCode);
    assert.equal(error, true);
    assert.ok(!('rrn' in params) && !('approvalCode' in params));
    assert.equal(terminal.device.journal.transactions.length, 0);
  }
});

test('approves in part with 0010 and no error', () => {
  const client = world({ settings: { defaultCard: 'partial' } }).till();
  client.send('Purchase', PURCHASE);
  assert.equal(client.last().params['responseCode'], '0010');
  assert.equal(client.last().params['amount'], '50.00');
  assert.equal(client.last().error, false);
});

test('keeps its journal and loses everything else when power is cut', async () => {
  const { clock, terminal, till } = world({ settings: { answerAfterMs: 5_000 } });
  const client = till();
  client.send('Purchase', PURCHASE);
  await clock.advance(5_000);
  client.send('Purchase', PURCHASE);
  await clock.advance(2_000);
  terminal.powerCut(3_000);
  assert.equal(client.closed(), true);
  assert.equal(terminal.connect({ send: () => {}, close: () => {} }), null);
  await clock.advance(3_000);
  const again = till();
  again.service('getLastResult');
  assert.equal(again.last().params['LastResult'], '0');
  assert.equal(terminal.device.journal.transactions.length, 1);
  await clock.runUntilIdle();
  assert.equal(terminal.device.journal.transactions.length, 1);
});

async function threeSales(): Promise<string> {
  const { clock, till } = world({ settings: { answerAfterMs: 777 } });
  const client = till();
  for (let sale = 0; sale < 3; sale++) {
    client.send('Purchase', PURCHASE);
    await clock.runUntilIdle();
  }
  assert.equal(clock.pending, 0);
  return client.bytes().toString('hex');
}

test('has no timer while idle, and the same bytes in every run', async () => {
  assert.equal(await threeSales(), await threeSales());
});

test('tells nobody of an approval before the journal is durable', () => {
  const waiting: (() => void)[] = [];
  const { terminal, till } = world({
    store: { append: (_, durable) => void waiting.push(durable), load: () => [] },
  });
  const client = till();
  client.send('Purchase', PURCHASE);
  assert.equal(client.bytes().length, 0);
  assert.equal(terminal.device.journal.transactions.length, 1);
  waiting[0]!();
  assert.equal(client.last().params['responseCode'], '0000');
  client.send('Verify', { merchantId: '0' });
  assert.equal(client.messages().length, 1);
  waiting[1]!();
  assert.equal(client.messages().length, 2);
});

test('notes what a laboratory would object to', () => {
  const { terminal, till } = world();
  const client = till();
  client.raw(Buffer.from('{"method":"PingDevice","step":"0","params":{"a":1}}\0'));
  const texts = terminal.device.remarks().map((remark) => remark.text);
  assert.deepEqual(texts, [
    'the handshake PingDevice came without its leading NUL',
    'step is not the integer 0',
    'parameter a is not a string',
  ]);
});
