// Several judges at a time, each with one cut, in a network and with mounts of their own.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT_ENV } from './here.ts';
import type { Job, Verdict } from './judge.ts';

/** A cut takes a second or two; recovery, calls and the start of a gateway have bounds below this. */
const VERDICT_MS = 120_000;

interface Judge {
  readonly child: ChildProcess;
  verdict(job: Job): Promise<Verdict>;
}

/** INVARIANTS: a judge has one job at a time; `give` waits while all of them have one. */
export class Judges {
  readonly #free: Judge[];
  readonly #all: readonly Judge[];
  readonly #running = new Set<Promise<void>>();
  readonly #tell: (verdict: Verdict) => void;

  constructor(count: number, room: string, kept: string, tell: (verdict: Verdict) => void) {
    this.#all = Array.from({ length: count }, (_, at) => startJudge(join(room, `${at}`), kept));
    this.#free = [...this.#all];
    this.#tell = tell;
  }

  async give(job: Job): Promise<void> {
    while (this.#free.length === 0) await Promise.race(this.#running);
    const judge = this.#free.pop();
    if (judge === undefined) throw new Error('no judge is free');
    const work = this.#have(judge, job);
    this.#running.add(work);
    void work.then(() => this.#running.delete(work), ignore);
  }

  async #have(judge: Judge, job: Job): Promise<void> {
    this.#tell(await judge.verdict(job));
    this.#free.push(judge);
  }

  /** Resolves when all have told; rejects where one has failed. */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
    for (const { child } of this.#all) child.stdin?.end();
  }
}

/** It stays among the running ones, where the next to wait hears of it. */
function ignore(): void {}

function startJudge(room: string, kept: string): Judge {
  const program = join(import.meta.dirname, 'judge-process.ts');
  const words = ['--net', '--mount', process.execPath, '--import', 'tsx', program, room, kept];
  const child = spawn('unshare', words, { stdio: ['pipe', 'pipe', 'inherit'], env: ROOT_ENV });
  const lines = createInterface({ input: child.stdout });
  const gone = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a judge ended with ${code}`)));
  });
  gone.catch(() => undefined); // told with the next verdict
  return {
    child,
    verdict: async (job) => {
      const path = `${job.image}.json`;
      writeFileSync(path, JSON.stringify(job));
      const told = new Promise<Verdict>((resolve, reject) => {
        const late = (): void => reject(new Error(`no verdict on cut ${job.cut}`));
        const bound = setTimeout(late, VERDICT_MS);
        lines.once('line', (line) => {
          clearTimeout(bound);
          resolve(JSON.parse(line) as Verdict); // judge-process.ts says nothing else
        });
      });
      child.stdin?.write(`${path}\n`);
      return Promise.race([told, gone]);
    },
  };
}
