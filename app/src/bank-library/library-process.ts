// The gateway's side of one library process: calls with deadlines, and its end in every way.
import type { ChildProcess } from 'node:child_process';
import { LIBRARY_CALLS_WAITING_MAX, LIBRARY_START_MS } from '../domain/limits.ts';
import {
  type ArgumentsOf,
  type BankLibrary,
  type FunctionName,
  LibraryError,
  type LibraryExit,
  type ResultOf,
} from '../ports/bank-library.ts';
import type { Clock } from '../ports/clock.ts';
import type { CallValue, FromChild, ToChild } from './protocol.ts';
import { startChild } from './start-child.ts';

export interface ProcessSetup {
  readonly path: string;
  readonly fingerprint: string;
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

interface Waiting {
  readonly name: FunctionName;
  readonly resolve: (value: CallValue) => void;
  readonly reject: (error: LibraryError) => void;
  readonly forget: () => void;
}

/** Resolves with the loaded library; rejects with LibraryError, and leaves no process then. */
export async function startLibrary(setup: ProcessSetup, signal: AbortSignal): Promise<BankLibrary> {
  const started = new LibraryProcess(setup);
  const onAbort = (): void => started.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await started.load();
    return started;
  } catch (error) {
    await started.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * INVARIANTS
 * - Each call ends: by its answer, by its deadline (which ends the process), or with the process.
 * - Nothing is sent once the process is known to be gone.
 */
class LibraryProcess implements BankLibrary {
  readonly fingerprint: string;
  readonly logFile: string;
  readonly exited: Promise<LibraryExit>;
  residentBytes = 0;
  readonly #setup: ProcessSetup;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #loading: { resolve: () => void; reject: (error: LibraryError) => void } | null = null;
  #missing: ReadonlySet<FunctionName> = new Set();
  #lastId = 0;
  #end: LibraryExit | null = null;

  constructor(setup: ProcessSetup) {
    this.#setup = setup;
    this.fingerprint = setup.fingerprint;
    this.logFile = setup.logFile;
    this.#child = startChild(setup.environment);
    this.#child.on('message', (message) => this.#take(message as FromChild)); // our own child
    this.exited = new Promise((resolve) => {
      const ended = (end: LibraryExit): void => {
        this.#gone(end);
        resolve(end);
      };
      this.#child.once('exit', (code, signal) => ended({ code, signal }));
      // Could not be started, or a message could not be sent: without a process, or soon so.
      this.#child.on('error', () => {
        if (this.#child.pid === undefined) ended({ code: null, signal: null });
        else this.kill();
      });
    });
  }

  load(): Promise<void> {
    return new Promise((resolve, reject) => {
      const forget = this.#setup.clock.after(LIBRARY_START_MS, () => this.kill());
      this.#loading = {
        resolve: () => {
          forget();
          resolve();
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      if (this.#end !== null) this.#gone(this.#end);
      else this.#send({ kind: 'load', path: this.#setup.path });
    });
  }

  has(name: FunctionName): boolean {
    return !this.#missing.has(name);
  }

  call<N extends FunctionName>(
    name: N,
    args: ArgumentsOf<N>,
    deadlineMs: number,
  ): Promise<ResultOf<N>> {
    if (this.#end !== null) return Promise.reject(goneError(this.#end, name, false));
    if (this.#waiting.size >= LIBRARY_CALLS_WAITING_MAX) {
      throw new Error('too many calls of the library wait');
    }
    const id = ++this.#lastId;
    return new Promise<CallValue>((resolve, reject) => {
      const forget = this.#setup.clock.after(deadlineMs, () => {
        this.#settle(id)?.reject(
          new LibraryError('deadline', `${name} did not return within ${deadlineMs} ms`, true),
        );
        this.kill();
      });
      this.#waiting.set(id, { name, resolve, reject, forget });
      this.#send({ kind: 'call', id, name, args });
    }) as Promise<ResultOf<N>>; // the table says what the function gives
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.kill();
    await this.exited;
  }

  #send(message: ToChild): void {
    // A message that cannot be sent means a child that ends; its exit settles what waits.
    this.#child.send(message, () => undefined);
  }

  #take(message: FromChild): void {
    switch (message.kind) {
      case 'loaded':
        this.#missing = new Set(message.missing);
        this.#loading?.resolve();
        this.#loading = null;
        return;
      case 'not-loaded':
        this.#loading?.reject(new LibraryError('not-loaded', message.reason, false));
        this.#loading = null;
        return;
      case 'answer':
        this.residentBytes = message.residentBytes;
        this.#settle(message.id)?.resolve(message.value);
        return;
      case 'refused':
        this.#settle(message.id)?.reject(new LibraryError(message.code, message.reason, false));
        return;
    }
  }

  #settle(id: number): Waiting | null {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.forget();
    return waiting ?? null;
  }

  #gone(end: LibraryExit): void {
    this.#end = end;
    this.#loading?.reject(
      new LibraryError('not-loaded', `the library's process ended: ${describeExit(end)}`, false),
    );
    this.#loading = null;
    for (const [id, { name, reject }] of this.#waiting) {
      this.#settle(id);
      reject(goneError(end, name, true));
    }
  }
}

export function describeExit({ code, signal }: LibraryExit): string {
  if (signal !== null) return `ended by ${signal}`;
  return code === null ? 'it could not be started' : `exit code ${code}`;
}

function goneError(end: LibraryExit, name: FunctionName, sent: boolean): LibraryError {
  return new LibraryError(
    'gone',
    `${name}: the library's process is gone (${describeExit(end)})`,
    sent,
  );
}
