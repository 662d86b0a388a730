// `sim://nexo` in the demonstration: the program itself, its HTTP API, its pages, real sockets.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type Body, type Gateway, startGateway, temporaryFolder } from '../../process/programs.ts';
import { REAL_CLOCK } from '../kit.ts';

const { path: folder, remove } = temporaryFolder();
let gateway: Gateway;
let listenPort = 0;

before(async () => {
  listenPort = await freePort();
  gateway = await startGateway(folder);
  const set = await gateway.call('PATCH', '/v1/settings', { nexo: { listenPort } });
  assert.equal(set.status, 200, JSON.stringify(set.body));
  await put('full', 'sim://nexo?answerAfterMs=50', { style: 'default', poiId: 'A-POIID' });
  await put('light', 'sim://nexo?services=1', { style: 'light', poiId: 'B-POIID' });
});

after(async () => {
  await gateway.stop();
  remove();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function put(id: string, address: string, options: Record<string, unknown>): Promise<void> {
  const { status, body } = await gateway.call('PUT', `/v1/terminals/${id}`, {
    driver: 'nexo',
    address,
    currency: 'SEK',
    options: { maintenanceFrom: '', notFoundAfterMs: 0, ...options },
  });
  assert.ok(status === 200 || status === 201, JSON.stringify(body));
  await reached(`/v1/terminals/${id}`, ({ link }) => link === 'ready');
}

/** Reads this path until it is as wished; bounded. */
async function reached(path: string, wish: (body: Body) => boolean, ms = 8_000): Promise<Body> {
  const end = Date.now() + ms;
  for (;;) {
    const { body } = await gateway.call('GET', path);
    if (wish(body)) return body;
    if (Date.now() > end) throw new Error(`not in time: ${JSON.stringify(body)}`);
    await REAL_CLOCK.sleep(40);
  }
}

const knob = (id: string, name: string, body?: unknown) =>
  gateway.call('POST', `/v1/simulators/${id}/${name}`, body);

const pay = (id: string, terminal: string, wait = 20) =>
  gateway.call('PUT', `/v1/operations/${id}?wait=${wait}`, {
    kind: 'purchase',
    terminal,
    amount: 3_800,
  });

test('a simulated nexo terminal takes a payment in both styles, and keeps a journal', async () => {
  for (const terminal of ['full', 'light']) {
    const { body } = await pay(`first-${terminal}`, terminal);
    assert.equal(body.state, 'approved', JSON.stringify(body.message));
    assert.equal(body.approvedAmount, 3_800);
    const { body: simulator } = await gateway.call('GET', `/v1/simulators/${terminal}`);
    assert.match(simulator.address, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(simulator.journal.at(-1).reference, `first-${terminal}`);
    assert.deepEqual(simulator.remarks, [], 'nothing of ours is wrong to a strict parser');
  }
  const { body } = await gateway.call('GET', '/v1/nexo');
  assert.deepEqual(body.listener, { kind: 'open', port: listenPort });
});

test('it takes the faults and cards of its protocol over the knobs of all simulators', async () => {
  assert.equal((await knob('full', 'fault', { name: 'lost-answer', times: 1 })).status, 200);
  const lost = await pay('lost', 'full');
  assert.deepEqual([lost.body.state, lost.body.resolution?.by], ['approved', 'evidence']);

  const known = await knob('full', 'fault', { name: 'silence', times: 1 });
  assert.equal(known.status, 400, 'a fault of another protocol');

  await knob('light', 'settings', { answerAfterMs: 0, autoCard: false });
  const waiting = pay('poor', 'light');
  await reached('/v1/simulators/light', ({ screen }) => screen === 'Present card');
  await knob('light', 'card', { card: { name: 'insufficient-funds' } });
  assert.equal((await waiting).body.state, 'declined');

  const second = pay('red', 'light');
  await reached('/v1/simulators/light', ({ busy }) => busy === true);
  await knob('light', 'cancel');
  const { body } = await second;
  assert.deepEqual([body.state, body.message.code], ['cancelled', 'cancelled-at-terminal']);
  await knob('light', 'reset');
});

test('the question about a signature is asked and answered over the API in both styles', async () => {
  for (const [terminal, refused] of [
    ['full', 'cancelled'],
    ['light', 'reversed'],
  ] as const) {
    await knob(terminal, 'settings', {
      answerAfterMs: 0,
      autoCard: true,
      defaultCard: 'signature',
    });
    for (const confirmed of [true, false]) {
      const id = `signed-${terminal}-${confirmed}`;
      const outcome = pay(id, terminal);
      await reached(`/v1/operations/${id}`, (one) => one.question?.kind === 'confirm');
      const answered = await gateway.call('POST', `/v1/operations/${id}/answer`, { confirmed });
      assert.ok(answered.status < 300, JSON.stringify(answered.body));
      assert.equal((await outcome).body.state, confirmed ? 'approved' : refused);
    }
    await knob(terminal, 'reset');
  }
});

test('a power cut in the middle is settled by the journal of the terminal', async () => {
  await knob('full', 'settings', { answerAfterMs: 3_000, autoCard: true });
  const outcome = pay('cut', 'full', 1);
  await reached('/v1/simulators/full', ({ busy }) => busy === true);
  await knob('full', 'power-cut', { offMs: 300 });
  await outcome;
  // Nothing was taken, and another login cannot say so: a person decides, and the gate is shut.
  const operation = await reached('/v1/operations/cut', ({ state }) => state === 'unknown');
  assert.equal(operation.state, 'unknown');
  const other = await pay('after-cut', 'full', 0);
  assert.equal(other.body.code, 'terminal-unresolved', JSON.stringify(other.body));
  const verdict = { verdict: 'failed', name: 'Olena', reason: 'the terminal shows nothing' };
  const decided = await gateway.call('POST', '/v1/operations/cut/resolve', verdict);
  assert.ok(decided.status < 300, JSON.stringify(decided.body));
  await knob('full', 'reset');
  await reached('/v1/terminals/full', ({ link }) => link === 'ready');
});

test('the port for terminals moves without a restart, and the terminals are heard there', async () => {
  const moved = await freePort();
  await gateway.call('PATCH', '/v1/settings', { nexo: { listenPort: moved } });
  await reached('/v1/nexo', ({ listener }) => listener.kind === 'open' && listener.port === moved);
  await assert.rejects(fetch(`http://127.0.0.1:${listenPort}/`));
  listenPort = moved;
  assert.equal((await pay('at-the-new-port', 'full')).body.state, 'approved');
  const { body } = await gateway.call('GET', '/v1/terminals/full');
  assert.equal(body.reason, null, 'the simulated terminal calls the new port');
});

test('a port that cannot be had is an alarm of its terminals, and payments work on', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await gateway.call('PATCH', '/v1/settings', { nexo: { listenPort: port } });
  const { listener } = await reached('/v1/nexo', (nexo) => nexo.listener.kind === 'failed');
  assert.deepEqual(listener, { kind: 'failed', port, reason: 'EADDRINUSE' });
  const taken = await reached('/v1/terminals/full', ({ reason }) => reason !== null);
  assert.match(taken.reason, /cannot be opened \(EADDRINUSE\)/);
  await gateway.call('PATCH', '/v1/settings', { nexo: { listenPort: null } });
  const view = await reached('/v1/terminals/full', ({ reason }) => /switched off/.test(reason));
  assert.match(view.reason, /switched off/);
  await new Promise<void>((resolve) => other.close(() => resolve()));
  assert.equal((await pay('without-a-way-back', 'full')).body.state, 'approved');
  await gateway.call('PATCH', '/v1/settings', { nexo: { listenPort } });
  await reached('/v1/terminals/full', ({ reason }) => reason === null);
});

test('a terminal whose menu names no gateway shows that it does not call', async () => {
  await put('mute', 'sim://nexo?style=light', { style: 'default', poiId: 'C-POIID' });
  assert.equal((await pay('mute-1', 'mute')).body.state, 'approved');
  const view = await reached('/v1/terminals/mute', ({ reason }) => reason !== null);
  assert.match(view.reason, /did not call back/);
});

test('an address that names another protocol or option is refused', async () => {
  for (const address of ['sim://privat-json', 'sim://nexo/x', 'tcp://127.0.0.1:1']) {
    const { status } = await gateway.call('PUT', '/v1/terminals/odd', {
      driver: 'nexo',
      address,
      currency: 'SEK',
      options: { poiId: 'A' },
    });
    assert.equal(status, 400, address);
  }
});
