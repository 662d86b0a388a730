// `tillgate key …`: a running gateway notices the change by itself.
import { KINDS, type OperationKind } from '../domain/operation.ts';
import { addKey, revokeKey } from '../operations/keys.ts';
import { type KeyLimits, ROLES, type Role, type Secrets } from '../operations/settings-schema.ts';
import { secretsSchema } from '../operations/settings-schema.ts';
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
  for (const { name, role, limits, createdAt } of keys) {
    const made = new Date(createdAt).toISOString();
    await around.print([name, role, made, ...describe(limits)].join('\t'));
  }
  return 0;
}

export async function revokeKeyCommand(
  around: Surroundings,
  _options: Options,
  name: string,
): Promise<ExitCode> {
  const revoked = await withSecrets(around, (secrets) => revokeKey(secrets, name));
  if (revoked) await around.print(`${name} is revoked`);
  else around.complain(`tillgate: there is no key ${name}`);
  return revoked ? 0 : 1;
}

async function withSecrets<R>(
  around: Surroundings,
  action: (secrets: SettingsFile<Secrets>) => Promise<R>,
): Promise<R> {
  const secrets = await openSettings({
    path: dataFile(around.dataFolder, 'secrets'),
    schema: secretsSchema,
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
