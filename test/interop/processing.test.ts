// Registrations to a SOAP server that nobody here wrote, with the manners of a 1C server.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { openShop, type Shop, type ShopOptions, until } from '../outbound/shop.ts';
import { beside, run } from './programs.ts';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

interface Processing {
  readonly url: string;
  readonly folder: string;
  script(...words: string[]): void;
  taken(): readonly { uid: string; pay_amount: number; order: { orderitem?: unknown } }[];
  heard(): readonly string[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function processing(...words: string[]): Promise<Processing> {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-processing-'));
  open.push(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const server: Processing = {
    url: `http://127.0.0.1:${port}/base/ws/pos.1cws`,
    folder,
    script: (...next) => writeFileSync(join(folder, 'script'), `${next.join('\n')}\n`),
    taken: () =>
      existsSync(join(folder, 'taken'))
        ? readFileSync(join(folder, 'taken'), 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
    heard: () =>
      readdirSync(folder)
        .filter((name) => name.startsWith('heard-'))
        .sort(),
    start: async () => {
      child = spawn('php', ['-S', `127.0.0.1:${port}`, beside('servers/processing.php')], {
        env: { ...process.env, PROCESSING_FOLDER: folder, PHP_CLI_SERVER_WORKERS: '3' },
        stdio: 'ignore',
        detached: true,
      });
      let up = false;
      for (let turn = 0; !up && turn < 250; turn += 1) {
        up = await fetch(server.url).then(
          () => true,
          () => false,
        );
        if (!up) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(up, 'the PHP server did not start');
    },
    stop: async () => {
      if (child === null || child.pid === undefined) return;
      const gone = new Promise((resolve) => child?.once('exit', resolve));
      process.kill(-child.pid, 'SIGKILL'); // the server and its workers are a group of their own
      await gone;
      child = null;
    },
  };
  server.script(...words);
  open.push(() => server.stop());
  await server.start();
  return server;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function shopFor(server: Processing, more: ShopOptions = {}): Promise<Shop> {
  const registration = {
    enabled: true,
    url: server.url,
    user: 'pos',
    namespace: 'http://shop.example/pos',
    ...more.registration,
  };
  const secrets = { registration: { password: 'пароль' } };
  const shop = await openShop({ speed: 10, ...more, registration, secrets });
  open.push(() => shop.close());
  return shop;
}

async function valid(server: Processing): Promise<void> {
  const wsdl = beside('servers/pos.1cws.wsdl');
  const bodies = server.heard().map((name) => join(server.folder, name));
  const words = [beside('servers/validate.py'), wsdl, ...bodies];
  const { code, out, errors } = await run('/usr/bin/python3', words);
  assert.equal(code, 0, errors);
  assert.equal(Number(out), bodies.length);
}

for (const soap of ['1.1', '1.2']) {
  test(`a SOAP ${soap} server takes what we tell it, valid by its own schema`, async () => {
    const server = await processing('true');
    const shop = await shopFor(server, { registration: { soap } });
    const order = Array.from({ length: 1_000 }, (_, n) => ({
      id: `арт-${n}`,
      name: `Товар «${n}» & їжак`,
      count: n / 8,
      cost: n,
    }));
    await shop.run('p-1', { kind: 'purchase', amount: 1000 });
    await shop.run('p-2', { kind: 'purchase', amount: 1000, order });
    await shop.run('c-1', { kind: 'cash', amount: 700, paid: 1000, change: 250, rest: 50 });
    await shop.run('r-1', { kind: 'refund', amount: 400, of: 'p-1' });
    await until(() => shop.items('delivered').length === 4, 'four payments');
    assert.deepEqual(
      server.taken().map(({ uid, pay_amount }) => [uid, pay_amount]),
      [
        ['p-1', 1000],
        ['p-2', 1000],
        ['c-1', 1000],
        ['r-1', -400],
      ],
    );
    const items = server.taken()[1]?.order.orderitem as { name: string; count: string }[];
    assert.equal(items.length, 1_000);
    assert.equal(items[999]?.name, 'Товар «999» & їжак');
    await valid(server);
  });
}

test('reads from the WSDL how the service wants to be called', async () => {
  const server = await processing('true');
  const shop = await shopFor(server);
  const found = await shop.outbound.probe({}, AbortSignal.timeout(5_000));
  assert.equal(found.kind, 'service');
  assert.deepEqual(found.problems, []);
  assert.equal(found.namespace, 'http://shop.example/pos');
  assert.equal(found.orderNamespace, 'http://www.stampsoft.ru/pos');
  assert.equal(found.priceElement, 'cost');
  const soapAction = 'http://shop.example/pos#pos:Register';
  assert.deepEqual(found.ports, [
    { name: 'posSoap', soap: '1.1', address: server.url, soapAction },
    { name: 'posSoap12', soap: '1.2', address: server.url, soapAction },
  ]);
  const wrong = await shop.outbound.probe({ password: 'x' }, AbortSignal.timeout(5_000));
  assert.match(wrong.kind === 'refused' ? wrong.detail : '', /401/);
  const nowhere = new URL(server.url);
  nowhere.pathname = '/other';
  const lost = await shop.outbound.probe({ url: nowhere.href }, AbortSignal.timeout(5_000));
  assert.match(lost.kind === 'refused' ? lost.detail : '', /404/);
});

test('goes through faults, refusals, pages and slow answers, in order and with one uid', async () => {
  const server = await processing(
    'fault',
    'denied',
    'html',
    'session',
    'slow',
    'ours',
    'false',
    'true',
  );
  const shop = await shopFor(server, { speed: 50, registration: { timeoutMs: 50_000 } });
  for (const uid of ['a', 'b', 'c', 'd']) await shop.run(uid, { kind: 'purchase', amount: 100 });
  await until(() => shop.items('delivered').length === 2, 'the two that were taken');
  assert.deepEqual(
    server.taken().map(({ uid }) => uid),
    ['a', 'd'],
  );
  const parked = shop.items('parked').map(({ operation, lastError }) => [operation, lastError]);
  assert.deepEqual(parked, [
    ['c', 'the processing server answered false'],
    ['b', 'HTTP 500: Невідповідність типів XDTO'],
  ]);
  const postponed = shop.log.lines.filter(({ event }) => event === 'delivery-postponed');
  assert.match(String(postponed[0]?.fields['error']), /HTTP 500: \{ВебСервис.pos.Модуль\(12\)\}/);
  await valid(server);
});

test('tells again with the same uid when the answer is lost after the payment was taken', async () => {
  const server = await processing('lost', 'true');
  const shop = await shopFor(server, { registration: { timeoutMs: 10_000 } });
  await shop.run('a', { kind: 'purchase', amount: 100 });
  await until(() => shop.items('delivered').length === 1, 'delivered');
  assert.deepEqual(
    server.taken().map(({ uid }) => uid),
    ['a', 'a'],
  );
});

test('goes on where it stood after a restart of the server', async () => {
  const server = await processing('true');
  const shop = await shopFor(server);
  await shop.run('a', { kind: 'purchase', amount: 1 });
  await until(() => shop.items('delivered').length === 1, 'the first');
  await server.stop();
  for (const uid of ['b', 'c']) await shop.run(uid, { kind: 'purchase', amount: 2 });
  await until(() => (shop.items('waiting').at(-1)?.attempts ?? 0) > 0, 'a try in vain');
  await server.start();
  await until(() => shop.items('delivered').length === 3, 'all of them');
  assert.deepEqual(
    server.taken().map(({ uid }) => uid),
    ['a', 'b', 'c'],
  );
});
