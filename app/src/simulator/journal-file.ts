// A journal that outlives the process: one file of JSON lines, fsynced before anybody is told.
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lineOf, readLines } from './line-journal.ts';
import type { JournalRecord, JournalStore } from './privat-json/journal.ts';

interface Waiting {
  readonly record: JournalRecord;
  readonly durable: () => void;
}

/**
 * `folder` is made where it is missing. A write that fails is reported once through `onFailure`
 * and nothing after it is acknowledged: the terminal then looks as if it hung.
 * INVARIANTS: records reach the file in call order; nothing is open while nothing is written.
 */
export function fileStore(
  folder: string,
  name: string,
  onFailure: (cause: unknown) => void,
): JournalStore {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.journal`);
  let waiting: Waiting[] = [];
  let writing = false;
  let failed = false;

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await write(
        path,
        batch.map((entry) => entry.record),
      );
      for (const entry of batch) entry.durable();
    }
  };

  return {
    append(record, durable) {
      if (failed) return;
      waiting.push({ record, durable });
      if (writing) return;
      writing = true;
      drain()
        .catch((cause: unknown) => {
          failed = true;
          onFailure(cause);
        })
        .finally(() => {
          writing = false;
        });
    },
    load: () => readLines<JournalRecord>(path),
  };
}

/** A batch start makes everything before it superfluous: the file is replaced as a whole. */
async function write(path: string, records: readonly JournalRecord[]): Promise<void> {
  const start = records.findLastIndex((record) => record.kind === 'batch');
  if (start < 0) {
    await writeLines(await open(path, 'a', 0o600), records);
  } else {
    await writeLines(await open(`${path}.new`, 'w', 0o600), records.slice(start));
    await rename(`${path}.new`, path);
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeLines(file: FileHandle, records: readonly JournalRecord[]): Promise<void> {
  try {
    await file.writeFile(records.map(lineOf).join(''), 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}
