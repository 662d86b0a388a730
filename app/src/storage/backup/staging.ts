// The way of a backup into the data folder: decrypted and checked in a folder beside everything, then
// ordered. The next start applies the order (apply.ts); until then nothing of the shop is touched.
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import {
  BackupError,
  type ExaminedBackup,
  type Losses,
  type OpenOperation,
  type RestoreWish,
} from '../../ports/backup.ts';
import { accountsSchema } from '../accounts.ts';
import { auditStore } from '../audit.ts';
import { DATA_FILES, dataFile, ledgerFolder, syncFolder } from '../data-folder.ts';
import { writeDurable } from '../durable-file.ts';
import { tryFileLock } from '../file-lock.ts';
import type { LedgerExamination } from '../ledger/examine.ts';
import { headOf, openForReading } from '../ledger/opening.ts';
import { examineInThread } from '../ledger/start-writer.ts';
import { unpackFiles } from './archive.ts';
import { ACCOUNTS, LEDGER_PATH, type Manifest, needSpace } from './content.ts';
import { unseal } from './format.ts';

/** What only the layers above can judge; null where the text is good. */
export interface DocumentChecks {
  readonly settings: (text: string) => string | null;
  readonly secrets: (text: string) => string | null;
}

const RESTORE = {
  folder: 'restore',
  upload: 'restore/upload',
  fresh: 'restore/new',
  /** Whose backup lies in `new`: another process may have put its own there. */
  mark: 'restore/mark',
  order: 'restore/order.json',
  begun: 'restore/begun',
} as const;

/** Held by whoever works there; null where somebody else does. */
export function restoreLock(dataFolder: string): (() => void) | null {
  return tryFileLock(join(dataFolder, 'restore.lock'));
}

export function restorePath(dataFolder: string, name: keyof typeof RESTORE): string {
  return join(dataFolder, RESTORE[name]);
}

/** The present ledger as the person saw it who gave the order. */
const presentSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('unreadable') }),
  z.strictObject({ kind: z.literal('head'), seq: z.int(), hash: z.string() }),
]);
export type Present = z.infer<typeof presentSchema>;

export const orderSchema = z.strictObject({
  by: z.string(),
  from: z.string(),
  orderedAt: z.int(),
  backupCreatedAt: z.int(),
  losses: z.strictObject({ missing: z.int(), changed: z.int() }).nullable(),
  present: presentSchema,
  /** Paths in `restore/new`. */
  files: z.array(z.string()),
});
export type Order = z.infer<typeof orderSchema>;

export interface Staged {
  readonly mark: string;
  readonly manifest: Manifest;
  readonly backup: ExaminedBackup;
}

/** Decrypts into `restore/new` and checks all of it. Rejects with BackupError and leaves nothing. */
export async function stageBackup(
  dataFolder: string,
  sealed: AsyncIterable<Buffer>,
  passphrase: string,
  checks: DocumentChecks,
  program: string,
  mark: string,
): Promise<Staged> {
  const target = restorePath(dataFolder, 'fresh');
  await rm(restorePath(dataFolder, 'mark'), { force: true });
  await rm(target, { recursive: true, force: true });
  try {
    const manifest = await unpackFiles(unseal(sealed, passphrase), {
      target,
      allow: ({ files }) => {
        if (!files.some(({ path }) => path === LEDGER_PATH)) {
          throw new BackupError('damaged', 'the backup holds no ledger');
        }
        return needSpace(
          dataFolder,
          files.reduce((sum, { size }) => sum + size, 0),
        );
      },
    });
    checkDocuments(target, checks, manifest.program !== program);
    checkAccounts(join(target, ACCOUNTS));
    const backup = examined(manifest, await examineLedgers(dataFolder, true));
    syncFolder(target);
    await writeDurable(restorePath(dataFolder, 'mark'), mark);
    return { mark, manifest, backup };
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    throw error;
  }
}

/** The losses anew, for the present ledger goes on while a person reads. */
export async function examineAgain(
  dataFolder: string,
  manifest: Manifest,
): Promise<ExaminedBackup> {
  return examined(manifest, await examineLedgers(dataFolder, false));
}

async function examineLedgers(dataFolder: string, verify: boolean): Promise<LedgerExamination> {
  const present = ledgerFolder(dataFolder);
  const fresh = join(restorePath(dataFolder, 'fresh'), 'ledger');
  const examination = await examineInThread({
    examine: fresh,
    verify,
    present: existsSync(dataFile(present, 'ledger')) ? present : null,
  });
  // A reader makes them; the ledger was closed when it was saved, so they hold nothing.
  for (const end of ['-wal', '-shm'])
    await rm(join(fresh, `${DATA_FILES.ledger}${end}`), { force: true });
  return examination;
}

function examined(manifest: Manifest, examination: LedgerExamination): ExaminedBackup {
  if (examination.kind === 'newer') throw new BackupError('newer', examination.detail);
  if (examination.kind === 'broken') {
    throw new BackupError('not-whole', `the ledger in the backup: ${examination.detail}`);
  }
  const { operations, open, newestAt } = examination.facts;
  const { createdAt, program } = manifest;
  return { createdAt, program, operations, open, newestAt, losses: examination.losses };
}

function checkDocuments(folder: string, checks: DocumentChecks, otherProgram: boolean): void {
  for (const name of ['settings', 'secrets'] as const) {
    const path = join(folder, DATA_FILES[name]);
    if (!existsSync(path)) continue;
    const fault = checks[name](readFileSync(path, 'utf8'));
    if (fault === null) continue;
    // Settings that we do not know are those of another version.
    throw new BackupError(otherProgram ? 'newer' : 'not-whole', `${DATA_FILES[name]}: ${fault}`);
  }
}

function checkAccounts(path: string): void {
  if (!existsSync(path)) return;
  const database = new Database(path, { readonly: true });
  try {
    const { version, usable } = accountsSchema(database);
    if (!usable) throw new BackupError('newer', `the accounts have schema ${version}`);
    const pages = database.pragma('quick_check(1)', { simple: true });
    if (pages !== 'ok') throw new BackupError('not-whole', `the accounts: ${String(pages)}`);
    const audit = auditStore(database).verify();
    if (audit.kind === 'broken') {
      throw new BackupError('not-whole', `the audit is broken at entry ${audit.seq}`);
    }
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError('not-whole', 'the accounts cannot be read', error);
  } finally {
    database.close();
  }
}

/** What is not finished in the present ledger; none where there is none or it cannot be read. */
export function openOperations(dataFolder: string): readonly OpenOperation[] {
  return readPresent(dataFolder, [], (database) =>
    database
      .prepare<[], OpenOperation>(
        'SELECT id, terminal, state FROM operations WHERE final = 0 ORDER BY ordinal LIMIT 50',
      )
      .all(),
  );
}

export function presentLedger(dataFolder: string): Present {
  if (!existsSync(dataFile(ledgerFolder(dataFolder), 'ledger'))) return { kind: 'none' };
  return readPresent<Present>(dataFolder, { kind: 'unreadable' }, (database) => ({
    kind: 'head',
    ...headOf(database),
  }));
}

function readPresent<T>(
  dataFolder: string,
  otherwise: T,
  read: (database: Database.Database) => T,
): T {
  if (!existsSync(dataFile(ledgerFolder(dataFolder), 'ledger'))) return otherwise;
  try {
    const database = openForReading(ledgerFolder(dataFolder));
    try {
      return read(database);
    } finally {
      database.close();
    }
  } catch (error) {
    // A ledger that cannot be read is what a restore is for; its order says so.
    if (error instanceof Error) return otherwise;
    throw error;
  }
}

/** Durable when it resolves; the caller has looked at `openOperations`. */
export async function writeOrder(
  dataFolder: string,
  manifest: Manifest,
  present: Present,
  losses: Losses | null,
  wish: RestoreWish,
  now: number,
): Promise<void> {
  const order: Order = {
    by: wish.by,
    from: wish.from,
    orderedAt: now,
    backupCreatedAt: manifest.createdAt,
    losses,
    present,
    files: manifest.files.map(({ path }) => path),
  };
  syncFolder(restorePath(dataFolder, 'folder'));
  await writeDurable(restorePath(dataFolder, 'order'), `${JSON.stringify(order)}\n`);
}

/** Whether what lies there is still what this process has checked. */
export function isStaged(dataFolder: string, { mark }: Staged): boolean {
  const path = restorePath(dataFolder, 'mark');
  return existsSync(path) && readFileSync(path, 'utf8') === mark;
}

export function isOrdered(dataFolder: string): boolean {
  return existsSync(restorePath(dataFolder, 'order'));
}
