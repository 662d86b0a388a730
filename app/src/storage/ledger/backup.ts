// A copy of the ledger while it is in use.
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import { syncFolder } from '../data-folder.ts';

/**
 * Copies `pagesPerTurn` pages, lets the thread do other work, and goes on. The copy appears under
 * its name when it is whole and on disk. Rejects where the target exists.
 */
export async function copyLedger(
  database: Database,
  target: string,
  pagesPerTurn: number,
): Promise<void> {
  const path = resolve(target);
  if (existsSync(path)) throw new Error(`${path} exists already`);
  const part = `${path}.part`;
  rmSync(part, { force: true });
  try {
    closeSync(openSync(part, 'wx', 0o600));
    await database.backup(part, { progress: () => pagesPerTurn });
    chmodSync(part, 0o600);
    const descriptor = openSync(part, 'r+');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(part, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
