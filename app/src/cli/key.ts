// `tillgate key …`: a running gateway notices the change by itself.
import { userInfo } from 'node:os';
import { KINDS, type OperationKind } from '../domain/operation.ts';
import { secretsForm } from '../operations/document-forms.ts';
import { addKey, revokeKey, rightsOf } from '../operations/keys.ts';
import { type KeyLimits, ROLES, type Role, type Secrets } from '../operations/settings-schema.ts';
import { secretsSchema } from '../operations/settings-schema.ts';
import type { Deed } from '../ports/audit.ts';
import { openAccounts } from '../storage/accounts.ts';
import { dataFile } from '../storage/data-folder.ts';
import { openSettings, type SettingsFile } from '../storage/settings.ts';
import { type ExitCode, type Surroundings, UsageError } from './program.ts';
import type { Options } from './run.ts';

export async function addKeyCommand(
  around: Surroundings,
  options: Options,
  name: string,
): Promise<ExitCode> {
  const key = { name, role: roleOf(options.role), limits: limitsOf(options) };
  const added = await withSecrets(around, (secrets) => addKey(secrets, around, key));
  switch (added.kind) {
    case 'added':
      keep(around, { act: 'key-add', object: `key ${name}`, before: null, after: rightsOf(key) });
      around.complain(`The secret of ${name}; it is shown only now:`);
      await around.print(added.secret);
      return 0;
    case 'name-taken':
      around.complain(`tillgate: there is a key ${name} already; revoke it first`);
      return 1;
    case 'too-many':
      around.complain('tillgate: there are too many keys; revoke some first');
      return 1;
  }
}

export async function listKeysCommand(around: Surroundings): Promise<ExitCode> {
  const { keys } = await withSecrets(around, async (secrets) => secrets.current());
  for (const { name, role, limits, hash, createdAt } of keys) {
    const made = new Date(createdAt).toISOString();
    const allowed = hash === '' ? ['of a newer release, not usable here'] : describe(limits);
    await around.print([name, role, made, ...allowed].join('\t'));
  }
  return 0;
}

export async function revokeKeyCommand(
  around: Surroundings,
  _options: Options,
  name: string,
): Promise<ExitCode> {
  const { revoked, key } = await withSecrets(around, async (secrets) => {
    const found = secrets.current().keys.find((one) => one.name === name);
    return { key: found, revoked: await revokeKey(secrets, name) };
  });
  if (!revoked) {
    around.complain(`tillgate: there is no key ${name}`);
    return 1;
  }
  const before = key === undefined ? null : rightsOf(key);
  keep(around, { act: 'key-revoke', object: `key ${name}`, before, after: null });
  await around.print(`${name} is revoked`);
  return 0;
}

/** A stolen key must be revocable with a damaged chain too: then the person is told instead. */
export function keep(around: Surroundings, deed: Deed): void {
  try {
    const database = openAccounts(around.dataFolder);
    try {
      const from = `user ${userInfo().username}`;
      database.audit.append({ at: around.clock.now(), who: 'command-line', from, ...deed });
    } finally {
      database.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    around.complain(`tillgate: this is not in the audit chain: ${reason}`);
  }
}

async function withSecrets<R>(
  around: Surroundings,
  action: (secrets: SettingsFile<Secrets>) => Promise<R>,
): Promise<R> {
  const secrets = await openSettings({
    path: dataFile(around.dataFolder, 'secrets'),
    schema: secretsSchema,
    form: secretsForm,
    clock: around.clock,
    log: around.log,
    watch: false,
  });
  try {
    return await action(secrets);
  } finally {
    await secrets.close();
  }
}

function roleOf(text: string | undefined): Role {
  const role = ROLES.find((name) => name === text);
  if (role === undefined) throw new UsageError(`--role is one of ${ROLES.join(', ')}`);
  return role;
}

function limitsOf(options: Options): KeyLimits {
  return {
    terminals: listOf(options.terminals),
    kinds: listOf(options.kinds)?.map(kindOf) ?? null,
    amountMax: amountOf(options['amount-max']),
  };
}

function listOf(text: string | undefined): string[] | null {
  return text === undefined ? null : text.split(',').map((part) => part.trim());
}

function kindOf(text: string): OperationKind {
  if (!Object.hasOwn(KINDS, text)) {
    throw new UsageError(`--kinds: ${text} is none of ${Object.keys(KINDS).join(', ')}`);
  }
  return text as OperationKind; // a key of KINDS
}

function amountOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const amount = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(amount)) {
    throw new UsageError('--amount-max is a whole number of minor units, e.g. 50000 for 500.00');
  }
  return amount;
}

function describe({ terminals, kinds, amountMax }: KeyLimits): string[] {
  return [
    terminals === null ? 'all terminals' : `terminals ${terminals.join(',')}`,
    kinds === null ? 'all kinds' : `kinds ${kinds.join(',')}`,
    amountMax === null ? 'any amount' : `at most ${amountMax}`,
  ];
}
