// What the server spends on a page for a browser, over a ledger of years.
import { join } from 'node:path';
import { FormBrowser } from '../admin/browser.ts';
import type { GatewayProgram } from '../process/programs.ts';
import { ms, percentile, table } from './figures.ts';
import { type Detail, fillLedger } from './history.ts';
import { NO_PAUSES, openHouse, purchase, terminals } from './house.ts';

const OPERATIONS = 1_000_000;
/** Today has sales too. */
const SALES_TODAY = 100;
const ROUNDS = 30;
const WARMING = 5;
const DEEP = Buffer.from('1.400000').toString('base64url');

/** Every fifth sale has one and the same sum, as coffee has; cards come again and again. */
function likeAShop(number: number): Detail {
  const last4 = String((number * 7_919) % 10_000).padStart(4, '0');
  return { mask: `516815******${last4}`, ...(number % 5 === 0 ? { amount: 5_000 } : {}) };
}

const LISTS = [
  ['newest', ''],
  ['far back', `?cursor=${DEEP}`],
  ['one state', '?state=declined'],
  ['a state that none has', '?state=reversed'],
  ['unresolved', '?state=unknown'],
  ['one terminal', '?terminal=old-7'],
  ['one terminal, declined', '?terminal=old-7&state=declined'],
  ['one kind', '?kind=purchase'],
  ['a kind that none has', '?kind=refund'],
  ['one day', '?since=2025-06-01&until=2025-06-01'],
  [
    'two years, one terminal, declined',
    '?since=2024-06-01&until=2026-06-01&terminal=old-7&state=declined',
  ],
  ['by operation id', '?q=old-500000'],
  ['by RRN', '?q=100000500000'],
  ['by reference', '?q=order+500000'],
  ['by the card’s last four digits', '?q=1234'],
  ['by a rare sum', '?q=123.46'],
  ['by a sum that one in five has', '?q=50.00'],
  ['the same, a state that none has', '?q=50.00&state=reversed'],
  ['the same, a terminal that has none', '?q=50.00&terminal=old-7'],
  ['the same, one day', '?q=50.00&since=2025-06-01&until=2025-06-01'],
  ['nothing to find', '?q=nothing+of+this+name'],
] as const;

const OTHERS = [
  ['one operation', '/operations/old-500000'],
  ['Today', ''],
  ['Day’s end', '/day-end'],
  ['Terminals', '/terminals'],
  ['Audit', '/audit'],
] as const;

export async function pages(appliance: GatewayProgram, folder: string): Promise<string> {
  const data = join(folder, 'pages');
  await fillLedger(join(data, 'ledger'), OPERATIONS, 50, likeAShop, Date.now());
  return measurePages(appliance, data);
}

export async function measurePages(appliance: GatewayProgram, data: string): Promise<string> {
  const fleet = await terminals(1, 0);
  const house = await openHouse(appliance, data, fleet.addresses, NO_PAUSES);
  const browser = new FormBrowser(house.gateway.base);
  await browser.firstStart(data);
  for (let sale = 0; sale < SALES_TODAY; sale += 1) await purchase(house, 0);
  const rows: string[][] = [];
  for (const [name, path] of OTHERS) rows.push([name, ...(await measured(browser, path))]);
  for (const [name, query] of LISTS) {
    rows.push([`Operations: ${name}`, ...(await measured(browser, `/operations${query}`))]);
  }
  await house.close();
  await fleet.close();
  return [
    table(['page', 'first', 'p50', 'p99'], rows),
    '',
    'From the request to the last byte over the loopback, signed in, in the order of the table;',
    '`first` is the first visit of a process that has just started.',
  ].join('\n');
}

async function measured(browser: FormBrowser, path: string): Promise<string[]> {
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const { status } = await browser.get(`/admin${path}`);
    if (status !== 200) throw new Error(`${path}: ${status}`);
    samples.push(performance.now() - began);
  }
  const warm = samples.slice(WARMING);
  return [ms(samples[0] ?? 0), ms(percentile(warm, 0.5)), ms(percentile(warm, 0.99))];
}
