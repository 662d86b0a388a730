// Concert E+ against a scripted terminal with its own encoder; vectors from the protocol's page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_RESULT } from '../../../app/src/domain/outcome.ts';
import { createConcertDriver } from '../../../app/src/terminals/concert/driver.ts';
import { decodeAnswer, encodeRequest } from '../../../app/src/terminals/concert/messages.ts';
import { parseOptions } from '../../../app/src/terminals/concert/options.ts';
import { NO_LOG, operationOf, RANDOM, SETUP, uah } from '../kit.ts';
import { ADDRESS, hex, NativeStage, word } from '../native-stage.ts';
import { answerOf, CARD, frameOf, REQUEST_BYTES, type Script, terminal, YES } from './scripted.ts';

const STX = 0x02;
const ENQ = 0x05;

function stageOf(options = {}, pieceBytes = 3): NativeStage {
  const parsed = parseOptions(options);
  if (parsed.kind !== 'options') throw new Error(JSON.stringify(parsed.issues));
  return new NativeStage(
    (transport, clock) =>
      createConcertDriver({
        setup: { ...SETUP, driver: 'concert', address: ADDRESS },
        options: parsed.options,
        transport,
        clock,
        random: RANDOM,
        log: NO_LOG,
      }),
    pieceBytes,
  );
}

const PURCHASE = { kind: 'purchase', amount: uah(1_250), discount: uah(0) } as const;

test('frames equal the vectors of the protocol’s page', () => {
  const request = {
    position: '01',
    amount: uah(1_250),
    type: 'debit',
    forceOnline: false,
  } as const;
  const euro = encodeRequest({ ...request, currency: 'EUR', withReport: true });
  const blanks = '20 '.repeat(10);
  assert.deepEqual(
    [...euro],
    hex(
      `02 30 31 30 30 30 30 31 32 35 30 31 31 30 39 37 38 ${blanks} 41 30 31 30 42 30 31 30 03 01`,
    ),
  );
  const hryvnia = encodeRequest({ ...request, currency: 'UAH', withReport: false });
  assert.equal(hryvnia.length, REQUEST_BYTES);
  assert.equal(hryvnia.at(-1), 0x07);
});

test('answers: the short and the long form, and nothing else', () => {
  const zeros = '30 '.repeat(10);
  const short = hex(`30 31 30 30 30 30 30 31 32 35 30 31 39 37 38 ${zeros}`);
  assert.deepEqual(decodeAnswer(Uint8Array.from(short)), {
    position: '01',
    result: '0',
    amount: 1_250,
    mode: '1',
    report: null,
    currency: '978',
  });
  const long = decodeAnswer(Buffer.from(YES, 'latin1'));
  assert.equal(long?.report, CARD);
  assert.equal(long.currency, '980');
  for (const wrong of ['', YES.slice(1), `${YES}0`, YES.replace('00001250', '0000X250')]) {
    assert.equal(decodeAnswer(Buffer.from(wrong, 'latin1')), null);
  }
});

test('a purchase is approved with its card, at every split', async () => {
  for (const pieceBytes of [1, 2, 5, 100]) {
    const stage = stageOf({}, pieceBytes);
    const requests: string[] = [];
    stage.wire.onBytes = terminal({ answer: frameOf(YES) }, requests);
    const { outcome, exchange } = await stage.play(PURCHASE);
    assert.equal(word(outcome), 'approved approved');
    assert.equal(outcome.result?.card?.mask, '516815******9659');
    assert.equal(exchange.startedCalls, 1);
    assert.deepEqual(requests, [`0100001250110980${' '.repeat(10)}A010B010`]);
  }
});

test('a terminal that leaves out its last EOT, or is deaf at first, is understood', async () => {
  const stage = stageOf({}, 100);
  stage.wire.onBytes = terminal({ answer: frameOf(YES), lastEot: false, deafCalls: 2 });
  assert.equal(word((await stage.play(PURCHASE)).outcome), 'approved approved');
});

const BLANK = ' '.repeat(55);
const ENDINGS: [string, Partial<Script> & { answer: readonly number[] | null }, string, object?][] =
  [
    ['a refusal', { answer: frameOf(answerOf('7', '00001250')) }, 'declined declined-by-bank'],
    ['not verified', { answer: frameOf(answerOf('9', '00001250')) }, 'unknown unlisted-code'],
    ['another sum', { answer: frameOf(answerOf('0', '00001251')) }, 'unknown contradictory-answer'],
    [
      'another sum in a refusal',
      { answer: frameOf(answerOf('7', '00001251')) },
      'unknown contradictory-answer',
    ],
    [
      'another currency',
      { answer: frameOf(answerOf('0', '00001250', CARD, '978')) },
      'unknown contradictory-answer',
    ],
    [
      'another till',
      { answer: frameOf(answerOf('0', '00001250', CARD, '980', '02')) },
      'unknown contradictory-answer',
    ],
    [
      'a bare yes',
      { answer: frameOf(answerOf('0', '00001250', BLANK)) },
      'unknown contradictory-answer',
    ],
    [
      'a bare yes that is trusted',
      { answer: frameOf(answerOf('0', '00001250', '')) },
      'approved approved',
      { trustCodeOnly: true, withReport: false },
    ],
    [
      'a broken answer, three times',
      { answer: frameOf(YES).map((byte, at) => (at === 9 ? 0x39 : byte)) },
      'unknown unreadable-answer',
    ],
    ['no answer', { answer: null }, 'unknown deadline-passed'],
    [
      'a request that is not acknowledged',
      { answer: null, toFrame: 'nothing' },
      'unknown lost-answer',
    ],
    [
      'a request that is refused three times',
      { answer: null, toFrame: 'nak' },
      'failed terminal-refused',
    ],
  ];

for (const [name, script, expected, options] of ENDINGS) {
  test(`${name}: ${expected}`, async () => {
    const stage = stageOf(options, 100);
    stage.wire.onBytes = terminal(script);
    const { outcome } = await stage.play(PURCHASE);
    assert.equal(word(outcome), expected);
  });
}

test('a terminal that never takes the call was sent nothing', async () => {
  const stage = stageOf({}, 100);
  stage.wire.onBytes = terminal({ answer: null, deafCalls: 9 });
  const { outcome, exchange } = await stage.play(PURCHASE);
  assert.equal(word(outcome), 'failed terminal-offline');
  assert.equal(exchange.startedCalls, 0);
  assert.ok(!stage.wire.received.includes(STX));
});

test('a line that is pulled out in the middle is unknown, and the next sale has a new line', async () => {
  const stage = stageOf({}, 100);
  const requests: string[] = [];
  const good = terminal({ answer: null }, requests);
  let cut = false;
  stage.wire.onBytes = (bytes, wire) => {
    good(bytes, wire);
    if (requests.length === 0 || cut) return;
    cut = true;
    stage.clock.after(500, () => stage.network.cut(ADDRESS));
  };
  assert.equal(word((await stage.play(PURCHASE)).outcome), 'unknown link-cut');
  stage.wire.received.length = 0;
  stage.wire.onBytes = terminal({ answer: frameOf(YES) });
  assert.equal(word((await stage.play(PURCHASE)).outcome), 'approved approved');
  assert.equal(stage.wire.received[0], ENQ);
  assert.equal(stage.wire.links, 2);
});

test('refund and void have types of their own; a void takes the sum of its original', async () => {
  const stage = stageOf({}, 100);
  const requests: string[] = [];
  stage.wire.onBytes = terminal({ answer: frameOf(YES) }, requests);
  const refund = { kind: 'refund', amount: uah(1_250), of: null, rrn: '1' } as const;
  assert.equal(word((await stage.play(refund)).outcome), 'approved approved');
  const second: string[] = [];
  stage.wire.onBytes = terminal({ answer: frameOf(YES) }, second);
  const original = {
    ...operationOf(PURCHASE),
    state: 'approved',
    approvedAmount: uah(1_250),
    result: EMPTY_RESULT,
  } as const;
  const body = { kind: 'void', of: original.id, invoice: null } as const;
  assert.equal(word((await stage.play(body, undefined, original)).outcome), 'approved approved');
  assert.deepEqual([requests[0]?.[12], second[0]?.[12]], ['1', '2']);
  const blind = await stage.play({ kind: 'void', of: null, invoice: '17' });
  assert.equal(word(blind.outcome), 'failed original-not-usable');
});

test('what the protocol cannot say is refused before anything is sent', async () => {
  const stage = stageOf({}, 100);
  for (const body of [
    { ...PURCHASE, amount: uah(100_000_000) },
    { ...PURCHASE, discount: uah(1) },
  ]) {
    const { outcome, exchange } = await stage.play(body);
    assert.equal(word(outcome), 'failed terminal-refused');
    assert.equal(exchange.startedCalls, 0);
  }
  assert.equal(stage.wire.links, 0);
});
