// Who may do everything: people with a password, keys, and whoever has the code of the first start.
import { Passwords } from '../accounts/passwords.ts';
import { matchingStep } from '../accounts/second-factor.ts';
import { secretsForm } from '../operations/document-forms.ts';
import { findKey } from '../operations/keys.ts';
import { type Secrets, secretsSchema } from '../operations/settings-schema.ts';
import type { AuditAct } from '../ports/accounts.ts';
import type { Deed } from '../ports/audit.ts';
import { type AccountsDatabase, openAccounts } from '../storage/accounts.ts';
import { dataFile } from '../storage/data-folder.ts';
import { openSettings, type SettingsFile } from '../storage/settings.ts';
import type { Machine } from './machine.ts';
import { oneTimeCode } from './one-time-code.ts';

/** Letters and digits that nobody mistakes for each other; 32 of them, five bits each. */
const ALPHABET = '23456789abcdefghijkmnpqrstuvwxyz';
const PASSWORD_LENGTH = 16;

export interface Credentials {
  /** Empty: `secret` is that of a key, or the code of the first start. */
  readonly login: string;
  readonly secret: string;
  readonly secondFactor: () => Promise<string>;
}

/** The name of the administrator whom these open the door, or null. */
export async function administratorOf(
  machine: Machine,
  given: Credentials,
): Promise<string | null> {
  if (given.login !== '') return personOf(machine, given);
  if (given.secret === '') return null;
  if (given.secret.toUpperCase() === (await oneTimeCode(machine))) return 'first start';
  const key = await withSecrets(machine, async (secrets) =>
    findKey(secrets.current(), null, given.secret),
  );
  return key?.role === 'administrator' ? `key ${key.name}` : null;
}

async function personOf(machine: Machine, given: Credentials): Promise<string | null> {
  return withAccounts(machine, async ({ people }) => {
    const person = people.person(given.login.toLowerCase());
    const right = await new Passwords(machine.random).verify(
      given.secret,
      person?.passwordHash ?? null,
    );
    if (!right || person === null || person.disabled || person.role !== 'administrator')
      return null;
    if (person.totpSecret === null) return `person ${person.login}`;
    const code = await given.secondFactor();
    const step = matchingStep(person.totpSecret, code, machine.clock.now(), person.totpStep);
    if (step === null) return null;
    people.putPerson({ ...person, totpStep: step });
    return `person ${person.login}`;
  });
}

/** A new password, shown once; the second factor is off and every session ends. */
export async function resetPassword(machine: Machine, login: string): Promise<string | null> {
  return withAccounts(machine, async ({ people, sessions, audit }) => {
    const person = people.person(login);
    if (person === null) return null;
    const password = randomPassword(machine);
    const passwordHash = await new Passwords(machine.random).hash(password);
    people.putPerson({ ...person, passwordHash, disabled: false, totpSecret: null, recovery: [] });
    sessions.endSessionsOf(login, null);
    const object = `person ${login}`;
    audit.append(byConsole(machine, { act: 'password-reset', object, before: null, after: null }));
    return password;
  });
}

/** Writes into the audit chain what was done here; a damaged chain must not keep the owner out. */
export async function keep(machine: Machine, deed: Deed): Promise<void> {
  try {
    await withAccounts(machine, async ({ audit }) => audit.append(byConsole(machine, deed)));
  } catch (error) {
    machine.log.error('console-act-not-kept', { act: deed.act, object: deed.object }, error);
  }
}

function byConsole({ clock }: Machine, deed: Deed): AuditAct {
  return { at: clock.now(), who: 'console', from: 'console', ...deed };
}

export async function logins(machine: Machine): Promise<readonly string[]> {
  return withAccounts(machine, async ({ people }) => people.people().map(({ login }) => login));
}

export async function withSecrets<R>(
  machine: Machine,
  action: (secrets: SettingsFile<Secrets>) => Promise<R>,
): Promise<R> {
  const secrets = await openSettings({
    path: dataFile(machine.folders.gateway, 'secrets'),
    schema: secretsSchema,
    form: secretsForm,
    clock: machine.clock,
    log: machine.log,
    watch: false,
  });
  try {
    return await action(secrets);
  } finally {
    await secrets.close();
  }
}

async function withAccounts<R>(
  machine: Machine,
  action: (database: AccountsDatabase) => Promise<R>,
): Promise<R> {
  const database = openAccounts(machine.folders.gateway);
  try {
    return await action(database);
  } finally {
    database.close();
  }
}

function randomPassword(machine: Machine): string {
  return [...machine.random.bytes(PASSWORD_LENGTH)].map((byte) => ALPHABET[byte % 32]).join('');
}
