// Programs of the system: run with a list of arguments, a deadline, and bounded output.
import { execFile } from 'node:child_process';
import { createInterface } from 'node:readline';
import { COMMAND_OUTPUT_BYTES_MAX, COMMAND_TIMEOUT_MS } from '../domain/limits.ts';

export interface CommandResult {
  readonly ok: boolean;
  /** Standard output; of a program that failed, what it said on standard error, if anything. */
  readonly text: string;
}

/** Never rejects: a program that cannot be started is a result that is not ok. */
export type RunCommand = (
  program: string,
  args: readonly string[],
  options?: {
    readonly timeoutMs?: number;
    readonly input?: string;
    /** Called with each line of standard output while the program runs. */
    readonly onLine?: (line: string) => void;
  },
) => Promise<CommandResult>;

export const runCommand: RunCommand = (program, args, options = {}) =>
  new Promise((resolve) => {
    const settings = {
      timeout: options.timeoutMs ?? COMMAND_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: COMMAND_OUTPUT_BYTES_MAX,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', TERM: 'dumb' },
    } as const;
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      const told = error === null ? stdout : stderr.trim() || stdout.trim() || error.message;
      resolve({ ok: error === null, text: told.trim() });
    });
    const { onLine } = options;
    if (onLine !== undefined && child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', onLine);
    }
    // A program that ends before it has read its input is judged by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
