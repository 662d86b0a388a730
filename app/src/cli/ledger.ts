// `tillgate ledger …`: over a connection of its own, beside a gateway that runs.
import { ledgerFolder } from '../storage/data-folder.ts';
import { copyLedger } from '../storage/ledger/backup.ts';
import { exportEvents } from '../storage/ledger/export.ts';
import { openForReading } from '../storage/ledger/opening.ts';
import { verifyLedger } from '../storage/ledger/verify.ts';
import { type ExitCode, type Surroundings, UsageError } from './program.ts';
import type { Options } from './run.ts';

/** All at once: a copy in steps begins anew whenever the gateway writes. */
const BACKUP_PAGES_PER_TURN = 0x7fff_ffff;

export async function verifyCommand(around: Surroundings): Promise<ExitCode> {
  const database = openForReading(ledgerFolder(around.dataFolder));
  try {
    const { events, operations, broken } = verifyLedger(database);
    await around.print(`events: ${events}`);
    await around.print(`operations: ${operations}`);
    if (broken === null) {
      await around.print('the ledger is whole');
      return 0;
    }
    await around.print(`first broken event: ${broken.seq} (${broken.reason})`);
    return 1;
  } finally {
    database.close();
  }
}

export async function exportCommand(around: Surroundings, options: Options): Promise<ExitCode> {
  const from = instantOf('from', options.from) ?? Number.MIN_SAFE_INTEGER;
  const to = instantOf('to', options.to) ?? Number.MAX_SAFE_INTEGER;
  const database = openForReading(ledgerFolder(around.dataFolder));
  try {
    for (const event of exportEvents(database, from, to)) {
      await around.print(JSON.stringify(event));
    }
    return 0;
  } finally {
    database.close();
  }
}

export async function backupCommand(
  around: Surroundings,
  _options: Options,
  file: string,
): Promise<ExitCode> {
  const database = openForReading(ledgerFolder(around.dataFolder));
  try {
    await copyLedger(database, file, BACKUP_PAGES_PER_TURN);
    await around.print(`the ledger is in ${file}`);
    return 0;
  } finally {
    database.close();
  }
}

function instantOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // A day or a moment of ISO 8601; other forms mean other moments on other machines.
  const shape = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;
  const instant = shape.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw new UsageError(`--${option} is a time like 2026-03-01T00:00:00Z, not ${text}`);
  }
  return instant;
}
