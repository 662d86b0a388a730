// Accounts on a clock that the test turns, in a folder that goes away.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Accounts, createAccounts } from '../../app/src/accounts/accounts.ts';
import type { Person, PersonRole } from '../../app/src/ports/accounts.ts';
import { openAccounts } from '../../app/src/storage/accounts.ts';
import { openOneTimeCode } from '../../app/src/storage/one-time-code.ts';
import { systemRandom } from '../../app/src/system/clock.ts';
import { FakeClock } from '../kit/fake-clock.ts';

export const PASSWORD = 'three green frogs';
export const HERE = { address: '192.168.1.7', agent: 'test' };

export interface Bench {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly accounts: Accounts;
  readonly add: (login: string, role?: PersonRole, change?: Partial<Person>) => Promise<Person>;
}

export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-admin-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function benchFor(t: TestContext): Promise<Bench> {
  const folder = folderFor(t);
  const clock = new FakeClock();
  const database = openAccounts(folder);
  t.after(() => database.close());
  const oneTimeCode = await openOneTimeCode(folder, systemRandom, true);
  const { people, sessions, audit } = database;
  const accounts = createAccounts({
    people,
    sessions,
    audit,
    oneTimeCode,
    clock,
    random: systemRandom,
  });
  return {
    folder,
    clock,
    accounts,
    add: async (login, role = 'administrator', change = {}) => {
      const person = {
        login,
        name: login,
        role,
        passwordHash: await accounts.passwords.hash(PASSWORD),
        language: null,
        disabled: false,
        totpSecret: null,
        totpStep: 0,
        recovery: [],
        createdAt: clock.now(),
        ...change,
      } as const;
      people.putPerson(person);
      return person;
    },
  };
}
