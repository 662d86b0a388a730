// What really happened, seen from the terminals' side: every transaction that entered a journal,
// and every request that arrived over the wire. The product is judged by this alone.
import type { JournalRecord, Transaction } from '../../app/src/simulator/privat-json/journal.ts';

export interface TrueTransaction {
  readonly terminal: string;
  readonly transaction: Transaction;
}

export interface SeenRequest {
  readonly terminal: string;
  readonly method: string;
  /** Kopecks; null where the request names no sum. */
  readonly amount: number | null;
  readonly invoice: string | null;
}

export class Truth {
  /** By terminal; the open batch last. Transactions of closed batches stay. */
  readonly #transactions = new Map<string, Transaction[]>();
  readonly #batches = new Map<string, number>();
  readonly requests: SeenRequest[] = [];

  /** A record of this terminal's journal, as it is written. */
  record(terminal: string, record: JournalRecord): void {
    const all = this.#transactions.get(terminal) ?? [];
    this.#transactions.set(terminal, all);
    switch (record.kind) {
      case 'batch':
        this.#batches.set(terminal, (this.#batches.get(terminal) ?? 0) + 1);
        return;
      case 'transaction':
        all.push(record.transaction);
        return;
      case 'mark': {
        // Numbers may begin anew with a batch: the newest one of this number is meant.
        const index = all.findLastIndex(({ invoice }) => invoice === record.invoice);
        const found = all[index];
        if (found !== undefined) all[index] = { ...found, ...record.changes };
        return;
      }
    }
  }

  all(): readonly TrueTransaction[] {
    return [...this.#transactions].flatMap(([terminal, transactions]) =>
      transactions.map((transaction) => ({ terminal, transaction })),
    );
  }

  /** How many times a batch was closed, or the device replaced. */
  batches(terminal: string): number {
    return this.#batches.get(terminal) ?? 0;
  }

  /** Bytes on their way to a terminal: whole frames are noted. */
  listener(terminal: string): (chunk: Uint8Array) => void {
    let held = '';
    return (chunk) => {
      held += Buffer.from(chunk).toString('latin1');
      for (let end = held.indexOf('\0'); end >= 0; end = held.indexOf('\0')) {
        this.#note(terminal, held.slice(0, end));
        held = held.slice(end + 1);
      }
    };
  }

  #note(terminal: string, frame: string): void {
    const method = /"method":"(\w+)"/.exec(frame)?.[1];
    if (method === undefined || !MONEY_METHODS.has(method)) return;
    const amount = /"amount":"(\d+)[.,](\d\d)"/.exec(frame);
    this.requests.push({
      terminal,
      method,
      amount: amount === null ? null : Number(`${amount[1]}${amount[2]}`),
      invoice: /"invoiceNumber":"(\d+)"/.exec(frame)?.[1] ?? null,
    });
  }
}

const MONEY_METHODS = new Set(['Purchase', 'Refund', 'Withdrawal', 'Cashback', 'Preauthorization']);
