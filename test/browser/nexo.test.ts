// nexo on the pages: ports and pairings without a restart, alarms on Today, a terminal that moved,
// the question about a signature.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { ADMIN, assertClean, firstStart, type Stage, stageFor, WAIT_MS } from './stage.ts';

const PAGE = '/admin/integration/nexo';
const MOVED = 'http://192.168.78.15:11000';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function addTerminal({ gateway }: Stage): Promise<void> {
  const { status, body } = await gateway.call('PUT', '/v1/terminals/hall', {
    name: 'Hall',
    driver: 'nexo',
    address: 'sim://nexo?card=signature',
    currency: 'SEK',
    options: { poiId: 'A-POIID', maintenanceFrom: '', probe: false },
  });
  assert.ok(status < 300, JSON.stringify(body));
}

/** As a terminal announces its new address; base64 as in the specification. */
async function announce(port: number, address: string): Promise<number> {
  const { hostname, port: own } = new URL(address);
  const point = { ipV4Address: hostname, ipPort: own };
  const document = { saleTerminalconfiguration: { messageVersion: '1.0.0', ipEndPoint: point } };
  const message = Buffer.from(JSON.stringify(document)).toString('base64');
  const response = await fetch(`http://127.0.0.1:${port}/EPASSaleToPOI/3.1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/xml; charset=utf-8' },
    body: `<SaleToPOIRequest><MessageHeader MessageClass="Device" MessageCategory="Transmit" MessageType="Request" SaleID="" POIID="A-POIID"/><TransmitRequest DestinationAddress="127.0.0.1:15022" MaximumTransmitTime="30"><Message>${message}</Message></TransmitRequest></SaleToPOIRequest>`,
  });
  return response.status;
}

/** Opens this page again until it shows the text; bounded. */
async function shows(page: Page, url: string, text: string | RegExp): Promise<void> {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    await page.goto(url);
    const seen = await page.locator('main').innerText();
    if (typeof text === 'string' ? seen.includes(text) : text.test(seen)) return;
    if (Date.now() > end) assert.fail(`${url} does not show ${String(text)}:\n${seen}`);
  }
}

test('nexo in the hands of an administrator', async (t) => {
  const stage = await stageFor(t);
  const { base } = stage.gateway;
  const page = await firstStart(stage);
  const listenPort = await freePort();
  const facadePort = await freePort();
  const submit = (action: string): Promise<unknown> =>
    Promise.all([page.waitForNavigation(), page.click(`form[action="${PAGE}/${action}"] button`)]);

  await t.test('the page tells what listens, and a change of ports works at once', async () => {
    await page.goto(`${base}/admin/integration`);
    await page.click(`a[href="${PAGE}"]`);
    await page.waitForURL(`**${PAGE}`);
    assert.match(
      await page.locator('main').innerText(),
      /port 11000 opens with the first terminal/,
    );
    await page.fill('[name=listenPort]', '70000');
    await submit('ports');
    assert.match(await page.locator('#e-listenPort').innerText(), /1 to 65535/);
    assert.equal(await page.inputValue('[name=listenPort]'), '70000', 'what was typed stays');
    await page.fill('[name=listenPort]', String(listenPort));
    await page.fill('[name=facadePort]', String(listenPort));
    await page.check('[name=facadeEnabled]');
    await submit('ports');
    assert.match(await page.locator('#e-facadePort').innerText(), /take another/);
    await page.fill('[name=facadePort]', String(facadePort));
    await submit('ports');
    await shows(page, `${base}${PAGE}`, `listens on port ${facadePort}`);
    await addTerminal(stage);
    await shows(page, `${base}${PAGE}`, `listens on port ${listenPort}`);
    await assertClean(page, 'nexo');
  });

  await t.test('a till is paired, logs in, is seen, and is unpaired', async () => {
    const open = (): Promise<void> => page.click('section[aria-labelledby=pairings] summary');
    await open();
    await page.fill('[name=saleId]', 'ECR1');
    await page.fill('[name=poiId]', 'A-POIID');
    await page.selectOption('[name=pairTerminal]', 'hall');
    await submit('pairings');
    assert.match(await page.locator('#e-tillAddress').innerText(), /or a key below/);
    await page.fill('[name=tillAddress]', '127.0.0.1');
    await submit('pairings');
    await page.waitForURL(`**${PAGE}?done=saved`);
    const login = `<SaleToPOIRequest><MessageHeader ProtocolVersion="3.1" MessageClass="Service" MessageCategory="Login" MessageType="Request" ServiceID="1" SaleID="ECR1" POIID="A-POIID"/><LoginRequest OperatorLanguage="en"><DateTime>2026-01-05T10:00:00+01:00</DateTime><SaleSoftware ProviderIdentification="X" ApplicationName="X" SoftwareVersion="1"/><SaleTerminalData TerminalEnvironment="Attended"><SaleCapabilities>PrinterReceipt</SaleCapabilities></SaleTerminalData></LoginRequest></SaleToPOIRequest>`;
    const answer = await fetch(`http://127.0.0.1:${facadePort}/EPASSaleToPOI/3.1`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/xml' },
      body: login,
    });
    assert.match(await answer.text(), /Result="Success"/);
    await shows(page, `${base}${PAGE}`, 'ECR1 · A-POIID · light');
    await open();
    await page.setViewportSize({ width: 390, height: 844 });
    await assertClean(page, 'nexo on a telephone');
    await page.setViewportSize({ width: 1280, height: 844 });
    await submit('pairings/remove');
    await shows(page, `${base}${PAGE}`, 'No till is paired yet.');
    assert.equal((await page.locator('main').innerText()).includes('· light'), false);
  });

  await t.test('a new address is followed only after an administrator agreed', async () => {
    assert.equal(await announce(listenPort, MOVED), 204);
    await shows(page, `${base}/admin`, `announces itself at ${MOVED}`);
    const address = async (): Promise<string> =>
      (await stage.gateway.call('GET', '/v1/terminals/hall')).body.settings.address;
    assert.equal(await address(), 'sim://nexo?card=signature', 'not by itself');
    await page.goto(`${base}${PAGE}`);
    assert.match(await page.locator('main').innerText(), /agree only if the terminal has really/);
    await submit('move');
    assert.equal(await address(), MOVED);
    await shows(page, `${base}/admin/audit`, 'took the new address of a terminal');
    await page.goto(`${base}${PAGE}`);
    assert.equal(await page.locator(`form[action="${PAGE}/move"]`).count(), 0, 'answered');
    await addTerminal(stage);
  });

  await t.test('the cashier answers the question about a signature on the page', async () => {
    await shows(page, `${base}/admin/terminals/hall`, 'ready');
    for (const [id, word, state] of [
      ['signed', 'yes', 'approved'],
      ['forged', 'no', 'cancelled'],
    ] as const) {
      const asked = stage.gateway.call('PUT', `/v1/operations/${id}?wait=30`, {
        kind: 'purchase',
        terminal: 'hall',
        amount: 3_800,
      });
      await shows(page, `${base}/admin/operations/${id}`, 'Signature OK?');
      await Promise.all([
        page.waitForURL('**done=answered'),
        page.click(`button[name=confirmed][value=${word}]`),
      ]);
      assert.equal((await asked).body.state, state);
    }
  });

  await t.test('with the port switched off, Today says that the terminal cannot call', async () => {
    await page.goto(`${base}${PAGE}`);
    await page.fill('[name=listenPort]', '');
    await submit('ports');
    await shows(page, `${base}/admin`, /“Hall” works, but: .*switched off/);
    await assertClean(page, 'today with an alarm');
    await page.goto(`${base}${PAGE}`);
    await page.fill('[name=listenPort]', String(listenPort));
    await submit('ports');
    await shows(page, `${base}/admin`, /^(?![\s\S]*works, but)/);
  });

  await t.test('it works without scripts, on a telephone', async () => {
    const plain = await stage.visitor({ scripts: false, width: 390 });
    await plain.goto(`${base}/admin/sign-in`);
    await plain.fill('[name=login]', ADMIN.login);
    await plain.fill('[name=password]', ADMIN.password);
    await Promise.all([plain.waitForURL(`${base}/admin`), plain.click('button.primary')]);
    await plain.goto(`${base}${PAGE}`);
    await plain.uncheck('[name=facadeEnabled]');
    await Promise.all([
      plain.waitForURL(`**${PAGE}?done=saved`),
      plain.click(`form[action="${PAGE}/ports"] button`),
    ]);
    assert.match(
      await plain.locator('section[aria-labelledby=facade]').innerText(),
      /switched off/,
    );
    await assert.rejects(fetch(`http://127.0.0.1:${facadePort}/`), 'the port is shut');
    await plain.context().close();
  });

  assert.deepEqual(stage.complaints, []);
});
