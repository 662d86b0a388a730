// A small file that is either the old one or the new one, whenever the power goes.
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { giveToFolderOwner, isSystemError, syncFolder } from './data-folder.ts';

export interface DurableText {
  readonly text: string;
  /** `last`: the file itself is missing, this is the copy before its last write. */
  readonly from: 'file' | 'last';
  readonly stamp: FileStamp;
}

/** Another inode, time or size is another content. */
export type FileStamp = string;

/**
 * INVARIANTS
 * - A resolved write is on disk: content, name and folder.
 * - Writes go one after another; of several processes only the holder of a lock may write.
 * - `<path>.last` is the content before the last write, and is read only where `path` is missing.
 */
export class DurableFile {
  readonly path: string;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** Null where neither the file nor its last copy exists. */
  async read(): Promise<DurableText | null> {
    const own = await readStamped(this.path);
    if (own !== null) return { ...own, from: 'file' };
    const last = await readStamped(lastCopyOf(this.path));
    return last === null ? null : { ...last, from: 'last' };
  }

  /** Null where the file is missing. */
  stamp(): Promise<FileStamp | null> {
    return unlessMissing(async () => stampOf(await stat(this.path, { bigint: true })));
  }

  /** Resolves with the stamp of what it wrote; rejects and leaves the old content otherwise. */
  write(text: string): Promise<FileStamp> {
    const turn = this.#tail.then(() => replace(this.path, text));
    this.#tail = turn.catch(() => undefined); // the caller of that write was told
    return turn;
  }
}

/** For a file that only one place writes. */
export async function writeDurable(path: string, text: string): Promise<void> {
  await replace(path, text);
}

export function lastCopyOf(path: string): string {
  return `${path}.last`;
}

async function replace(path: string, text: string): Promise<FileStamp> {
  const temporary = `${path}.tmp`;
  try {
    const stamp = await writeNew(temporary, text);
    await keepLast(path);
    await rename(temporary, path);
    syncFolder(dirname(path));
    return stamp;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeNew(path: string, text: string): Promise<FileStamp> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text, 'utf8');
    giveToFolderOwner(path);
    await file.sync();
    return stampOf(await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
}

/** A second name of the old content; it costs no data write and the file is never missing. */
async function keepLast(path: string): Promise<void> {
  const temporary = `${lastCopyOf(path)}.tmp`;
  await rm(temporary, { force: true });
  const linked = await unlessMissing(async () => {
    await link(path, temporary);
    return true;
  });
  if (linked === true) await rename(temporary, lastCopyOf(path));
}

async function readStamped(path: string): Promise<{ text: string; stamp: FileStamp } | null> {
  return unlessMissing(async () => {
    const file = await open(path, 'r');
    try {
      const stamp = stampOf(await file.stat({ bigint: true }));
      return { text: await readFile(file, 'utf8'), stamp };
    } finally {
      await file.close();
    }
  });
}

async function unlessMissing<T>(action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

function stampOf(entry: { ino: bigint; mtimeNs: bigint; size: bigint }): FileStamp {
  return `${entry.ino}:${entry.mtimeNs}:${entry.size}`;
}
