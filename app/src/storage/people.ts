// People, as rows of the accounts' database.
import type { Database } from 'better-sqlite3';
import { CATALOGS, type Language } from '../domain/texts/index.ts';
import type { PeopleStore, Person, PersonRole } from '../ports/accounts.ts';

interface Row {
  login: string;
  name: string;
  role: PersonRole;
  password_hash: string;
  language: Language | null;
  disabled: 0 | 1;
  totp_secret: string | null;
  totp_step: number;
  recovery: string;
  created_at: number;
}

export function peopleStore(database: Database): PeopleStore {
  const all = database.prepare<[], Row>('SELECT * FROM people ORDER BY login');
  const one = database.prepare<[string], Row>('SELECT * FROM people WHERE login = ?');
  // By their names, and never replaced as a row: a newer release may have added columns.
  const put = database.prepare<[Row]>(`
    INSERT INTO people (login, name, role, password_hash, language, disabled, totp_secret,
      totp_step, recovery, created_at)
    VALUES (:login, :name, :role, :password_hash, :language, :disabled, :totp_secret,
      :totp_step, :recovery, :created_at)
    ON CONFLICT (login) DO UPDATE SET name = excluded.name, role = excluded.role,
      password_hash = excluded.password_hash, language = excluded.language,
      disabled = excluded.disabled, totp_secret = excluded.totp_secret,
      totp_step = excluded.totp_step, recovery = excluded.recovery,
      created_at = excluded.created_at`);
  const remove = database.prepare<[string]>('DELETE FROM people WHERE login = ?');
  return {
    people: () => all.all().map(personOf),
    person: (login) => {
      const row = one.get(login);
      return row === undefined ? null : personOf(row);
    },
    putPerson: (person) => {
      put.run(rowOf(person));
    },
    removePerson: (login) => {
      remove.run(login);
    },
  };
}

function personOf(row: Row): Person {
  return {
    login: row.login,
    name: row.name,
    role: row.role,
    passwordHash: row.password_hash,
    // A newer release may speak more of them.
    language: row.language !== null && Object.hasOwn(CATALOGS, row.language) ? row.language : null,
    disabled: row.disabled === 1,
    totpSecret: row.totp_secret,
    totpStep: row.totp_step,
    recovery: JSON.parse(row.recovery) as string[], // written by rowOf
    createdAt: row.created_at,
  };
}

function rowOf(person: Person): Row {
  return {
    login: person.login,
    name: person.name,
    role: person.role,
    password_hash: person.passwordHash,
    language: person.language,
    disabled: person.disabled ? 1 : 0,
    totp_secret: person.totpSecret,
    totp_step: person.totpStep,
    recovery: JSON.stringify(person.recovery),
    created_at: person.createdAt,
  };
}
