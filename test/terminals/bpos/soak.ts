// Many sales through one process of the library: does its memory, or ours, grow with them?
//   node --expose-gc --import tsx test/terminals/bpos/soak.ts 10000
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Stage } from './stage.ts';

export interface Sample {
  readonly sales: number;
  /** Resident memory of the library's process. */
  readonly libraryBytes: number;
  /** What is in use on our own heap. */
  readonly heapBytes: number;
}

export interface Soaked {
  readonly samples: readonly Sample[];
  readonly seconds: number;
  /** Process ids of the library: one, unless it was replaced. */
  readonly processes: number;
}

/** A shop closes its day after so many. */
const SALES_A_DAY = 500;

/** Each sale is approved and stands in the terminal's journal once; the days are settled. */
export async function soak(sales: number, sampleEvery: number): Promise<Soaked> {
  const stage = await Stage.open({ heartbeatMs: 8_000, pollMs: 5 });
  const { terminal } = stage;
  const samples: Sample[] = [];
  const processes = new Set<number>();
  const began = Date.now();
  let ofDay: number[] = [];
  try {
    terminal.script('step-ms 1');
    for (let done = 1; done <= sales; done++) {
      const { outcome } = await stage.sale(done);
      assert.equal(outcome.kind, 'approved', `sale ${done}: ${outcome.code}`);
      ofDay.push(done);
      processes.add(terminal.pid);
      if (done % sampleEvery === 0) samples.push(sampleAt(done, terminal.pid));
      if (ofDay.length < SALES_A_DAY && done < sales) continue;
      const entries = terminal.journal();
      assert.deepEqual(
        entries.map(({ amount }) => amount),
        ofDay,
      );
      assert.ok(entries.every(({ status, confirmed }) => status === 1 && confirmed === 1));
      const settled = await stage.play({ kind: 'settlement' });
      assert.equal(settled.outcome.kind, 'approved');
      ofDay = [];
    }
  } finally {
    await stage.close();
  }
  return { samples, seconds: (Date.now() - began) / 1_000, processes: processes.size };
}

function sampleAt(sales: number, pid: number): Sample {
  globalThis.gc?.();
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return { sales, libraryBytes: kibibytes * 1_024, heapBytes: process.memoryUsage().heapUsed };
}

async function main(sales: number): Promise<void> {
  const { samples, seconds, processes } = await soak(sales, Math.max(1, Math.round(sales / 20)));
  for (const { sales: at, libraryBytes, heapBytes } of samples) {
    process.stdout.write(`${at}\t${mebibytes(libraryBytes)}\t${mebibytes(heapBytes)}\n`);
  }
  process.stdout.write(`${sales} sales, ${seconds.toFixed(0)} s, ${processes} process(es)\n`);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(Number(process.argv[2] ?? 500));
