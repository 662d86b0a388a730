import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as openSocket, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { terminalId } from '../../app/src/domain/ids.ts';
import { SimulatorFleet } from '../../app/src/simulator/fleet.ts';
import { fileStore } from '../../app/src/simulator/journal-file.ts';
import { memoryTransport } from '../../app/src/simulator/memory-transport.ts';
import { Journal } from '../../app/src/simulator/privat-json/journal.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { type Message, PURCHASE } from './core-till.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
after(() => rmSync(folder, { recursive: true }));

const fail = (cause: unknown) => assert.fail(String(cause));
const frame = (method: string, params: Record<string, string> = {}) =>
  Buffer.from(`${JSON.stringify({ method, step: 0, params })}\0`, 'utf8');

interface SocketTill {
  readonly socket: Socket;
  readonly ask: (bytes: Uint8Array) => Promise<Message>;
}

async function dial(address: string): Promise<SocketTill> {
  const url = new URL(address);
  const socket = openSocket(Number(url.port), url.hostname);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect', { signal: AbortSignal.timeout(5_000) });
  let held = '';
  const ready: Message[] = [];
  const wanted: ((message: Message) => void)[] = [];
  socket.setEncoding('utf8').on('data', (text: string) => {
    const parts = (held + text).split('\0');
    held = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      const next = wanted.shift();
      if (next) next(message);
      else ready.push(message);
    }
  });
  return {
    socket,
    ask(bytes) {
      socket.write(bytes);
      const early = ready.shift();
      if (early) return Promise.resolve(early);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no answer')), 5_000);
        wanted.push((message) => {
          clearTimeout(timer);
          resolve(message);
        });
      });
    },
  };
}

async function withFleet(
  work: (fleet: SimulatorFleet) => Promise<void>,
  journalFolder: string | null = null,
): Promise<void> {
  const clock = systemClock(() => true);
  const fleet = new SimulatorFleet({
    clock,
    journalFolder,
    onFailure: (_, cause) => assert.fail(String(cause)),
  });
  try {
    await work(fleet);
  } finally {
    await fleet.close();
  }
}

test('sells over a real socket, with the request in pieces', async () => {
  await withFleet(async (fleet) => {
    const { socket, ask } = await dial(await fleet.add('till-1'));
    const bytes = frame('Purchase', PURCHASE);
    socket.setNoDelay(true);
    for (const byte of bytes.subarray(0, -1)) socket.write(Uint8Array.of(byte));
    const { params } = await ask(bytes.subarray(-1));
    assert.equal(params['responseCode'], '0000');
    socket.destroy();
  });
});

test('lets a second client connect, and serves it when the first has gone', async () => {
  await withFleet(async (fleet) => {
    const address = await fleet.add('till-1');
    const first = await dial(address);
    await first.ask(frame('PingDevice'));
    const second = await dial(address);
    const answer = second.ask(frame('PingDevice'));
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50))]);
    assert.equal(early, undefined);
    first.socket.destroy();
    assert.equal((await answer).method, 'PingDevice');
    second.socket.destroy();
  });
});

test('refuses links while its power is cut, and comes back at the same port', async () => {
  await withFleet(async (fleet) => {
    const address = await fleet.add('till-1');
    const till = await dial(address);
    fleet.powerCut(terminalId('till-1'), 300);
    await once(till.socket, 'close', { signal: AbortSignal.timeout(5_000) });
    const refused = openSocket(Number(new URL(address).port), '127.0.0.1');
    const closed = new Promise((resolve) => {
      refused.on('error', () => refused.destroy()).once('close', () => resolve('closed'));
    });
    const late = new Promise((resolve) => setTimeout(resolve, 5_000, 'still open').unref());
    assert.equal(await Promise.race([closed, late]), 'closed');
    await new Promise((resolve) => setTimeout(resolve, 400));
    const again = await dial(address);
    assert.equal((await again.ask(frame('PingDevice'))).method, 'PingDevice');
    again.socket.destroy();
  });
});

test('resolves sim addresses, keeps the terminal while the address stays, refuses wrong ones', async () => {
  await withFleet(async (fleet) => {
    const first = await fleet.open('till-1', 'sim://privat-json?answerAfterMs=5&merchants=2');
    assert.equal(
      await fleet.open('till-1', 'sim://privat-json?answerAfterMs=5&merchants=2'),
      first,
    );
    assert.equal(fleet.find(terminalId('till-1'))?.settings.answerAfterMs, 5);
    await fleet.open('till-1', 'sim://privat-json?autoCard=0');
    assert.equal(fleet.find(terminalId('till-1'))?.settings.autoCard, false);
    for (const wrong of [
      'sim://other',
      'tcp://x',
      'sim://privat-json?x=1',
      'sim://privat-json?answerAfterMs=-1',
    ]) {
      await assert.rejects(fleet.open('till-2', wrong), RangeError);
    }
  });
});

test('offers every knob through the control', async () => {
  await withFleet(async (fleet) => {
    const id = terminalId('till-1');
    const { socket, ask } = await dial(await fleet.add(id, { settings: { autoCard: false } }));
    const answer = ask(frame('Purchase', PURCHASE));
    while (fleet.find(id)?.busy !== true) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(fleet.presentCard(id, { name: 'no-such-card' }), false);
    assert.equal(fleet.presentCard(id, { name: 'insufficient-funds' }), true);
    assert.equal((await answer).params['responseCode'], '0051');
    assert.equal(fleet.presentCard(id, null), true);
    assert.equal((await ask(frame('Purchase', PURCHASE))).params['responseCode'], '0000');
    assert.equal(fleet.standaloneSale(id, 555), true);
    const journal = fleet.find(id)!.journal;
    assert.deepEqual(
      journal.map((one) => [one['amount'], one['standalone']]),
      [
        [10_000, false],
        [555, true],
      ],
    );
    assert.equal(fleet.fault(id, 'busy', 1), true);
    assert.deepEqual(fleet.find(id)?.faults, ['busy']);
    assert.equal(fleet.configure(id, { answerAfterMs: -1 }), false);
    assert.equal(fleet.configure(id, { answerAfterMs: 9, autoCard: true }), true);
    assert.equal(fleet.reset(id), true);
    assert.equal(fleet.find(id)?.settings.autoCard, false);
    assert.deepEqual(fleet.find(id)?.faults, []);
    assert.ok(fleet.faults().length > 40 && fleet.cards().length > 10);
    assert.equal(fleet.pressCancel(terminalId('nobody')), false);
    assert.equal(fleet.clearFaults(terminalId('nobody')), false);
    socket.destroy();
  });
});

test('a thousand terminals wait without a timer and in little memory', async () => {
  const clock = new FakeClock();
  const fleet = new SimulatorFleet({ clock, journalFolder: null, onFailure: () => {} });
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 1_000; at++) fleet.addInMemory(`t-${at}`);
  assert.equal(clock.pending, 0);
  assert.ok(process.memoryUsage().heapUsed - before < 30e6);
  const tids = new Set(
    fleet.list().map((one) => fleet.terminal(one.terminal)!.device.merchant('0')!.tid),
  );
  assert.ok(tids.size > 990, 'terminal ids tell them apart');
  await fleet.close();
});

test('carries a link in memory on the fake clock', async () => {
  const clock = new FakeClock();
  const fleet = new SimulatorFleet({ clock, journalFolder: null, onFailure: () => {} });
  fleet.addInMemory('till-1');
  const transport = memoryTransport(clock, (name) => fleet.terminal(name), 3);
  const { signal } = new AbortController();
  await assert.rejects(transport.open('mem://nobody', signal), { code: 'ECONNREFUSED' });
  const pipe = await transport.open('mem://till-1', signal);
  const seen: string[] = [];
  pipe.onData((chunk) => seen.push(`${clock.monotonic()} ${Buffer.from(chunk).toString()}`));
  await pipe.write(frame('PingDevice'));
  await clock.advance(10);
  assert.equal(seen.length, 1);
  assert.match(seen[0]!, /^6 \{"method":"PingDevice"/);
  fleet.powerCut(terminalId('till-1'), 1_000);
  await clock.advance(3);
  assert.deepEqual(await pipe.closed, { kind: 'closed-by-peer' });
  await assert.rejects(transport.open('mem://till-1', signal), { code: 'ECONNREFUSED' });
  await assert.rejects(pipe.write(frame('PingDevice')), { code: 'closed' });
  await fleet.close();
});

test('a journal file carries batch, marks and settlement over, and drops a line that was cut', async () => {
  await withFleet(async (fleet) => {
    const { socket, ask } = await dial(await fleet.add('carried'));
    const sale = await ask(frame('Purchase', PURCHASE));
    await ask(frame('Verify', { merchantId: '0' }));
    await ask(frame('Purchase', PURCHASE));
    await ask(frame('Withdrawal', { invoiceNumber: '2' }));
    assert.equal(sale.params['invoiceNumber'], '000001');
    socket.destroy();
  }, folder);
  const path = join(folder, 'carried.journal');
  appendFileSync(path, '{"kind":"transaction","transac');
  const journal = new Journal(fileStore(folder, 'carried', fail), 1);
  assert.equal(journal.batch, 2);
  assert.deepEqual(
    journal.transactions.map((one) => [one.kind, one.status]),
    [
      ['purchase', '4'],
      ['void', '1'],
    ],
  );
  assert.match(journal.copy ?? '', /ЗВІРКА/);
  await new Promise<void>((resolve) => journal.mark(2, { status: '1' }, resolve));
  assert.equal(new Journal(fileStore(folder, 'carried', fail), 1).find(2)?.status, '1');
  assert.ok(!readFileSync(path, 'utf8').includes('"invoice":1,'), 'a settled batch is not kept');
});

async function startProgram() {
  const args = ['--import', 'tsx', 'app/src/simulator/main.ts', '--port', '0', '--journal', folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = (await once(createInterface({ input: child.stdout }), 'line', {
    signal: AbortSignal.timeout(20_000),
  })) as [string];
  return { child, till: await dial(address) };
}

test('an approval that left the terminal survives kill -9 of its process', async () => {
  const first = await startProgram();
  const { params } = await first.till.ask(frame('Purchase', PURCHASE));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  first.till.socket.destroy();
  const second = await startProgram();
  const info = await second.till.ask(frame('GetReceiptInfo', { invoiceNumber: '' }));
  assert.equal(info.params['rrn'], params['rrn']);
  assert.equal(info.params['invoiceNumber'], params['invoiceNumber']);
  second.till.socket.destroy();
  second.child.kill('SIGTERM');
  const [code] = (await once(second.child, 'exit', { signal: AbortSignal.timeout(10_000) })) as [
    number,
  ];
  assert.equal(code, 0);
});
