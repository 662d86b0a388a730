// Programs of the build host: each with its arguments as a list, a deadline, and its output kept.
import { spawnSync } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Longest step: a cold live-build on a busy machine. */
const DEFAULT_TIMEOUT_MS = 10 * 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Returns what the program printed; throws with its last lines where it failed. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): string {
  const result = spawnSync(program, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    input: options.input ?? '',
    encoding: 'utf8',
    timeout: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (result.error !== undefined) {
    throw new Error(`${program} did not run: ${result.error.message}`, { cause: result.error });
  }
  if (result.status !== 0) {
    const tail = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-25).join('\n');
    throw new Error(`${program} ${args.join(' ')} ended with ${result.status}:\n${tail}`);
  }
  return result.stdout;
}

/** Says what a step is and how long it took. */
export function step<T>(name: string, action: () => T): T {
  const from = performance.now();
  process.stdout.write(`${name} …`);
  const result = action();
  process.stdout.write(` ${((performance.now() - from) / 1_000).toFixed(1)} s\n`);
  return result;
}

/** The time that every file of the build carries: the commit that last touched these paths. */
export function sourceEpoch(repository: string, paths: readonly string[]): number {
  const given = process.env['SOURCE_DATE_EPOCH'];
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  const git = (more: readonly string[]): string =>
    run('git', ['-C', repository, 'log', '-1', '--format=%ct', ...more]).trim();
  const text = git(['--', ...paths]) || git([]);
  return Number(text);
}
