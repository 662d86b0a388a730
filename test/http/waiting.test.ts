// A till that holds its request: patience, going away, and a server that stops.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { eventually, openRequest, openTestServer, type TestServer } from './kit.ts';

const purchase = { kind: 'purchase', terminal: 'till-1', amount: 100 };
const patient = { ...purchase, busy: 'wait' };
interface View {
  readonly state: string;
  readonly final: boolean;
  readonly queuePosition: number | null;
}

describe('waiting for an operation', () => {
  let server: TestServer;
  let count = 0;
  let first = '';
  before(async () => {
    server = await openTestServer();
  });
  beforeEach(() => {
    server.gateway.rows.clear();
    server.gateway.abandoned.length = 0;
    count += 1;
    first = `first-${count}`;
  });
  after(() => server.close());

  const startFirst = () => server.send('PUT', 'till', `/v1/operations/${first}`, purchase);
  const watched = (amount: number) =>
    eventually(() => server.gateway.listeners === amount, `${amount} waiting`);

  test('the answer comes when the operation is final', async () => {
    const asked = server.send('PUT', 'till', `/v1/operations/${first}?wait=30`, purchase);
    await watched(1);
    server.gateway.approve(first);
    const response = await asked;
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('retry-after'), null);
    assert.equal(((await response.json()) as View).state, 'approved');
  });

  test('patience that ends gets the state as it is', async () => {
    const startedAt = performance.now();
    const response = await server.send('PUT', 'till', `/v1/operations/${first}?wait=1`, purchase);
    assert.ok(performance.now() - startedAt >= 990);
    assert.equal(response.status, 202);
    assert.equal(response.headers.get('retry-after'), '1');
  });

  test('an unknown operation is not final and asks for a longer pause', async () => {
    await startFirst();
    server.gateway.lose(first);
    const response = await server.call('till', `/v1/operations/${first}`);
    assert.equal(response.status, 202);
    assert.equal(response.headers.get('retry-after'), '5');
  });

  test('a queued till that goes away leaves the queue', async () => {
    await startFirst();
    const till = openRequest(server, 'till', 'PUT', '/v1/operations/q1?wait=60', patient);
    await watched(1);
    const response = await server.call('till', '/v1/operations/q1');
    assert.equal(((await response.json()) as View).queuePosition, 1);
    till.abort();
    await eventually(() => server.gateway.abandoned.includes('q1' as never), 'q1 was given up');
  });

  test('a running operation goes on when its till goes away', async () => {
    const till = openRequest(server, 'till', 'PUT', `/v1/operations/${first}?wait=60`, purchase);
    await watched(1);
    till.abort();
    await watched(0);
    const response = await server.call('till', `/v1/operations/${first}`);
    assert.equal(((await response.json()) as View).state, 'running');
  });

  test('a till that asked again keeps its place when the old connection drops', async () => {
    await startFirst();
    const old = openRequest(server, 'till', 'PUT', '/v1/operations/q2?wait=60', patient);
    await watched(1);
    const fresh = openRequest(server, 'till', 'PUT', '/v1/operations/q2?wait=60', patient);
    await watched(2);
    old.abort();
    await watched(1);
    assert.deepEqual(server.gateway.abandoned, []);
    server.gateway.emit('q2' as never, { kind: 'started', at: 0, watermark: null });
    server.gateway.approve('q2');
    assert.equal(await fresh.status, 200);
  });

  test('a reader that goes away takes nobody out of the queue', async () => {
    await startFirst();
    await server.send('PUT', 'till', '/v1/operations/q3', patient);
    const reader = openRequest(server, 'auditor', 'GET', '/v1/operations/q3?wait=60');
    await watched(1);
    reader.abort();
    await watched(0);
    assert.deepEqual(server.gateway.abandoned, []);
  });
});

test('a server that stops answers waiting tills with what is known and keeps the queue', async () => {
  const server = await openTestServer();
  await server.send('PUT', 'till', '/v1/operations/r', purchase);
  const waiting = server.send('PUT', 'till', '/v1/operations/q?wait=60', patient);
  const events = server.call('till', '/v1/operations/r/events');
  await eventually(() => server.gateway.listeners === 2, 'both wait');
  const startedAt = performance.now();
  const closed = server.close(5_000);
  const response = await waiting;
  assert.equal(response.status, 202);
  assert.equal(response.headers.get('connection'), 'close');
  assert.equal(((await response.json()) as View).state, 'queued');
  await (await events).text();
  await closed;
  assert.ok(performance.now() - startedAt < 2_000, 'did not need its grace');
  assert.deepEqual(server.gateway.abandoned, []);
  await assert.rejects(server.call('till', '/health'), 'takes no new connection');
});
