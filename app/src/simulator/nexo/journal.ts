// The journal of a simulated nexo terminal as a file, so that it outlives the process.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Filed } from './terminal.ts';

/** A terminal keeps as many; older ones are forgotten at the next start. */
const KEPT = 500;

export interface NexoJournal {
  load(): readonly Filed[];
  /** On disk when it returns. */
  append(filed: Filed): void;
}

export function fileJournal(folder: string, name: string): NexoJournal {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.nexo-journal`);
  return {
    load: () => {
      const kept = read(path).slice(-KEPT);
      if (kept.length === KEPT) {
        writeFileSync(path, kept.map(lineOf).join(''), { mode: 0o600, flush: true });
      }
      return kept;
    },
    append: (filed) => appendFileSync(path, lineOf(filed), { mode: 0o600, flush: true }),
  };
}

/** The newline comes first as well: a line that a crash has cut must not swallow the next one. */
function lineOf(filed: Filed): string {
  return `\n${JSON.stringify(filed)}\n`;
}

function read(path: string): Filed[] {
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
      return [JSON.parse(line) as Filed]; // written by this module only
    } catch (cause) {
      // Cut by a crash, so nobody was told of it.
      if (cause instanceof SyntaxError) return [];
      throw cause;
    }
  });
}
