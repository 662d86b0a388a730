// The installed library in the data folder: one file named by its hash, and a record beside it.
// Replacing it never touches a file that a running process has loaded.
import { createHash } from 'node:crypto';
import { chownSync, closeSync, fsyncSync, openSync, readFileSync, statSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  FUNCTION_NAMES,
  type FunctionName,
  type InstalledLibrary,
  LibraryError,
} from '../ports/bank-library.ts';
import { WHAT_TO_ASK_FOR } from './inspection.ts';

const FOLDER = 'bank-library';
const RECORD = 'library.json';

/** INVARIANT: the record names a file that was wholly on disk before the record was. */
export class LibraryStore {
  readonly folder: string;
  #known: { readonly stamp: string; readonly library: InstalledLibrary } | null = null;

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, FOLDER);
  }

  /** Null where none is installed. Another process may have changed it since the last look. */
  current(): InstalledLibrary | null {
    const path = join(this.folder, RECORD);
    try {
      const { ino, mtimeNs, size } = statSync(path, { bigint: true });
      const stamp = `${ino}:${mtimeNs}:${size}`;
      if (this.#known?.stamp !== stamp) {
        this.#known = { stamp, library: recordOf(readFileSync(path, 'utf8')) };
      }
      return this.#known.library;
    } catch (error) {
      if (!isMissing(error)) throw error;
      return null;
    }
  }

  pathOf(library: InstalledLibrary): string {
    return join(this.folder, fileOf(library.fingerprint));
  }

  /** The path of the installed file, after its hash was compared. Rejects with LibraryError. */
  async verified(): Promise<{ library: InstalledLibrary; path: string }> {
    const library = this.current();
    if (library === null) {
      throw new LibraryError(
        'not-installed',
        `the bank’s library is not installed: ${WHAT_TO_ASK_FOR}, then install it with «tillgate bpos install FILE»`,
        false,
      );
    }
    const path = this.pathOf(library);
    const bytes = await readFile(path).catch((error: unknown) => {
      throw new LibraryError('not-installed', `${path} cannot be read`, false, error);
    });
    if (fingerprintOf(bytes) !== library.fingerprint) {
      throw new LibraryError('not-loaded', `${path} is damaged: install the library anew`, false);
    }
    return { library, path };
  }

  /** Puts the file beside the installed one; nothing uses it before `adopt`. */
  async stage(bytes: Uint8Array): Promise<{ fingerprint: string; path: string }> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    giveToFolderOwner(this.folder);
    const fingerprint = fingerprintOf(bytes);
    const path = join(this.folder, fileOf(fingerprint));
    await writeDurable(path, bytes, 0o500);
    return { fingerprint, path };
  }

  async adopt(library: InstalledLibrary): Promise<void> {
    const text = `${JSON.stringify(library, null, 2)}\n`;
    await writeDurable(join(this.folder, RECORD), Buffer.from(text), 0o600);
    syncFolder(this.folder);
    await this.#sweep(library.fingerprint);
  }

  /** Removes what was staged and is not in use. */
  async discard(): Promise<void> {
    await this.#sweep(this.current()?.fingerprint ?? null);
  }

  /** False where none was installed. */
  async remove(): Promise<boolean> {
    const there = this.current() !== null;
    await rm(join(this.folder, RECORD), { force: true });
    if (there) {
      syncFolder(this.folder);
      await this.#sweep(null);
    }
    return there;
  }

  async #sweep(kept: string | null): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const stale =
        /^bpos-[0-9a-f]{64}\.so$/.test(name) && (kept === null || name !== fileOf(kept));
      if (stale) await rm(join(this.folder, name), { force: true });
    }
  }
}

function fileOf(fingerprint: string): string {
  return `bpos-${fingerprint}.so`;
}

export function fingerprintOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function recordOf(text: string): InstalledLibrary {
  const record = JSON.parse(text) as Partial<InstalledLibrary>; // every member is looked at below
  const { fingerprint, fileName, bytes, version, missing, installedAt } = record;
  if (typeof fingerprint !== 'string' || !/^[0-9a-f]{64}$/.test(fingerprint)) {
    throw new Error(`${RECORD} is damaged: install the library anew`);
  }
  const known = new Set<string>(FUNCTION_NAMES);
  return {
    fingerprint,
    fileName: String(fileName),
    bytes: Number(bytes),
    version: String(version),
    missing: (Array.isArray(missing) ? missing : []).filter((name): name is FunctionName =>
      known.has(String(name)),
    ),
    installedAt: Number(installedAt),
  };
}

async function writeDurable(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const temporary = `${path}.tmp`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', mode);
  try {
    await file.writeFile(bytes);
    giveToFolderOwner(temporary);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** What a command run as root makes must be readable for the service's own user. */
function giveToFolderOwner(path: string): void {
  if (process.getuid?.() !== 0) return;
  const owner = statSync(dirname(path));
  chownSync(path, owner.uid, owner.gid);
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
