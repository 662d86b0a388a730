// What a backup holds, as a table; and a consistent copy of it, taken while the gateway works.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { DISK_RESERVE_BYTES, STORAGE_BUSY_MS } from '../../domain/limits.ts';
import { BackupError } from '../../ports/backup.ts';
import { DATA_FILES, ledgerFolder } from '../data-folder.ts';
import { factsOf } from '../ledger/examine.ts';
import { freeBytes } from '../ledger/faults.ts';
import { openForReading } from '../ledger/opening.ts';

export const ACCOUNTS = 'accounts.db';
export const LEDGER_PATH = `ledger/${DATA_FILES.ledger}`;

/**
 * What is replaced as one, by its names in the data folder, in the order in which they move: a
 * database's log leaves before the database, so that no log ever lies beside a foreign one.
 */
export const UNITS: readonly (readonly string[])[] = [
  ['ledger'],
  [`${ACCOUNTS}-wal`, `${ACCOUNTS}-shm`, ACCOUNTS],
  [`${DATA_FILES.settings}.last`, DATA_FILES.settings],
  [`${DATA_FILES.secrets}.last`, DATA_FILES.secrets],
  ['tls'],
  ['bank-library'],
];

const LIBRARY_FILE = /^bank-library\/bpos-[0-9a-f]{64}\.so$/;
const PATHS: readonly string[] = [
  LEDGER_PATH,
  ACCOUNTS,
  DATA_FILES.settings,
  DATA_FILES.secrets,
  'tls/tls.pem',
  'bank-library/library.json',
];

/** A path of the table, and nothing that leads out of the folder. */
export function isContent(path: string): boolean {
  return PATHS.includes(path) || LIBRARY_FILE.test(path);
}

/** The bank's library is loaded from its file, everything else is for our eyes only. */
export function modeOf(path: string): number {
  return LIBRARY_FILE.test(path) ? 0o500 : 0o600;
}

export const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** Version of the program. */
  program: z.string().max(64),
  createdAt: z.int(),
  operations: z.int(),
  files: z
    .array(
      z.strictObject({
        path: z.string().max(200),
        size: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1)
    .max(20),
});
export type Manifest = z.infer<typeof manifestSchema>;

export interface SnapshotParts {
  readonly dataFolder: string;
  /** Copies the ledger to a file that does not exist yet. */
  readonly copyLedger: (target: string) => Promise<void>;
  readonly program: string;
  readonly now: number;
}

/** Copies everything into `target`, a folder that does not exist yet. Rejects with BackupError. */
export async function takeSnapshot(parts: SnapshotParts, target: string): Promise<Manifest> {
  const { dataFolder, copyLedger, program, now } = parts;
  const ledger = ledgerFolder(dataFolder);
  await needSpace(dataFolder, await sizeOf(ledger));
  await mkdir(join(target, 'ledger'), { recursive: true, mode: 0o700 });
  await copyLedger(join(target, LEDGER_PATH));
  await copyAccounts(join(dataFolder, ACCOUNTS), join(target, ACCOUNTS));
  for (const path of [...PATHS, ...(await libraryFiles(dataFolder))]) {
    if (path === LEDGER_PATH || path === ACCOUNTS) continue;
    if (!existsSync(join(dataFolder, path))) continue;
    await mkdir(dirname(join(target, path)), { recursive: true, mode: 0o700 });
    await copyFile(join(dataFolder, path), join(target, path));
    await chmod(join(target, path), 0o600);
  }
  const files = [];
  for (const path of [...PATHS, ...(await libraryFiles(target))]) {
    if (existsSync(join(target, path))) files.push(await describe(target, path));
  }
  const database = openForReading(join(target, 'ledger'));
  try {
    const { operations } = factsOf(database);
    return { format: 1, program, createdAt: now, operations, files };
  } finally {
    database.close();
  }
}

/** Rejects where the disk would have less than the reserve left after `bytes` more. */
export function needSpace(folder: string, bytes: number): Promise<void> {
  if (freeBytes(folder) - bytes >= DISK_RESERVE_BYTES) return Promise.resolve();
  return Promise.reject(new BackupError('no-space', `the disk has no room for ${bytes} bytes`));
}

/** People and audit; sessions stay behind: whoever restores signs in anew. */
async function copyAccounts(source: string, target: string): Promise<void> {
  if (!existsSync(source)) return;
  const database = new Database(source, { readonly: true, timeout: STORAGE_BUSY_MS });
  try {
    // All at once: it is small.
    await database.backup(target, { progress: () => 0x7fff_ffff });
  } finally {
    database.close();
  }
  await chmod(target, 0o600);
  const copy = new Database(target);
  try {
    // Without a log of its own, so that it is one file; VACUUM, so that no deleted row is in it.
    copy.pragma('journal_mode = DELETE');
    copy.exec('DELETE FROM sessions; VACUUM');
  } finally {
    copy.close();
  }
}

async function describe(folder: string, path: string): Promise<Manifest['files'][number]> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(join(folder, path))) {
    const bytes = chunk as Buffer; // no encoding is set
    hash.update(bytes);
    size += bytes.length;
  }
  return { path, size, sha256: hash.digest('hex') };
}

async function libraryFiles(folder: string): Promise<string[]> {
  const names = existsSync(join(folder, 'bank-library'))
    ? await readdir(join(folder, 'bank-library'))
    : [];
  return names.map((name) => `bank-library/${name}`).filter((path) => LIBRARY_FILE.test(path));
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) {
    if (name !== DATA_FILES.ballast) bytes += (await stat(join(folder, name))).size;
  }
  return bytes;
}

/** Work that an earlier process left behind. */
export async function sweepSnapshots(dataFolder: string): Promise<void> {
  for (const name of await readdir(dataFolder)) {
    if (!SNAPSHOT_NAME.test(name)) continue;
    await rm(join(dataFolder, name), { recursive: true, force: true });
  }
}

const SNAPSHOT_NAME = /^backup-[0-9a-f]{12}(?:\.db)?$/;

export function snapshotName(random: { bytes(count: number): Uint8Array }): string {
  return `backup-${Buffer.from(random.bytes(6)).toString('hex')}`;
}
