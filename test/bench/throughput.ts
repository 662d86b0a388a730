// Many terminals at once: purchases a second, who waits, what it costs in CPU and memory.
import { join } from 'node:path';
import type { GatewayProgram } from '../process/programs.ts';
import { ms, percentile, table } from './figures.ts';
import {
  cpuMs,
  DEVELOPMENT_PROGRAM,
  memoryMib,
  NO_PAUSES,
  openHouse,
  pause,
  polledPurchase,
  purchase,
  terminals,
} from './house.ts';

const MEASURED_MS = 10_000;
const IDLE_MS = 30_000;
const SLOW_ANSWER_MS = 8_000;

/** Every terminal sells without a pause; nobody may starve. */
export async function throughput(appliance: GatewayProgram, folder: string): Promise<string> {
  const rows: string[][] = [];
  for (const count of [1, 10, 100, 1_000]) {
    rows.push(await sellAtOnce(appliance, join(folder, `many-${count}`), count, String(count)));
  }
  const name = '1000, from sources (tsx)';
  rows.push(await sellAtOnce(DEVELOPMENT_PROGRAM, join(folder, 'many-sources'), 1_000, name));
  const head = [
    'terminals',
    'purchases a second',
    'CPU a purchase',
    'p50 / p99',
    'fewest … most a terminal',
    'memory idle → after (peak)',
  ];
  return `${table(head, rows)}\n\nThe gateway is the appliance's bundle with the arguments of its unit, but for the last line.\n`;
}

async function sellAtOnce(
  program: GatewayProgram,
  data: string,
  count: number,
  name: string,
): Promise<string[]> {
  const fleet = await terminals(count, 0);
  const house = await openHouse(program, data, fleet.addresses, NO_PAUSES);
  const idle = memoryMib(house).now;
  // Connections and compiled code are there before the clock runs.
  await Promise.all(fleet.addresses.map((_address, terminal) => purchase(house, terminal)));
  const cpuBefore = cpuMs(house);
  const from = performance.now();
  const until = from + MEASURED_MS;
  const waits: number[] = [];
  const sold = await Promise.all(
    fleet.addresses.map(async (_address, terminal) => {
      let number = 0;
      for (; performance.now() < until; number += 1) waits.push(await purchase(house, terminal));
      return number;
    }),
  );
  const seconds = (performance.now() - from) / 1_000;
  const { now, peak } = memoryMib(house);
  const row = [
    name,
    (waits.length / seconds).toFixed(0),
    ms((cpuMs(house) - cpuBefore) / waits.length),
    `${ms(percentile(waits, 0.5))} / ${ms(percentile(waits, 0.99))}`,
    `${Math.min(...sold)} … ${Math.max(...sold)}`,
    `${idle.toFixed(0)} → ${now.toFixed(0)} (${peak.toFixed(0)}) MiB`,
  ];
  await house.close();
  await fleet.close();
  return row;
}

/** A thousand terminals as shops use them: idle, then all at work, with tills that poll. */
export async function thousand(appliance: GatewayProgram, folder: string): Promise<string> {
  const fleet = await terminals(1_000, SLOW_ANSWER_MS);
  const data = join(folder, 'thousand');
  const house = await openHouse(appliance, data, fleet.addresses, NO_PAUSES);
  const rows: string[][] = [];
  const note = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const cpuBefore = cpuMs(house);
    const from = performance.now();
    await work();
    const share = (cpuMs(house) - cpuBefore) / (performance.now() - from);
    const { now, peak } = memoryMib(house);
    rows.push([
      what,
      `${(share * 100).toFixed(0)} %`,
      `${now.toFixed(0)} (${peak.toFixed(0)}) MiB`,
    ]);
  };
  await note('idle, with their quiet questions', () => pause(IDLE_MS));
  const all = (sell: typeof purchase) => () =>
    Promise.all(fleet.addresses.map((_address, terminal) => sell(house, terminal)));
  await note('all at work at once, a payment takes 8 s', all(purchase));
  await note('the same, and their tills ask once a second', all(polledPurchase));
  await house.close();
  await fleet.close();
  return table(['1,000 terminals', 'of one core', 'memory (peak)'], rows);
}
