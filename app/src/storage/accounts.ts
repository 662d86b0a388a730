// The accounts' database: people, sessions and audit in one small file beside the settings.
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { STORAGE_BUSY_MS } from '../domain/limits.ts';
import type { AuditStore, PeopleStore, SessionStore } from '../ports/accounts.ts';
import { auditStore } from './audit.ts';
import { giveToFolderOwner } from './data-folder.ts';
import { peopleStore } from './people.ts';
import { mayGoOn, type SchemaStep, usableAfter } from './schema-steps.ts';
import { sessionStore } from './sessions.ts';

export interface AccountsDatabase {
  readonly people: PeopleStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  close(): void;
}

/** A released step is never edited; the next one is appended. */
const MIGRATIONS: readonly SchemaStep[] = [
  {
    usableFrom: 1,
    sql: `
CREATE TABLE people (
  login TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  language TEXT,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  totp_secret TEXT,
  totp_step INTEGER NOT NULL,
  recovery TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  login TEXT NOT NULL,
  stage TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_login ON sessions (login);
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  origin TEXT NOT NULL,
  act TEXT NOT NULL,
  object TEXT NOT NULL,
  before TEXT,
  after TEXT,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_who ON audit (who);
CREATE INDEX audit_act ON audit (act);
CREATE TRIGGER audit_keep_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
CREATE TRIGGER audit_keep_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;
`,
  },
];

/** Throws where the file is damaged, or from a newer version that this one must not work on. */
export function openAccounts(folder: string): AccountsDatabase {
  const path = join(folder, 'accounts.db');
  if (!existsSync(path)) {
    // The mode before the first byte: SQLite would make it readable for everybody.
    closeSync(openSync(path, 'wx', 0o600));
    giveToFolderOwner(path);
  }
  const database = new Database(path, { timeout: STORAGE_BUSY_MS });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('trusted_schema = OFF');
    migrate(database);
    return {
      people: peopleStore(database),
      sessions: sessionStore(database),
      audit: auditStore(database),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw new Error('the accounts cannot be opened', { cause: error });
  }
}

/** Version of the tables, and whether this program may work on them. */
export function accountsSchema(database: Database.Database): { version: number; usable: boolean } {
  const version = Number(database.pragma('user_version', { simple: true }));
  const noted = Number(database.pragma('application_id', { simple: true }));
  // What is noted of another version, or not at all, says nothing of this one.
  const usableFrom = Math.floor(noted / VERSIONS) === version ? noted % VERSIONS : version;
  return { version, usable: mayGoOn(MIGRATIONS.length, { version, usableFrom }) };
}

/** Both versions stand in the one number of the file's header that SQLite leaves to programs. */
const VERSIONS = 1_000;

function migrate(database: Database.Database): void {
  const { version: current, usable } = accountsSchema(database);
  if (!usable) throw new Error('accounts.db is from a newer version');
  for (const [index, { sql }] of MIGRATIONS.entries()) {
    if (index < current) continue;
    const version = index + 1;
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${version}`);
      const usableFrom = usableAfter(MIGRATIONS.slice(0, version));
      database.pragma(`application_id = ${version * VERSIONS + usableFrom}`);
    })();
  }
}
