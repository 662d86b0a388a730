// What is made ready after the start: a piece a turn, nothing written, nothing that can do harm.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Gateway } from '../app/src/operations/gateway.ts';
import { systemClock } from '../app/src/system/clock.ts';
import { warmUp } from '../app/src/warming.ts';
import { MemorySettings } from './kit/memory-settings.ts';
import { QuietLog } from './kit/quiet-log.ts';

const CORE = [
  'local time of a terminal',
  'local time of the shop',
  'door',
  'request',
  'ledger',
  'thread of the ledger',
];

const noLedger = (): Promise<void> => Promise.reject(new Error('no ledger'));

async function box(t: TestContext, settings: unknown = {}) {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.headers.authorization ?? 'without a key'}`);
    response.writeHead(401).end('{}');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const asked: string[] = [];
  // Whoever calls anything else of a gateway gets an error.
  const gateway: Pick<Gateway, 'find' | 'list'> = {
    find: () => {
      asked.push('find');
      return null;
    },
    list: () => {
      asked.push('list');
      return { operations: [], next: null };
    },
  };
  const log = new QuietLog();
  const pingLedger = async (): Promise<void> => void asked.push('ping');
  const { port } = server.address() as AddressInfo;
  const parts = {
    gateway,
    pingLedger,
    settings: new MemorySettings(settings),
    door: { host: '0.0.0.0', port },
    clock: systemClock(() => true),
    log,
  };
  const done = async (name: string): Promise<void> => {
    const end = performance.now() + 10_000;
    while (!log.lines.some(({ fields }) => fields['name'] === name)) {
      assert.ok(performance.now() < end, `${name} in ${JSON.stringify(log.lines)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const warmed = (): unknown[] =>
    log.lines.filter(({ event }) => event === 'warmed').map(({ fields }) => fields['name']);
  return { parts, log, heard, asked, done, warmed };
}

test('everything is touched once, in order, and only what reads', async (t) => {
  const b = await box(t);
  const end = warmUp(b.parts);
  assert.deepEqual(b.warmed(), [], 'not before the box is ready');
  await b.done('thread of the ledger');
  end();
  assert.deepEqual(b.warmed(), CORE);
  assert.deepEqual(b.heard, ['GET without a key']);
  assert.deepEqual(b.asked, ['find', 'list', 'ping']);
});

test('XML is read in where the settings say that somebody will speak it', async (t) => {
  const b = await box(t, { registration: { enabled: true } });
  const end = warmUp(b.parts);
  await b.done('XML');
  end();
  assert.deepEqual(b.warmed(), [...CORE, 'XML']);
});

test('what fails is told and the rest goes on', async (t) => {
  const b = await box(t);
  const end = warmUp({ ...b.parts, door: { host: '127.0.0.1', port: 1 }, pingLedger: noLedger });
  await b.done('thread of the ledger');
  end();
  const failed = b.log.lines.filter(({ event }) => event === 'not-warmed');
  assert.deepEqual(
    failed.map(({ fields }) => fields['name']),
    ['door', 'thread of the ledger'],
  );
  assert.equal(b.warmed().length, 4);
});

test('a box that stops warms nothing any more', async (t) => {
  const b = await box(t);
  const end = warmUp(b.parts);
  end();
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  assert.deepEqual(b.log.lines, []);
});
