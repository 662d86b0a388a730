// Setting the box up over REST: the document of settings, and keys.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually, openTestServer, readEvents, type TestServer } from './kit.ts';

type Json = Record<string, unknown>;
const purchase = { kind: 'purchase', terminal: 'till-1', amount: 100 };

let server: TestServer;
before(async () => {
  server = await openTestServer();
});
after(() => server.close());

async function ask(method: string, path: string, body?: unknown): Promise<[number, Json]> {
  const response = await server.send(method, 'administrator', path, body);
  const text = await response.text();
  return [response.status, text === '' ? {} : (JSON.parse(text) as Json)];
}

function askedWith(secret: string, path: string): Promise<Response> {
  return fetch(`${server.base}${path}`, {
    headers: { Authorization: `Bearer ${secret}` },
    signal: AbortSignal.timeout(10_000),
  });
}

describe('settings', () => {
  test('a change is in the next answer, and no answer has a secret', async () => {
    const [status, changed] = await ask('PATCH', '/v1/settings', {
      shop: { name: 'Гастроном' },
      registration: { enabled: true, url: 'https://server.lan', user: 'pos' },
      webhooks: [{ name: 'crm', url: 'https://crm.example/' }],
      secrets: { registration: { password: 'pass-word' }, webhooks: { crm: 'sixteen-letters-' } },
    });
    assert.equal(status, 200, JSON.stringify(changed));
    const [, read] = await ask('GET', '/v1/settings');
    assert.deepEqual(read, changed);
    assert.deepEqual(read['secrets'], {
      registration: { password: true },
      webhooks: { crm: true },
    });
    assert.ok(!/pass-word|sixteen/.test(JSON.stringify([changed, read])));
    assert.deepEqual(
      Object.keys(read).filter((name) => ['terminals', 'version'].includes(name)),
      [],
    );
    assert.equal(server.settings.current().shop.name, 'Гастроном');
    assert.equal(server.secrets.current().registration.password, 'pass-word');
    assert.equal(server.secrets.current().keys.length, 4);
  });

  test('unknown and wrong fields are named where they stand', async () => {
    const [status, refused] = await ask('PATCH', '/v1/settings', {
      shop: { colour: 'red', language: 'de' },
      terminals: [],
      registration: { url: 'ftp://x' },
      secrets: { keys: [], registration: { password: 1 } },
    });
    assert.equal(status, 400);
    assert.deepEqual((refused['errors'] as { path: string }[]).map(({ path }) => path).sort(), [
      'registration.url',
      'secrets.keys',
      'secrets.registration.password',
      'shop.colour',
      'shop.language',
      'terminals',
    ]);
  });

  test('the booleans of the answer are no secrets', async () => {
    const [, read] = await ask('GET', '/v1/settings');
    const [status] = await ask('PATCH', '/v1/settings', { secrets: read['secrets'] });
    assert.equal(status, 400);
  });
});

describe('keys', () => {
  test('the secret is shown once, works, and stops to work', async () => {
    const body = { name: 'stamp', role: 'till', limits: { amountMax: 5_000 } };
    const [status, made] = await ask('POST', '/v1/keys', body);
    assert.equal(status, 201);
    const secret = String(made['secret']);
    assert.equal((await askedWith(secret, '/v1/terminals')).status, 200);
    const [, list] = await ask('GET', '/v1/keys');
    const keys = list['keys'] as Json[];
    const own = keys.filter((key) => key['own'] === true).map((key) => key['name']);
    assert.deepEqual(own, ['administrator-key']);
    assert.ok(keys.some((key) => key['name'] === 'stamp'));
    assert.ok(!/hash|sha256/.test(JSON.stringify(list)) && !JSON.stringify(list).includes(secret));
    assert.equal((await ask('DELETE', '/v1/keys/stamp'))[0], 204);
    assert.equal((await askedWith(secret, '/v1/terminals')).status, 401);
  });

  test('the last administrator stays; with another one, a key may take itself back', async () => {
    const [refused, { code }] = await ask('DELETE', '/v1/keys/administrator-key');
    assert.deepEqual([refused, code], [409, 'last-administrator']);
    const [, made] = await ask('POST', '/v1/keys', { name: 'second', role: 'administrator' });
    const gone = await fetch(`${server.base}/v1/keys/second`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${String(made['secret'])}` },
    });
    assert.equal(gone.status, 204);
  });

  test('an event stream ends when its key is taken back, and no other one does', async () => {
    const stolen = await server.addKey('stolen', 'till', {});
    await server.send('PUT', 'till', '/v1/operations/watched', purchase);
    const lost = await askedWith(stolen, '/v1/operations/watched/events');
    const kept = await server.call('till', '/v1/operations/watched/events');
    await eventually(() => server.gateway.listeners === 2, 'both streams are open');
    await ask('DELETE', '/v1/keys/stolen');
    assert.equal((await readEvents(lost)).at(-1)?.data['final'], false);
    assert.equal(server.gateway.listeners, 1);
    server.gateway.approve('watched');
    assert.equal((await readEvents(kept)).at(-1)?.data['final'], true);
  });

  test('a key that is made anew under its name ends what the old one opened', async () => {
    await server.addKey('again', 'till', {});
    const old = await server.addKey('again-2', 'till', {});
    await server.send('PUT', 'till', '/v1/operations/watched-2', {
      ...purchase,
      terminal: 'till-2',
    });
    const stream = await askedWith(old, '/v1/operations/watched-2/events');
    await eventually(() => server.gateway.listeners === 1, 'the stream is open');
    await server.secrets.change((draft) => {
      const [first, second] = ['again', 'again-2'].map((name) =>
        draft.keys.findIndex((key) => key.name === name),
      );
      draft.keys[second!]!.hash = draft.keys[first!]!.hash;
    });
    await readEvents(stream);
    assert.equal(server.gateway.listeners, 0);
  });
});
