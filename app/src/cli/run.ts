// Arguments → command.
import { parseArgs } from 'node:util';
import { LedgerError } from '../ports/ledger.ts';
import { SettingsError } from '../ports/settings-store.ts';
import { restoreCommand, wholeBackupCommand } from './backup.ts';
import { installLibraryCommand, libraryStatusCommand, removeLibraryCommand } from './bpos.ts';
import { addKeyCommand, listKeysCommand, revokeKeyCommand } from './key.ts';
import { backupCommand, exportCommand, verifyCommand } from './ledger.ts';
import { type ExitCode, type Surroundings, UsageError } from './program.ts';

export const HELP = `tillgate: commands that work with and without a running gateway

  tillgate backup FILE                    everything in one encrypted file; asks a passphrase
  tillgate restore FILE                   check it; the next start of the gateway restores it
      --confirm PHRASE                    where present operations would be lost
  tillgate ledger verify                  check every hash and every row of the ledger
  tillgate ledger export                  events as lines of JSON
      --from TIME  --to TIME              at or after, before (2026-03-01T00:00:00Z)
  tillgate ledger backup FILE             copy the ledger to a new file
  tillgate key add NAME --role ROLE       make a key and print its secret once
      --terminals A,B                     only these terminals
      --kinds purchase,refund             only these kinds
      --amount-max N                      largest amount, in minor units (kopecks)
  tillgate key list                       names, roles and limits
  tillgate key revoke NAME                the key stops working within two seconds
  tillgate bpos install FILE              check and install the bank's terminal library
  tillgate bpos status                    its version, and what it lacks
  tillgate bpos remove                    terminals behind it go offline when they are idle

  --data DIR    the data folder (TILLGATE_DATA, or /var/lib/tillgate)

Roles: administrator, supervisor, till, auditor.
Exit codes: 0 done, 1 it failed or something is wrong, 2 the command was not understood.`;

const OPTIONS = {
  data: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  role: { type: 'string' },
  terminals: { type: 'string' },
  kinds: { type: 'string' },
  'amount-max': { type: 'string' },
  confirm: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export type Options = Readonly<Partial<Record<Exclude<keyof typeof OPTIONS, 'help'>, string>>>;

interface Command {
  /** Options that it takes besides `--data`. */
  readonly takes: readonly (keyof Options)[];
  /** Names of its arguments. */
  readonly words: readonly string[];
  run(around: Surroundings, options: Options, word: string): Promise<ExitCode>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  backup: { takes: [], words: ['FILE'], run: wholeBackupCommand },
  restore: { takes: ['confirm'], words: ['FILE'], run: restoreCommand },
  'ledger verify': { takes: [], words: [], run: verifyCommand },
  'ledger export': { takes: ['from', 'to'], words: [], run: exportCommand },
  'ledger backup': { takes: [], words: ['FILE'], run: backupCommand },
  'key add': {
    takes: ['role', 'terminals', 'kinds', 'amount-max'],
    words: ['NAME'],
    run: addKeyCommand,
  },
  'key list': { takes: [], words: [], run: listKeysCommand },
  'key revoke': { takes: [], words: ['NAME'], run: revokeKeyCommand },
  'bpos install': { takes: [], words: ['FILE'], run: installLibraryCommand },
  'bpos status': { takes: [], words: [], run: libraryStatusCommand },
  'bpos remove': { takes: [], words: [], run: removeLibraryCommand },
};

export async function run(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  try {
    return await dispatch(args, around);
  } catch (error) {
    around.complain(`tillgate: ${explain(error)}`);
    if (!(error instanceof UsageError)) return 1;
    around.complain('tillgate --help shows the commands');
    return 2;
  }
}

async function dispatch(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  const { values, positionals } = parse(args);
  if (values.help === true || positionals.length === 0) {
    await around.print(HELP);
    return values.help === true ? 0 : 2;
  }
  const { name, command, words } = chosen(positionals);
  if (words.length !== command.words.length) {
    throw new UsageError(`${name} takes ${command.words.join(' ') || 'no arguments'}`);
  }
  const { help: _help, ...options } = values;
  refuseForeign(name, command, options);
  const dataFolder = options.data ?? around.dataFolder;
  return command.run({ ...around, dataFolder }, options, words[0] ?? '');
}

/** By its first word, or by its first two. */
function chosen(positionals: readonly string[]) {
  for (const count of [1, 2]) {
    const name = positionals.slice(0, count).join(' ');
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command !== undefined) return { name, command, words: positionals.slice(count) };
  }
  throw new UsageError(`there is no command ${positionals.slice(0, 2).join(' ')}`);
}

function refuseForeign(name: string, command: Command, options: Options): void {
  for (const option of Object.keys(options)) {
    if (option !== 'data' && !(command.takes as readonly string[]).includes(option)) {
      throw new UsageError(`${name} takes no --${option}`);
    }
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function explain(error: unknown): string {
  if (error instanceof LedgerError || error instanceof SettingsError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
