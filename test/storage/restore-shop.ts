// Shops in folders, their backups, and what must be true of them: for the tests of restore.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { openAccounts } from '../../app/src/storage/accounts.ts';
import { packFiles } from '../../app/src/storage/backup/archive.ts';
import { seal } from '../../app/src/storage/backup/format.ts';
import { openBackupRoom, type StoredBackupRoom } from '../../app/src/storage/backup/room.ts';
import { ledgerFolder } from '../../app/src/storage/data-folder.ts';
import { copyLedger } from '../../app/src/storage/ledger/backup.ts';
import type { StoredLedger } from '../../app/src/storage/ledger/ledger.ts';
import { openForReading } from '../../app/src/storage/ledger/opening.ts';
import { verifyLedger } from '../../app/src/storage/ledger/verify.ts';
import { systemRandom } from '../../app/src/system/clock.ts';
import { clock, folderFor, ledgerFor, sell } from './helpers.ts';

export const WORD = 'seven blue boats';
const CHEAP = { N: 1_024, r: 8, p: 1 };
export const WISH = { by: 'admin', from: '192.168.1.7', losses: { missing: 0, changed: 0 } };
const LIBRARY = Buffer.from('\x7fELF the bank’s library');
export const LIBRARY_NAME = `bpos-${createHash('sha256').update(LIBRARY).digest('hex')}.so`;

/** A data folder of a shop whose every part says `mark`. */
export async function shop(
  t: TestContext,
  folder: string,
  mark: string,
  sales: readonly string[],
  keepOpen = false,
): Promise<StoredLedger> {
  const ledger = await ledgerFor(t, ledgerFolder(folder));
  for (const id of sales) await sell(ledger, id);
  if (!keepOpen) await ledger.close();
  for (const name of ['settings', 'secrets']) {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ mark }));
    writeFileSync(join(folder, `${name}.json.last`), JSON.stringify({ mark: `${mark} before` }));
  }
  mkdirSync(join(folder, 'tls'));
  writeFileSync(join(folder, 'tls', 'tls.pem'), mark);
  mkdirSync(join(folder, 'bank-library'));
  writeFileSync(join(folder, 'bank-library', 'library.json'), JSON.stringify({ mark }));
  writeFileSync(join(folder, 'bank-library', LIBRARY_NAME), LIBRARY);
  const accounts = openAccounts(folder);
  accounts.people.putPerson({
    login: 'olena',
    name: mark,
    role: 'administrator',
    passwordHash: 'scrypt$',
    language: null,
    disabled: false,
    totpSecret: null,
    totpStep: 0,
    recovery: [],
    createdAt: 1,
  });
  accounts.sessions.putSession({
    id: 'aa',
    login: 'olena',
    stage: 'full',
    createdAt: 1,
    lastSeenAt: 1,
    address: '',
    agent: '',
  });
  const act = { at: 1, who: 'olena', from: '', object: '', before: null, after: null };
  accounts.audit.append({ ...act, act: mark });
  accounts.close();
  // As after a power cut: the database's log is there.
  writeFileSync(join(folder, 'accounts.db-wal'), '');
  return ledger;
}

/** A folder whose next start restores: presently `present` with a and b, in the backup `old` with a. */
export async function orderedFolder(t: TestContext): Promise<string> {
  const [folder, old] = [folderFor(t), folderFor(t)];
  await shop(t, old, 'old', ['a']);
  await shop(t, folder, 'present', ['a', 'b']);
  const room = roomFor(folder);
  const { losses } = await room.examineFrom(pieces(await backupOf(old)), WORD);
  const ordered = await room.order({ ...WISH, losses });
  assert.equal(ordered.kind, 'ordered');
  return folder;
}

export function assertIs(folder: string, mark: string, sales: readonly string[], note = ''): void {
  const database = openForReading(ledgerFolder(folder));
  try {
    assert.equal(verifyLedger(database).broken, null, note);
    const ids = database.prepare('SELECT id FROM operations ORDER BY ordinal').pluck().all();
    assert.deepEqual(ids, sales, note);
  } finally {
    database.close();
  }
  for (const name of ['settings.json', 'secrets.json', 'bank-library/library.json']) {
    assert.deepEqual(JSON.parse(readFileSync(join(folder, name), 'utf8')), { mark }, note);
  }
  assert.equal(readFileSync(join(folder, 'tls', 'tls.pem'), 'utf8'), mark, note);
  assert.deepEqual(readFileSync(join(folder, 'bank-library', LIBRARY_NAME)), LIBRARY, note);
  const accounts = new Database(join(folder, 'accounts.db'), { readonly: true });
  try {
    assert.equal(accounts.prepare('SELECT name FROM people').pluck().get(), mark, note);
  } finally {
    accounts.close();
  }
}

export function roomFor(dataFolder: string, ledger: StoredLedger | null = null): StoredBackupRoom {
  return openBackupRoom({
    dataFolder,
    copyLedger: (target) =>
      ledger === null ? copyWhole(ledgerFolder(dataFolder), target) : ledger.backup(target),
    checks: { settings: faultOf, secrets: faultOf },
    program: '1.2.3',
    lastRestore: null,
    clock,
    random: systemRandom,
    cost: CHEAP,
  });
}

async function copyWhole(folder: string, target: string): Promise<void> {
  const database = openForReading(folder);
  try {
    await copyLedger(database, target, 1_000);
  } finally {
    database.close();
  }
}

/** A folder as it lies there, whatever our own backup would say of it. */
export async function forged(folder: string): Promise<Buffer> {
  rmSync(join(folder, 'accounts.db-wal'), { force: true });
  const paths = ['ledger/ledger.db', 'accounts.db', 'settings.json'];
  const files = paths.map((path) => {
    const bytes = readFileSync(join(folder, path));
    return { path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  const manifest = { format: 1, program: '1.2.3', createdAt: 1, operations: 1, files } as const;
  return collected(seal(packFiles(folder, manifest), WORD, systemRandom, CHEAP));
}

async function collected(parts: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part as Buffer);
  return Buffer.concat(all);
}

export function backupOf(folder: string, ledger: StoredLedger | null = null): Promise<Buffer> {
  return made(roomFor(folder, ledger));
}

export async function made(room: StoredBackupRoom): Promise<Buffer> {
  const file = await collected(await room.make(WORD));
  await clock.sleep(20);
  return file;
}

export async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 5_000) yield bytes.subarray(at, at + 5_000);
}

export function leftOvers(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('backup-'));
}

export function sql(path: string, text: string): void {
  const database = new Database(path);
  database.exec(text);
  database.close();
}

function faultOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return String(error);
  }
}
