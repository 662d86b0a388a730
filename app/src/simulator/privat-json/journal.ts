// The terminal's memory of money: the open batch, and what must outlive a power cut.

export type TransactionKind =
  | 'purchase'
  | 'refund'
  | 'void'
  | 'partial-void'
  | 'preauthorization'
  | 'completion'
  | 'cashback'
  | 'instalment'
  | 'instalment-refund';

/** TrnStatus of the specification: 1 approved, 2 declined, 3 reversed, 4 cancelled (voided). */
export type TransactionStatus = '1' | '2' | '3' | '4';

export interface Transaction {
  readonly batch: number;
  readonly invoice: number;
  readonly kind: TransactionKind;
  readonly status: TransactionStatus;
  /** Kopecks. */
  readonly amount: number;
  readonly discount: number;
  readonly cash: number;
  /** Kopecks taken back by partial voids. */
  readonly voided: number;
  readonly merchant: string;
  readonly tid: string;
  readonly rrn: string;
  readonly approvalCode: string;
  readonly responseCode: string;
  readonly pan: string;
  readonly brand: string;
  readonly issuer: string;
  readonly expiry: string;
  readonly entry: string;
  readonly signature: boolean;
  /** By the terminal's own clock. */
  readonly at: number;
  readonly voids: number | null;
  readonly parts: string;
  readonly agreement: string;
  readonly subMerchant: string;
  /** Made on the terminal itself, without a till. */
  readonly standalone: boolean;
}

/** Where a batch begins: written at each settlement and when another device takes the place. */
export interface BatchStart {
  readonly kind: 'batch';
  readonly batch: number;
  readonly nextInvoice: number;
  readonly counter: number;
  /** How many devices stood here before this one. */
  readonly generation: number;
  /** Text of the last settlement; null where there was none. */
  readonly copy: string | null;
  /** What a settlement of one merchant leaves open. */
  readonly kept: readonly Transaction[];
}

export type JournalRecord =
  | BatchStart
  | { readonly kind: 'transaction'; readonly transaction: Transaction }
  | {
      readonly kind: 'mark';
      readonly invoice: number;
      readonly changes: Partial<Pick<Transaction, 'status' | 'responseCode' | 'voided'>>;
    };

/** Keeps records; `durable` is called once the record would survive the death of the process. */
export interface JournalStore {
  append(record: JournalRecord, durable: () => void): void;
  load(): readonly JournalRecord[];
}

/** Survives `powerCut`, not the process. Records before the last batch start are not kept. */
export function memoryStore(): JournalStore {
  let records: JournalRecord[] = [];
  return {
    append(record, durable) {
      if (record.kind === 'batch') records = [];
      records.push(record);
      durable();
    },
    load: () => records,
  };
}

/** INVARIANTS: memory shows a record at once, `durable` runs when the store has it. */
export class Journal {
  readonly #store: JournalStore;
  readonly #onRecord: (record: JournalRecord) => void;
  #start: BatchStart;
  #nextInvoice: number;
  #counter: number;
  #transactions: Transaction[] = [];

  constructor(
    store: JournalStore,
    firstInvoice: number,
    onRecord: (record: JournalRecord) => void = () => {},
  ) {
    this.#store = store;
    this.#start = {
      kind: 'batch',
      batch: 1,
      nextInvoice: firstInvoice,
      counter: 1,
      generation: 0,
      copy: null,
      kept: [],
    };
    this.#nextInvoice = firstInvoice;
    this.#counter = 1;
    for (const record of store.load()) this.#apply(record);
    this.#onRecord = onRecord;
  }

  get batch(): number {
    return this.#start.batch;
  }
  get generation(): number {
    return this.#start.generation;
  }
  get copy(): string | null {
    return this.#start.copy;
  }
  get nextInvoice(): number {
    return this.#nextInvoice;
  }
  /** Grows with each transaction for ever; RRNs and codes are made from it. */
  get counter(): number {
    return this.#counter;
  }
  get transactions(): readonly Transaction[] {
    return this.#transactions;
  }

  find(invoice: number): Transaction | null {
    return this.#transactions.find((transaction) => transaction.invoice === invoice) ?? null;
  }

  last(): Transaction | null {
    return this.#transactions.at(-1) ?? null;
  }

  add(transaction: Transaction, durable: () => void): void {
    this.#write({ kind: 'transaction', transaction }, durable);
  }

  mark(
    invoice: number,
    changes: Partial<Pick<Transaction, 'status' | 'responseCode' | 'voided'>>,
    durable: () => void,
  ): void {
    this.#write({ kind: 'mark', invoice, changes }, durable);
  }

  /** Closes the batch for the transactions that `closes` names. */
  settle(
    copy: string,
    closes: (transaction: Transaction) => boolean,
    nextInvoice: number,
    durable: () => void,
  ): void {
    const kept = this.#transactions.filter((transaction) => !closes(transaction));
    const { generation, batch } = this.#start;
    const counter = this.#counter;
    const start = { batch: batch + 1, nextInvoice, counter, generation, copy, kept };
    this.#write({ kind: 'batch', ...start }, durable);
  }

  /** Another device with an empty journal takes the place of this one. */
  replaceDevice(nextInvoice: number): void {
    const generation = this.#start.generation + 1;
    const counter = this.#counter + 1_000;
    const start = { batch: 1, nextInvoice, counter, generation, copy: null, kept: [] };
    this.#write({ kind: 'batch', ...start }, () => {});
  }

  #write(record: JournalRecord, durable: () => void): void {
    this.#apply(record);
    this.#onRecord(record);
    this.#store.append(record, durable);
  }

  #apply(record: JournalRecord): void {
    switch (record.kind) {
      case 'batch':
        this.#start = record;
        this.#nextInvoice = record.nextInvoice;
        this.#counter = record.counter;
        this.#transactions = [...record.kept];
        return;
      case 'transaction':
        this.#transactions.push(record.transaction);
        this.#nextInvoice = record.transaction.invoice + 1;
        this.#counter += 1;
        return;
      case 'mark':
        this.#transactions = this.#transactions.map((transaction) =>
          transaction.invoice === record.invoice
            ? { ...transaction, ...record.changes }
            : transaction,
        );
        return;
    }
  }
}
