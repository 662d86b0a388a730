// What a simulated terminal of a small protocol remembers: one line for each change.
import { join } from 'node:path';
import { type LineJournal, lineJournal } from '../line-journal.ts';

export interface DeskEntry {
  readonly invoice: number;
  readonly kind: 'purchase' | 'refund' | 'void';
  readonly amount: number;
  readonly status: 'approved' | 'declined' | 'reversed' | 'voided';
  /** The host's. */
  readonly code: number;
  readonly rrn: string;
  readonly authCode: string;
  readonly pan: string;
  readonly brand: string;
  readonly batch: number;
  readonly at: number;
  readonly standalone: boolean;
}

export type DeskJournal = LineJournal<DeskEntry>;

/** The same invoice again replaces what stood there. */
export function fileJournal(folder: string, name: string): DeskJournal {
  return lineJournal(join(folder, `${name}.desk-journal`), (entries) => [
    ...new Map(entries.map((entry) => [entry.invoice, entry])).values(),
  ]);
}
