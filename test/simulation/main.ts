// `node --import tsx test/simulation/main.ts [--runs N] [--seed S] [--workers n]`: seeds from S on,
// on n processes. One seed alone is told with its trace. Ends with 1 where a rule was broken.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { isFailure, runSeed, Totals } from './run.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    workers: { type: 'string', default: '1' },
  },
});
const seed = Number(values.seed ?? 1);
// A seed without a number of runs is a replay.
const runs = Number(values.runs ?? (values.seed === undefined ? 1_000 : 1));
const workers = Number(values.workers);
if (![seed, runs, workers].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  throw new Error('--runs, --seed and --workers take whole numbers');
}

process.exitCode = workers > 1 ? await divided() : await alone();

async function alone(): Promise<number> {
  const totals = new Totals();
  const began = performance.now();
  let failures = 0;
  let current = seed;
  process.on('unhandledRejection', (error) => {
    say(`seed ${current}: a rejection that nobody handles: ${String(error)}`);
    process.exit(1);
  });
  for (; current < seed + runs; current++) {
    const trace = runs === 1 ? { trace: say } : {};
    const result = await runSeed({ seed: current, ...trace });
    // The event loop's own work, once a seed.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (!isFailure(result)) {
      totals.add(result);
      continue;
    }
    failures += 1;
    say(`seed ${current}: ${result.message}`);
    say(`  replay: node --import tsx test/simulation/main.ts --seed ${current}`);
  }
  const seconds = (performance.now() - began) / 1000;
  const cost = ((seconds * 1000) / Math.max(runs, 1)).toFixed(1);
  say(`${totals.toString()}; ${seconds.toFixed(1)} s, ${cost} ms a seed; ${failures} failures`);
  return failures > 0 ? 1 : 0;
}

async function divided(): Promise<number> {
  const share = Math.ceil(runs / workers);
  const codes = await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const from = seed + index * share;
      const count = Math.max(0, Math.min(share, seed + runs - from));
      const file = process.argv[1] ?? '';
      const args = [...process.execArgv, file, '--runs', String(count), '--seed', String(from)];
      const child = spawn(process.execPath, args, { stdio: 'inherit' });
      return new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
    }),
  );
  return codes.some((code) => code !== 0) ? 1 : 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
