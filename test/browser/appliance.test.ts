// The pages about the box as people see them: every look, every language, live progress.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { LANGUAGE_NAMES } from '../../app/src/http/admin/texts/index.ts';
import { doorOf } from '../hand/door.ts';
import { benchFor } from '../hand/kit.ts';
import { eventually, temporaryFolder } from '../process/programs.ts';
import { assertClean, firstStart, stageFor } from './stage.ts';

/** Where to leave a picture of each page, for whoever wants to look. */
const PICTURES = process.env['TILLGATE_PICTURES'];
const PAGES = ['network', 'time', 'updates', 'power'] as const;

test('the pages about the box, with a hand', async (t) => {
  const { path: gatewayFolder, remove } = temporaryFolder();
  t.after(remove);
  const bench = benchFor(t, gatewayFolder);
  bench.answers.set('ip -json address', {
    ok: true,
    text: JSON.stringify([
      {
        ifname: 'enp1s0',
        operstate: 'UP',
        addr_info: [{ family: 'inet', local: '192.168.1.20', prefixlen: 24, scope: 'global' }],
      },
    ]),
  });
  bench.answers.set('ip -4 route', { ok: true, text: 'default via 192.168.1.1 dev enp1s0' });
  bench.answers.set('systemctl show', {
    ok: true,
    text:
      'Id=tillgate.service\nActiveState=active\nSubState=running\nNRestarts=0\n\n' +
      'Id=systemd-timesyncd.service\nActiveState=failed\nSubState=failed\nNRestarts=3',
  });
  bench.answers.set('rauc info', {
    ok: true,
    text: '{"update":{"version":"0.2.0","build":"ledger-schema-99"}}',
  });
  const door = await doorOf(t, bench);
  const stage = await stageFor(t, {
    TILLGATE_HAND: door.path,
    TILLGATE_SPOOL: bench.machine.folders.spool,
  });
  const { base } = stage.gateway;
  const page = await firstStart(stage);
  const open = (name: string) => page.goto(`${base}/admin/system/${name}`);

  await t.test('is whole in each language, and clean at the desk and on a telephone', async () => {
    for (const code of ['uk', 'ru', 'en'] as const) {
      await page.goto(`${base}/admin`);
      await page.click(`.side .languages button:has-text("${LANGUAGE_NAMES[code]}")`);
      await page.waitForSelector(`html[lang=${code}]`);
      for (const name of PAGES) {
        await open(name);
        await openAll(page);
        await assertClean(page, `${name} ${code} desk`);
        const wrong = { en: /[а-яґєіїё]/i, uk: /[ыэъё]/i, ru: /[ґєії]/i }[code];
        const text = await page.evaluate<string>(
          `[...document.querySelectorAll('h1, h2, label, th, dt, button, summary, legend, .hint, .badge, main p')]
            .filter((one) => one.closest('.languages, [lang=en], code, pre') === null)
            .map((one) => one.innerText).join('\\n')`,
        );
        const lines = text.split('\n').filter((line) => wrong.test(line));
        assert.deepEqual(lines, [], `${name} in ${code}`);
      }
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    for (const name of PAGES) {
      await open(name);
      await openAll(page);
      await assertClean(page, `${name} telephone dark`);
      await picture(page, `${name}-telephone`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 844 });
    for (const name of PAGES) {
      await open(name);
      await picture(page, `${name}-desk`);
    }
  });

  await t.test('a network on trial counts down and is taken back without reloading', async () => {
    await open('network');
    await page.selectOption('[name=kind]', 'fixed');
    await page.fill('[name=address]', '192.168.7.20/24');
    await page.fill('[name=gateway]', '192.168.7.1');
    await page.click('button:has-text("Try it")');
    await page.waitForSelector('text=New network settings are on trial');
    await assertClean(page, 'network on trial');
    await picture(page, 'network-trial');
    await page.click('button:has-text("Take the old ones back")');
    await bench.clock.advance(5_000);
    await page.waitForSelector('text=were not confirmed, so the ones before came back');
    await page.waitForSelector('button:has-text("Try it")');
  });

  await t.test('an installation is watched live to its end', async () => {
    let tell: ((line: string) => void) | null = null;
    let release: (() => void) | null = null;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    bench.acts.set('rauc install', async (_program, _args, options) => {
      tell = options?.onLine ?? null;
      await gate;
      return { ok: true, text: '' };
    });
    await open('updates');
    await page.setInputFiles('[name=bundle]', {
      name: 'tillgate-0.2.0.raucb',
      mimeType: 'application/octet-stream',
      buffer: Buffer.alloc(300_000, 'x'),
    });
    await page.click('button:has-text("Upload to the box")');
    await page.waitForSelector('text=Version 0.2.0');
    await assertClean(page, 'uploaded');
    await picture(page, 'updates-uploaded');
    await page.click('button:has-text("Install")');
    await page.waitForSelector('text=Installing: 0 %');
    await eventually(
      () => Promise.resolve(tell),
      (value) => value !== null,
    );
    for (const percent of [20, 60]) {
      (tell as ((line: string) => void) | null)?.(` ${percent}% Copying image to system.1`);
      await page.waitForSelector(`text=Installing: ${percent} %`);
    }
    await assertClean(page, 'installing');
    await picture(page, 'updates-installing');
    (release as (() => void) | null)?.();
    await page.waitForSelector('text=Version 0.2.0 was installed into the other slot');
    await picture(page, 'updates-installed');
  });

  await t.test('a restart is a second step, and its page waits', async () => {
    await open('power');
    await page.click('summary:has-text("Restart the gateway")');
    await page.click('button:has-text("Restart the gateway")');
    await page.waitForURL('**/power/going?since=*');
    await assertClean(page, 'restarting');
    await picture(page, 'power-going');
  });
  assert.deepEqual(stage.complaints, []);
});

async function openAll(page: Page): Promise<void> {
  await page.evaluate(
    "document.querySelectorAll('main details').forEach((one) => { one.open = true; })",
  );
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}
