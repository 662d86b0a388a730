// Opens the ledger's file, for writing or reading, and refuses what is not whole.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import Database from 'better-sqlite3';
import {
  LEDGER_PAGE_CHECK_BYTES,
  LEDGER_TAIL_CHECKED,
  STORAGE_BUSY_MS,
} from '../../domain/limits.ts';
import { LedgerError } from '../../ports/ledger.ts';
import { dataFile, giveToFolderOwner, syncFolder } from '../data-folder.ts';
import { tryFileLock } from '../file-lock.ts';
import { GENESIS } from './chain.ts';
import { faultOf } from './faults.ts';
import { assertKnownSchema, migrate } from './schema.ts';
import { type Broken, checkOpenRows, checkTail } from './verify.ts';

export interface WritableLedger {
  readonly database: Database.Database;
  close(): void;
}

/** Creates the ledger where there is none; throws LedgerError where it may not be written. */
export function openForWriting(folder: string, createdAt: number): WritableLedger {
  return converted(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unlock = tryFileLock(dataFile(folder, 'ledgerLock'));
    if (unlock === null) throw new LedgerError('locked', 'another process writes this ledger');
    let database: Database.Database | null = null;
    try {
      const path = dataFile(folder, 'ledger');
      if (!existsSync(path)) create(folder, path, createdAt);
      refuseEmpty(path);
      database = new Database(path, { fileMustExist: true, timeout: STORAGE_BUSY_MS });
      const opened = database;
      makeDurable(opened);
      assertKnownSchema(opened);
      checkAtStart(opened, path);
      migrate(opened, createdAt);
      return {
        database: opened,
        close: () => {
          opened.close();
          unlock();
        },
      };
    } catch (error) {
      database?.close();
      unlock();
      throw error;
    }
  });
}

/** For lists, pages and the command line; sees every commit that has returned. */
export function openForReading(folder: string): Database.Database {
  return converted(folder, () => {
    const path = dataFile(folder, 'ledger');
    if (!existsSync(path)) throw new LedgerError('io', `there is no ledger in ${folder}`);
    refuseEmpty(path);
    const database = new Database(path, {
      readonly: true,
      fileMustExist: true,
      timeout: STORAGE_BUSY_MS,
    });
    try {
      assertKnownSchema(database);
      database.pragma('cache_size = -8000');
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** The last event, or what the first one follows. */
export function headOf(database: Database.Database): { seq: number; hash: string } {
  const last = database
    .prepare<[], { seq: number; hash: string }>(
      'SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1',
    )
    .get();
  return last ?? { seq: 0, hash: GENESIS };
}

/**
 * Under another name until it is whole: an empty or half-made file under the ledger's own name is
 * then always damage, and never taken for a new ledger.
 */
function create(folder: string, path: string, createdAt: number): void {
  if (existsSync(`${path}-wal`)) {
    throw new LedgerError('damaged', 'the ledger is missing, but its write-ahead log is there');
  }
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  closeSync(openSync(temporary, 'wx', 0o600));
  giveToFolderOwner(temporary);
  const database = new Database(temporary);
  try {
    migrate(database, createdAt);
  } finally {
    database.close();
  }
  const descriptor = openSync(temporary, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  syncFolder(folder);
}

function refuseEmpty(path: string): void {
  if (statSync(path).size === 0) throw new LedgerError('damaged', 'the ledger is an empty file');
}

/** WAL alone defaults to a mode that loses acknowledged rows in a power cut. */
function makeDurable(database: Database.Database): void {
  const journal = database.pragma('journal_mode = WAL', { simple: true });
  database.pragma('synchronous = FULL');
  const synchronous = database.pragma('synchronous', { simple: true });
  if (journal !== 'wal' || synchronous !== 2) {
    const detail = `the disk allows no durable writing (${String(journal)}, ${String(synchronous)})`;
    throw new LedgerError('io', detail);
  }
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
  database.pragma('cache_size = -16000');
}

/** As much as a start has time for: all pages of a small file, the newest events of any. */
function checkAtStart(database: Database.Database, path: string): void {
  if (statSync(path).size <= LEDGER_PAGE_CHECK_BYTES) {
    const verdict = database.pragma('quick_check(1)', { simple: true });
    if (verdict !== 'ok') {
      throw new LedgerError('damaged', `the ledger is damaged: ${String(verdict)}`);
    }
  }
  refuseBroken(checkTail(database, LEDGER_TAIL_CHECKED));
  refuseBroken(checkOpenRows(database));
}

function refuseBroken(broken: Broken | null): void {
  if (broken === null) return;
  throw new LedgerError(
    'damaged',
    `the ledger is damaged at event ${broken.seq}: ${broken.reason}`,
  );
}

function converted<T>(folder: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw faultOf(error, folder) ?? error;
  }
}
