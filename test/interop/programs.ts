// Runs programs that nobody here wrote, within a bound, and says what they printed.
import { spawn } from 'node:child_process';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

export function run(
  program: string,
  words: readonly string[],
  options: { readonly cwd?: string; readonly seconds?: number } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: (options.seconds ?? 40) * 1_000,
      killSignal: 'SIGKILL',
    });
    let [out, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, errors }));
  });
}

export function beside(name: string): string {
  return new URL(name, import.meta.url).pathname;
}
