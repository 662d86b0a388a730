// Trying things out, by hand in a real browser: a PIN typed while the page renews itself, and a test
// of the processing server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOtherSide, says } from '../outbound/shop.ts';
import { eventually } from '../process/programs.ts';
import { assertClean, firstStart, stageFor } from './stage.ts';

test('a PIN is typed at the virtual terminal, and a test is sent', async (t) => {
  const server = await openOtherSide(says('false'));
  t.after(() => server.close());
  const stage = await stageFor(t);
  const { gateway, complaints } = stage;
  const { base } = gateway;
  const page = await firstStart(stage);
  const both = async (name: string): Promise<void> => {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      await assertClean(page, `${name} at ${width}`);
    }
  };

  await t.test('the field comes with the wait, outlives the renewals, and goes', async () => {
    await eventually(
      () => gateway.call('GET', '/v1/terminals/till-1'),
      ({ body }) => body.link === 'ready',
    );
    await gateway.call('POST', '/v1/simulators/till-1/settings', {
      answerAfterMs: 100,
      askPin: true,
    });
    await page.goto(`${base}/admin/terminals/till-1/virtual`);
    assert.equal(await page.locator('#f-pin').count(), 0);
    const sale = { kind: 'purchase', terminal: 'till-1', amount: 12_345 };
    await gateway.call('PUT', '/v1/operations/pin', sale);
    await page.waitForSelector('#f-pin');
    await both('the virtual terminal that waits for a PIN');
    await page.locator('#f-pin').pressSequentially('12', { delay: 50 });
    // Longer than the page takes to renew itself.
    await page.waitForTimeout(2_500);
    assert.equal(await page.locator('#f-pin').inputValue(), '12');
    await page.locator('#f-pin').pressSequentially('34');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#f-pin', { state: 'detached' });
    const { body } = await gateway.call('GET', '/v1/operations/pin?wait=10');
    assert.equal(body.state, 'approved');
  });

  await t.test('the test asks first, and the server’s no is shown as such', async () => {
    await gateway.call('PATCH', '/v1/settings', { registration: { url: server.url } });
    await page.goto(`${base}/admin/integration`);
    await page.click('summary:has-text("Send a test")');
    await both('the test of the processing server');
    const send = page.locator('form[action$="/registration/test"] button');
    await send.click();
    assert.equal(server.heard.length, 0, 'the box is not ticked');
    await page.check('#f-sure');
    await send.click();
    await page.waitForSelector('.notice.alarm >> text=The server answered “no” (false).');
    await both('the answer of the processing server');
    assert.equal(server.heard.length, 1);
  });

  assert.deepEqual(complaints, []);
});
