import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { operationId } from '../../app/src/domain/ids.ts';
import { BALLAST_BYTES } from '../../app/src/domain/limits.ts';
import { LedgerError } from '../../app/src/ports/ledger.ts';
import type { StoredLedger } from '../../app/src/storage/ledger/ledger.ts';
import { openForReading } from '../../app/src/storage/ledger/opening.ts';
import { verifyLedger } from '../../app/src/storage/ledger/verify.ts';
import { accepted, approved, display, ledgerFor, started } from './helpers.ts';

test('concludes what runs on a full disk, refuses new operations, and recovers', async (t) => {
  const folder = smallDisk(t);
  if (folder === null) return;
  const ledger = await ledgerFor(t, folder);
  const running = started(accepted('running').operation);
  await ledger.append([accepted('running'), running]);
  assert.equal(existsSync(join(folder, 'ledger.ballast')), true);

  fillUp(folder);
  await writeUntilRefused(ledger);
  assert.equal(ledger.health().writable, false);
  assert.match(ledger.health().reason ?? '', /disk is full/);
  assert.equal(existsSync(join(folder, 'ledger.ballast')), false);
  await assert.rejects(ledger.append([accepted('new')]), hasCode('full'));
  const [head] = ledger.open().filter(({ id }) => id === 'running');
  const end = approved(head!);
  await ledger.append([end]);
  assert.equal(ledger.find(operationId('running'))?.state, 'approved');
  assert.equal(ledger.find(operationId('new')), null);

  rmSync(join(folder, 'filler'));
  await ledger.ping(AbortSignal.timeout(5_000));
  assert.deepEqual([ledger.health().writable, ledger.health().reason], [true, null]);
  assert.equal(existsSync(join(folder, 'ledger.ballast')), true);
  await ledger.append([accepted('new')]);
  await ledger.close();
  const database = openForReading(folder);
  assert.equal(verifyLedger(database).broken, null);
  database.close();
});

test('reads on when not even the ballast is left, and writes again when there is space', async (t) => {
  const folder = smallDisk(t);
  if (folder === null) return;
  const ledger = await ledgerFor(t, folder);
  const first = accepted('running');
  let head = started(first.operation).operation;
  await ledger.append([first, started(first.operation)]);
  fillUp(folder);
  await writeUntilRefused(ledger);
  fillUp(folder);
  const refused = await assertRejectsSomeWrite(async () => {
    const next = display(head, 'x'.repeat(100_000));
    await ledger.append([next]);
    head = next.operation;
  });
  assert.equal(hasCode('full')(refused), true, String(refused));
  assert.equal(ledger.health().writable, false);
  assert.equal(ledger.find(head.id)?.version, head.version);
  assert.equal(ledger.list({ limit: 1 }).operations.length, 1);
  for (const name of ['filler', 'filler-2']) rmSync(join(folder, name), { force: true });
  await ledger.append([approved(head)]);
  assert.equal(ledger.health().writable, true);
});

test('starts on a full disk without taking new operations', async (t) => {
  const folder = smallDisk(t);
  if (folder === null) return;
  const before = await ledgerFor(t, folder);
  await before.append([accepted('running')]);
  await before.close();
  rmSync(join(folder, 'ledger.ballast'));
  fillUp(folder, BALLAST_BYTES);
  const ledger = await ledgerFor(t, folder);
  assert.equal(ledger.health().writable, false);
  await ledger.append([started(ledger.find(operationId('running'))!)]);
  await assert.rejects(ledger.append([accepted('new')]), hasCode('full'));
});

/** A file system of 24 MiB; null (and the test is skipped) where we may not mount one. */
function smallDisk(t: TestContext): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-small-disk-'));
  t.after(() => {
    // Lazily: the ledger on it is closed by a later hook.
    if (mounted.status === 0) spawnSync('umount', ['--lazy', folder]);
    rmdirSync(folder);
  });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
  if (mounted.status !== 0) {
    t.skip(`cannot mount a small file system: ${String(mounted.stderr ?? mounted.error).trim()}`);
    return null;
  }
  return folder;
}

/** Takes all space but `left`. */
function fillUp(folder: string, left = 0): void {
  const name = existsSync(join(folder, 'filler')) ? 'filler-2' : 'filler';
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, name), Buffer.alloc(Math.max(0, bavail * bsize - left)));
}

/** New operations until the disk takes no more of them. */
async function writeUntilRefused(ledger: StoredLedger): Promise<void> {
  const error = await assertRejectsSomeWrite(async (n) => {
    await ledger.append([accepted(`filler-${n}`, { reference: 'x'.repeat(20_000) })]);
  });
  assert.equal(hasCode('full')(error), true, String(error));
}

async function assertRejectsSomeWrite(write: (n: number) => Promise<void>): Promise<unknown> {
  for (let n = 0; n < 2_000; n += 1) {
    try {
      await write(n);
    } catch (error) {
      return error;
    }
  }
  throw new Error('the disk did not become full');
}

function hasCode(code: LedgerError['code']): (error: unknown) => boolean {
  return (error) => error instanceof LedgerError && error.code === code;
}
