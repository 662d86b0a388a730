import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { LedgerError } from '../../app/src/ports/ledger.ts';
import {
  type Migration,
  MIGRATIONS,
  migrate,
  schemaOf,
} from '../../app/src/storage/ledger/schema.ts';
import { verifyLedger } from '../../app/src/storage/ledger/verify.ts';
import { folderFor, ledgerFor, NOON, sell } from './helpers.ts';

const NEXT = MIGRATIONS.length + 1;
const NOTE = 'ALTER TABLE operations ADD COLUMN note TEXT';
const LATER: readonly Migration[] = [
  ...MIGRATIONS,
  { version: NEXT, usableFrom: NEXT, sql: NOTE },
  { version: NEXT + 1, usableFrom: NEXT, sql: `UPDATE operations SET note = 'kept'` },
];

test('numbers its migrations without a gap', () => {
  assert.deepEqual(
    MIGRATIONS.map(({ version }) => version),
    MIGRATIONS.map((_, index) => index + 1),
  );
});

test('brings an older ledger to a newer schema and keeps what is in it', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  await sell(ledger, 'old');
  await ledger.close();
  const database = new Database(join(folder, 'ledger.db'));
  t.after(() => database.close());
  migrate(database, NOON, LATER);
  migrate(database, NOON, LATER);
  assert.deepEqual(database.prepare('SELECT id, note FROM operations').all(), [
    { id: 'old', note: 'kept' },
  ]);
  assert.equal(database.prepare('SELECT schema FROM meta').pluck().get(), NEXT + 1);
  assert.deepEqual(verifyLedger(database), { events: 3, operations: 1, broken: null });
});

test('leaves a ledger at the version before a migration that fails', () => {
  const database = new Database(':memory:');
  const broken = [
    ...LATER.slice(0, -1),
    { version: NEXT + 1, usableFrom: NEXT, sql: 'UPDATE nothing SET x = 1' },
  ];
  assert.throws(() => migrate(database, NOON, broken), /nothing/);
  assert.equal(database.prepare('SELECT schema FROM meta').pluck().get(), NEXT);
  database.close();
});

test('goes on with the ledger of a newer version that says it may, and so does the newer one', async (t) => {
  const folder = folderFor(t);
  const ledger = await ledgerFor(t, folder);
  await sell(ledger, 'before');
  await ledger.close();
  const later: readonly Migration[] = [
    ...MIGRATIONS,
    { version: NEXT, usableFrom: MIGRATIONS.length, sql: NOTE },
  ];
  const newer = new Database(join(folder, 'ledger.db'));
  migrate(newer, NOON, later);
  newer.exec(`UPDATE operations SET note = 'kept'`);
  newer.close();

  const back = await ledgerFor(t, folder);
  await sell(back, 'meanwhile');
  await back.close();

  const again = new Database(join(folder, 'ledger.db'));
  t.after(() => again.close());
  migrate(again, NOON, later);
  assert.deepEqual(again.prepare('SELECT id, note FROM operations').all(), [
    { id: 'before', note: 'kept' },
    { id: 'meanwhile', note: null },
  ]);
  assert.deepEqual(verifyLedger(again).broken, null);
});

test('a step that the older version may not live with binds all that follow it', () => {
  const database = new Database(':memory:');
  migrate(database, NOON, [...LATER, { version: NEXT + 2, usableFrom: 1, sql: '' }]);
  assert.deepEqual(schemaOf(database), { version: NEXT + 2, usableFrom: NEXT });
  database.close();
});

test('refuses a ledger from a newer version of the appliance', async (t) => {
  const folder = folderFor(t);
  await (await ledgerFor(t, folder)).close();
  const database = new Database(join(folder, 'ledger.db'));
  migrate(database, NOON, LATER);
  database.close();
  await assert.rejects(
    ledgerFor(t, folder),
    (error) => error instanceof LedgerError && error.code === 'newer-schema',
  );
});
