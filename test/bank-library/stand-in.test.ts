// The demonstration's terminal behind the stand-in of the bank's library: named as one everywhere, and
// nowhere outside of the demonstration.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ApplianceOptions, openAppliance } from '../../app/src/appliance.ts';
import { QuietLog } from '../kit/quiet-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillgate-stand-in-'));
const FILE = join(folder, 'stand-in.so');
const BUILD = fileURLToPath(new URL('./double/build', import.meta.url));
const KEY = 'test-key-0123456789';
after(() => rmSync(folder, { recursive: true, force: true }));

execFileSync('sh', [BUILD, FILE], { timeout: 60_000 });

function options(change: Partial<ApplianceOptions> = {}): ApplianceOptions {
  return {
    folder: join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    tlsPort: null,
    demonstration: true,
    demoKey: KEY,
    standIn: FILE,
    notifySocket: null,
    watchdogUsec: null,
    onAppliance: false,
    hand: null,
    log: new QuietLog(),
    onFatal: (error) => {
      throw error;
    },
    onRestart: () => undefined,
    ...change,
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of many shapes, looked into by each test
type Json = Readonly<Record<string, any>>;

function client(port: number) {
  return async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
  };
}

async function ready(call: ReturnType<typeof client>, id: string): Promise<Json> {
  for (let look = 0; look < 300; look++) {
    const { body } = await call('GET', `/v1/terminals/${id}`);
    if (body['link'] === 'ready') return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${id} does not become ready`);
}

test('the demonstration has a BPOS terminal, and each name and paper says that it is a stand-in', async () => {
  const appliance = await openAppliance(options());
  try {
    const call = client(appliance.port);
    assert.match(appliance.welcome, /till-2 behind a stand-in of the bank’s library/);
    const terminal = await ready(call, 'till-2');
    assert.match(terminal['name'], /stand-in of the bank’s library/);
    assert.match(terminal['name'], /макет/);
    assert.equal(terminal['firmware'], 'STAND-IN');
    assert.ok(terminal['capabilities'].kinds.includes('cashback'));

    await call('POST', '/v1/simulators/till-2/settings', { answerAfterMs: 100 });
    const sale = { kind: 'purchase', amount: 12_345, terminal: 'till-2' };
    const sold = await call('PUT', '/v1/operations/bpos-1?wait=30', sale);
    assert.equal(sold.body['state'], 'approved', JSON.stringify(sold.body));
    const receipt = sold.body['result'].receipt.customer as string;
    assert.match(receipt, /МАКЕТ БІБЛІОТЕКИ БАНКУ\nГРОШІ НЕ РУХАЮТЬСЯ\nSTAND-IN, NO MONEY MOVES/);
    assert.equal(sold.body['result'].card.issuer, 'МАКЕТ');

    // A crash after the confirmation: the library's process dies, the payment does not.
    await call('POST', '/v1/simulators/till-2/fault', { name: 'crash-after-confirm' });
    const crashed = await call('PUT', '/v1/operations/bpos-2?wait=2', { ...sale, amount: 200 });
    assert.equal(crashed.body['message'].code, 'confirm-lost');
    for (let look = 0; look < 300; look++) {
      const { body } = await call('GET', '/v1/operations/bpos-2');
      if (body['final'] === true) {
        assert.equal(body['state'], 'approved');
        break;
      }
      assert.ok(look < 299, 'it does not resolve');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // A first payment that names no terminal goes to the first one, as it did.
    const first = await call('PUT', '/v1/operations/plain-1?wait=30', {
      kind: 'purchase',
      amount: 100,
    });
    assert.equal(first.body['terminal'], 'till-1');
    const { body: simulator } = await call('GET', '/v1/simulators/till-2');
    assert.deepEqual(
      simulator['journal'].map((one: Json) => [one['amount'], one['status'], one['confirmed']]),
      [
        [12_345, 'approved', true],
        [200, 'approved', true],
      ],
    );
  } finally {
    await appliance.stop();
  }
});

test('outside of the demonstration the stand-in is refused, and its terminal is not usable', async () => {
  const plain = { demonstration: false, demoKey: null };
  await assert.rejects(
    openAppliance(options(plain)),
    /TILLGATE_STAND_IN belongs to the demonstration/,
  );
  const log = new QuietLog();
  // The data folder of the demonstration, where the stand-in was installed.
  const appliance = await openAppliance(options({ ...plain, standIn: null, log }));
  try {
    const refused = log.lines.filter(({ event }) => event === 'terminal-not-usable');
    assert.deepEqual(
      refused
        .map(({ fields }) => fields['terminal'])
        .map(String)
        .toSorted((a, b) => a.localeCompare(b)),
      ['till-1', 'till-2', 'till-2'],
    );
    assert.equal(existsSync(join(folder, 'data', 'bank-library', 'library.json')), false);
  } finally {
    await appliance.stop();
  }
});

test('for certification, without the demonstration, sim://bpos is refused as well', async () => {
  const data = join(folder, 'certified');
  const appliance = await openAppliance(options({ folder: data, standIn: null }));
  try {
    const call = client(appliance.port);
    const put = { driver: 'bpos', address: 'sim://bpos', currency: 'UAH' };
    const { status, body } = await call('PUT', '/v1/terminals/till-9', put);
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /stand-in of the bank’s library is not here/);
  } finally {
    await appliance.stop();
  }
});

test('without a compiler the build says so in one line and is content', () => {
  const tools = join(folder, 'tools');
  execFileSync('mkdir', ['-p', tools]);
  writeFileSync(join(tools, 'dirname'), '#!/bin/sh\necho "${1%/*}"\n', { mode: 0o755 });
  const target = join(folder, 'none.so');
  const said = execFileSync('/bin/sh', [BUILD, target], {
    env: { PATH: tools },
    encoding: 'utf8',
  });
  assert.match(said, /^There is no gcc: the demonstration goes on without [^\n]+\n$/);
  assert.equal(existsSync(target), false);
});
