// Caisse-AP over IP against a scripted terminal; the example of the protocol's page as vector.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCaisseApDriver } from '../../../app/src/terminals/caisse-ap/driver.ts';
import { decodeTags, encodeRequest } from '../../../app/src/terminals/caisse-ap/messages.ts';
import { parseOptions } from '../../../app/src/terminals/caisse-ap/options.ts';
import { NO_LOG, RANDOM, SETUP, uah } from '../kit.ts';
import { ADDRESS, NativeStage, type Wire, word } from '../native-stage.ts';

function stageOf(options = {}, pieceBytes = 3): NativeStage {
  const parsed = parseOptions(options);
  if (parsed.kind !== 'options') throw new Error(JSON.stringify(parsed.issues));
  return new NativeStage(
    (transport, clock) =>
      createCaisseApDriver({
        setup: { ...SETUP, driver: 'caisse-ap', address: ADDRESS },
        options: parsed.options,
        transport,
        clock,
        random: RANDOM,
        log: NO_LOG,
      }),
    pieceBytes,
  );
}

const tag = (name: string, value: string) =>
  `${name}${String(value.length).padStart(3, '0')}${value}`;
const tags = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .map(([name, value]) => tag(name, value))
    .join('');

const YES = {
  CZ: '0300',
  CJ: '012345678901',
  CA: '01',
  CE: '980',
  AE: '10',
  CB: '1245',
  AA: '516815XXXXXX9659',
  AC: '611506',
  CI: '2',
  AI: 'A0000000041010',
};
const ENTRY = { kind: 'purchase', amount: uah(1_245), discount: uah(0) } as const;
/** Length of our request with this sum. */
const REQUEST_LENGTH = 62;

/** Answers a whole request; `close` ends the link after it. */
function terminal(answer: string | null, close = false, requests: string[] = []) {
  let held = '';
  return (bytes: readonly number[], wire: Wire): void => {
    held += String.fromCharCode(...bytes);
    if (held.length < REQUEST_LENGTH) return;
    requests.push(held);
    held = '';
    if (answer !== null) wire.send(...Buffer.from(answer, 'latin1'));
    if (close) wire.end?.close();
  };
}

test('a request equals the example of the protocol’s page', () => {
  const request = {
    till: '012345678901',
    position: '01',
    currency: 'EUR',
    amount: 1_245,
    type: 'debit',
  } as const;
  assert.equal(
    Buffer.from(encodeRequest(request)).toString('latin1'),
    'CZ0040300CJ012012345678901CA00201CE003978BA0010CD0010CB0041245',
  );
  const small = Buffer.from(encodeRequest({ ...request, amount: 5 })).toString('latin1');
  assert.ok(small.endsWith('CB00205'));
});

function kindOf(part: string): string {
  return decodeTags(Buffer.from(part, 'latin1')).kind;
}

test('every prefix of an answer is incomplete, the whole is not, and garbage is told', () => {
  const text = tags(YES);
  const aeAt = text.indexOf('AE00210') + 'AE00210'.length;
  for (let length = 0; length < aeAt; length++)
    assert.equal(kindOf(text.slice(0, length)), 'incomplete');
  assert.equal(kindOf(text), 'tags');
  for (const garbage of ['cz', 'C1', 'CZ0x', 'AE00210AE00201', '\0\0\0']) {
    assert.equal(kindOf(garbage), 'garbage', JSON.stringify(garbage));
  }
});

test('a purchase is approved with its signs, at every split, open or closed behind it', async () => {
  for (const [pieceBytes, close] of [
    [1, false],
    [4, true],
    [500, false],
  ] as const) {
    const stage = stageOf({}, pieceBytes);
    const requests: string[] = [];
    stage.wire.onBytes = terminal(tags(YES), close, requests);
    const { outcome, exchange } = await stage.play(ENTRY);
    assert.equal(word(outcome), 'approved approved');
    assert.equal(outcome.result?.authCode, '611506');
    assert.deepEqual(outcome.result.card, {
      mask: '516815******9659',
      brand: null,
      issuer: null,
      entry: 'contactless',
    });
    assert.equal(exchange.startedCalls, 1);
    assert.equal(requests.length, 1);
  }
});

const { AC: _none, ...UNSIGNED } = YES;
const NO = { CA: '01', CE: '980', AE: '01' };
const ENDINGS: [string, string | null, string, object?][] = [
  ['refused by the bank', tags({ ...NO, AF: '04' }), 'declined declined-by-bank'],
  ['abandoned', tags({ ...NO, AF: '11' }), 'cancelled cancelled-at-terminal'],
  ['forbidden', tags({ ...NO, AF: '05' }), 'failed terminal-refused'],
  ['another reason', tags({ ...NO, AF: '77' }), 'unknown unlisted-code'],
  ['no reason', tags(NO), 'unknown unlisted-code'],
  [
    'a no with an authorisation',
    tags({ ...NO, AF: '04', AC: '611506' }),
    'unknown contradictory-answer',
  ],
  ['accepted only', tags({ ...YES, AE: '11' }), 'unknown unlisted-code'],
  ['another sum', tags({ ...YES, CB: '1246' }), 'unknown contradictory-answer'],
  ['another currency', tags({ ...YES, CE: '978' }), 'unknown contradictory-answer'],
  ['a bare yes', tags(UNSIGNED), 'unknown contradictory-answer'],
  ['a bare yes that is trusted', tags(UNSIGNED), 'approved approved', { trustCodeOnly: true }],
  ['half an answer', tags(YES).slice(0, 20), 'unknown unreadable-answer'],
  ['garbage', 'HTTP/1.1 400 Bad Request', 'unknown unreadable-answer'],
  ['no answer', null, 'unknown deadline-passed'],
];

for (const [name, answer, expected, options] of ENDINGS) {
  test(`${name}: ${expected}`, async () => {
    const stage = stageOf({ ...options });
    stage.wire.onBytes = terminal(answer);
    assert.equal(word((await stage.play(ENTRY)).outcome), expected);
  });
}

test('a line that is closed without an answer is unknown', async () => {
  const stage = stageOf();
  stage.wire.onBytes = terminal('', true);
  assert.equal(word((await stage.play(ENTRY)).outcome), 'unknown link-cut');
});

test('a refund is a credit', async () => {
  const stage = stageOf();
  const requests: string[] = [];
  stage.wire.onBytes = terminal(tags(YES), false, requests);
  const body = { kind: 'refund', amount: uah(1_245), of: null, rrn: '1' } as const;
  assert.equal(word((await stage.play(body)).outcome), 'approved approved');
  assert.match(requests[0] ?? '', /CD0011CB0041245$/);
});
