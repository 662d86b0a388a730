import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransportError } from '../../app/src/ports/transport.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryNetwork, type PeerEnd } from './memory-transport.ts';

const ADDRESS = 'tcp://peer:1';
const never = new AbortController().signal;

function setUp(pieceBytes?: () => number) {
  const clock = new FakeClock();
  const network = new MemoryNetwork({
    clock,
    delayMs: () => 10,
    ...(pieceBytes && { pieceBytes }),
  });
  const heard: string[] = [];
  let end: PeerEnd | null = null;
  network.listen(ADDRESS, (given) => {
    end = given;
    return {
      receive: (chunk) => heard.push(Buffer.from(chunk).toString()),
      gone: () => heard.push('gone'),
    };
  });
  const transport = network.transport();
  const open = async () => {
    const opening = transport.open(ADDRESS, never);
    await clock.advance(10);
    const pipe = await opening;
    const got: string[] = [];
    pipe.onData((chunk) => got.push(Buffer.from(chunk).toString()));
    return { pipe, got };
  };
  const peer = (): PeerEnd => {
    assert.ok(end !== null);
    return end;
  };
  return { clock, network, transport, heard, open, peer };
}

test('carries bytes both ways, in order, late and in pieces', async () => {
  const { clock, open, peer, heard } = setUp(() => 2);
  const { pipe, got } = await open();
  await pipe.write(Buffer.from('abcde'));
  peer().send(Buffer.from('12345'));
  await clock.advance(9);
  assert.deepEqual([heard, got], [[], []]);
  await clock.advance(1);
  assert.deepEqual(
    [heard, got],
    [
      ['ab', 'cd', 'e'],
      ['12', '34', '5'],
    ],
  );
});

test('delivers before a close what was sent before it', async () => {
  const { clock, open, peer, heard } = setUp();
  const first = await open();
  await first.pipe.write(Buffer.from('a'));
  first.pipe.close();
  await clock.advance(20);
  assert.deepEqual(heard, ['a', 'gone']);
  assert.deepEqual(await first.pipe.closed, { kind: 'closed-by-us' });
  await assert.rejects(first.pipe.write(Buffer.from('b')), TransportError);
  const second = await open();
  peer().send(Buffer.from('z'));
  peer().close();
  await clock.advance(20);
  assert.deepEqual(second.got, ['z']);
  assert.deepEqual(await second.pipe.closed, { kind: 'closed-by-peer' });
});

test('loses in a cut what is on its way, and tells both ends', async () => {
  const { clock, network, open, peer, heard } = setUp();
  const { pipe, got } = await open();
  await pipe.write(Buffer.from('a'));
  peer().send(Buffer.from('z'));
  network.cut(ADDRESS);
  await clock.advance(50);
  assert.deepEqual([heard, got], [['gone'], []]);
  assert.equal((await pipe.closed).kind, 'error');
  assert.equal(network.openPipes(ADDRESS), 0);
});

test('carries nothing and tells nobody while the cable is out', async () => {
  const { clock, network, open, peer, heard } = setUp();
  const { pipe, got } = await open();
  network.mute(ADDRESS);
  await pipe.write(Buffer.from('a'));
  peer().send(Buffer.from('z'));
  pipe.close();
  await clock.advance(100);
  assert.deepEqual([heard, got], [[], []]);
  network.cut(ADDRESS);
  assert.deepEqual(heard, ['gone']);
});

test('refuses where nobody listens, and gives up when it is told to', async () => {
  const { clock, network, transport } = setUp();
  network.refuse(ADDRESS, true);
  const refused = assert.rejects(transport.open(ADDRESS, never), { code: 'ECONNREFUSED' });
  await clock.advance(10);
  await refused;
  network.refuse(ADDRESS, false);
  await assert.rejects(transport.open(ADDRESS, AbortSignal.abort()), { code: 'aborted' });
});

test('our death silences us at once, and the peer notices later', async () => {
  const { clock, transport, open, peer, heard } = setUp();
  const { pipe, got } = await open();
  await pipe.write(Buffer.from('last'));
  transport.die(1_000);
  void pipe.write(Buffer.from('never'));
  peer().send(Buffer.from('z'));
  await clock.advance(999);
  assert.deepEqual([heard, got], [['last'], []]);
  await clock.advance(1);
  assert.deepEqual(heard, ['last', 'gone']);
});
