// What a ledger that is not in use holds, and what the present one has beyond it. It reads all of
// both, so it runs in a thread of its own.
import type { Database } from 'better-sqlite3';
import type { Losses } from '../../ports/backup.ts';
import { LedgerError } from '../../ports/ledger.ts';
import { dataFile } from '../data-folder.ts';
import { headOf, openForReading } from './opening.ts';
import { verifyLedger } from './verify.ts';

export interface ExaminationSetup {
  /** Folder of the ledger that is examined. */
  readonly examine: string;
  /** False where it was found whole before, and only the losses are counted anew. */
  readonly verify: boolean;
  /** Folder of the present ledger; null where there is none. */
  readonly present: string | null;
}

export interface LedgerFacts {
  readonly events: number;
  readonly operations: number;
  readonly open: number;
  readonly newestAt: number | null;
  readonly head: { readonly seq: number; readonly hash: string };
}

export type LedgerExamination =
  /** `losses` is null where the present ledger cannot be read. */
  | { kind: 'whole'; facts: LedgerFacts; losses: Losses | null }
  | { kind: 'broken'; detail: string }
  | { kind: 'newer'; detail: string };

export function examineLedger({ examine, verify, present }: ExaminationSetup): LedgerExamination {
  let database: Database;
  try {
    database = openForReading(examine);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return { kind: error.code === 'newer-schema' ? 'newer' : 'broken', detail: error.message };
  }
  try {
    const fault = verify ? faultIn(database) : null;
    if (fault !== null) return { kind: 'broken', detail: fault };
    const losses = present === null ? { missing: 0, changed: 0 } : lossesOf(database, present);
    return { kind: 'whole', facts: factsOf(database), losses };
  } finally {
    database.close();
  }
}

export function factsOf(database: Database): LedgerFacts {
  const { operations, open, newestAt } = database
    .prepare<[], Pick<LedgerFacts, 'operations' | 'open' | 'newestAt'>>(
      `SELECT (SELECT count(*) FROM operations) AS operations,
        (SELECT count(*) FROM operations WHERE final = 0) AS open,
        (SELECT max(created_last) FROM spans) AS newestAt`,
    )
    .get() ?? { operations: 0, open: 0, newestAt: null };
  const head = headOf(database);
  // Events are numbered without gaps from one.
  return { events: head.seq, operations, open, newestAt, head };
}

function faultIn(database: Database): string | null {
  try {
    const pages = database.pragma('quick_check(1)', { simple: true });
    if (pages !== 'ok') return String(pages);
    const { broken } = verifyLedger(database);
    return broken === null ? null : `event ${broken.seq}: ${broken.reason}`;
  } catch (error) {
    // What cannot be read to its end is not whole, whatever SQLite or a row's text says of it.
    return error instanceof Error ? error.message : String(error);
  }
}

function lossesOf(database: Database, present: string): Losses | null {
  try {
    // Refuses what is no ledger or a newer one, in the words of the ledger itself.
    openForReading(present).close();
    database.prepare('ATTACH ? AS present').run(dataFile(present, 'ledger'));
    const losses = database
      .prepare<[], Losses>(
        `SELECT count(*) FILTER (WHERE old.id IS NULL) AS missing,
          count(*) FILTER (WHERE old.version <> new.version OR old.row <> new.row) AS changed
         FROM present.operations AS new LEFT JOIN main.operations AS old ON old.id = new.id`,
      )
      .get();
    return losses ?? null;
  } catch (error) {
    // It is damaged: what it held beyond the backup cannot be told.
    if (error instanceof Error) return null;
    throw error;
  }
}
