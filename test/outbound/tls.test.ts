import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureCertificate } from '../../app/src/system/tls.ts';
import { openShop, until } from './shop.ts';

test('believes a server only by the authority that the settings name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-tls-'));
  const { key, cert } = await ensureCertificate({ folder, names: ['localhost', '127.0.0.1'] });
  let heard = 0;
  const server = createServer({ key, cert }, (request, response) => {
    request.resume().on('end', () => {
      heard += 1;
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hook = { name: 'crm', url: `https://127.0.0.1:${port}/`, states: ['approved'] };
  const secrets = { webhooks: { crm: 'sixteen characters or more' } };
  const shop = await openShop({ webhooks: [hook], secrets });
  try {
    await shop.run('p-1', { kind: 'purchase', amount: 1 });
    await until(() => (shop.items('waiting')[0]?.attempts ?? 0) > 0, 'a try');
    assert.match(shop.items('waiting')[0]?.lastError ?? '', /self-signed certificate/);
    assert.equal(heard, 0);
    await shop.settings.change((draft) => {
      draft.registration.url = hook.url;
    });
    const tested = await shop.outbound.test({}, new AbortController().signal);
    assert.equal(tested.kind === 'sent' && tested.check, 'certificate', 'a test says it too');
    assert.equal(heard, 0);
    await shop.settings.change((draft) => {
      for (const one of draft.webhooks) one.authority = cert;
    });
    await until(() => shop.items('delivered').length === 1, 'delivered');
    assert.equal(heard, 1);
  } finally {
    await shop.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  }
});
