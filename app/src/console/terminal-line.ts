// One real line: a virtual terminal or a serial port, in the kernel's own line mode.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { CONSOLE_LINE_MAX } from '../domain/limits.ts';
import type { RunCommand } from '../system/commands.ts';
import type { Line } from './dialog.ts';

/**
 * INVARIANTS
 * - One reader at a time; what is typed while nobody reads is kept, at most one line.
 * - The kernel edits and echoes the line, so that a slow line shows what is typed at once.
 */
export class TerminalLine implements Line {
  readonly path: string;
  readonly #run: RunCommand;
  #descriptor: number;
  #input: ReadStream;
  #typed = '';
  #waiting: ((line: string | null) => void) | null = null;

  /** Throws where there is no such line, e.g. EIO of a serial port that the board lacks. */
  constructor(path: string, run: RunCommand) {
    this.path = path;
    this.#run = run;
    this.#descriptor = this.#open();
    this.#input = this.#listen();
  }

  async prepare(): Promise<void> {
    const speed = this.path.includes('ttyS') ? ['115200'] : [];
    await this.#run('stty', [
      '-F',
      this.path,
      ...speed,
      'sane',
      'iutf8',
      '-ixon',
      '-crtscts',
      'clocal',
    ]);
  }

  write(text: string): void {
    try {
      writeSync(this.#descriptor, text);
    } catch (error) {
      // A modem line that hung up, or a full buffer of a line that nobody reads.
      if (!(error instanceof Error)) throw error;
    }
  }

  read(signal: AbortSignal): Promise<string | null> {
    return new Promise((resolve) => {
      const finish = (line: string | null): void => {
        this.#waiting = null;
        signal.removeEventListener('abort', onAbort);
        resolve(line);
      };
      const onAbort = (): void => finish(null);
      if (signal.aborted) return finish(null);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting = finish;
      this.#deliver();
    });
  }

  async echo(on: boolean): Promise<void> {
    await this.#run('stty', ['-F', this.path, on ? 'echo' : '-echo']);
    if (on) this.write('\n');
  }

  /**
   * Another program has the line. When it ends as the leader of a session, the kernel hangs the
   * line up for everybody who had it open: it is opened anew.
   */
  async lend<T>(use: (descriptor: number) => Promise<T>): Promise<T> {
    this.#input.destroy();
    try {
      return await use(this.#descriptor);
    } finally {
      closeSync(this.#descriptor);
      this.#descriptor = this.#open();
      await this.prepare();
      this.#typed = '';
      this.#input = this.#listen();
    }
  }

  close(): void {
    this.#input.destroy();
    closeSync(this.#descriptor);
  }

  /** Never as the controlling terminal: Ctrl-C at the console is not for this program. */
  #open(): number {
    return openSync(this.path, constants.O_RDWR | constants.O_NOCTTY);
  }

  #listen(): ReadStream {
    const input = new ReadStream(this.#open());
    input.setEncoding('utf8');
    input.on('data', (chunk) => {
      this.#typed = `${this.#typed}${String(chunk)}`.slice(0, CONSOLE_LINE_MAX);
      this.#deliver();
    });
    // A hung-up line ends; the session sees that nobody answers.
    input.on('error', () => input.destroy());
    return input;
  }

  #deliver(): void {
    const end = this.#typed.search(/[\r\n]/);
    if (end < 0 || this.#waiting === null) return;
    const line = this.#typed.slice(0, end);
    this.#typed = this.#typed.slice(end + 1);
    this.#waiting(line);
  }
}
