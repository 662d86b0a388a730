// The pages that keep the shop: a certificate, a backup, and the way back, in a browser.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { compile } from '../bank-library/double/compile.ts';
import { ADMIN, assertClean, firstStart, stageFor, WAIT_MS } from './stage.ts';

const WORD = 'seven blue boats';

test('an administrator keeps the shop', async (t) => {
  // The same ports after the restart: the browser finds the box again.
  const [port, tlsPort] = [await freePort(), await freePort()];
  const stage = await stageFor(t, {
    TILLGATE_PORT: String(port),
    TILLGATE_TLS_PORT: String(tlsPort),
  });
  const { gateway, folder } = stage;
  const { base } = gateway;
  const system = `${base}/admin/system`;
  const page = await firstStart(stage);
  await gateway.call('POST', '/v1/simulators/till-1/settings', { answerAfterMs: 50 });
  const sell = async (id: string): Promise<void> => {
    const body = { kind: 'purchase', amount: 12_345 };
    const { body: sale } = await gateway.call('PUT', `/v1/operations/${id}?wait=20`, body);
    assert.equal(sale.state, 'approved');
  };
  const looked = async (name: string): Promise<void> => {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      await assertClean(page, `${name} at ${width}`);
    }
    await page.setViewportSize({ width: 1280, height: 844 });
  };

  await t.test('makes a new certificate', async () => {
    await page.goto(system);
    await Promise.all([
      page.waitForURL(`${system}/certificate`),
      page.click('nav.pages a[href$="/certificate"]'),
    ]);
    await looked('certificate');
    const before = await page.innerText('code');
    await page.fill('[name=names]', 'pos.shop 192.168.1.20');
    await Promise.all([
      page.waitForURL(`${system}/certificate?done=certificateChanged`),
      page.click('form[action$="/new"] button'),
    ]);
    assert.notEqual(await page.innerText('code'), before);
    assert.match(await page.innerText('.facts'), /pos\.shop, 192\.168\.1\.20/);
    await page.setInputFiles('[name=certificate]', fileOf('a.pem', 'nothing'));
    await page.setInputFiles('[name=key]', fileOf('a.key', 'nothing'));
    await page.click('form[enctype] button');
    await page.waitForSelector('#e-certificate');
    await looked('certificate with a fault');
  });

  await t.test('installs the bank’s library', async () => {
    await page.goto(`${system}/library`);
    await looked('library, none');
    const file = {
      ...fileOf('libcBPOSLib.so', ''),
      buffer: Buffer.from(compile('without-optional')),
    };
    await page.setInputFiles('[name=library]', file);
    await Promise.all([
      page.waitForURL('**/library?done=libraryInstalled'),
      page.click('form[enctype] button'),
    ]);
    assert.match(await page.innerText('.lacks'), /Refunds/);
    await looked('library');
  });

  await t.test('makes a backup and comes back to it', async () => {
    await sell('before');
    await page.goto(`${system}/backup`);
    await looked('backup');
    await page.fill('[name=new-passphrase]', WORD);
    await page.fill('[name=again-passphrase]', WORD);
    const [download] = await Promise.all([
      page.waitForEvent('download', { timeout: WAIT_MS }),
      page.click('form[action$="/make"] button'),
    ]);
    assert.match(download.suggestedFilename(), /^tillgate-\d{4}-\d\d-\d\d\.tillgate-backup$/);
    const path = await download.path();
    await sell('after');

    await page.goto(`${system}/backup`);
    await page.fill('[name=passphrase]', WORD);
    await page.setInputFiles('[name=file]', path);
    await Promise.all([
      page.waitForSelector('[name=phrase]'),
      page.click('form[action$="/upload"] button'),
    ]);
    await looked('backup that was examined');
    assert.match(await page.innerText('main'), /1 operation is not in the backup/);
    await page.fill('[name=phrase]', 'LOSE 1');
    const from = gateway.lines.length;
    await page.click('form[action$="/restore"] button');
    await page.getByRole('heading', { name: 'The box restarts' }).waitFor();
    await looked('restart');
    await gateway.line((line) => line.includes('"event":"ready"'), from);

    await page.goto(`${base}/admin/sign-in`);
    await page.fill('[name=login]', ADMIN.login);
    await page.fill('[name=password]', ADMIN.password);
    await Promise.all([page.waitForURL(`${base}/admin`), page.click('button.primary')]);
    await page.goto(`${system}/backup`);
    assert.match(await page.innerText('section[aria-labelledby=last]'), /applied/);
    await page.goto(`${base}/admin/operations`);
    assert.match(await page.innerText('main'), /1\b/);
    const gone = await gateway.call('GET', '/v1/operations/after');
    assert.equal(gone.status, 404);
    assert.equal((await gateway.call('GET', '/v1/operations/before')).status, 200);
    assert.equal(readdirSync(join(folder, 'replaced')).length, 1);
  });

  assert.deepEqual(stage.complaints, []);
});

function fileOf(name: string, text: string) {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
