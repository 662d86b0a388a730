// What a simulated terminal of a small protocol remembers: a file of JSON lines that outlives it.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LineJournal<Entry> {
  /** The newest ones. */
  load(): readonly Entry[];
  /** On disk when it returns. */
  write(entry: Entry): void;
}

/** A terminal keeps as many; older ones are forgotten at the next start. */
const KEPT = 500;

/** `latest` drops the entries that a later one replaces. */
export function lineJournal<Entry>(
  path: string,
  latest: (entries: readonly Entry[]) => readonly Entry[] = (entries) => entries,
): LineJournal<Entry> {
  mkdirSync(dirname(path), { recursive: true });
  return {
    load: () => {
      const kept = latest(readLines<Entry>(path)).slice(-KEPT);
      if (kept.length === KEPT) {
        writeFileSync(path, kept.map(lineOf).join(''), { mode: 0o600, flush: true });
      }
      return kept;
    },
    write: (entry) => appendFileSync(path, lineOf(entry), { mode: 0o600, flush: true }),
  };
}

/** The newline comes first as well: a line that a crash has cut must not swallow the next one. */
export function lineOf(entry: unknown): string {
  return `\n${JSON.stringify(entry)}\n`;
}

/** Entries of a file that `lineOf` wrote; none where there is no file. */
export function readLines<Entry>(path: string): Entry[] {
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
      return [JSON.parse(line) as Entry]; // written by lineOf only
    } catch (cause) {
      // Cut by a crash, so nobody was told of it.
      if (cause instanceof SyntaxError) return [];
      throw cause;
    }
  });
}
