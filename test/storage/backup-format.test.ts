// The encrypted file: whatever happens to a byte of it is noticed.
import assert from 'node:assert/strict';
import { createDecipheriv, scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { seal, unseal } from '../../app/src/storage/backup/format.ts';
import { BackupError } from '../../app/src/ports/backup.ts';
import { systemRandom } from '../../app/src/system/clock.ts';

const WORD = 'seven blue boats';
/** A millisecond a guess: some of these tests make thousands. */
const CHEAP = { N: 1_024, r: 8, p: 1 };
const CHUNK = 65_536;

test('gives back what was sealed, at every length around a chunk', async () => {
  for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17]) {
    const plain = Buffer.from(systemRandom.bytes(length));
    const sealed = await sealFor(plain);
    assert.deepEqual(await opened(sealed), plain, `${length}`);
    assert.deepEqual(await opened(sealed, WORD, 7_919), plain, `${length} in odd pieces`);
  }
});

test('each changed byte of a small backup is detected', async () => {
  const sealed = await sealFor(Buffer.from('the whole shop'));
  for (let at = 0; at < sealed.length; at += 1) {
    for (const bit of [0x01, 0x80]) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ bit;
      await assert.rejects(opened(changed), BackupError, `byte ${at}`);
    }
  }
});

test('an end that is missing is detected, wherever it was cut', async () => {
  const sealed = await sealFor(Buffer.from('the whole shop'));
  for (let length = 0; length < sealed.length; length += 1) {
    await assert.rejects(opened(sealed.subarray(0, length)), BackupError, `${length}`);
  }
  const long = await sealFor(Buffer.alloc(2 * CHUNK + 5, 7));
  const header = long.length - 2 * (CHUNK + 16) - (5 + 16);
  for (const chunks of [0, 1, 2]) {
    const cut = long.subarray(0, header + chunks * (CHUNK + 16));
    await rejectsAs(opened(cut), 'damaged', `after ${chunks} whole chunks`);
  }
  await rejectsAs(opened(Buffer.concat([long, Buffer.from([0])])), 'damaged');
});

test('swapped, repeated and foreign chunks are detected', async () => {
  const long = await sealFor(Buffer.alloc(3 * CHUNK, 7));
  const size = CHUNK + 16;
  const header = long.subarray(0, long.length - 3 * size);
  const [a, b, c] = [0, 1, 2].map((n) =>
    long.subarray(header.length + n * size, header.length + (n + 1) * size),
  ) as [Buffer, Buffer, Buffer];
  assert.equal((await opened(Buffer.concat([header, a, b, c]))).length, 3 * CHUNK);
  const other = await sealFor(Buffer.alloc(3 * CHUNK, 7));
  const foreign = other.subarray(other.length - 3 * size, other.length - 2 * size);
  for (const chunks of [
    [b, a, c],
    [a, a, b, c],
    [a, c],
    [foreign, b, c],
    [a, b, c, c],
  ]) {
    await rejectsAs(opened(Buffer.concat([header, ...chunks])), 'damaged');
  }
});

test('a wrong passphrase, another file and a newer version each have their own word', async () => {
  const sealed = await sealFor(Buffer.from('the whole shop'));
  await rejectsAs(opened(sealed, 'seven blue boots'), 'wrong-passphrase');
  await rejectsAs(opened(Buffer.from('PK\x03\x04 something else, long enough')), 'not-a-backup');
  await rejectsAs(opened(Buffer.alloc(0)), 'not-a-backup');
  const newer = Buffer.from(
    sealed.toString('latin1').replace('"version":1', '"version":2'),
    'latin1',
  );
  await rejectsAs(opened(newer), 'newer');
});

test('a file cannot ask for our memory', async () => {
  const sealed = await sealFor(Buffer.from('the whole shop'));
  const head = JSON.stringify(CHEAP).slice(1, -1);
  assert.ok(sealed.toString('latin1').includes(head));
  for (const asked of [
    '"N":1073741824,"r":8,"p":1',
    '"N":1024,"r":8,"p":400',
    '"N":1025,"r":8,"p":1',
  ]) {
    const text = sealed.toString('latin1').replace(head, asked);
    const bytes = Buffer.from(text, 'latin1');
    bytes.writeUInt32BE(sealed.readUInt32BE(16) + asked.length - head.length, 16);
    await rejectsAs(opened(bytes), 'damaged', asked);
  }
});

test('a normalised and a composed passphrase are one', async () => {
  const sealed = await sealFor(Buffer.from('x'), 'сім їжаків'.normalize('NFD'));
  assert.equal((await opened(sealed, 'сім їжаків'.normalize('NFC'))).toString(), 'x');
});

test('another program can open it by the written description', async () => {
  const sealed = await sealFor(Buffer.from('the whole shop'));
  const length = sealed.readUInt32BE(16);
  const header = sealed.subarray(0, 20 + length);
  const { kdf } = JSON.parse(header.subarray(20).toString()) as {
    kdf: { N: number; r: number; p: number; salt: string };
  };
  const { N, r, p } = kdf;
  const key = scryptSync(WORD, Buffer.from(kdf.salt, 'base64'), 64, { N, r, p }).subarray(0, 32);
  // Seven zero bytes, the chunk's number, 1 for the last one.
  const nonce = Buffer.from('000000000000000000000001', 'hex');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(-16));
  const plain = decipher.update(sealed.subarray(header.length, -16));
  decipher.final();
  assert.equal(plain.toString(), 'the whole shop');
});

async function sealFor(plain: Buffer, passphrase = WORD): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of seal(pieces(plain, 50_000), passphrase, systemRandom, CHEAP)) {
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function opened(sealed: Buffer, passphrase = WORD, size = 1_000_000): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of unseal(pieces(sealed, size), passphrase)) parts.push(part);
  return Buffer.concat(parts);
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function rejectsAs(promise: Promise<unknown>, code: string, note?: string): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof BackupError, String(error));
    assert.equal(error.code, code, note);
    return true;
  });
}
