// What the first visit moves over the wire: a browser that has never been here, nothing cached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { someLife } from './pages.ts';
import { ADMIN, firstStart, stageFor } from './stage.ts';

const BYTES_MAX = 150_000;
/** A page with its style, script and picture has at least so much: less, and nothing was counted. */
const BYTES_MIN = 15_000;

test('the first visit moves less than 150 kB: the sign-in page, and Today after it', async (t) => {
  const stage = await stageFor(t);
  const { base } = stage.gateway;
  await firstStart(stage);
  await someLife(stage);

  await t.test('sign-in page', async () => {
    const page = await stage.visitor();
    const moved = await counted(page);
    await page.goto(`${base}/admin/sign-in`, { waitUntil: 'networkidle' });
    assertSmall(moved, 'sign-in page');
    await page.context().close();
  });

  await t.test('sign-in page and Today', async () => {
    const page = await stage.visitor();
    const moved = await counted(page);
    await page.goto(`${base}/admin/sign-in`, { waitUntil: 'networkidle' });
    await page.fill('[name=login]', ADMIN.login);
    await page.fill('[name=password]', ADMIN.password);
    await Promise.all([page.waitForURL(`${base}/admin`), page.click('button.primary')]);
    await page.waitForSelector('.chart');
    // The stream of news stays open, so the page is never idle: everything else has come by now.
    await page.waitForLoadState('load');
    assertSmall(moved, 'sign-in page and Today');
    await page.context().close();
  });
});

interface Moved {
  bytes: number;
  readonly each: string[];
}

/** Headers and bodies as they came over the wire, compressed where they were. */
async function counted(page: Page): Promise<Moved> {
  const moved: Moved = { bytes: 0, each: [] };
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const addresses = new Map<string, string>();
  session.on('Network.requestWillBeSent', ({ requestId, request, redirectResponse }) => {
    if (redirectResponse !== undefined) moved.bytes += redirectResponse.encodedDataLength;
    addresses.set(requestId, request.url);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    moved.bytes += encodedDataLength;
    moved.each.push(`${addresses.get(requestId) ?? '?'} ${encodedDataLength}`);
  });
  return moved;
}

function assertSmall({ bytes, each }: Moved, name: string): void {
  const told = `${name}: ${bytes} bytes\n${each.join('\n')}`;
  assert.ok(bytes > BYTES_MIN && bytes < BYTES_MAX, told);
}
