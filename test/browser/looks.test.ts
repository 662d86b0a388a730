import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { codeAt } from '../../app/src/accounts/second-factor.ts';
import { LANGUAGE_NAMES } from '../../app/src/http/admin/texts/index.ts';
import { openAll, PAGES, someLife } from './pages.ts';
import { ADMIN, assertClean, firstStart, stageFor } from './stage.ts';

test('every page in every look', async (t) => {
  const stage = await stageFor(t);
  const { base } = stage.gateway;

  await t.test('the first pages are clean in every language', async () => {
    for (const locale of ['uk-UA', 'en-GB', 'ru-UA']) {
      const page = await stage.visitor({ locale, width: 390 });
      await page.goto(`${base}/admin`);
      assert.equal(await page.getAttribute('html', 'lang'), locale.slice(0, 2));
      await assertClean(page, `first start ${locale}`);
      await page.context().close();
    }
  });

  const page = await firstStart(stage);
  await someLife(stage);

  await t.test(
    'axe finds nothing and nothing scrolls sideways: desk and telephone, light and dark',
    async () => {
      for (const [name, path] of PAGES) {
        await page.setViewportSize({ width: 1280, height: 844 });
        await page.goto(`${base}/admin${path}`);
        await openAll(page);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize({ width: 1280, height: 844 });
          await assertClean(page, `${name} desk ${colorScheme}`);
          await page.setViewportSize({ width: 390, height: 844 });
          await assertClean(page, `${name} telephone ${colorScheme}`);
        }
      }
      await page.setViewportSize({ width: 1280, height: 844 });
      await page.emulateMedia({ colorScheme: 'light' });
    },
  );

  await t.test('whatever has the focus shows it, on every page', async () => {
    for (const [name, path] of PAGES) {
      await page.goto(`${base}/admin${path}`);
      await openAll(page);
      const hidden = await page.evaluate<string[]>(
        `(() => {
          const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]');
          return [...all].filter((one) => {
            if (one.type === 'hidden' || one.hidden || one.disabled || !one.checkVisibility()) return false;
            one.focus({ focusVisible: true });
            if (document.activeElement !== one) return true;
            const { outlineStyle, outlineWidth } = getComputedStyle(one);
            return outlineStyle === 'none' || parseFloat(outlineWidth) < 2;
          }).map((one) => one.outerHTML.slice(0, 120));
        })()`,
      );
      assert.deepEqual(hidden, [], name);
    }
  });

  await t.test('every page has one main action at most', async () => {
    for (const [name, path] of PAGES) {
      await page.goto(`${base}/admin${path}`);
      const primary = await page.evaluate<string[]>(
        `[...document.querySelectorAll('main .primary')]
          .filter((one) => one.checkVisibility() && one.closest('details:not([open])') === null)
          .map((one) => one.innerText.trim())`,
      );
      // The same action of several terminals is one; a virtual terminal stands beside its till.
      const most = name === 'virtual-terminal' ? 2 : 1;
      assert.ok(new Set(primary).size <= most, `${name}: ${primary.join(', ')}`);
    }
  });

  await t.test('each language is whole on every page, and is remembered', async () => {
    for (const code of ['uk', 'ru', 'en'] as const) {
      await page.goto(`${base}/admin`);
      await page.click(`.side .languages button:has-text("${LANGUAGE_NAMES[code]}")`);
      await page.waitForSelector(`html[lang=${code}]`);
      for (const [name, path] of PAGES) {
        await page.goto(`${base}/admin${path}`);
        assert.equal(await page.getAttribute('html', 'lang'), code, name);
        const text = await page.evaluate<string>(
          `[...document.querySelectorAll('h1, h2, h3, label, th:not(.given), dt, button, summary, .menu, legend, .hint, .quiet-button, .badge')]
            .filter((one) => one.closest('.languages, [lang=en], code, pre') === null)
            .map((one) => one.innerText).join('\\n')`,
        );
        const wrong = { en: /[а-яґєіїё]/i, uk: /[ыэъё]/i, ru: /[ґєії]/i }[code];
        const lines = text.split('\n').filter((line) => wrong.test(line));
        assert.deepEqual(lines, [], `${name} in ${code}`);
      }
    }
    const again = await stage.signedIn(ADMIN.login, ADMIN.password, { locale: 'uk-UA' });
    assert.equal(await again.getAttribute('html', 'lang'), 'en', 'the person’s own choice');
  });

  await t.test('a decision can be made with the keyboard alone', async () => {
    await page.goto(`${base}/admin`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate<string>('document.activeElement.className'), 'skip');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Look and decide');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/operations/riddle');
    await tabTo(page, 'approved');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('The slip says approved');
    await tabTo(page, 'Write the decision');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.head .badge.good');
  });

  await t.test('the second factor is set up with its code and then asked for', async () => {
    await page.goto(`${base}/admin/me`);
    await page.click('text=Switch it on');
    await page.waitForSelector('.qr');
    await assertClean(page, 'second factor');
    const secret = (await page.innerText('.sheet code')).replaceAll(' ', '');
    await page.fill('[name=code]', codeAt(secret, Math.floor(Date.now() / 30_000)));
    await page.click('text=Confirm');
    await page.waitForSelector('text=10 recovery codes are left');
    const [recovery = ''] = (await page.innerText('#codes')).trim().split('\n');
    await page.reload();
    assert.equal(await page.locator('#codes').count(), 0, 'shown once');
    const other = await stage.visitor();
    await other.goto(`${base}/admin/sign-in`);
    await other.fill('[name=login]', ADMIN.login);
    await other.fill('[name=password]', ADMIN.password);
    await other.click('button.primary');
    await other.waitForURL('**/sign-in/code');
    await assertClean(other, 'second step');
    await other.goto(`${base}/admin/operations`);
    assert.match(other.url(), /sign-in\/code$/, 'the password alone opens nothing');
    await other.fill('[name=code]', '000000');
    await other.click('button.primary');
    await other.waitForSelector('[role=alert]');
    await other.fill('[name=code]', recovery);
    await Promise.all([other.waitForURL(`${base}/admin`), other.click('button.primary')]);
  });

  await t.test('a key is shown once and then works', async () => {
    await page.goto(`${base}/admin/integration`);
    await page.click('summary:has-text("New key")');
    await page.fill('[name=keyName]', 'hall');
    await page.click('text=Make a key');
    const secret = await page.innerText('#new-key');
    assert.match(await page.innerText('#s-curl'), new RegExp(secret));
    await assertClean(page, 'a new key');
    const use = () =>
      fetch(`${base}/v1/operations`, {
        headers: { authorization: `Bearer ${secret}` },
        signal: AbortSignal.timeout(15_000),
      });
    assert.equal((await use()).status, 200);
    await page.reload();
    assert.equal(await page.locator('#new-key').count(), 0);
    const row = page.locator('tr:has-text("hall")');
    await row.locator('summary').click();
    await Promise.all([page.waitForURL('**?done=keyRevoked'), row.locator('button').click()]);
    assert.equal((await use()).status, 401);
  });

  await t.test('says at the field why a server and a webhook are not taken', async () => {
    await page.goto(`${base}/admin/integration`);
    await page.check('[name=registrationEnabled]');
    await page.fill('[name=registrationUser]', 'pos');
    await page.click('form[action$="/registration"] button');
    await page.waitForSelector('#e-registrationUrl');
    assert.equal(await page.inputValue('[name=registrationUser]'), 'pos');
    assert.equal(await page.isChecked('[name=registrationEnabled]'), true, 'ticks are kept too');
    await page.uncheck('[name=registrationEnabled]');
    await page.fill('[name=registrationUrl]', 'http://127.0.0.1:9/pos');
    await page.fill('[name=registrationPassword]', 'secret of the server');
    await Promise.all([
      page.waitForURL('**?done=saved'),
      page.click('form[action$="/registration"] button'),
    ]);
    await page.fill('[name=registrationUrl]', 'http://127.0.0.2:9/pos');
    await page.click('form[action$="/registration"] button');
    await page.waitForSelector('#e-registrationPassword');
    await page.goto(`${base}/admin/integration`);
    assert.doesNotMatch(await page.content(), /secret of the server/);
    await page.fill('[name=origins]', 'https://pos.example/till');
    await page.click('form[action$="/browsers"] button');
    await page.waitForSelector('#e-origins');
    assert.equal(await page.inputValue('[name=origins]'), 'https://pos.example/till');
    await page.fill('[name=origins]', 'https://pos.example');
    await Promise.all([
      page.waitForURL('**?done=saved'),
      page.click('form[action$="/browsers"] button'),
    ]);
    await page.fill('[name=webhookName]', 'shop');
    await page.fill('[name=webhookUrl]', 'ftp://nowhere');
    await page.click('text=Add a webhook');
    await page.waitForSelector('#e-webhookUrl');
    await page.fill('[name=webhookUrl]', 'http://127.0.0.1:9/hook');
    await page.click('text=Add a webhook');
    await page.waitForSelector('text=is shown once');
    await page.click('button:has-text("Remove")');
    await page.waitForURL('**?done=removed');
    await page.goto(`${base}/admin/system`);
    await page.fill('[name=shop]', 'x'.repeat(80));
    await page.click('form[action="/admin/system"] button');
    await page.waitForSelector('#e-shop');
  });

  await t.test('backup and support bundle are downloaded, without secrets', async () => {
    await page.goto(`${base}/admin/system`);
    const [backup] = await Promise.all([
      page.waitForEvent('download'),
      page.click('text=Download a copy of the ledger'),
    ]);
    const copy = readFileSync((await backup.path()) ?? '');
    assert.equal(copy.subarray(0, 15).toString(), 'SQLite format 3');
    const [bundle] = await Promise.all([
      page.waitForEvent('download'),
      page.click('text=Download the bundle'),
    ]);
    const text = readFileSync((await bundle.path()) ?? '', 'utf8');
    assert.match(text, /"version"/);
    const secrets = [ADMIN.password, stage.gateway.key, 'secret of the server', '5168150000009659'];
    for (const secret of secrets) assert.equal(text.includes(secret), false, secret);
  });

  assert.deepEqual(stage.complaints, []);
});

/** Presses Tab until the focus is on something with this text or value. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<string>(
      `(document.activeElement.innerText || document.activeElement.value || '').trim()`,
    );
    if (focused === text) return;
  }
  throw new Error(`Tab never comes to «${text}»`);
}
