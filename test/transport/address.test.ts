import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransportError } from '../../app/src/ports/transport.ts';
import { parseAddress } from '../../app/src/transport/address.ts';
import { createTransport, normaliseAddress } from '../../app/src/transport/open.ts';

test('reads addresses, with the speed that terminals use by default', () => {
  assert.deepEqual(parseAddress('tcp://192.168.1.50:2000'), {
    kind: 'tcp',
    host: '192.168.1.50',
    port: 2000,
  });
  assert.deepEqual(parseAddress('tcp://[fd00::5]:80'), { kind: 'tcp', host: 'fd00::5', port: 80 });
  assert.deepEqual(parseAddress('serial:///dev/terminals/pos-1'), {
    kind: 'serial',
    path: '/dev/terminals/pos-1',
    baud: 115_200,
  });
  assert.deepEqual(parseAddress('serial:///dev/ttyS0?baud=9600'), {
    kind: 'serial',
    path: '/dev/ttyS0',
    baud: 9_600,
  });
});

const isBad = (error: unknown): boolean =>
  error instanceof TransportError && error.code === 'bad-address';

test('refuses what is no address, by code', async () => {
  for (const text of [
    '',
    'COM3',
    'tcp://',
    'tcp://host',
    'tcp://host:0',
    'tcp://host:70000',
    'tcp://user@host:2000',
    'tcp://host:2000/path',
    'udp://host:2000',
    'serial://dev/ttyS0',
    'serial:///etc/passwd',
    'serial:///dev/../etc/passwd',
    'serial:///dev/ttyS0?baud=fast',
    'serial:///dev/ttyS0?parity=even',
    'serial:///dev/%00',
    'serial:///dev/%',
  ]) {
    assert.throws(() => parseAddress(text), isBad, text);
    await assert.rejects(createTransport().open(text, AbortSignal.timeout(1_000)), isBad, text);
  }
});

test('two spellings of one peer are one address', () => {
  const same = [
    ['tcp://LOCALHOST:2000', ' tcp://127.0.0.1:2000 ', 'TCP://127.1:2000'],
    ['tcp://Pos-1.Shop.:2000', 'tcp://pos-1.shop:2000'],
    ['tcp://[FD00:0::5]:2000', 'tcp://[fd00::5]:2000'],
    ['serial:///dev/ttyS0?baud=9600', 'serial:///dev//ttyS0', 'serial:///dev/./ttyS0?baud=115200'],
    ['http://POS:11000/', 'http://pos:11000'],
  ];
  for (const group of same) {
    assert.equal(new Set(group.map(normaliseAddress)).size, 1, group.join(' '));
  }
  assert.notEqual(
    normaliseAddress('tcp://127.0.0.1:2000'),
    normaliseAddress('tcp://127.0.0.1:2001'),
  );
});
