import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createNulFramer } from '../../../app/src/terminals/wire/nul-frames.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));
const texts = (chunks: readonly Uint8Array[], max = 1_000): string[] => {
  const framer = createNulFramer(max);
  return chunks
    .flatMap((chunk) => framer.push(chunk))
    .map((frame) => (frame.kind === 'frame' ? Buffer.from(frame.bytes).toString('utf8') : '<big>'));
};

test('finds the same frames at every split offset, empty ones dropped', () => {
  const stream = bytes('\0{"a":"Оплата"}\0\0\0{"b":2}\0{"c"');
  for (let at = 0; at <= stream.length; at++) {
    const split = [stream.subarray(0, at), stream.subarray(at)];
    assert.deepEqual(texts(split), ['{"a":"Оплата"}', '{"b":2}'], `split at ${at}`);
  }
  assert.deepEqual(texts([...stream].map((byte) => Uint8Array.of(byte))), [
    '{"a":"Оплата"}',
    '{"b":2}',
  ]);
});

test('fails an oversized frame once, as soon as it is too long, and goes on after it', () => {
  const framer = createNulFramer(4);
  assert.deepEqual(framer.push(bytes('1234')), []);
  assert.deepEqual(framer.push(bytes('5')), [{ kind: 'oversized' }]);
  assert.deepEqual(framer.push(bytes('67890')), []);
  assert.deepEqual(framer.push(bytes('1\0ok\0')), [{ kind: 'frame', bytes: bytes('ok') }]);
});

test('a frame of exactly the bound passes', () => {
  assert.deepEqual(texts([bytes('1234\0')], 4), ['1234']);
});

test('does not keep the chunk of the caller', () => {
  const framer = createNulFramer(10);
  const chunk = bytes('ab');
  framer.push(chunk);
  chunk.fill(0x78);
  assert.deepEqual(framer.push(bytes('\0')), [{ kind: 'frame', bytes: bytes('ab') }]);
});

test('any bytes in any pieces never throw and give the frames of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }), (chunks) => {
      const whole = Buffer.concat(chunks);
      assert.deepEqual(
        texts(chunks, 30),
        texts(
          [...whole].map((byte) => Uint8Array.of(byte)),
          30,
        ),
      );
    }),
    { numRuns: 200 },
  );
});
