// `make bench`: what the gateway costs, measured on this machine; writes docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { DirectClient } from './direct.ts';
import { ms, percentile, table } from './figures.ts';
import { fillLedger } from './history.ts';
import {
  call,
  NO_PAUSES,
  openHouse,
  purchase,
  reopenHouse,
  residentMib,
  terminals,
} from './house.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillgate-bench-'));
const parts: string[] = [];

await section('Added time of a purchase', addedTime);
await section('Durable purchases at once', throughput);
await section('A ledger of 1,000,000 operations', history);
await section('Recovery after kill -9', recovery);
rmSync(folder, { recursive: true, force: true });
writeFileSync('docs/benchmarks.md', `${heading()}\n${parts.join('\n')}`);

async function section(title: string, measure: () => Promise<string>): Promise<void> {
  process.stderr.write(`${title} …\n`);
  const text = await measure();
  parts.push(`## ${title}\n\n${text}\n`);
  process.stdout.write(`\n## ${title}\n\n${text}\n`);
}

/** The same simulated terminal, by a bare client and through the gateway, turn by turn. */
async function addedTime(): Promise<string> {
  const rows: string[][] = [];
  for (const answerMs of [0, 300]) {
    const fleet = await terminals(2, answerMs);
    const [first = '', second = ''] = fleet.addresses;
    const direct = await DirectClient.open(first);
    const house = await openHouse(join(folder, `added-${answerMs}`), [second], NO_PAUSES);
    const samples = { direct: [] as number[], gateway: [] as number[] };
    const rounds = answerMs === 0 ? 400 : 80;
    for (let round = -10; round < rounds; round += 1) {
      const began = performance.now();
      await direct.purchase('123.45');
      const bare = performance.now() - began;
      const through = await purchase(house, 0);
      if (round < 0) continue; // warming up
      samples.direct.push(bare);
      samples.gateway.push(through);
    }
    direct.close();
    await house.close();
    await fleet.close();
    const at = (p: number): string[] => {
      const bare = percentile(samples.direct, p);
      const through = percentile(samples.gateway, p);
      return [ms(bare), ms(through), ms(through - bare), (through / bare).toFixed(3)];
    };
    rows.push([`${answerMs} ms`, 'p50', ...at(0.5)], [`${answerMs} ms`, 'p99', ...at(0.99)]);
  }
  const head = ['terminal takes', '', 'bare client', 'through Tillgate', 'added', 'ratio'];
  return `${table(head, rows)}\n\nTwo commits with fsync are in each purchase: before the first byte, and before the answer.\n`;
}

/** Every terminal sells without a pause for ten seconds; nobody may starve. */
async function throughput(): Promise<string> {
  const rows: string[][] = [];
  for (const count of [1, 10, 100, 1_000]) {
    const fleet = await terminals(count, 0);
    const house = await openHouse(join(folder, `many-${count}`), fleet.addresses, NO_PAUSES);
    const idle = residentMib(house);
    const until = performance.now() + 10_000;
    const waits: number[] = [];
    const sold = await Promise.all(
      fleet.addresses.map(async (_address, terminal) => {
        let number = 0;
        for (; performance.now() < until; number += 1) waits.push(await purchase(house, terminal));
        return number;
      }),
    );
    const total = sold.reduce((sum, number) => sum + number, 0);
    rows.push([
      String(count),
      (total / 10).toFixed(0),
      `${ms(percentile(waits, 0.5))} / ${ms(percentile(waits, 0.99))}`,
      `${Math.min(...sold)} … ${Math.max(...sold)}`,
      `${idle.toFixed(0)} → ${residentMib(house).toFixed(0)} MiB`,
    ]);
    await house.close();
    await fleet.close();
  }
  const head = [
    'terminals',
    'purchases a second',
    'p50 / p99',
    'fewest … most a terminal',
    'memory',
  ];
  return table(head, rows);
}

async function history(): Promise<string> {
  const data = join(folder, 'history');
  await fillLedger(join(data, 'ledger'), 1_000_000, 50);
  const fleet = await terminals(1, 0);
  const began = performance.now();
  const house = await openHouse(data, fleet.addresses, NO_PAUSES);
  const ready = performance.now() - began;
  const rows: string[][] = [['start to ready, all terminals connected', ms(ready), '']];
  const pages = [
    ['newest page of 50', '/v1/operations?limit=50'],
    ['one terminal', '/v1/operations?limit=50&terminal=old-7'],
    ['one terminal, declined', '/v1/operations?limit=50&terminal=old-7&state=declined'],
    ['by reference', '/v1/operations?limit=50&reference=order%20500000'],
    ['one operation by id', '/v1/operations/old-500000'],
  ] as const;
  for (const [name, path] of pages) {
    const samples: number[] = [];
    for (let round = 0; round < 60; round += 1) {
      const from = performance.now();
      const text = await call(house, 'GET', path);
      if (!text.includes('"id":"old-')) throw new Error(text);
      if (round >= 10) samples.push(performance.now() - from);
    }
    rows.push([name, ms(percentile(samples, 0.5)), ms(percentile(samples, 0.99))]);
  }
  rows.push(['memory', `${residentMib(house).toFixed(0)} MiB`, '']);
  await house.close();
  await fleet.close();
  return table(['what', 'p50', 'p99'], rows);
}

/** A payment is running when the power goes: how long until the truth is in the ledger again. */
async function recovery(): Promise<string> {
  const data = join(folder, 'recovery');
  const fleet = await terminals(1, 400);
  const samples = { ready: [] as number[], decided: [] as number[] };
  for (let round = 0; round < 10; round += 1) {
    const house = await openHouse(data, fleet.addresses, {});
    await purchase(house, 0);
    const id = `recover-${round}`;
    await call(house, 'PUT', `/v1/operations/${id}`, { kind: 'purchase', amount: 100 + round });
    await new Promise((resolve) => setTimeout(resolve, 100));
    house.agent.destroy();
    await house.gateway.kill();
    const began = performance.now();
    const again = await reopenHouse(data);
    samples.ready.push(performance.now() - began);
    const text = await call(again, 'GET', `/v1/operations/${id}?wait=60`);
    samples.decided.push(performance.now() - began);
    if (!text.includes('"final":true')) throw new Error(text);
    await again.close();
  }
  await fleet.close();
  return table(
    ['from the start of the new process', 'median of 10', 'longest'],
    [
      typical('the door is open', samples.ready),
      typical('the lost payment is decided', samples.decided),
    ],
  );
}

function typical(name: string, list: readonly number[]): string[] {
  return [name, ms(percentile(list, 0.5)), ms(Math.max(...list))];
}

function heading(): string {
  const [cpu] = cpus();
  const node = process.version;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  return [
    '# Benchmarks',
    '',
    'Written by `make bench`. The gateway, the terminals and the load are three processes on one',
    'machine, so they share its cores.',
    '',
    `${new Date().toISOString().slice(0, 10)}, commit ${commit}, Node ${node}, Linux ${release()},`,
    `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB.`,
    '',
  ].join('\n');
}
