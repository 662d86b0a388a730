// What a ledger of years costs: the start, pages of history, and a table that somebody downloads.
import { join } from 'node:path';
import type { GatewayProgram } from '../process/programs.ts';
import { ms, percentile, table } from './figures.ts';
import { fillLedger } from './history.ts';
import {
  call,
  type House,
  memoryMib,
  NO_PAUSES,
  openHouse,
  pause,
  purchase,
  terminals,
} from './house.ts';

const OPERATIONS = 1_000_000;

const PAGES = [
  ['newest page of 50', '/v1/operations?limit=50'],
  ['one terminal', '/v1/operations?limit=50&terminal=old-7'],
  ['one terminal, declined', '/v1/operations?limit=50&terminal=old-7&state=declined'],
  ['one day of two years ago', '/v1/operations?from=2024-06-01T00:00:00Z&to=2024-06-02T00:00:00Z'],
  ['by reference', '/v1/operations?limit=50&reference=order%20500000'],
  ['one operation by id', '/v1/operations/old-500000'],
] as const;

export async function million(appliance: GatewayProgram, folder: string): Promise<string> {
  const data = join(folder, 'history');
  await fillLedger(join(data, 'ledger'), OPERATIONS, 50);
  const fleet = await terminals(1, 0);
  const began = performance.now();
  const house = await openHouse(appliance, data, fleet.addresses, NO_PAUSES);
  const rows: string[][] = [
    ['start to ready, the terminal connected', ms(performance.now() - began), ''],
  ];
  for (const [name, path] of PAGES) rows.push([name, ...(await page(house, path))]);
  rows.push(...(await tableBesidePayments(house)));
  rows.push(['memory', `${memoryMib(house).now.toFixed(0)} MiB`, '']);
  await house.close();
  await fleet.close();
  return table(['what', 'p50', 'p99'], rows);
}

async function page(house: House, path: string): Promise<[string, string]> {
  const samples: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    const from = performance.now();
    const text = await call(house, path);
    if (!text.includes('"id":"old-')) throw new Error(text);
    if (round >= 10) samples.push(performance.now() - from);
  }
  return [ms(percentile(samples, 0.5)), ms(percentile(samples, 0.99))];
}

/** An accountant downloads three months while the till sells. */
async function tableBesidePayments(house: House): Promise<string[][]> {
  const seen = { tookMs: 0, lines: 0 };
  const download = async (): Promise<void> => {
    const from = performance.now();
    const path = '/v1/operations?from=2026-07-01T00:00:00Z';
    const text = await call(house, path, { accept: 'text/csv' });
    seen.tookMs = performance.now() - from;
    seen.lines = text.split('\r\n').length - 2;
  };
  const waits: number[] = [];
  const sell = async (): Promise<void> => {
    while (seen.lines === 0) {
      waits.push(await purchase(house, 0));
      await pause(20);
    }
  };
  await Promise.all([download(), sell()]);
  return [
    [`a table of ${seen.lines} operations`, ms(seen.tookMs), ''],
    ['payments meanwhile', ms(percentile(waits, 0.5)), ms(percentile(waits, 0.99))],
  ];
}
