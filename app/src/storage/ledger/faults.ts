// What the disk or SQLite complained about, as a LedgerError; anything else is a defect.
import { statfsSync } from 'node:fs';
import { LedgerError } from '../../ports/ledger.ts';

/** SQLite reports some failures for lack of space as plain I/O errors. */
const NO_SPACE_BYTES = 64 * 1024;

/** Null where the error is none of the disk's. */
export function faultOf(error: unknown, folder: string): LedgerError | null {
  if (error instanceof LedgerError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const kind = kindOf(code);
  if (kind === null) return null;
  if (kind === 'full' || (kind === 'io' && freeBytes(folder) < NO_SPACE_BYTES)) {
    return new LedgerError('full', 'the disk is full', error);
  }
  if (kind === 'damaged') {
    return new LedgerError('damaged', `the ledger's file is damaged (${code})`, error);
  }
  return new LedgerError('io', `the disk refused (${code})`, error);
}

/** Bytes that this process may still write there; Infinity where the disk does not say. */
export function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    // The write itself will tell what is wrong with the disk.
    if (error instanceof Error) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function kindOf(code: string): 'full' | 'io' | 'damaged' | null {
  if (['SQLITE_FULL', 'ENOSPC', 'EDQUOT'].includes(code)) return 'full';
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return 'damaged';
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN|BUSY|PROTOCOL|NOLFS)/.test(code)) return 'io';
  if (['EIO', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'EMFILE', 'ENFILE'].includes(code)) return 'io';
  return null;
}
