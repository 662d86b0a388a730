import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { afterEach, test } from 'node:test';
import { askHealth, parseHealth } from '../../app/src/update/health.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function answering(status: number, body: string): Promise<number> {
  const made = createServer((_request, response) => {
    response.writeHead(status).end(body);
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const address = made.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

test('a gateway that is not well is read with the parts that are not', async () => {
  const body = { ok: false, parts: [{ name: 'ledger', ok: false, reason: 'the disk is full' }] };
  assert.deepEqual(await askHealth(await answering(503, JSON.stringify(body))), body);
});

test('a port where nobody listens is no health', async () => {
  const port = await answering(200, '');
  await new Promise((resolve) => server?.close(resolve));
  assert.equal(await askHealth(port), null);
});

test('an answer that is something else is no health', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '{"ok":true}',
    '{"ok":1,"parts":[]}',
    '{"ok":true,"parts":[{}]}',
  ]) {
    assert.equal(parseHealth(text), null, text);
  }
  assert.deepEqual(parseHealth('{"ok":true,"parts":[{"name":"x","ok":true}]}'), {
    ok: true,
    parts: [{ name: 'x', ok: true, reason: null }],
  });
});
