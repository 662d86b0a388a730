// A real gateway and a real Chromium for the tests of pages; everything is ended with the test.
import type { TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Gateway, startGateway, temporaryFolder } from '../process/programs.ts';

export const ADMIN = { login: 'admin', name: 'Olena Koval', password: 'three green frogs' };
/** Every wait of a page. */
export const WAIT_MS = 15_000;

export interface Stage {
  readonly gateway: Gateway;
  readonly folder: string;
  readonly browser: Browser;
  /** What went wrong in any page: scripts, policy, server faults. */
  readonly complaints: string[];
  /** A visitor with cookies of its own. */
  readonly visitor: (options?: {
    locale?: string;
    width?: number;
    scripts?: boolean;
  }) => Promise<Page>;
  /** A visitor who signed in. */
  readonly signedIn: (
    login: string,
    password: string,
    options?: { locale?: string; width?: number },
  ) => Promise<Page>;
}

export async function stageFor(
  t: TestContext,
  env: Readonly<Record<string, string>> = {},
  prepare: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<Stage> {
  const { path: folder, remove } = temporaryFolder();
  await prepare(folder);
  const gateway = await startGateway(folder, env);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  t.after(async () => {
    await browser.close();
    await gateway.stop();
    remove();
  });
  const complaints: string[] = [];
  const visitor: Stage['visitor'] = async ({
    locale = 'en-GB',
    width = 1280,
    scripts = true,
  } = {}) => {
    const context: BrowserContext = await browser.newContext({
      locale,
      javaScriptEnabled: scripts,
      viewport: { width, height: 844 },
      timezoneId: 'Europe/Kyiv',
    });
    context.setDefaultTimeout(WAIT_MS);
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // A refused form answers 4xx, and Chromium says so on the console.
      const refused = message.text().includes('Failed to load resource');
      if (message.type() === 'error' && !refused)
        complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) complaints.push(`${response.url()}: ${response.status()}`);
    });
    return page;
  };
  const signedIn: Stage['signedIn'] = async (login, password, options) => {
    const page = await visitor(options);
    await page.goto(`${gateway.base}/admin/sign-in`);
    await page.fill('[name=login]', login);
    await page.fill('[name=password]', password);
    await Promise.all([page.waitForURL(`${gateway.base}/admin`), page.click('button.primary')]);
    return page;
  };
  return { gateway, folder, browser, complaints, visitor, signedIn };
}

export function oneTimeCode(folder: string): string {
  return readFileSync(join(folder, 'one-time-code'), 'utf8').trim();
}

/** From the first visit to the page after it. */
export async function firstStart(
  { gateway, folder, visitor }: Stage,
  locale = 'en-GB',
): Promise<Page> {
  const page = await visitor({ locale });
  await page.goto(`${gateway.base}/admin`);
  await page.fill('[name=code]', oneTimeCode(folder));
  await page.fill('[name=name]', ADMIN.name);
  await page.fill('[name=password]', ADMIN.password);
  await page.fill('[name=shop]', 'Corner shop');
  await Promise.all([page.waitForURL('**/admin/first-terminal'), page.click('button.primary')]);
  return page;
}

/** Adds a person through the page that administrators use. */
export async function addPerson(
  page: Page,
  base: string,
  person: { login: string; name: string; role: string; password: string },
): Promise<void> {
  await page.goto(`${base}/admin/people`);
  const form = page.locator('form[action="/admin/people"]');
  await form.locator('[name=name]').fill(person.name);
  await form.locator('[name=login]').fill(person.login);
  await form.locator('[name=role]').selectOption(person.role);
  await form.locator('[name=password]').fill(person.password);
  await Promise.all([
    page.waitForURL('**/admin/people?done=saved'),
    form.locator('button').click(),
  ]);
}

/** axe-core finds nothing; scrolls nowhere sideways. */
export async function assertClean(page: Page, name: string): Promise<void> {
  // The page's policy forbids foreign scripts, and evaluate is not one.
  await page.evaluate(axe.source);
  const found = await page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ': ' + nodes.map((one) => one.html.slice(0, 160) + ' ' + one.failureSummary).join(' | ')))`,
  );
  assert.deepEqual(found, [], `${name}: accessibility`);
  const over = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  assert.ok(over <= 0, `${name} scrolls sideways by ${over} px`);
}
