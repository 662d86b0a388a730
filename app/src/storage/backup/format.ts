// The form of a backup file: a header that anybody may read, then chunks that are each encrypted
// and authenticated. A chunk that is missing, moved, changed or added is noticed when it is read.
import { createCipheriv, createDecipheriv, createHmac, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { BACKUP_COST, BACKUP_COST_N } from '../../domain/limits.ts';
import { BackupError } from '../../ports/backup.ts';
import type { Random } from '../../ports/clock.ts';

const MAGIC = Buffer.from('TILLGATE BACKUP\n');
const VERSION = 1;
const HEADER_BYTES_MAX = 4_096;
/** Small enough for a turn of the event loop: some 0.2 ms on a small board. */
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const SALT_BYTES = 32;
const CHUNKS_MAX = 2 ** 32;

export interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

const versionSchema = z.object({ version: z.int().min(1) });
const headerSchema = z.strictObject({
  version: z.literal(VERSION),
  cipher: z.literal('aes-256-gcm'),
  chunkBytes: z.literal(CHUNK_BYTES),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    // Whoever sends a file chooses these: they must not choose our memory.
    N: z
      .int()
      .min(BACKUP_COST_N.min)
      .max(BACKUP_COST_N.max)
      .refine((n) => (n & (n - 1)) === 0),
    r: z.literal(8),
    p: z.int().min(1).max(4),
    salt: z.base64().length(44),
  }),
  /** Tells a wrong passphrase from a damaged file. */
  check: z.base64().length(24),
});

/** Bounded memory: one chunk at a time. */
export async function* seal(
  plain: AsyncIterable<Buffer>,
  passphrase: string,
  random: Random,
  cost: Cost = BACKUP_COST,
): AsyncGenerator<Buffer> {
  const salt = Buffer.from(random.bytes(SALT_BYTES));
  const keys = await keysOf(passphrase, salt, cost);
  const text = JSON.stringify({
    version: VERSION,
    cipher: 'aes-256-gcm',
    chunkBytes: CHUNK_BYTES,
    kdf: { name: 'scrypt', ...cost, salt: salt.toString('base64') },
    check: keys.check.toString('base64'),
  });
  const header = Buffer.concat([MAGIC, lengthOf(Buffer.byteLength(text)), Buffer.from(text)]);
  yield header;
  for await (const { bytes, index, last } of inChunks(plain, CHUNK_BYTES)) {
    const cipher = createCipheriv('aes-256-gcm', keys.key, nonceOf(index, last));
    cipher.setAAD(header);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }
}

/** What it yields is authentic; only its normal end says that it is all. Throws BackupError. */
export async function* unseal(
  sealed: AsyncIterable<Buffer>,
  passphrase: string,
): AsyncGenerator<Buffer> {
  const source = sealed[Symbol.asyncIterator]();
  try {
    const { header, kdf, check, rest } = await readHeader(source);
    const keys = await keysOf(passphrase, Buffer.from(kdf.salt, 'base64'), kdf);
    const told = Buffer.from(check, 'base64');
    if (told.length !== keys.check.length || !timingSafeEqual(keys.check, told)) {
      throw new BackupError('wrong-passphrase', 'the passphrase is not that of this backup');
    }
    for await (const { bytes, index, last } of inChunks(
      following(rest, source),
      CHUNK_BYTES + TAG_BYTES,
    )) {
      yield openChunk(bytes, keys.key, nonceOf(index, last), header);
    }
  } finally {
    await source.return?.();
  }
}

function openChunk(bytes: Buffer, key: Buffer, nonce: Buffer, header: Buffer): Buffer {
  if (bytes.length < TAG_BYTES) throw damaged();
  const body = bytes.subarray(0, bytes.length - TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(header);
  decipher.setAuthTag(bytes.subarray(body.length));
  const plain = decipher.update(body);
  try {
    decipher.final();
  } catch (error) {
    throw damaged(error);
  }
  return plain;
}

async function readHeader(source: AsyncIterator<Buffer>) {
  const start = MAGIC.length + 4;
  let have = Buffer.alloc(0);
  const need = async (count: number): Promise<void> => {
    while (have.length < count) {
      const next = await source.next();
      if (next.done === true) throw notOurs();
      have = Buffer.concat([have, next.value]);
    }
  };
  await need(start);
  if (!have.subarray(0, MAGIC.length).equals(MAGIC)) throw notOurs();
  const length = have.readUInt32BE(MAGIC.length);
  if (length > HEADER_BYTES_MAX) throw damaged();
  await need(start + length);
  const header = Buffer.from(have.subarray(0, start + length));
  const parsed = parseHeader(header.subarray(start).toString('utf8'));
  return { header, ...parsed, rest: have.subarray(header.length) };
}

function parseHeader(text: string): z.infer<typeof headerSchema> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw damaged(error);
  }
  const version = versionSchema.safeParse(data);
  if (version.success && version.data.version > VERSION) {
    throw new BackupError('newer', `the backup has format ${version.data.version}`);
  }
  const header = headerSchema.safeParse(data);
  if (!header.success) throw damaged(header.error);
  return header.data;
}

async function* following(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** Pieces of exactly `size` bytes; the last one has what is left, and there always is a last one. */
async function* inChunks(
  source: AsyncIterable<Buffer>,
  size: number,
): AsyncGenerator<{ bytes: Buffer; index: number; last: boolean }> {
  let held: Buffer[] = [];
  let count = 0;
  let index = 0;
  for await (const piece of source) {
    held.push(piece);
    count += piece.length;
    if (count <= size) continue;
    let bytes = Buffer.concat(held, count);
    while (bytes.length > size) {
      if (index >= CHUNKS_MAX) throw new BackupError('too-large', 'the backup is too large');
      yield { bytes: bytes.subarray(0, size), index: index++, last: false };
      bytes = bytes.subarray(size);
    }
    held = [bytes];
    count = bytes.length;
  }
  yield { bytes: Buffer.concat(held, count), index, last: true };
}

/** The key is of this file alone, so a chunk's place and whether it is the last are enough. */
function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(index, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

function keysOf(
  passphrase: string,
  salt: Buffer,
  { N, r, p }: Cost,
): Promise<{ key: Buffer; check: Buffer }> {
  // The memory that these costs need, and a little.
  const options = { N, r, p, maxmem: 160 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 2 * KEY_BYTES, options, (error, bytes) => {
      if (error !== null) return reject(error);
      const mac = createHmac('sha256', bytes.subarray(KEY_BYTES)).update('check').digest();
      resolve({ key: bytes.subarray(0, KEY_BYTES), check: mac.subarray(0, 16) });
    });
  });
}

function lengthOf(count: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(count);
  return bytes;
}

function notOurs(): BackupError {
  return new BackupError('not-a-backup', 'the file is no backup of Tillgate');
}

function damaged(cause?: unknown): BackupError {
  return new BackupError('damaged', 'the backup is damaged or not whole', cause);
}
