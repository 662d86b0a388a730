// No English on a page in Ukrainian or Russian: every visible word of every page is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { LANGUAGE_NAMES } from '../../app/src/http/admin/texts/index.ts';
import { eventually } from '../process/programs.ts';
import { openAll, PAGES, someLife } from './pages.ts';
import { firstStart, type Stage, stageFor } from './stage.ts';

/** Terminals of every driver; most of them have nobody at the other end. */
const TERMINALS = [
  ['till-2', 'privat-json', 'tcp://127.0.0.1:9'],
  ['till-3', 'bpos', 'tcp://127.0.0.1:10'],
  ['till-4', 'bpos-light', 'serial:///dev/terminals/none'],
  ['till-5', 'concert', 'serial:///dev/terminals/other'],
  ['till-6', 'caisse-ap', 'tcp://127.0.0.1:11'],
  ['till-7', 'nexo', 'sim://nexo'],
] as const;
/** Names that shops, makers and protocols gave; the same in every language. */
const NAMES = [
  /\bWrongPIN\b|\blibcBPOSLib\.so\b|\bBPOSLib_|\b[0-9a-f]{16}\b/g,
  /Olena Koval|Corner shop|PAX · s800 · \w+|PAX s800 \w+|Acme · A30|TESTKKM\w+|riddle|demo\b|UAH|Simulated terminal|Iryna|order [a-z0-9]|Debian GNU\/Linux [\w/.]+/g,
  /Chrome · Linux|Tillgate|PrivatBank ECR JSON|B-POS(?:1| light)?|Concert E\+|Caisse-AP|Telium/g,
  /nexo Retailer|Swedbank Pay|MasterCard|MASTERCARD|Mastercard|Visa|VISA|BAS|BSL|SOAP|HTTP/g,
  /English|HMAC-SHA256|WSDL|CSV|PIN|RRN|TLS|NTP|USB|RS-232|TCP|POIID|SaleID|IP|ID|PEM/g,
  // Words of protocols that stand in sentences about them.
  /deviceBusy|methodNotImplemented|GetReceiptInfo|PingDevice|responseCode|trnStatus|error=\w+/g,
  /Busy|JSON|XML|Refusal|InvalidCard|WrongPIN|PaymentRestriction|UnreachableHost|DeviceOut/g,
  /Partial|InProgress|NUL|Linux x86-64|BPOS|API\b|curl|Europe\/Kyiv|result=true|\{parts\}|\bnexo\b|SaleReconciliation|AcquirerSynchronisation|AcquirerReconciliation|Verifone/g,
  /(?:tcp|serial|http|https|sim|auto):\/\/\S*|\b[\w-]+\.[\w.-]+\b|\/[\w/.-]+|\w*_\w*/g,
  // What is typed in or chosen by its code: names of terminals, cards, faults, options.
  /\b(?:till|sale)-\d+|\b[a-z0-9]+(?:-[a-z0-9]+)+(?=:)|\b[a-z]+(?=: )|\b[a-z]+[A-Z]\w*/g,
];

test('a page in Ukrainian or Russian has no English sentence', async (t) => {
  const stage = await stageFor(t);
  const { base } = stage.gateway;
  const page = await firstStart(stage, 'uk-UA');
  await liveText(stage, page);
  await someLife(stage);
  await terminals(stage);
  const paths = [
    ...PAGES.map(([, path]) => path),
    ...TERMINALS.flatMap(([id]) => [`/terminals/${id}`, `/terminals/${id}/edit`]),
    '/terminals/till-7/virtual',
  ];
  for (const code of ['uk', 'ru'] as const) {
    await page.goto(`${base}/admin`);
    await page.click(`.side .languages button:has-text("${LANGUAGE_NAMES[code]}")`);
    await page.waitForSelector(`html[lang=${code}]`);
    const foreign: string[] = [];
    for (const path of paths) {
      await page.goto(`${base}/admin${path}`);
      foreign.push(...(await foreignWords(page)).map((line) => `${path || '/'}: ${line}`));
    }
    for (const id of ['till-1', 'till-2', 'till-3', 'till-7']) {
      await page.goto(`${base}/admin/terminals/${id}`);
      await page.click('form[action$="/test"] button');
      await page.waitForSelector('.steps');
      foreign.push(...(await foreignWords(page)).map((line) => `test of ${id}: ${line}`));
    }
    // What is wrong with a field is said in the page's language too.
    await page.goto(`${base}/admin/terminals/till-7/edit`);
    await openAll(page);
    await page.fill('[name=address]', 'tcp://nowhere:1');
    await page.fill('[name="o-language"]', 'Ukrainian');
    await page.fill('[name="o-busyRetries"]', '99');
    await page.click('button.primary');
    await page.waitForSelector('.fault');
    foreign.push(...(await foreignWords(page)).map((line) => `faults: ${line}`));
    assert.deepEqual([...new Set(foreign)], [], code);
  }
});

/** What the terminal shows comes to an open page while it runs, in the page's language. */
async function liveText({ gateway }: Stage, page: Page): Promise<void> {
  const settings = (body: unknown) => gateway.call('POST', '/v1/simulators/till-1/settings', body);
  await settings({ autoCard: false });
  const body = { kind: 'purchase', amount: 100 };
  await gateway.call('PUT', '/v1/operations/live?wait=0', body);
  await page.goto(`${gateway.base}/admin/operations/live`);
  await page.waitForSelector('[data-display]:has-text("Очікує картку")');
  await gateway.call('POST', '/v1/simulators/till-1/card', { card: null });
  await page.waitForSelector('.head .badge.good');
  assert.match(await page.innerText('.timeline'), /Очікує картку/);
  await settings({ autoCard: true });
}

async function terminals({ gateway }: Stage): Promise<void> {
  for (const [id, driver, address] of TERMINALS) {
    const options = driver === 'nexo' ? { poiId: 'POI1' } : {};
    const { status, body } = await gateway.call('PUT', `/v1/terminals/${id}`, {
      id,
      driver,
      address,
      options,
    });
    assert.ok(status < 300, `${id}: ${JSON.stringify(body)}`);
  }
  await eventually(
    () => gateway.call('GET', '/v1/terminals'),
    ({ body }) => !JSON.stringify(body).includes('"connecting"'),
  );
}

/** Visible lines of the page with Latin words that are nobody's name. */
async function foreignWords(page: Page): Promise<string[]> {
  await openAll(page);
  const lines = await page.evaluate<string[]>(`(() => {
    const skipped = 'code, pre, [lang=en], select[name=timeZone], select[name=currency], select[name=priceElement], [id^=h-o-], script, svg, .languages';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const { parentElement, data } = walker.currentNode;
      const text = data.trim();
      if (text !== '' && parentElement.closest(skipped) === null) found.push(text);
    }
    return found;
  })()`);
  return lines.filter((line) => {
    const rest = NAMES.reduce((text, names) => text.replaceAll(names, ' '), line);
    return /[A-Za-z]{3,}/.test(rest);
  });
}
