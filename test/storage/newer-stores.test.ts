// What a newer release left in the other files of the data folder.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { openAccounts } from '../../app/src/storage/accounts.ts';
import { applyRestore, lastRestore } from '../../app/src/storage/backup/apply.ts';
import { folderFor } from './helpers.ts';
import { assertIs, orderedFolder } from './restore-shop.ts';

const PERSON = {
  login: 'olena',
  name: 'Olena',
  role: 'administrator',
  passwordHash: 'scrypt$',
  language: 'uk',
  disabled: false,
  totpSecret: null,
  totpStep: 0,
  recovery: [],
  createdAt: 1,
} as const;

test('accounts with a column more are used where they say so, and the column stays', (t) => {
  const folder = folderFor(t);
  const before = openAccounts(folder);
  before.people.putPerson(PERSON);
  before.close();
  newer(
    folder,
    1,
    `ALTER TABLE people ADD COLUMN phone TEXT; UPDATE people SET phone = '+380';
    UPDATE people SET language = 'pl', role = 'owner'`,
  );
  const accounts = openAccounts(folder);
  t.after(() => accounts.close());
  const person = accounts.people.person('olena');
  assert.equal(person?.language, null);
  accounts.people.putPerson({ ...PERSON, name: 'Olena P.' });
  accounts.audit.append({
    at: 1,
    who: 'olena',
    from: 'here',
    act: 'person-change',
    object: 'person olena',
    before: null,
    after: null,
  });
  const rows = new Database(join(folder, 'accounts.db'), { readonly: true });
  t.after(() => rows.close());
  assert.deepEqual(rows.prepare('SELECT name, phone FROM people').get(), {
    name: 'Olena P.',
    phone: '+380',
  });
});

test('accounts that say nothing, or that this release must not work on, are refused', (t) => {
  for (const usableFrom of [0, 2]) {
    const folder = folderFor(t);
    openAccounts(folder).close();
    newer(folder, usableFrom, 'ALTER TABLE people ADD COLUMN networks TEXT');
    assert.throws(
      () => openAccounts(folder),
      (error) => /newer version/.test(String((error as Error).cause)),
    );
  }
});

test('a restore that a newer release ordered in its own way is dropped, and said', async (t) => {
  for (const change of [
    { only: ['people'] },
    { present: { kind: 'mirror' } },
    { files: ['new'] },
  ]) {
    const folder = await orderedFolder(t);
    edit(join(folder, 'restore', 'order.json'), change);
    const report = await applyRestore(folder);
    assert.equal(report?.kind, 'not-applied');
    assert.equal(report.why, 'newer');
    assert.equal(existsSync(join(folder, 'restore')), false);
    assertIs(folder, 'present', ['a', 'b']);
    const told: unknown[] = [];
    await lastRestore(folder, (one) => told.push(one.why));
    assert.deepEqual(told, ['newer']);
  }
});

test('a restore that a newer release has begun is not ended by an older one', async (t) => {
  const folder = await orderedFolder(t);
  edit(join(folder, 'restore', 'order.json'), { only: ['people'] });
  writeFileSync(join(folder, 'restore', 'begun'), '');
  await assert.rejects(applyRestore(folder), /only that release can end it/);
  assert.ok(existsSync(join(folder, 'restore', 'order.json')));
});

test('the report of a newer release keeps its words, and keeps nobody from starting', async (t) => {
  const folder = await orderedFolder(t);
  await applyRestore(folder);
  const path = join(folder, 'restored.json');
  edit(path, { seconds: 4 });
  assert.equal((await lastRestore(folder, () => undefined))?.kind, 'applied');
  const stored = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  assert.deepEqual([stored['seconds'], stored['told']], [4, true]);
  edit(path, { kind: 'half-applied' });
  assert.equal(await lastRestore(folder, () => undefined), null);
});

function newer(folder: string, usableFrom: number, sql: string): void {
  const database = new Database(join(folder, 'accounts.db'));
  database.exec(sql);
  database.pragma('user_version = 2');
  if (usableFrom > 0) database.pragma(`application_id = ${2_000 + usableFrom}`);
  database.close();
}

function edit(path: string, change: object): void {
  const document = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...document, ...change }));
}
