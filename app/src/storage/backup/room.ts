// Backup and restore as the pages and the command line use them: one at a time, bounded by the disk.
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BACKUP_BYTES_MAX, DISK_RESERVE_BYTES } from '../../domain/limits.ts';
import {
  BackupError,
  type BackupRoom,
  type ExaminedBackup,
  type Losses,
  type Ordered,
  type OpenOperation,
  type RestoreReport,
  type RestoreWish,
} from '../../ports/backup.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { giveToFolderOwner, isSystemError } from '../data-folder.ts';
import { freeBytes } from '../ledger/faults.ts';
import { packFiles } from './archive.ts';
import { snapshotName, takeSnapshot } from './content.ts';
import { type Cost, seal } from './format.ts';
import {
  type DocumentChecks,
  examineAgain,
  isOrdered,
  isStaged,
  openOperations,
  presentLedger,
  restoreLock,
  restorePath,
  type Staged,
  stageBackup,
  writeOrder,
} from './staging.ts';

export interface BackupParts {
  readonly dataFolder: string;
  /** Copies the ledger to a file that does not exist yet. */
  readonly copyLedger: (target: string) => Promise<void>;
  readonly checks: DocumentChecks;
  /** Version of this program. */
  readonly program: string;
  readonly lastRestore: RestoreReport | null;
  readonly clock: Clock;
  readonly random: Random;
  /** A cheaper one is for tests. */
  readonly cost?: Cost;
}

export interface StoredBackupRoom extends BackupRoom {
  /** A backup that lies somewhere else: it is not copied first. */
  examineFrom(sealed: AsyncIterable<Buffer>, passphrase: string): Promise<ExaminedBackup>;
}

export function openBackupRoom(parts: BackupParts): StoredBackupRoom {
  return new Room(parts);
}

/**
 * INVARIANTS
 * - One backup is made at a time, and one restore worked on: `#making`, `restoreLock`.
 * - `#staged` is what lies whole and checked in `restore/new`.
 */
class Room implements StoredBackupRoom {
  readonly #parts: BackupParts;
  #making = false;
  #staged: Staged | null = null;

  constructor(parts: BackupParts) {
    this.#parts = parts;
  }

  async make(passphrase: string): Promise<NodeJS.ReadableStream> {
    if (this.#making) throw busy();
    this.#making = true;
    const { dataFolder, copyLedger, program, clock, random, cost } = this.#parts;
    const target = join(dataFolder, snapshotName(random));
    const done = async (): Promise<void> => {
      await rm(target, { recursive: true, force: true });
      this.#making = false;
    };
    try {
      const now = clock.now();
      const manifest = await takeSnapshot({ dataFolder, copyLedger, program, now }, target);
      const stream = Readable.from(seal(packFiles(target, manifest), passphrase, random, cost), {
        objectMode: false,
      });
      // Also where nobody reads it to its end.
      stream.once('close', () => void done());
      return stream;
    } catch (error) {
      await done();
      throw error;
    }
  }

  async receive(chunks: AsyncIterable<Buffer>): Promise<void> {
    await this.#alone(async () => {
      const { dataFolder } = this.#parts;
      await this.#forget();
      await mkdir(restorePath(dataFolder, 'folder'), { recursive: true, mode: 0o700 });
      const path = restorePath(dataFolder, 'upload');
      const bytesMax = Math.min(BACKUP_BYTES_MAX, freeBytes(dataFolder) - DISK_RESERVE_BYTES);
      const file = await open(path, 'wx', 0o600);
      let bytes = 0;
      try {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (bytes > bytesMax) {
            const code = bytesMax < BACKUP_BYTES_MAX ? 'no-space' : 'too-large';
            throw new BackupError(code, `the upload is larger than ${bytesMax} bytes`);
          }
          await file.writeFile(chunk);
        }
      } catch (error) {
        await rm(path, { force: true });
        throw isSystemError(error, 'ENOSPC')
          ? new BackupError('no-space', 'the disk is full', error)
          : error;
      } finally {
        await file.close();
      }
    });
  }

  async examine(passphrase: string): Promise<ExaminedBackup> {
    const upload = restorePath(this.#parts.dataFolder, 'upload');
    try {
      return await this.#stage(chunksOf(upload), passphrase);
    } finally {
      await rm(upload, { force: true });
    }
  }

  examineFrom(sealed: AsyncIterable<Buffer>, passphrase: string): Promise<ExaminedBackup> {
    return this.#stage(sealed, passphrase);
  }

  examined(): ExaminedBackup | null {
    return this.#staged?.backup ?? null;
  }

  open(): readonly OpenOperation[] {
    return openOperations(this.#parts.dataFolder);
  }

  order(wish: RestoreWish): Promise<Ordered> {
    return this.#alone<Ordered>(async () => {
      const { dataFolder, clock } = this.#parts;
      if (this.#staged !== null && !isStaged(dataFolder, this.#staged)) this.#staged = null;
      if (this.#staged === null) return { kind: 'nothing-examined' };
      const { mark, manifest } = this.#staged;
      // Taken before the losses are counted: whatever comes later makes the start refuse the order.
      const present = presentLedger(dataFolder);
      const operations = this.open();
      if (operations.length > 0) return { kind: 'open-operations', operations };
      const backup = await examineAgain(dataFolder, manifest);
      this.#staged = { mark, manifest, backup };
      if (!sameLosses(backup.losses, wish.losses)) return { kind: 'losses-changed', backup };
      await writeOrder(dataFolder, manifest, present, backup.losses, wish, clock.now());
      this.#staged = null;
      return { kind: 'ordered' };
    });
  }

  ordered(): boolean {
    return isOrdered(this.#parts.dataFolder);
  }

  discard(): Promise<void> {
    return this.#alone(() => this.#forget());
  }

  lastRestore(): RestoreReport | null {
    return this.#parts.lastRestore;
  }

  #stage(sealed: AsyncIterable<Buffer>, passphrase: string): Promise<ExaminedBackup> {
    return this.#alone(async () => {
      const { dataFolder, checks, program, random } = this.#parts;
      const folder = restorePath(dataFolder, 'folder');
      this.#staged = null;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      giveToFolderOwner(folder);
      this.#staged = await stageBackup(
        dataFolder,
        sealed,
        passphrase,
        checks,
        program,
        Buffer.from(random.bytes(16)).toString('hex'),
      );
      return this.#staged.backup;
    });
  }

  async #forget(): Promise<void> {
    this.#staged = null;
    await rm(restorePath(this.#parts.dataFolder, 'folder'), { recursive: true, force: true });
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const unlock = restoreLock(this.#parts.dataFolder);
    if (unlock === null) throw busy();
    try {
      if (this.ordered()) throw new BackupError('ordered', 'a restore waits for the restart');
      return await work();
    } finally {
      unlock();
    }
  }
}

/** Opened when it is read, and closed however the reading ends. */
export async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path)) yield chunk as Buffer; // no encoding is set
}

function sameLosses(a: Losses | null, b: Losses | null): boolean {
  return a?.missing === b?.missing && a?.changed === b?.changed;
}

function busy(): BackupError {
  return new BackupError('busy', 'another backup or restore is on its way');
}
