// A backup and the way back: what is refused, what is kept, and the power going between the steps.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BackupError, type RestoreReport } from '../../app/src/ports/backup.ts';
import { openAccounts } from '../../app/src/storage/accounts.ts';
import { applyRestore, lastRestore } from '../../app/src/storage/backup/apply.ts';
import { ledgerFolder } from '../../app/src/storage/data-folder.ts';
import { accepted, approved, clock, folderFor, sell, started } from './helpers.ts';
import {
  assertIs,
  backupOf,
  forged,
  leftOvers,
  LIBRARY_NAME,
  made,
  orderedFolder,
  pieces,
  roomFor,
  shop,
  sql,
  WISH,
  WORD,
} from './restore-shop.ts';

test('everything of a shop comes back on a new box, but no session', async (t) => {
  const [old, box] = [folderFor(t), folderFor(t)];
  await shop(t, old, 'old', ['a', 'b']);
  const file = await backupOf(old);
  const room = roomFor(box);
  await room.receive(pieces(file));
  const examined = await room.examine(WORD);
  assert.equal(examined.operations, 2);
  assert.equal(examined.open, 0);
  assert.equal(examined.program, '1.2.3');
  assert.deepEqual(examined.losses, { missing: 0, changed: 0 });
  assert.deepEqual(await room.order(WISH), { kind: 'ordered' });
  const report = await applyRestore(box);
  assert.equal(report?.kind, 'applied');
  assertIs(box, 'old', ['a', 'b']);
  assert.equal(statSync(join(box, 'bank-library', LIBRARY_NAME)).mode & 0o777, 0o500);
  for (const path of ['ledger/ledger.db', 'accounts.db', 'settings.json', 'tls/tls.pem']) {
    assert.equal(statSync(join(box, path)).mode & 0o777, 0o600, path);
  }
  assert.equal(existsSync(join(box, 'restore')), false);
  const accounts = openAccounts(box);
  t.after(() => accounts.close());
  assert.equal(accounts.people.person('olena')?.name, 'old');
  assert.deepEqual(accounts.sessions.sessions(), []);
  assert.equal(accounts.audit.verify().kind, 'whole');
  assert.ok(!file.toString('latin1').includes('olena'));
});

test('a backup is taken while the ledger is written, and is whole', async (t) => {
  const folder = folderFor(t);
  const ledger = await shop(t, folder, 'old', ['a'], true);
  const writing = (async () => {
    for (let n = 0; n < 40; n += 1) await sell(ledger, `more-${n}`);
  })();
  const file = await backupOf(folder, ledger);
  await writing;
  const room = roomFor(folderFor(t));
  const { operations } = await room.examineFrom(pieces(file), WORD);
  assert.ok(operations >= 1 && operations <= 41);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('backup-')),
    [],
    'nothing of it stays in the folder',
  );
});

test('a cut at any step leaves, after the next start, the new whole and the old beside it', async (t) => {
  const steps: string[] = [];
  const ordered = await orderedFolder(t);
  const copied = (): string => {
    const folder = folderFor(t);
    cpSync(ordered, folder, { recursive: true, preserveTimestamps: true });
    return folder;
  };
  await applyRestore(copied(), (name) => steps.push(name));
  assert.ok(steps.length >= 14, steps.join(', '));
  assert.ok(steps.includes('accounts.db-wal aside') && steps.includes('ledger in place'));
  for (const cut of steps.keys()) {
    const folder = copied();
    let count = 0;
    const name = steps[cut] ?? '';
    await assert.rejects(
      applyRestore(folder, () => {
        if (count++ === cut) throw new Error('the power is gone');
      }),
      /the power is gone/,
      name,
    );
    const report = await applyRestore(folder);
    if (name !== 'order removed') assert.equal(report?.kind, 'applied', name);
    assertIs(folder, 'old', ['a'], name);
    assert.equal(existsSync(join(folder, 'restore')), false, name);
    const [aside = ''] = readdirSync(join(folder, 'replaced'));
    assertIs(join(folder, 'replaced', aside), 'present', ['a', 'b'], name);
    assert.equal(await applyRestore(folder), null, name);
  }
});

test('a cut before the order leaves the present whole, and nothing half-done', async (t) => {
  const folder = folderFor(t);
  await shop(t, folder, 'present', ['a']);
  const room = roomFor(folder);
  await room.examineFrom(pieces(await backupOf(folder)), WORD);
  assert.equal(await applyRestore(folder), null);
  assertIs(folder, 'present', ['a']);
  assert.equal(existsSync(join(folder, 'restore')), false);
});

test('is refused while an operation runs, with its name', async (t) => {
  const folder = folderFor(t);
  const ledger = await shop(t, folder, 'present', ['a'], true);
  const file = await backupOf(folder, ledger);
  const room = roomFor(folder, ledger);
  await room.examineFrom(pieces(file), WORD);
  const first = accepted('runs');
  await ledger.append([first]);
  await ledger.append([started(first.operation)]);
  const refused = await room.order({ ...WISH, losses: { missing: 1, changed: 0 } });
  assert.deepEqual(refused, {
    kind: 'open-operations',
    operations: [{ id: 'runs', terminal: 'pos-1', state: 'running' }],
  });
  assert.equal(room.ordered(), false);
});

test('what would be lost must be named exactly, and counts what the backup knows in an earlier state', async (t) => {
  const folder = folderFor(t);
  const ledger = await shop(t, folder, 'present', ['a'], true);
  const first = accepted('half');
  await ledger.append([first]);
  const file = await backupOf(folder, ledger);
  await ledger.append([started(first.operation)]);
  const room = roomFor(folder, ledger);
  assert.deepEqual((await room.examineFrom(pieces(file), WORD)).losses, { missing: 0, changed: 1 });
  assert.equal(room.examined()?.open, 1);
  const { operation } = started(first.operation);
  await ledger.append([approved(operation)]);
  await sell(ledger, 'later');
  const changed = await room.order({ ...WISH, losses: { missing: 0, changed: 1 } });
  assert.equal(changed.kind, 'losses-changed');
  assert.deepEqual(room.examined()?.losses, { missing: 1, changed: 1 });
  const agreed = await room.order({ ...WISH, losses: { missing: 1, changed: 1 } });
  assert.equal(agreed.kind, 'ordered');
  await assert.rejects(room.discard(), { code: 'ordered' });
});

test('a payment between the order and the start is not lost: the order is dropped', async (t) => {
  const folder = folderFor(t);
  const ledger = await shop(t, folder, 'present', ['a'], true);
  const room = roomFor(folder, ledger);
  await room.examineFrom(pieces(await backupOf(folder, ledger)), WORD);
  assert.equal((await room.order(WISH)).kind, 'ordered');
  await assert.rejects(applyRestore(folder), { code: 'locked' }, 'while a gateway runs');
  await sell(ledger, 'late');
  await ledger.close();
  const report = await applyRestore(folder);
  assert.deepEqual([report?.kind, report?.why, report?.replaced], ['not-applied', 'changed', null]);
  assertIs(folder, 'present', ['a', 'late']);
  const told: RestoreReport[] = [];
  for (const _ of [1, 2]) await lastRestore(folder, (one) => told.push(one));
  assert.deepEqual(told, [report], 'told once');
});

test('a damaged present ledger does not stand in the way, but its loss must be agreed to', async (t) => {
  const folder = folderFor(t);
  await shop(t, folder, 'present', ['a']);
  const file = await backupOf(folder);
  writeFileSync(join(ledgerFolder(folder), 'ledger.db'), 'no database any more, by accident');
  const room = roomFor(folder);
  assert.equal((await room.examineFrom(pieces(file), WORD)).losses, null);
  assert.equal((await room.order(WISH)).kind, 'losses-changed');
  assert.equal((await room.order({ ...WISH, losses: null })).kind, 'ordered');
  assert.equal((await applyRestore(folder))?.kind, 'applied');
  assertIs(folder, 'present', ['a']);
});

test('a backup that was not whole when it was made is refused, each part in its own word', async (t) => {
  const cases: readonly [string, string, (folder: string) => void][] = [
    [
      'not-whole',
      'an event was changed',
      (folder) => {
        sql(
          join(ledgerFolder(folder), 'ledger.db'),
          `DROP TRIGGER events_keep_update;
        UPDATE events SET body = replace(body, '12345', '12346') WHERE seq = 1`,
        );
      },
    ],
    [
      'newer',
      'the ledger is newer',
      (folder) => {
        sql(
          join(ledgerFolder(folder), 'ledger.db'),
          'UPDATE meta SET schema = 999, usable_from = 999',
        );
      },
    ],
    [
      'newer',
      'the accounts are newer',
      (folder) => {
        sql(join(folder, 'accounts.db'), 'PRAGMA user_version = 999');
      },
    ],
    [
      'not-whole',
      'an audit entry was changed',
      (folder) => {
        sql(
          join(folder, 'accounts.db'),
          `DROP TRIGGER audit_keep_update;
        UPDATE audit SET who = 'nobody' WHERE seq = 1`,
        );
      },
    ],
    [
      'not-whole',
      'the settings are damaged',
      (folder) => {
        writeFileSync(join(folder, 'settings.json'), '{"shop":');
      },
    ],
  ];
  for (const [code, what, harm] of cases) {
    const source = folderFor(t);
    await shop(t, source, 'old', ['a']);
    harm(source);
    const box = folderFor(t);
    const room = roomFor(box);
    const file = await forged(source);
    await assert.rejects(room.examineFrom(pieces(file), WORD), (error) => {
      assert.ok(error instanceof BackupError, `${what}: ${String(error)}`);
      assert.equal(error.code, code, `${what}: ${error.message}`);
      return true;
    });
    assert.equal(room.examined(), null);
    assert.equal(existsSync(join(box, 'restore', 'new')), false, what);
  }
});

test('a cut upload, a wrong passphrase and a second visitor change nothing', async (t) => {
  const folder = folderFor(t);
  await shop(t, folder, 'present', ['a']);
  const file = await backupOf(folder);
  const room = roomFor(folder);
  await room.receive(pieces(file.subarray(0, file.length - 9)));
  await assert.rejects(room.examine(WORD), { code: 'damaged' });
  await room.receive(pieces(file));
  await assert.rejects(room.examine('another passphrase'), { code: 'wrong-passphrase' });
  assert.equal(existsSync(join(folder, 'restore', 'upload')), false);
  const both = await Promise.allSettled([
    room.examineFrom(pieces(file), WORD),
    roomFor(folder).receive(pieces(file)),
  ]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.equal((await room.order({ ...WISH, losses: null })).kind, 'losses-changed');
  await room.discard();
  assert.equal((await room.order(WISH)).kind, 'nothing-examined');
});

test('what another process put there is not what this one has checked', async (t) => {
  const [folder, other] = [folderFor(t), folderFor(t)];
  await shop(t, folder, 'present', ['a']);
  await shop(t, other, 'other', ['a']);
  const room = roomFor(folder);
  await room.examineFrom(pieces(await backupOf(folder)), WORD);
  const shell = roomFor(folder);
  await shell.examineFrom(pieces(await backupOf(other)), WORD);
  assert.equal((await room.order(WISH)).kind, 'nothing-examined');
  assert.equal(room.examined(), null);
  assert.equal((await shell.order({ ...WISH, losses: null })).kind, 'losses-changed');
});

test('a backup that nobody reads to its end leaves nothing in the folder', async (t) => {
  const folder = folderFor(t);
  await shop(t, folder, 'present', ['a']);
  const room = roomFor(folder);
  const stream = await room.make(WORD);
  await assert.rejects(room.make(WORD), { code: 'busy' });
  const closed = new Promise((resolve) => stream.once('close', resolve));
  (stream as unknown as { destroy(): void }).destroy();
  await closed;
  for (let n = 0; n < 100 && leftOvers(folder).length > 0; n += 1) await clock.sleep(20);
  assert.deepEqual(leftOvers(folder), []);
  let again = Buffer.alloc(0);
  for (let n = 0; n < 100 && again.length === 0; n += 1) {
    again = Buffer.from(await made(room).catch(() => ''));
    await clock.sleep(20);
  }
  assert.ok(again.length > 0, 'the next one is made');
});
