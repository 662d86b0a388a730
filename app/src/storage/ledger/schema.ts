// The ledger's tables, as an ordered list of migrations. A released migration is never edited.
import type { Database } from 'better-sqlite3';
import { LedgerError } from '../../ports/ledger.ts';
import { mayGoOn, type SchemaStep, usableAfter } from '../schema-steps.ts';
import { OUTBOX_BEHIND } from './protocol.ts';

export interface Migration extends SchemaStep {
  /** Schema version after it; grows by one. */
  readonly version: number;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    usableFrom: 1,
    sql: `
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  operation TEXT NOT NULL,
  version INTEGER NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL,
  -- SHA-256 of the operation's row after the event: the chain protects the rows too.
  row_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_operation ON events (operation);
CREATE TRIGGER events_keep_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_keep_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

-- Every index ends with the rowid, which is the ordinal: lists come in its order without a sort.
CREATE TABLE operations (
  ordinal INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  terminal TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  final INTEGER NOT NULL CHECK (final IN (0, 1)),
  amount INTEGER,
  currency TEXT NOT NULL,
  reference TEXT,
  rrn TEXT,
  card_last4 TEXT,
  created_at INTEGER NOT NULL,
  finished_at INTEGER,
  asked_by TEXT NOT NULL,
  row TEXT NOT NULL
) STRICT;
CREATE INDEX operations_terminal ON operations (terminal);
CREATE INDEX operations_kind ON operations (kind);
CREATE INDEX operations_terminal_kind ON operations (terminal, kind);
-- Open rows are few; a final row enters the indexes by state once, not at each step of its life.
CREATE INDEX operations_open ON operations (ordinal) WHERE final = 0;
CREATE INDEX operations_state ON operations (state) WHERE final = 1;
CREATE INDEX operations_terminal_state ON operations (terminal, state) WHERE final = 1;
CREATE INDEX operations_kind_state ON operations (kind, state) WHERE final = 1;
CREATE INDEX operations_terminal_kind_state ON operations (terminal, kind, state) WHERE final = 1;
CREATE INDEX operations_reference ON operations (reference) WHERE reference IS NOT NULL;
CREATE INDEX operations_rrn ON operations (rrn) WHERE rrn IS NOT NULL;
CREATE TRIGGER operations_keep BEFORE DELETE ON operations
BEGIN SELECT RAISE(ABORT, 'operations are never deleted'); END;

-- First and last creation time of each OPERATIONS_PER_SPAN ordinals. The clock may jump, so
-- times do not grow with ordinals; a span tells whether it can hold rows of a period.
CREATE TABLE spans (
  span INTEGER PRIMARY KEY,
  created_first INTEGER NOT NULL,
  created_last INTEGER NOT NULL
) STRICT;

-- AUTOINCREMENT: an id is never used twice, receivers tell a repeat by it.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  lane TEXT NOT NULL,
  operation TEXT NOT NULL,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' 
    CHECK (state IN ('waiting', 'parked', 'delivered')),
  last_error TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (topic, lane) WHERE state = 'waiting';
CREATE INDEX outbox_operation ON outbox (operation);
CREATE INDEX outbox_state ON outbox (state, topic);
CREATE INDEX outbox_delivered ON outbox (id) WHERE state = 'delivered';
`,
  },
  {
    // Searches of people who hold a slip in their hand.
    version: 2,
    usableFrom: 1,
    sql: `
CREATE INDEX operations_card ON operations (card_last4) WHERE card_last4 IS NOT NULL;
CREATE INDEX operations_amount ON operations (amount) WHERE amount IS NOT NULL;
`,
  },
  {
    // Only the first waiting item of a lane has a time; the others stand behind it, out of sight.
    version: 3,
    usableFrom: 3,
    sql: `
CREATE INDEX outbox_due ON outbox (topic, next_at) WHERE state = 'waiting';
UPDATE outbox SET next_at = ${OUTBOX_BEHIND} WHERE state = 'waiting' AND id NOT IN
  (SELECT min(id) FROM outbox WHERE state = 'waiting' GROUP BY topic, lane);
`,
  },
  {
    // Programs before it ask for no such thing and take no newer schema at all.
    version: 4,
    usableFrom: 4,
    sql: 'ALTER TABLE meta ADD COLUMN usable_from INTEGER NOT NULL DEFAULT 4;',
  },
];

/** The schema with the column that tells who may go on. */
const TELLS_USABLE = 4;

/** Brings the ledger to the newest schema; refuses one that this program may not write. */
export function migrate(
  database: Database,
  createdAt: number,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  database.exec(`CREATE TABLE IF NOT EXISTS meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    schema INTEGER NOT NULL,
    created INTEGER NOT NULL
  ) STRICT`);
  database
    .prepare('INSERT OR IGNORE INTO meta (one, schema, created) VALUES (1, 0, ?)')
    .run(createdAt);
  assertKnownSchema(database, migrations);
  const current = schemaOf(database)?.version ?? 0;
  for (const { version, sql } of migrations) {
    if (version <= current) continue;
    database.transaction(() => {
      database.exec(sql);
      database.prepare('UPDATE meta SET schema = ?').run(version);
      if (version < TELLS_USABLE) return;
      const done = migrations.filter((one) => one.version <= version);
      database.prepare('UPDATE meta SET usable_from = ?').run(usableAfter(done));
    })();
  }
}

export function assertKnownSchema(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  const newest = migrations.at(-1)?.version ?? 0;
  const found = schemaOf(database);
  if (found === null) throw new LedgerError('damaged', 'the file is not a ledger of Tillgate');
  if (!mayGoOn(newest, found)) {
    const detail = `the ledger has schema ${found.version}, this version of Tillgate knows ${newest}`;
    throw new LedgerError('newer-schema', detail);
  }
}

/** Version of the tables, and the oldest program that may write them; null where there are none. */
export function schemaOf(database: Database): { version: number; usableFrom: number } | null {
  const present = database
    .prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'`)
    .get();
  if (present === undefined) return null;
  const row = database
    .prepare<[], { schema: number; usable_from?: number }>('SELECT * FROM meta')
    .get();
  if (row === undefined) return null;
  return { version: row.schema, usableFrom: row.usable_from ?? row.schema };
}
