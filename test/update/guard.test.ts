import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import Database from 'better-sqlite3';
import { migrate } from '../../app/src/storage/ledger/schema.ts';
import { ledgerNeeds, updatePermission } from '../../app/src/update/guard.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guard-'));
  mkdirSync(join(folder, 'ledger'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function ledgerWith(final: 0 | 1): void {
  const database = new Database(join(folder, 'ledger', 'ledger.db'));
  migrate(database, 0);
  database
    .prepare(
      `INSERT INTO operations (ordinal, id, version, terminal, kind, state, final, currency, created_at, asked_by, row)
       VALUES (1, 'sale-1', 1, 'till-1', 'purchase', 'unknown', ?, 'UAH', 5, 'key', '{}')`,
    )
    .run(final);
  database.close();
}

test('an update is allowed where every payment is final', () => {
  ledgerWith(1);
  assert.deepEqual(updatePermission(folder), { kind: 'allowed' });
});

test('an update is refused while a payment is open, and says which', () => {
  ledgerWith(0);
  const operations = [
    { id: 'sale-1', terminal: 'till-1', kind: 'purchase', state: 'unknown', createdAt: 5 },
  ];
  assert.deepEqual(updatePermission(folder), { kind: 'open-operations', operations });
});

test('an update is allowed before the first start of the gateway', () => {
  assert.deepEqual(updatePermission(folder), { kind: 'allowed' });
  assert.equal(ledgerNeeds(folder), 0);
});

test('an update is refused where the data partition is not there', () => {
  assert.equal(updatePermission(join(folder, 'away')).kind, 'unreadable');
});

test('an update is refused where the ledger cannot be read', () => {
  writeFileSync(join(folder, 'ledger', 'ledger.db'), 'this is no database, however long it may be');
  assert.equal(updatePermission(folder).kind, 'unreadable');
});
