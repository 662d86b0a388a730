// Keys: how they are sent, what they may, and what wrong ones cost.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createGuard, credentialsOf } from '../../app/src/http/auth.ts';
import { FailureThrottle } from '../../app/src/http/failure-throttle.ts';
import { AUTH_FAILURES } from '../../app/src/domain/limits.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { openTestServer, type TestServer } from './kit.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
const purchase = { kind: 'purchase', terminal: 'till-1', amount: 100 };

describe('keys', () => {
  let server: TestServer;
  before(async () => {
    server = await openTestServer({ clock: new FakeClock() });
  });
  after(() => server.close());

  const status = async (authorization: string): Promise<number> => {
    const headers = { Authorization: authorization };
    const response = await server.call(null, '/v1/terminals', { headers });
    await response.arrayBuffer();
    return response.status;
  };

  test('a key is taken as Bearer, and as Basic with its name', async () => {
    assert.equal(await status(`Bearer ${server.keys.till}`), 200);
    assert.equal(await status(`bearer   ${server.keys.till}`), 200);
    assert.equal(await status(basic(`till-key:${server.keys.till}`)), 200);
  });

  test('without a key the answer names both ways to send one', async () => {
    const response = await server.call(null, '/v1/terminals');
    const challenge = response.headers.get('www-authenticate') ?? '';
    assert.match(challenge, /Bearer realm=.*Basic realm=/);
    assert.equal(((await response.json()) as { code: string }).code, 'unauthenticated');
  });

  test('wrong keys are slowed after a burst, a right one is not', async () => {
    const wrong = [
      `Bearer ${server.keys.till}x`,
      basic(`auditor-key:${server.keys.till}`),
      basic(`:${server.keys.till}`),
      `Bearer ${server.keys.till} ${server.keys.till}`,
      'Basic %%%',
    ];
    assert.equal(wrong.length, AUTH_FAILURES.burst);
    for (const header of wrong) assert.equal(await status(header), 401, header);
    const headers = { Authorization: 'Bearer guess' };
    const slowed = await server.call(null, '/v1/terminals', { headers });
    assert.equal(slowed.status, 429);
    assert.equal(slowed.headers.get('retry-after'), '10');
    assert.equal(await status(`Bearer ${server.keys.till}`), 200);
  });

  test('a request without a key costs nothing', async () => {
    for (let count = 0; count < 10; count += 1) {
      assert.equal((await server.call(null, '/v1/terminals')).status, 401);
    }
  });

  test('a role that may not start is refused before its body is read', async () => {
    const response = await server.call('auditor', '/v1/operations/x', {
      method: 'PUT',
      body: 'not json',
      headers: { 'Content-Type': 'application/json' },
    });
    assert.equal(response.status, 403);
  });

  test('limits of a key hold for starting and for seeing', async () => {
    const key = await server.addKey('kiosk', 'till', { terminals: ['till-2'], amountMax: 50 });
    const call = (method: string, path: string, body?: unknown) =>
      server.call(null, path, {
        method,
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    assert.equal((await call('PUT', '/v1/operations/k1', purchase)).status, 403);
    const large = { ...purchase, terminal: 'till-2' };
    assert.equal((await call('PUT', '/v1/operations/k1', large)).status, 403);
    assert.equal((await call('PUT', '/v1/operations/k1', { ...large, amount: 50 })).status, 202);
    assert.equal((await server.send('PUT', 'till', '/v1/operations/o1', purchase)).status, 202);
    assert.equal((await call('GET', '/v1/operations/o1')).status, 404);
    assert.equal((await call('GET', '/v1/operations/o1/events')).status, 404);
    const seen = (await (await call('GET', '/v1/terminals')).json()) as { terminals: unknown[] };
    assert.equal(seen.terminals.length, 1);
  });

  const settings = async (role: 'till' | 'administrator'): Promise<unknown> => {
    const response = await server.call(role, '/v1/terminals/till-1');
    return ((await response.json()) as { settings: unknown }).settings;
  };

  test('addresses and options of terminals are for administrators only', async () => {
    assert.equal(await settings('till'), null);
    assert.equal(((await settings('administrator')) as { driver: string }).driver, 'fake');
  });

  test('the log has the name of the key and never the key', async () => {
    await server.send('PUT', 'till', '/v1/operations/logged', purchase);
    const text = JSON.stringify(server.log.lines);
    assert.match(text, /till-key/);
    for (const key of Object.values(server.keys)) assert.ok(!text.includes(key));
  });
});

test('credentials that are not exactly a header of ours are none', () => {
  assert.deepEqual(credentialsOf(basic('key:se:cret')), { name: 'key', secret: 'se:cret' });
  assert.deepEqual(credentialsOf(basic('ключ:х')), { name: 'ключ', secret: 'х' });
  for (const header of [
    '',
    'Bearer',
    'Bearer ',
    'Digest abc',
    'Bearer a\tb',
    basic('no-colon'),
    basic('name:'),
    `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`,
    `Bearer ${'a'.repeat(3_000)}`,
  ]) {
    assert.equal(credentialsOf(header), null, JSON.stringify(header.slice(0, 40)));
  }
});

test('failures of one address do not slow another, and the budget refills', async () => {
  const clock = new FakeClock();
  const log = new QuietLog();
  const guard = createGuard({ authenticate: () => null }, clock, log);
  const fail = async (address: string): Promise<string> => {
    const admission = await guard.admit('Bearer wrong', address);
    return admission.kind === 'refused' ? admission.problem.code : admission.kind;
  };
  for (let count = 0; count < AUTH_FAILURES.burst; count += 1) {
    assert.equal(await fail('2001:db8::1'), 'unauthenticated');
  }
  assert.equal(await fail('2001:db8::1'), 'too-many-requests');
  assert.equal(await fail('2001:db8:0:0:ffff::7'), 'too-many-requests', 'the same /64');
  assert.equal(await fail('2001:db8:0:1::1'), 'unauthenticated');
  clock.advanceSync(AUTH_FAILURES.refillMs);
  assert.equal(await fail('2001:db8::1'), 'unauthenticated');
  assert.equal(await fail('2001:db8::1'), 'too-many-requests');
  assert.equal(log.lines.length, AUTH_FAILURES.burst + 2, 'slowed ones do not fill the log');
});

test('the memory for failing addresses is bounded', () => {
  const throttle = new FailureThrottle(
    { burst: 1, refillMs: 1_000, addressesMax: 3 },
    new FakeClock(),
  );
  for (let host = 0; host < 50; host += 1) throttle.failed(`10.0.0.${host}`);
  assert.equal(throttle.size, 3);
  assert.ok(throttle.failed('10.0.0.49') > 0);
  assert.equal(throttle.failed('10.0.0.1'), 0);
});
