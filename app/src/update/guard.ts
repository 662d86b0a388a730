// May the system be changed now? Never while an operation runs or is unresolved.
import { existsSync } from 'node:fs';
import { dataFile, ledgerFolder } from '../storage/data-folder.ts';
import { openForReading } from '../storage/ledger/opening.ts';
import { schemaOf } from '../storage/ledger/schema.ts';

export interface OpenOperation {
  readonly id: string;
  readonly terminal: string;
  readonly kind: string;
  readonly state: string;
  readonly createdAt: number;
}

export type Permission =
  | { kind: 'allowed' }
  /** Payments that would be cut or whose outcome is not known yet. */
  | { kind: 'open-operations'; operations: readonly OpenOperation[] }
  /** The ledger cannot be read: nobody knows what is open. */
  | { kind: 'unreadable'; reason: string };

/** `folder` is the gateway's data folder. Reads the ledger itself, so that the answer is the same while the gateway is down. */
export function updatePermission(folder: string): Permission {
  if (!existsSync(dataFile(ledgerFolder(folder), 'ledger'))) {
    // Before the first start of the gateway; without the folder the data partition is not there.
    return existsSync(folder)
      ? { kind: 'allowed' }
      : { kind: 'unreadable', reason: `${folder} is not there` };
  }
  try {
    const operations = openOperations(folder);
    return operations.length === 0 ? { kind: 'allowed' } : { kind: 'open-operations', operations };
  } catch (error) {
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

export function openOperations(folder: string): readonly OpenOperation[] {
  const database = openForReading(ledgerFolder(folder));
  try {
    return database
      .prepare<[], OpenOperation>(
        'SELECT id, terminal, kind, state, created_at AS createdAt FROM operations WHERE final = 0 ORDER BY ordinal',
      )
      .all();
  } finally {
    database.close();
  }
}

/** The oldest program, by its ledger's schema, that may write this one; 0 where there is no ledger. */
export function ledgerNeeds(folder: string): number {
  if (!existsSync(dataFile(ledgerFolder(folder), 'ledger'))) return 0;
  const database = openForReading(ledgerFolder(folder));
  try {
    return schemaOf(database)?.usableFrom ?? 0;
  } finally {
    database.close();
  }
}
