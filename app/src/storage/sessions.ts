// Sessions, as rows of the accounts' database. Tokens are kept as hashes only.
import type { Database } from 'better-sqlite3';
import type { Session, SessionStore } from '../ports/accounts.ts';

interface Row {
  id: string;
  login: string;
  stage: 'full' | 'code';
  created_at: number;
  last_seen_at: number;
  address: string;
  agent: string;
}

export function sessionStore(database: Database): SessionStore {
  const one = database.prepare<[string], Row>('SELECT * FROM sessions WHERE id = ?');
  const all = database.prepare<[], Row>('SELECT * FROM sessions ORDER BY last_seen_at DESC');
  const put = database.prepare<[Row]>(`INSERT OR REPLACE INTO sessions
    (id, login, stage, created_at, last_seen_at, address, agent) VALUES (
    :id, :login, :stage, :created_at, :last_seen_at, :address, :agent)`);
  const touch = database.prepare<[number, string]>(
    'UPDATE sessions SET last_seen_at = ? WHERE id = ?',
  );
  const end = database.prepare<[string]>('DELETE FROM sessions WHERE id = ?');
  const endOf = database.prepare<[string, string]>(
    'DELETE FROM sessions WHERE login = ? AND id <> ?',
  );
  const endOld = database.prepare<[number, number]>(
    'DELETE FROM sessions WHERE created_at < ? OR last_seen_at < ?',
  );
  return {
    session: (id) => {
      const row = one.get(id);
      return row === undefined ? null : sessionOf(row);
    },
    sessions: () => all.all().map(sessionOf),
    putSession: (session) => {
      put.run({
        id: session.id,
        login: session.login,
        stage: session.stage,
        created_at: session.createdAt,
        last_seen_at: session.lastSeenAt,
        address: session.address,
        agent: session.agent,
      });
    },
    touchSession: (id, at) => {
      touch.run(at, id);
    },
    endSession: (id) => {
      end.run(id);
    },
    endSessionsOf: (login, except) => {
      endOf.run(login, except ?? '');
    },
    endOldSessions: (createdBefore, seenBefore) => {
      endOld.run(createdBefore, seenBefore);
    },
  };
}

function sessionOf(row: Row): Session {
  return {
    id: row.id,
    login: row.login,
    stage: row.stage,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    address: row.address,
    agent: row.agent,
  };
}
