// What a simulated terminal of a small protocol remembers: one line of JSON for each change.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DeskEntry {
  readonly invoice: number;
  readonly kind: 'purchase' | 'refund' | 'void';
  readonly amount: number;
  readonly status: 'approved' | 'declined' | 'reversed' | 'voided';
  /** The host's. */
  readonly code: number;
  readonly rrn: string;
  readonly authCode: string;
  readonly pan: string;
  readonly brand: string;
  readonly batch: number;
  readonly at: number;
  readonly standalone: boolean;
}

export interface DeskJournal {
  load(): readonly DeskEntry[];
  /** On disk when it returns; the same invoice again replaces what stood there. */
  write(entry: DeskEntry): void;
}

/** A terminal keeps as many; older ones are forgotten at the next start. */
const KEPT = 500;

export function fileJournal(folder: string, name: string): DeskJournal {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.desk-journal`);
  return {
    load: () => {
      const kept = latest(read(path)).slice(-KEPT);
      if (kept.length === KEPT) {
        writeFileSync(path, kept.map(lineOf).join(''), { mode: 0o600, flush: true });
      }
      return kept;
    },
    write: (entry) => appendFileSync(path, lineOf(entry), { mode: 0o600, flush: true }),
  };
}

/** The newline comes first as well: a line that a crash has cut must not swallow the next one. */
function lineOf(entry: DeskEntry): string {
  return `\n${JSON.stringify(entry)}\n`;
}

function latest(entries: readonly DeskEntry[]): readonly DeskEntry[] {
  return [...new Map(entries.map((entry) => [entry.invoice, entry])).values()];
}

function read(path: string): DeskEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new Error(`cannot read the simulator's journal ${path}`, { cause });
  }
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as DeskEntry]; // written by this module only
    } catch (cause) {
      // Cut by a crash, so nobody was told of it.
      if (cause instanceof SyntaxError) return [];
      throw cause;
    }
  });
}
