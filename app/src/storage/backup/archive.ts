// Files as one stream and back: a manifest, then the files' bytes one after another, compressed.
// Nothing here decides what may be in it; a file that is not as the manifest says is refused.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { BackupError } from '../../ports/backup.ts';
import { giveToFolderOwner, syncFolder } from '../data-folder.ts';
import { isContent, type Manifest, manifestSchema, modeOf } from './content.ts';

const MANIFEST_BYTES_MAX = 64 * 1024;
/** Ledgers are JSON texts: the first levels bring most, and payments need the processor. */
const GZIP_LEVEL = 3;

/** The files of `folder` that the manifest names. */
export function packFiles(folder: string, manifest: Manifest): AsyncIterable<Buffer> {
  return through(plainBytes(folder, manifest), createGzip({ level: GZIP_LEVEL }));
}

async function* plainBytes(folder: string, manifest: Manifest): AsyncGenerator<Buffer> {
  const text = Buffer.from(JSON.stringify(manifest));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(text.length);
  yield Buffer.concat([head, text]);
  for (const { path } of manifest.files) {
    for await (const chunk of createReadStream(join(folder, path))) {
      yield chunk as Buffer; // no encoding is set
    }
  }
}

export interface Unpacking {
  /** A folder that does not exist yet. */
  readonly target: string;
  /** Asked before the first file is written; throws where it is not to be. */
  readonly allow: (manifest: Manifest) => Promise<void>;
}

/** Every file is on disk, as the manifest says. Rejects with BackupError. */
export async function unpackFiles(
  packed: AsyncIterable<Buffer>,
  { target, allow }: Unpacking,
): Promise<Manifest> {
  const reader = new ByteReader(through(packed, createGunzip()));
  try {
    const length = (await reader.exactly(4)).readUInt32BE();
    if (length > MANIFEST_BYTES_MAX) throw damaged('its manifest is too long');
    const manifest = parseManifest((await reader.exactly(length)).toString('utf8'));
    await allow(manifest);
    await makeFolder(target);
    for (const file of manifest.files) await writeFile(reader, target, file);
    if (!(await reader.atEnd())) throw damaged('it is longer than its manifest');
    return manifest;
  } catch (error) {
    throw asBackupError(error);
  } finally {
    await reader.close();
  }
}

function parseManifest(text: string): Manifest {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw damaged('its manifest is no JSON', error);
  }
  const parsed = manifestSchema.safeParse(data);
  if (!parsed.success) throw new BackupError('newer', 'its manifest is of another version');
  const paths = parsed.data.files.map(({ path }) => path);
  const foreign = paths.find((path) => !isContent(path));
  if (foreign !== undefined) throw new BackupError('newer', `it holds ${foreign}`);
  if (new Set(paths).size !== paths.length) throw damaged('it holds a file twice');
  return parsed.data;
}

async function writeFile(
  reader: ByteReader,
  target: string,
  { path, size, sha256 }: Manifest['files'][number],
): Promise<void> {
  const to = join(target, path);
  if (dirname(to) !== target) await makeFolder(dirname(to));
  const file = await open(to, 'wx', modeOf(path));
  const hash = createHash('sha256');
  try {
    for await (const bytes of reader.take(size)) {
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    giveToFolderOwner(to);
    await file.sync();
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== sha256) throw damaged(`${path} is not what was saved`);
  syncFolder(dirname(to));
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  giveToFolderOwner(path);
}

/** An error of either side reaches whoever reads. */
function through(source: AsyncIterable<Buffer>, transform: Transform): AsyncIterable<Buffer> {
  pipeline(Readable.from(source), transform, () => undefined);
  return transform;
}

class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async exactly(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.take(count)) parts.push(part);
    return Buffer.concat(parts, count);
  }

  async *take(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#held.length === 0 && !(await this.#more())) throw damaged('it ends too early');
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async atEnd(): Promise<boolean> {
    while (this.#held.length === 0) {
      if (!(await this.#more())) return true;
    }
    return false;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#held = next.value;
    return true;
  }
}

function asBackupError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_')) return damaged('it cannot be decompressed', error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BackupError('no-space', 'the disk is full', error);
  }
  return error;
}

function damaged(detail: string, cause?: unknown): BackupError {
  return new BackupError('damaged', `the backup is damaged: ${detail}`, cause);
}
