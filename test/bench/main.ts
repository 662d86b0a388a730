// `make bench`: what the gateway costs, measured on this machine; writes docs/benchmarks.md.
// With names (`added`, `throughput`, …) only those are measured, and nothing is written.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { DirectClient } from './direct.ts';
import { ms, percentile, table } from './figures.ts';
import { applianceProgram, NO_PAUSES, openHouse, purchase, terminals } from './house.ts';
import { million } from './million.ts';
import { pages } from './pages.ts';
import { recovery } from './recovery.ts';
import { thousand, throughput } from './throughput.ts';

/** After so many the code that a sale runs through is compiled. */
const WARMING_SALES = 300;

const appliance = await applianceProgram();
const folder = mkdtempSync(join(tmpdir(), 'tillgate-bench-'));
const chosen = process.argv.slice(2);
const SECTIONS = [
  ['added', 'Added time of a purchase', addedTime],
  ['throughput', 'Durable purchases at once', () => throughput(appliance, folder)],
  ['thousand', 'A thousand terminals at work', () => thousand(appliance, folder)],
  ['million', 'A ledger of 1,000,000 operations', () => million(appliance, folder)],
  ['pages', 'Pages over 1,000,000 operations', () => pages(appliance, folder)],
  ['recovery', 'Recovery after kill -9', () => recovery(appliance, folder)],
] as const;

const parts: string[] = [];
try {
  for (const [name, title, measure] of SECTIONS) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    process.stderr.write(`${title} …\n`);
    const text = await measure();
    parts.push(`## ${title}\n\n${text}\n`);
    process.stdout.write(`\n## ${title}\n\n${text}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (chosen.length === 0) writeFileSync('docs/benchmarks.md', `${heading()}\n${parts.join('\n')}`);

/** The same simulated terminal, by a bare client and through the gateway, turn by turn. */
async function addedTime(): Promise<string> {
  const rows: string[][] = [];
  const quick = await terminals(1, 0);
  let first = 0;
  for (const answerMs of [0, 300]) {
    const fleet = await terminals(2, answerMs);
    const [ours = '', theirs = ''] = fleet.addresses;
    // A terminal that takes its time is driven as it is by default, with every pause.
    const options = answerMs === 0 ? NO_PAUSES : {};
    const data = join(folder, `added-${answerMs}`);
    const house = await openHouse(appliance, data, [theirs, ...quick.addresses], options);
    first = await purchase(house, 1);
    for (let sale = 1; sale < WARMING_SALES; sale += 1) await purchase(house, 1);
    const direct = await DirectClient.open(ours);
    const samples = { direct: [] as number[], gateway: [] as number[] };
    for (let round = answerMs === 0 ? 400 : 80; round > 0; round -= 1) {
      const began = performance.now();
      await direct.purchase('123.45');
      samples.direct.push(performance.now() - began);
      samples.gateway.push(await purchase(house, 0));
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
  await quick.close();
  const head = ['terminal takes', '', 'bare client', 'through Tillgate', 'added', 'ratio'];
  return [
    table(head, rows),
    '',
    'Two commits with fsync are in each purchase: before the first byte, and before the answer.',
    `Measured after ${WARMING_SALES} sales; the very first sale of a process took ${ms(first)}.`,
  ].join('\n');
}

function heading(): string {
  const [cpu] = cpus();
  const node = process.version;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  return [
    '# Benchmarks',
    '',
    'Written by `make bench`. The gateway, the terminals and the load are three processes on one',
    'machine, so they share its cores. The gateway is the bundle of the appliance, started as its',
    'unit starts it, where nothing else is said.',
    '',
    `${new Date().toISOString().slice(0, 10)}, commit ${commit}, Node ${node}, Linux ${release()},`,
    `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB.`,
    '',
  ].join('\n');
}
