// What lies in the data folder, and who owns it.
import { chownSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const DATA_FILES = {
  settings: 'settings.json',
  secrets: 'secrets.json',
  ledger: 'ledger.db',
  ledgerLock: 'ledger.lock',
  ballast: 'ledger.ballast',
} as const;

/** `folder` is the data folder, for the ledger's files the ledger's folder in it. */
export function dataFile(folder: string, name: keyof typeof DATA_FILES): string {
  return join(folder, DATA_FILES[name]);
}

/** The ledger has a folder of its own: SQLite keeps further files beside it. */
export function ledgerFolder(dataFolder: string): string {
  return join(dataFolder, 'ledger');
}

/** Makes a rename or a new name in the folder durable. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A command run as root must not leave a file that the service's own user cannot open: the file
 * goes to whoever owns its folder.
 */
export function giveToFolderOwner(path: string): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(dirname(path));
  if (owner.uid !== 0 || owner.gid !== 0) chownSync(path, owner.uid, owner.gid);
}

/** Whether a system call failed with this code, e.g. `ENOENT`. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
