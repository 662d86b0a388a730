import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  decode,
  encodeHandshakePing,
  encodeMethod,
  encodeService,
} from '../../../app/src/terminals/privat-json/codec.ts';
import { localTime } from '../../../app/src/terminals/privat-json/fields.ts';
import { METHODS, type Method } from '../../../app/src/terminals/privat-json/messages.ts';
import { maskedCard, withMaskedCards } from '../../../app/src/terminals/wire/card-mask.ts';
import * as vectors from '../../vectors/privat-json.ts';

const frame = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));
const sent = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8').replace(/\0$/, '');

test('writes the bytes of the specification', () => {
  assert.deepEqual(encodeHandshakePing(), vectors.PING_REQUEST);
  assert.deepEqual(encodeService('identify'), vectors.IDENTIFY_REQUEST);
  const params = { amount: '0.60', discount: '', merchantId: '0', facepay: 'false' };
  assert.equal(sent(encodeMethod('Purchase', params)), vectors.PURCHASE_REQUEST);
  assert.equal(sent(encodeService('interrupt')), vectors.INTERRUPT_REQUEST);
  const correction = { amount: '0.02', discount: '0.01' };
  assert.equal(sent(encodeService('correctTransaction', correction)), vectors.CORRECTION_REQUEST);
});

test('writes Cyrillic as UTF-8, not as escapes', () => {
  assert.ok(sent(encodeMethod('ReadBonusCard', {}, { prompt: 'Картка' })).includes('Картка'));
});

test('reads the reply with the misspelt key', () => {
  const read = decode(vectors.PING_REPLY.subarray(0, -1));
  assert.deepEqual(read, {
    kind: 'reply',
    reply: {
      method: 'PingDevice',
      params: { code: '00', responseCode: '0000' },
      error: false,
      description: null,
    },
  });
});

test('reads every spelling of the description, any order of keys and stray spaces', () => {
  for (const key of ['errorDescription', 'errorDescritption', 'errorDecsription']) {
    const read = decode(
      frame(`{ "${key}" : "Ні", "params":{}, "error":true, "method":" Purchase " }`),
    );
    assert.equal(read.kind === 'reply' && read.reply.description, 'Ні', key);
    assert.equal(read.kind === 'reply' && read.reply.method, 'Purchase');
  }
  const service = '{"method":"ServiceMessage","params":{"msgType":" interruptTransmitted"}}';
  const read = decode(frame(service));
  assert.equal(read.kind === 'service' && read.msgType, 'interruptTransmitted');
});

test('tells the notices apart', () => {
  assert.deepEqual(decode(frame(vectors.BUSY)), { kind: 'busy' });
  const missing = vectors.BUSY.replace('deviceBusy', 'methodNotImplemented');
  assert.deepEqual(decode(frame(missing)), { kind: 'not-implemented' });
});

test('reads merchant lists in params and one level deeper', () => {
  for (const list of ['"1":"TESTKKM0"', '"list":{"1":"TESTKKM0"}']) {
    const read = decode(
      frame(`{"method":"ServiceMessage","params":{"msgType":"getMaskList",${list}},"error":false}`),
    );
    assert.equal(read.kind === 'service' && read.params['1'], 'TESTKKM0', list);
  }
});

test('a broken frame fails alone and says what it was about', () => {
  assert.deepEqual(decode(frame(vectors.BROKEN_DUMP)), {
    kind: 'unreadable',
    begins: 'PingDevice',
    names: ['PingDevice'],
  });
  assert.equal(decode(frame('[1]')).kind, 'unreadable');
  assert.equal(decode(frame('{"method":7}')).kind, 'unreadable');
  assert.equal(decode(frame('{"method":"X","params":[]}')).kind, 'unreadable');
  assert.equal(decode(frame('['.repeat(200_000))).kind, 'unreadable');
});

test('garbage never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(frame)), (bytes) => {
      decode(bytes);
    }),
    { numRuns: 500 },
  );
});

test('card data does not leave the codec', () => {
  const pan = '4731185612349838';
  const params = {
    track1: `%B${pan}^IVANENKO/TARAS^2512101`,
    Track2: `;${pan}=25121010000?`,
    cardHolderName: 'IVANENKO/TARAS',
    cardExpiryDate: '2512',
    pinblock: '0123456789ABCDEF',
    hash: 'a1b2c3',
    pan,
    rrn: '014721258513',
    adv: JSON.stringify({ er: true, pan }),
    nested: { track2: 'secret', left: pan },
    receipt: `ЧЕК 1\n${pan}\n4731 1856 1234 9838\nIVANENKO/TARAS\n;${pan}=25121010000?\nRRN 014721258513`,
  };
  const read = decode(
    frame(
      JSON.stringify({ method: 'Purchase', params, error: false, errorDescription: `no ${pan}` }),
    ),
  );
  const all = JSON.stringify(read);
  for (const secret of [
    pan,
    '1234 9838',
    'IVANENKO',
    'TARAS',
    '2512',
    '0123456789ABCDEF',
    'a1b2c3',
    'secret',
    '473118561234',
  ]) {
    assert.ok(!all.includes(secret), secret);
  }
  assert.ok(read.kind === 'reply');
  assert.equal(read.reply.params['pan'], '473118******9838');
  assert.equal(read.reply.params['rrn'], '014721258513');
  assert.match(read.reply.params['receipt'] ?? '', /473118\*{6}9838\n473118/);
});

test('masks what is a card number and leaves references', () => {
  assert.equal(maskedCard('4731XXXXXXXX9838'), '4731********9838');
  assert.equal(maskedCard('123456******9876'), '123456******9876');
  assert.equal(maskedCard('12345678'), '****5678');
  assert.equal(maskedCard('PAN_UNDEF'), null);
  assert.equal(withMaskedCards('RRN 9999999999999 ІПН 12345678'), 'RRN 9999999999999 ІПН 12345678');
  assert.equal(
    withMaskedCards('IBAN UA213223130000026007233566001'),
    'IBAN UA213223130000026007233566001',
  );
});

test('no full card number survives masking, whatever stands around it', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 15, maxLength: 15 });
  fc.assert(
    fc.property(digits, fc.string({ maxLength: 5 }), (body, around) => {
      const pan = `4${body.join('')}`;
      const padding = around.replace(/\d/g, '');
      assert.ok(!withMaskedCards(`${padding}${pan}${padding}`).includes(pan));
    }),
    { numRuns: 200 },
  );
});

test('reads the forms of date and time that firmware uses', () => {
  const expected = { year: 2019, month: 10, day: 2, hour: 9, minute: 41, second: 0 };
  for (const [date, time] of [
    ['02.10.2019', '09:41:00'],
    ['02.10.19', '09:41'],
    ['02/10/2019', '094100'],
    ['2019-10-02', '0941'],
    ['02102019', '09:41:00'],
  ] as const) {
    assert.deepEqual(localTime({ date, time }), expected, `${date} ${time}`);
  }
  assert.equal(localTime({ date: '02.10.2019' }), null);
  assert.equal(localTime({ date: 'x', time: '09:41' }), null);
});

test('no table of results names card data', () => {
  for (const name of Object.keys(METHODS)) {
    const { results } = METHODS[name as Method];
    for (const secret of [
      'track1',
      'track2',
      'cardHolderName',
      'cardExpiryDate',
      'pinblock',
      'hash',
    ]) {
      assert.ok(!(results as readonly string[]).includes(secret), `${name}: ${secret}`);
    }
  }
});
