// The older slot came back: a real gateway on the settings of a newer release.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Gateway, startGateway, temporaryFolder } from './programs.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a document of a release that is not there
type Document = Record<string, any>;

const LIMITED = 'limited-key-0123456789';

test('a gateway takes payments on the settings of a newer release, and loses none of them', async () => {
  const data = temporaryFolder();
  const [settingsFile, secretsFile] = ['settings.json', 'secrets.json'].map((name) =>
    join(data.path, name),
  ) as [string, string];
  const before = await startGateway(data.path);
  await before.stop();
  const settings = read(settingsFile);
  settings['writtenBy'] = { form: 9, mayIgnore: [], note: 'later' };
  settings['fiscal'] = { enabled: true, url: 'https://fiscal.example' };
  settings['shop'] = { ...settings['shop'], logo: 'iVBOR' };
  settings['terminals'][0].screen = null;
  settings['terminals'].push({
    ...structuredClone(settings['terminals'][0]),
    id: 'limited',
    amountMax: 500,
  });
  const secrets = read(secretsFile);
  secrets['writtenBy'] = { form: 9 };
  secrets['fiscal'] = { token: 'of-the-newer-release' };
  secrets['keys'].push({
    name: 'till-9',
    role: 'administrator',
    hash: `sha256$${createHash('sha256').update(LIMITED).digest('hex')}`,
    createdAt: 1,
    limits: { perDay: 2 },
  });
  write(settingsFile, settings);
  write(secretsFile, secrets);

  const gateway = await startGateway(data.path);
  try {
    const sale = await gateway.call('PUT', '/v1/operations/sale-1?wait=60', {
      kind: 'purchase',
      amount: 12_345,
    });
    assert.equal(sale.status, 200);
    assert.equal(sale.body.state, 'approved');
    await refusesLimited(gateway);
    const health = await gateway.call('GET', '/health');
    assert.equal(health.body.ok, true);
    const part = health.body.parts.find(({ name }: { name: string }) => name === 'settings');
    assert.equal(part.reason, 'settings of a newer release are kept but not used');
    const view = await gateway.call('GET', '/v1/settings');
    assert.ok(!/fiscal|writtenBy|logo/.test(JSON.stringify(view.body)));
    const changed = await gateway.call('PATCH', '/v1/settings', { shop: { name: 'Kiosk' } });
    assert.equal(changed.status, 200);
    const told = gateway.lines.filter((line) => line.includes('settings-of-newer-release'));
    assert.equal(told.length, 2);
    assert.match(told[0] ?? '', /fiscal, shop\.logo, terminals\.limited\.amountMax/);
    assert.ok(!gateway.lines.join('\n').includes('of-the-newer-release'));
  } finally {
    await gateway.stop();
  }
  const after = read(settingsFile);
  assert.deepEqual(after, { ...settings, shop: { ...settings['shop'], name: 'Kiosk' } });
  assert.deepEqual(read(secretsFile), secrets);
  data.remove();
});

/** Neither the key nor the terminal whose limit nobody here can keep. */
async function refusesLimited(gateway: Gateway): Promise<void> {
  const answer = await fetch(`${gateway.base}/v1/terminals`, {
    headers: { authorization: `Bearer ${LIMITED}` },
    signal: AbortSignal.timeout(10_000),
  });
  assert.equal(answer.status, 401);
  await answer.arrayBuffer();
  const there = await gateway.call('GET', '/v1/terminals/limited');
  assert.equal(there.body.link, 'disabled');
  const sale = await gateway.call('PUT', '/v1/operations/sale-2?wait=10', {
    kind: 'purchase',
    amount: 100,
    terminal: 'limited',
  });
  assert.equal(sale.body.code, 'unknown-terminal');
}

function read(path: string): Document {
  return JSON.parse(readFileSync(path, 'utf8')) as Document;
}

function write(path: string, document: Document): void {
  writeFileSync(path, JSON.stringify(document, null, 2));
}
