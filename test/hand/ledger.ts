// A ledger with an operation in a state of one's choice: what the guard of the hand reads.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { migrate } from '../../app/src/storage/ledger/schema.ts';

export function noteOperation(gatewayFolder: string, id: string, state: string): void {
  mkdirSync(join(gatewayFolder, 'ledger'), { recursive: true });
  const database = new Database(join(gatewayFolder, 'ledger', 'ledger.db'));
  migrate(database, 0);
  const final = /^(approved|declined|cancelled|failed|reversed)$/.test(state) ? 1 : 0;
  database
    .prepare(
      `INSERT INTO operations (id, version, terminal, kind, state, final, currency, created_at, asked_by, row)
       VALUES (?, 1, 'till-1', 'purchase', ?, ?, 'UAH', 5, 'key', '{}')
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, final = excluded.final`,
    )
    .run(id, state, final);
  database.close();
}
