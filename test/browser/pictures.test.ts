import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLedger } from '../../app/src/storage/ledger/ledger.ts';
import { systemClock } from '../../app/src/system/clock.ts';
import { QuietLog } from '../kit/quiet-log.ts';
import { eventually } from '../process/programs.ts';
import { sell } from '../storage/helpers.ts';
import { firstStart, stageFor } from './stage.ts';

/** Set, the pages of the README are photographed into docs/screenshots. */
const WANTED = process.env['TILLGATE_SCREENSHOTS'];
const FOLDER = 'docs/screenshots';
const DAY = 86_400_000;
/** Sales of the two weeks before today: quiet Mondays, busy Saturdays. */
const WEEK = [5, 8, 9, 11, 14, 17, 12];

test('photographs the main pages for the README', {
  skip: WANTED === undefined && 'only with TILLGATE_SCREENSHOTS=1',
}, async (t) => {
  const stage = await stageFor(t, {}, history);
  const { base } = stage.gateway;
  const page = await firstStart(stage);
  const sale = (id: string, amount: number, cashier: string, wait = 20) =>
    stage.gateway.call('PUT', `/v1/operations/${id}?wait=${wait}`, {
      kind: 'purchase',
      terminal: 'till-1',
      amount,
      reference: `Order ${id.slice(5)}`,
      cashier,
    });
  const settings = (body: unknown) =>
    stage.gateway.call('POST', '/v1/simulators/till-1/settings', body);
  await eventually(
    () => stage.gateway.call('GET', '/v1/terminals/till-1'),
    ({ body }) => body.link === 'ready',
  );
  await settings({ answerAfterMs: 300 });
  for (const [at, amount] of [12_345, 40_000, 7_990, 123_400].entries()) {
    await sale(`sale-${140 + at}`, amount, at % 2 === 0 ? 'Iryna' : 'Taras');
  }
  mkdirSync(FOLDER, { recursive: true });
  const shot = async (name: string, path: string): Promise<void> => {
    await page.goto(`${base}/admin${path}`);
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  };
  await page.setViewportSize({ width: 1280, height: 900 });
  await shot('operation', '/operations/sale-143');
  await settings({ autoCard: false });
  await sale('sale-144', 25_000, 'Iryna', 0);
  await page.goto(`${base}/admin/terminals/till-1/virtual`);
  await page.waitForSelector('.badge.working >> text=running');
  await page.screenshot({ path: join(FOLDER, 'virtual-terminal.png') });
  await stage.gateway.call('POST', '/v1/simulators/till-1/card', { card: null });
  await settings({ autoCard: true });
  await sale('sale-144', 25_000, 'Iryna');
  await stage.gateway.call('POST', '/v1/simulators/till-1/fault', { name: 'batch-closed' });
  await stage.gateway.call('POST', '/v1/simulators/till-1/fault', {
    name: 'reply-lost-link-closed',
  });
  await sale('sale-145', 55_500, 'Taras', 0);
  await eventually(
    () => stage.gateway.call('GET', '/v1/operations/sale-145'),
    ({ body }) => body.state === 'unknown' && body.evidence !== null,
  );
  await shot('today', '');
  await shot('unresolved', '/operations/sale-145');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot('today-telephone', '');
});

/** Terminals with names, and two weeks of sales on them. */
async function history(folder: string): Promise<void> {
  const terminals = [terminal('till-1', 'Hall, till 1'), terminal('till-2', 'Terrace')];
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ terminals }), { mode: 0o600 });
  const ledger = await openLedger({
    folder: join(folder, 'ledger'),
    clock: systemClock(() => true),
    log: new QuietLog(),
    onFailure: (error) => {
      throw error;
    },
  });
  const noon = Math.floor(Date.now() / DAY) * DAY + DAY / 3;
  for (let day = 13; day > 0; day -= 1) {
    const at = noon - day * DAY;
    const sales = WEEK[new Date(at).getUTCDay()] ?? 0;
    for (let n = 0; n < sales; n += 1) {
      const id = `old-${day}-${n}`;
      await sell(ledger, id, { terminal: n % 3 === 0 ? 'till-2' : 'till-1', at: at + n * 600_000 });
    }
  }
  await ledger.close();
}

function terminal(id: string, name: string) {
  return { id, name, driver: 'privat-json', address: 'sim://privat-json?answerAfterMs=1500' };
}
