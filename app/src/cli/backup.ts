// `tillgate backup FILE`, `tillgate restore FILE`: with and without a running gateway.
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PASSWORD_LENGTH } from '../domain/limits.ts';
import { documentChecks } from '../operations/document-checks.ts';
import { BackupError, type ExaminedBackup, type Losses } from '../ports/backup.ts';
import { chunksOf, openBackupRoom, type StoredBackupRoom } from '../storage/backup/room.ts';
import { ledgerFolder, syncFolder } from '../storage/data-folder.ts';
import { copyLedger } from '../storage/ledger/backup.ts';
import { openForReading } from '../storage/ledger/opening.ts';
import { documentFault } from '../storage/newer-document.ts';
import { VERSION } from '../version.ts';
import { keep } from './key.ts';
import { type ExitCode, type Surroundings, UsageError } from './program.ts';
import type { Options } from './run.ts';

/** All at once: a copy in steps begins anew whenever the gateway writes. */
const BACKUP_PAGES_PER_TURN = 0x7fff_ffff;

export async function wholeBackupCommand(
  around: Surroundings,
  _options: Options,
  file: string,
): Promise<ExitCode> {
  const path = resolve(file);
  if (existsSync(path)) throw new UsageError(`${file} exists already`);
  const passphrase = await around.secret('Passphrase of the backup: ', true);
  if (passphrase === null) throw new UsageError('the two passphrases differ');
  if (Array.from(passphrase).length < PASSWORD_LENGTH.min) {
    throw new UsageError(`the passphrase must have at least ${PASSWORD_LENGTH.min} characters`);
  }
  const stream = await roomOf(around).make(passphrase);
  const part = `${path}.part`;
  try {
    const target = await open(part, 'wx', 0o600);
    try {
      for await (const chunk of stream) await target.writeFile(chunk);
      await target.sync();
    } finally {
      await target.close();
    }
    await rename(part, path);
    syncFolder(dirname(path));
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  if (existsSync(join(around.dataFolder, 'accounts.db'))) {
    keep(around, { act: 'backup-full', object: 'appliance', before: null, after: null });
  }
  await around.print(`the backup is in ${file}; without its passphrase nobody can read it`);
  return 0;
}

export async function restoreCommand(
  around: Surroundings,
  { confirm }: Options,
  file: string,
): Promise<ExitCode> {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const passphrase = (await around.secret('Passphrase of the backup: ', false)) ?? '';
  const room = roomOf(around);
  const backup = await room.examineFrom(chunksOf(file), passphrase);
  for (const line of describe(backup)) await around.print(line);
  const phrase = phraseFor(backup.losses);
  if (phrase !== null && confirm !== phrase) {
    await room.discard();
    around.complain(`tillgate: ${lossText(backup.losses)}`);
    around.complain(`tillgate: not restored; to lose this, add: --confirm '${phrase}'`);
    return 1;
  }
  return order(around, room, backup.losses);
}

async function order(
  around: Surroundings,
  room: StoredBackupRoom,
  losses: Losses | null,
): Promise<ExitCode> {
  const from = `user ${userInfo().username}`;
  const ordered = await room.order({ by: 'command-line', from, losses });
  if (ordered.kind === 'ordered') {
    await around.print('the restore is ordered; the next start of the gateway applies it:');
    await around.print('  systemctl restart tillgate');
    return 0;
  }
  await room.discard();
  if (ordered.kind === 'open-operations') {
    around.complain('tillgate: not restored, payments are open:');
    for (const { id, terminal, state } of ordered.operations) {
      around.complain(`  ${id} at ${terminal} is ${state}`);
    }
    return 1;
  }
  throw new BackupError('busy', 'something changed meanwhile; repeat the command');
}

function describe(backup: ExaminedBackup): string[] {
  return [
    `made: ${timeOf(backup.createdAt)} by version ${backup.program}`,
    `operations: ${backup.operations}`,
    ...(backup.newestAt === null ? [] : [`newest operation: ${timeOf(backup.newestAt)}`]),
    ...(backup.open === 0 ? [] : [`not finished when it was made: ${backup.open}`]),
  ];
}

function timeOf(instant: number): string {
  return new Date(instant).toISOString();
}

/** What must be given word for word; null where nothing is lost. */
function phraseFor(losses: Losses | null): string | null {
  if (losses === null) return 'LOSE ALL';
  const count = losses.missing + losses.changed;
  return count === 0 ? null : `LOSE ${count}`;
}

function lossText(losses: Losses | null): string {
  if (losses === null) return 'the present ledger cannot be read: nobody knows what is lost';
  const { missing, changed } = losses;
  return `${missing} operations are not in the backup, ${changed} are there in an earlier state`;
}

function roomOf({ dataFolder, clock, random }: Surroundings): StoredBackupRoom {
  return openBackupRoom({
    dataFolder,
    copyLedger: async (target) => {
      const database = openForReading(ledgerFolder(dataFolder));
      try {
        await copyLedger(database, target, BACKUP_PAGES_PER_TURN);
      } finally {
        database.close();
      }
    },
    checks: documentChecks(documentFault),
    program: VERSION,
    lastRestore: null,
    clock,
    random,
  });
}
