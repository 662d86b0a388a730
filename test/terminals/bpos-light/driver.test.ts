// B-POS light against a scripted terminal with its own encoder; vectors from the protocol's page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_RESULT } from '../../../app/src/domain/outcome.ts';
import { createBposLightDriver } from '../../../app/src/terminals/bpos-light/driver.ts';
import { decodeData, encodeFrame } from '../../../app/src/terminals/bpos-light/messages.ts';
import { parseOptions } from '../../../app/src/terminals/bpos-light/options.ts';
import { judge } from '../../../app/src/domain/evidence.ts';
import { NO_LOG, operationOf, RANDOM, SETUP, uah } from '../kit.ts';
import { ADDRESS, hex, NativeStage, type Wire, word } from '../native-stage.ts';

const [STX, EOT, ACK, NAK] = [0x02, 0x04, 0x06, 0x15];

/** As the terminal does it, not as our codec does. */
function frameOf(text: string): number[] {
  const data = [...Buffer.from(text, 'latin1')];
  let sum = 0;
  for (const byte of data) sum ^= byte;
  return [STX, Math.floor(data.length / 256), data.length % 256, ...data, sum];
}

function stageOf(options = {}, pieceBytes = 3): NativeStage {
  const parsed = parseOptions(options);
  if (parsed.kind !== 'options') throw new Error(JSON.stringify(parsed.issues));
  return new NativeStage(
    (transport, clock) =>
      createBposLightDriver({
        setup: { ...SETUP, driver: 'bpos-light', address: ADDRESS },
        options: parsed.options,
        transport,
        clock,
        random: RANDOM,
        log: NO_LOG,
      }),
    pieceBytes,
  );
}

/** Acknowledges each whole request and answers it by its verb. */
function terminal(answers: Readonly<Record<string, string | null>>, log: string[] = []) {
  let held: number[] = [];
  return (bytes: readonly number[], wire: Wire): void => {
    held.push(...bytes);
    for (;;) {
      if (held[0] !== STX) {
        if (held.length === 0) return;
        held = held.slice(1);
        continue;
      }
      const length = (held[1] ?? 0) * 256 + (held[2] ?? 0);
      if (held.length < length + 4) return;
      const text = String.fromCharCode(...held.slice(3, 3 + length));
      held = held.slice(length + 4);
      log.push(text);
      const verb = /REQ=(\w+)/.exec(text)?.[1] ?? '';
      wire.send(ACK);
      const answer = answers[verb];
      if (answer !== null && answer !== undefined) wire.send(...frameOf(answer));
    }
  };
}

const PURCHASE = { kind: 'purchase', amount: uah(100), discount: uah(0) } as const;
const YES =
  'RESP=PUR;RC=0000;INVOICE=000123;AMOUNT=100;RRN=014721258513;AUTH=611506;PAN=516815******9659;';

test('frames equal the vectors of the protocol’s page', () => {
  const vectors: [[string, string][], string][] = [
    [
      [
        ['REQ', 'PUR'],
        ['AMOUNT', '100'],
        ['MID', '1111111'],
      ],
      '02 00 1f 52 45 51 3d 50 55 52 3b 41 4d 4f 55 4e 54 3d 31 30 30 3b 4d 49 44 3d 31 31 31 31 31 31 31 3b 5b',
    ],
    [
      [
        ['REQ', 'CON'],
        ['INVOICE', '000123'],
      ],
      '02 00 17 52 45 51 3d 43 4f 4e 3b 49 4e 56 4f 49 43 45 3d 30 30 30 31 32 33 3b 55',
    ],
    [
      [
        ['REQ', 'SET'],
        ['MID', 'BANK'],
      ],
      '02 00 11 52 45 51 3d 53 45 54 3b 4d 49 44 3d 42 41 4e 4b 3b 42',
    ],
  ];
  for (const [fields, expected] of vectors)
    assert.deepEqual([...encodeFrame(fields)], hex(expected));
});

function decodedText(given: string) {
  return decodeData(Buffer.from(given, 'latin1'));
}

test('data is read with and without the NULs of other programs, and garbage is none', () => {
  const expected = { RESP: 'PUR', RC: '0000', INVOICE: '000123' };
  assert.deepEqual(decodedText('RESP=PUR;RC=0000;INVOICE=000123;'), expected);
  assert.deepEqual(decodedText('RESP=PUR;RC=0000;INVOICE=000123;\0\0\0'), expected);
  for (const garbage of ['', ';;;', 'RESP', 'resp=1', 'RC=0000;RC=0051', '\0\0']) {
    assert.equal(decodedText(garbage), null, JSON.stringify(garbage));
  }
});

test('a purchase is made durable, confirmed by its invoice, and approved, at every split', async () => {
  for (const pieceBytes of [1, 2, 3, 7, 100]) {
    const stage = stageOf({ merchantIds: '1111111,2222222' }, pieceBytes);
    const log: string[] = [];
    stage.wire.onBytes = terminal({ PUR: YES, CON: 'RESP=CON;RC=0000;' }, log);
    const { outcome, confirmed } = await stage.play(PURCHASE);
    assert.equal(word(outcome), 'approved approved');
    assert.equal(outcome.result?.rrn, '014721258513');
    assert.equal(outcome.result.card?.mask, '516815******9659');
    assert.deepEqual(confirmed, [100]);
    assert.deepEqual(log, ['REQ=PUR;AMOUNT=100;MID=1111111;', 'REQ=CON;INVOICE=000123;']);
    await stage.clock.advance(10);
    assert.equal(stage.network.openPipes(ADDRESS), 0);
  }
});

const ENDINGS: [string, Record<string, string | null>, string, object?][] = [
  ['a decline', { PUR: 'RESP=PUR;RC=0051;' }, 'declined insufficient-funds'],
  ['a cancel at the terminal', { PUR: 'RESP=PUR;RC=1001;' }, 'cancelled cancelled-at-terminal'],
  ['an unlisted code', { PUR: 'RESP=PUR;RC=0777;' }, 'unknown unlisted-code'],
  ['no code', { PUR: 'RESP=PUR;INVOICE=1;' }, 'unknown unlisted-code'],
  ['another sum', { PUR: YES.replace('AMOUNT=100', 'AMOUNT=101') }, 'unknown contradictory-answer'],
  ['a bare yes', { PUR: 'RESP=PUR;RC=0000;INVOICE=1;' }, 'unknown contradictory-answer'],
  [
    'a bare yes that is trusted',
    { PUR: 'RESP=PUR;RC=0000;INVOICE=1;', CON: 'RESP=CON;RC=0000;' },
    'approved approved',
    { trustCodeOnly: true },
  ],
  [
    'another sum that is trusted',
    { PUR: 'RESP=PUR;RC=0000;INVOICE=1;AMOUNT=101;' },
    'unknown contradictory-answer',
    { trustCodeOnly: true },
  ],
  [
    'a yes without an invoice',
    { PUR: YES.replace('INVOICE=000123;', '') },
    'unknown contradictory-answer',
  ],
  ['an answer to something else', { PUR: 'RESP=SET;RC=0000;' }, 'unknown contradictory-answer'],
  ['a confirmation that fails', { PUR: YES, CON: 'RESP=CON;RC=1000;' }, 'unknown confirm-lost'],
  ['a confirmation that is not answered', { PUR: YES, CON: null }, 'unknown confirm-lost'],
  ['no answer', { PUR: null }, 'unknown deadline-passed'],
];

for (const [name, answers, expected, options] of ENDINGS) {
  test(`${name}: ${expected}`, async () => {
    const stage = stageOf(options);
    stage.wire.onBytes = terminal(answers);
    const { outcome, exchange } = await stage.play(PURCHASE);
    assert.equal(word(outcome), expected);
    assert.equal(exchange.startedCalls, 1);
  });
}

test('a request is repeated after NAK only, and three of them are a refusal', async () => {
  const requestBytes = encodeFrame([
    ['REQ', 'PUR'],
    ['AMOUNT', '100'],
  ]).length;
  const stage = stageOf({}, 100);
  const good = terminal({ PUR: YES, CON: 'RESP=CON;RC=0000;' });
  let refusals = 2;
  stage.wire.onBytes = (bytes, wire) => {
    if (refusals === 0) good(bytes, wire);
    else {
      refusals -= 1;
      wire.send(NAK);
    }
  };
  assert.equal(word((await stage.play(PURCHASE)).outcome), 'approved approved');

  const deaf = stageOf({}, 100);
  deaf.wire.onBytes = (_bytes, wire) => wire.send(NAK);
  const refused = await deaf.play(PURCHASE);
  assert.equal(word(refused.outcome), 'failed terminal-refused');
  assert.equal(deaf.wire.received.length, 3 * requestBytes);
});

test('a silent terminal is not asked twice: it may have taken the request', async () => {
  const stage = stageOf({}, 100);
  const { outcome } = await stage.play(PURCHASE);
  assert.equal(word(outcome), 'unknown lost-answer');
  assert.equal(stage.wire.received.filter((byte) => byte === STX).length, 1);
});

test('a broken answer is asked for again; three of them, or an end after one, are unknown', async () => {
  const broken = frameOf(YES).map((byte, index) => (index === 8 ? byte ^ 1 : byte));
  const stage = stageOf({}, 100);
  const good = terminal({ CON: 'RESP=CON;RC=0000;' });
  stage.wire.onBytes = (bytes, wire) => {
    if (bytes[0] === NAK) wire.send(...frameOf(YES));
    else if (String.fromCharCode(...bytes).includes('PUR')) wire.send(ACK, ...broken);
    else good(bytes, wire);
  };
  assert.equal(word((await stage.play(PURCHASE)).outcome), 'approved approved');

  const never = stageOf({}, 100);
  never.wire.onBytes = (bytes, wire) => {
    if (bytes[0] === STX) wire.send(ACK);
    wire.send(...broken);
  };
  assert.equal(word((await never.play(PURCHASE)).outcome), 'unknown unreadable-answer');

  const ending = stageOf({}, 100);
  ending.wire.onBytes = (bytes, wire) => {
    if (bytes[0] === STX) wire.send(ACK, ...broken);
    if (bytes[0] === NAK) wire.send(EOT);
  };
  assert.equal(word((await ending.play(PURCHASE)).outcome), 'unknown unreadable-answer');
});

test('a cancel sends EOT once, and the terminal’s own end counts', async () => {
  const stage = stageOf({}, 100);
  let ends = 0;
  stage.wire.onBytes = (bytes, wire) => {
    if (bytes[0] === STX) wire.send(ACK);
    if (bytes[0] === EOT) {
      ends += 1;
      wire.send(EOT);
    }
  };
  const cancelled = await stage.play(PURCHASE, (exchange) => {
    stage.clock.after(2_000, () => exchange.cancel.abort());
  });
  assert.equal(word(cancelled.outcome), 'cancelled cancelled-by-till');
  assert.equal(ends, 1);

  const late = stageOf({}, 100);
  const good = terminal({ CON: 'RESP=CON;RC=0000;' });
  late.wire.onBytes = (bytes, wire) => {
    if (bytes[0] === EOT) wire.send(...frameOf(YES));
    else if (String.fromCharCode(...bytes).includes('PUR')) wire.send(ACK);
    else good(bytes, wire);
  };
  const won = await late.play(PURCHASE, (exchange) => {
    late.clock.after(2_000, () => exchange.cancel.abort());
  });
  assert.equal(word(won.outcome), 'approved approved');
});

test('a cut line in the middle is unknown, and no line at all is a certain no', async () => {
  const stage = stageOf({}, 100);
  stage.wire.onBytes = (_bytes, wire) => {
    wire.send(ACK);
    stage.clock.after(50, () => stage.network.cut(ADDRESS));
  };
  assert.equal(word((await stage.play(PURCHASE)).outcome), 'unknown link-cut');
  stage.network.refuse(ADDRESS, true);
  const { outcome, exchange } = await stage.play(PURCHASE);
  assert.equal(word(outcome), 'failed terminal-offline');
  assert.equal(exchange.startedCalls, 0);
});

test('a void names the invoice, a settlement gives the totals', async () => {
  const stage = stageOf({ merchantIds: 'BANK' });
  const log: string[] = [];
  const totals =
    'RESP=SET;RC=0000;MID=BANK;TID=12123123;BATCH=1;DEBAMT=1000;DEBNUM=2;CRDAMT=2000;CRDNUM=1;CANAMT=200;CANNUM=1;TXNNUM=4;';
  stage.wire.onBytes = terminal(
    { CAN: 'RESP=CAN;RC=0000;INVOICE=000123;AMOUNT=100;RRN=1472;', SET: totals },
    log,
  );
  const original = {
    ...operationOf(PURCHASE),
    state: 'approved',
    approvedAmount: uah(100),
    result: { ...EMPTY_RESULT, invoice: '000123' },
  } as const;
  const voided = await stage.play(
    { kind: 'void', of: original.id, invoice: null },
    undefined,
    original,
  );
  assert.equal(word(voided.outcome), 'approved approved');
  assert.equal(voided.outcome.kind === 'approved' && voided.outcome.approvedAmount, 100);
  const settled = await stage.play({ kind: 'settlement' });
  assert.equal(word(settled.outcome), 'approved done');
  assert.deepEqual(settled.outcome.result?.extra, {
    debitAmount: '1000',
    debitCount: '2',
    creditAmount: '2000',
    creditCount: '1',
    cancelledAmount: '200',
    cancelledCount: '1',
    transactions: '4',
  });
  assert.deepEqual(log, ['REQ=CAN;INVOICE=000123;MID=BANK;', 'REQ=SET;MID=BANK;']);
});

test('after a loss nothing can be asked: a person decides', async () => {
  const stage = stageOf();
  const operation = operationOf(PURCHASE);
  const facts = await stage.driver.lookUp(operation, new AbortController().signal);
  assert.ok(facts !== null);
  const { outcome, record } = judge(stage.driver.expectation(operation, null), null, facts);
  assert.equal(outcome, null);
  assert.equal(record.code, 'evidence-no-watermark');
});

test('the link is looked at while idle, and goes offline and back', async () => {
  const stage = stageOf({ checkEveryMs: 1_000 });
  stage.driver.start();
  await stage.clock.runUntil(() => stage.driver.link().kind === 'ready', 10_000, 'ready');
  stage.network.refuse(ADDRESS, true);
  await stage.clock.runUntil(() => stage.driver.link().kind === 'offline', 10_000, 'offline');
  stage.network.refuse(ADDRESS, false);
  await stage.clock.runUntil(() => stage.driver.link().kind === 'ready', 60_000, 'ready again');
  await stage.driver.stop();
  assert.equal(stage.wire.received.length, 0);
});
