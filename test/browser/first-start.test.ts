import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, oneTimeCode, stageFor, WAIT_MS } from './stage.ts';

test('from the first start to the first purchase', async (t) => {
  const stage = await stageFor(t);
  const { gateway, folder } = stage;
  const page = await stage.visitor();

  await t.test('every way leads to the first start, and nothing else is open', async () => {
    await page.goto(`${gateway.base}/admin/operations`);
    assert.match(page.url(), /\/admin\/first-start$/);
    assert.equal(await page.locator('nav').count(), 0);
  });

  await t.test('says at the field what is wrong, and keeps what was typed', async () => {
    await page.fill('[name=code]', 'AAAA-BBBB-CCCC');
    await page.fill('[name=name]', ADMIN.name);
    await page.fill('[name=shop]', 'Corner shop');
    await page.fill('[name=password]', '1234567890');
    await page.click('button.primary');
    await page.waitForSelector('#e-code');
    assert.match(await page.innerText('#e-code'), /wrong/);
    assert.match(await page.innerText('#e-password'), /guessed first/);
    assert.equal(await page.getAttribute('[name=password]', 'aria-invalid'), 'true');
    assert.equal(await page.inputValue('[name=shop]'), 'Corner shop');
    assert.equal(await page.inputValue('[name=password]'), '', 'a password is never sent back');
  });

  await t.test('takes the code of the console, and only once', async () => {
    const code = oneTimeCode(folder);
    assert.match(code, /^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$/);
    assert.ok(
      gateway.lines.some((line) => line.includes(code)),
      'the console shows it',
    );
    await page.fill('[name=code]', code.toLowerCase());
    await page.fill('[name=password]', ADMIN.password);
    await Promise.all([page.waitForURL('**/first-terminal'), page.click('button.primary')]);
    assert.equal(existsSync(join(folder, 'one-time-code')), false);
    const other = await stage.visitor();
    await other.goto(`${gateway.base}/admin/first-start`);
    assert.match(other.url(), /\/admin\/sign-in$/);
  });

  await t.test('tests the terminal', async () => {
    await page.waitForSelector('.badge.good');
    await page.click('button:has-text("Test")');
    await page.waitForSelector('text=The terminal answers.');
    await page.goto(`${gateway.base}/admin/first-terminal`);
  });

  await t.test('makes a purchase of one kopeck and shows its receipt', async () => {
    await page.click('text=Try a purchase of 0.01');
    await page.waitForURL('**/admin/operations/page-*');
    // Live: nobody reloads the page.
    await page.waitForSelector('.head .badge.good', { timeout: WAIT_MS });
    assert.match(await page.innerText('.receipt'), /0\.01/);
    assert.match(await page.innerText('.facts'), /Olena Koval/);
  });

  await t.test('a terminal is added, changed, switched off and removed', async () => {
    await page.goto(`${gateway.base}/admin/terminals/new`);
    await page.fill('[name=id]', 'Till 2');
    await page.fill('[name=address]', 'nowhere');
    await page.click('button.primary');
    await page.waitForSelector('#e-id');
    assert.equal(await page.inputValue('[name=address]'), 'nowhere');
    await page.fill('[name=id]', 'till-2');
    await page.click('button.primary');
    await page.waitForSelector('#e-address');
    await page.fill('[name=address]', 'tcp://127.0.0.1:9');
    await page.locator('[name=merchantIndex]').first().fill('3');
    await page.locator('[name=merchantName]').first().fill('Second firm');
    await Promise.all([
      page.waitForURL('**/terminals/till-2?done=terminalAdded'),
      page.click('button.primary'),
    ]);
    assert.match(await page.innerText('main'), /Second firm/);
    await page.click('text=Switch off');
    await page.waitForSelector('.badge.off');
    await page.click('summary:has-text("Remove the terminal")');
    await page.click('button:has-text("Remove the terminal")');
    await page.waitForURL('**/admin/terminals?done=removed');
    assert.doesNotMatch(await page.innerText('main'), /till-2/);
  });

  await t.test('everything works without scripts, and every act is in the audit', async () => {
    const plain = await stage.visitor({ scripts: false });
    await plain.goto(`${gateway.base}/admin/audit`);
    await plain.fill('[name=login]', ADMIN.login);
    await plain.fill('[name=password]', ADMIN.password);
    await plain.click('button.primary');
    await plain.waitForURL('**/admin/audit');
    const text = await plain.innerText('main');
    for (const act of [
      'first start',
      'tested a terminal',
      'added a terminal',
      'removed a terminal',
    ]) {
      assert.ok(text.includes(act), act);
    }
    await plain.click('text=Verify the chain');
    await plain.waitForSelector('text=The chain is whole');
  });

  assert.deepEqual(stage.complaints, []);
});
