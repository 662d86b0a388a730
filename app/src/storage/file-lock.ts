// A lock between processes that the kernel lets go of when its holder dies, however it dies.
import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { giveToFolderOwner, isSystemError } from './data-folder.ts';

/**
 * Takes the lock or returns null where somebody else has it; the returned function lets it go.
 * SQLite's own file locks carry it: Node has none, and a file with a process id in it goes stale.
 */
export function tryFileLock(path: string): (() => void) | null {
  create(path);
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isSystemError(error, 'SQLITE_BUSY')) return null;
    throw error;
  }
  return () => {
    if (database.open) database.close();
  };
}

/**
 * Only where it is missing: closing any descriptor of a file drops the locks that this process
 * has on it.
 */
function create(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    giveToFolderOwner(path);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  }
}
