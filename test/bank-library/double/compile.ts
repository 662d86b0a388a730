// Compiles the test double of the bank's library with gcc: a stand-in, never the bank's own code.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLibraryRoom, type LibraryRoom } from '../../../app/src/bank-library/factory.ts';
import { systemClock } from '../../../app/src/system/clock.ts';

const SOURCE = fileURLToPath(new URL('./bpos-double.c', import.meta.url));

/** `all`: every function of the table, and each writes its name down when it is called. */
export type Variant = 'header' | 'with-date-time' | 'without-optional' | 'all';
const FLAGS: Readonly<Record<Variant, readonly string[]>> = {
  header: [],
  'with-date-time': ['-DWITH_DATE_TIME'],
  'without-optional': ['-DWITHOUT_OPTIONAL', '-Wno-unused'],
  all: ['-DWITH_DATE_TIME', '-DCALL_LOG', '-finstrument-functions', '-Wl,-Bsymbolic'],
};

export const CLOCK = systemClock(() => true);

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tillgate-bpos-'));
}

const compiled = new Map<Variant, Uint8Array>();

/** The compiled library's bytes. */
export function compile(variant: Variant = 'header'): Uint8Array {
  const known = compiled.get(variant);
  if (known !== undefined) return known;
  const bytes = compileSource(SOURCE, ['-fexec-charset=CP1251', ...FLAGS[variant]]);
  compiled.set(variant, bytes);
  return bytes;
}

/** Any C text as a shared library, for uploads that are something else. */
export function compileText(text: string): Uint8Array {
  const folder = newFolder();
  try {
    const source = join(folder, 'other.c');
    writeFileSync(source, text);
    return compileSource(source, []);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compileSource(source: string, flags: readonly string[]): Uint8Array {
  const folder = newFolder();
  const target = join(folder, 'library.so');
  try {
    const always = ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror'];
    execFileSync('gcc', [...always, ...flags, '-o', target, source], { timeout: 60_000 });
    return readFileSync(target);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The double's terminal: its script, its journal, and the process that has it loaded. */
export class DoubleTerminal {
  readonly folder = newFolder();

  script(...words: readonly string[]): void {
    writeFileSync(join(this.folder, 'script'), `${words.join('\n')}\n`);
  }

  /** What the terminal believes has happened, oldest first. */
  journal(): readonly DoubleEntry[] {
    const [, , ...lines] = this.#text('journal').trim().split('\n');
    return lines.map((line) => {
      const [invoice, type, status, amount, add, merchant, batch, confirmed, , rrn] =
        line.split(' ');
      const numbers = { invoice, type, status, amount, add, merchant, batch, confirmed };
      const entries = Object.entries(numbers).map(([name, text]) => [name, Number(text)]);
      return { ...Object.fromEntries(entries), rrn: rrn ?? '' } as DoubleEntry; // as the C code writes
    });
  }

  lines(name: 'heartbeats' | 'checks'): number {
    return this.#text(name).split('\n').filter(Boolean).length;
  }

  /** Names of the functions that were called, in order; of the variant `all` only. */
  calls(): readonly string[] {
    return this.#text('calls').split('\n').filter(Boolean);
  }

  get pid(): number {
    return Number(this.#text('pid'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #text(name: string): string {
    try {
      return readFileSync(join(this.folder, name), 'utf8');
    } catch {
      return ''; // not written yet
    }
  }
}

export interface DoubleEntry {
  readonly invoice: number;
  readonly type: number;
  /** 1 approved, 3 reversed, 4 cancelled. */
  readonly status: number;
  readonly amount: number;
  readonly add: number;
  readonly merchant: number;
  readonly batch: number;
  readonly confirmed: number;
  readonly rrn: string;
}

/** A room with the double installed; `dataFolder` is its own. */
export async function roomWithDouble(
  terminal: DoubleTerminal,
  variant: Variant = 'header',
): Promise<LibraryRoom> {
  const room = createLibraryRoom({
    dataFolder: join(terminal.folder, 'data'),
    clock: CLOCK,
    environment: { BPOS_DOUBLE: terminal.folder, TZ: 'UTC' },
  });
  const installed = await room.install('libcBPOSLib.so', compile(variant));
  if (installed.kind !== 'installed') throw new Error(installed.reason);
  return room;
}
