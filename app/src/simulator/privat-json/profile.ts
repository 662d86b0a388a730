// What one simulated terminal is: make, merchants, firmware habits, and how it takes its time.

export interface MerchantProfile {
  /** Index as the till sends it, e.g. `1`. */
  readonly index: string;
  readonly name: string;
  readonly tid: string;
}

export interface TerminalProfile {
  readonly vendor: string;
  readonly model: string;
  readonly version: string;
  /** First one is the default, which a till asks for with index `0`. */
  readonly merchants: readonly MerchantProfile[];
  readonly descriptionKey: 'errorDescription' | 'errorDescritption';
  /** Firmware since 1.0.3.1 knows GetReceiptInfo. */
  readonly receiptInfo: boolean;
  /** Methods that this firmware refuses with methodNotImplemented. */
  readonly unsupported: readonly string[];
  readonly maskStyle: 'stars' | 'crosses';
  readonly amountSeparator: '.' | ',';
  readonly timeZone: string;
  /** Terminal's own clock minus the true one. */
  readonly clockSkewMs: number;
  /** Transactions that fit into a batch; beyond it 1003. */
  readonly journalEntriesMax: number;
  readonly firstInvoice: number;
  /** Whether invoice numbers begin anew with each batch. */
  readonly invoiceReset: boolean;
  /** Whether a decline takes an invoice number and stands in the journal. */
  readonly declinesInJournal: boolean;
  /** What becomes of a sale before authorisation when the till's link breaks. */
  readonly onLinkLoss: 'finish' | 'cancel';
  /** What an interrupt does once the host has been asked. */
  readonly lateInterrupt: 'reverse' | 'stand';
  readonly subMerchants: readonly string[];
  readonly cardTimeoutMs: number;
  readonly pinTimeoutMs: number;
  readonly adjustTimeoutMs: number;
  /** How long the faults that take time take. */
  readonly powerOffMs: number;
  readonly lateAnswerMs: number;
  readonly slowMs: number;
  readonly clockJumpMs: number;
  /** Makes RRNs and authorisation codes of two terminals differ. */
  readonly seed: number;
}

/** Fixed merchant indices of the instalment services (specification, table 1.1). */
const INSTALMENT_MERCHANTS = {
  '3': 'Оплата Частинами в періоді',
  '4': 'Миттєва Розстрочка',
  '5': 'Повернення послуг',
  '6': 'Оплата Частинами',
  '7': 'Миттєва Розстрочка. Акційна',
  '8': 'Оплата Частинами. Акційна',
} as const;

/** A terminal with one shop and the bank's instalment services; `seed` tells terminals apart. */
export function defaultProfile(
  seed: number,
  overrides: Partial<TerminalProfile> = {},
): TerminalProfile {
  return {
    vendor: 'PAX',
    model: 's800',
    version: `TE7E132 TESTKKM${String(seed % 1_000).padStart(3, '0')}CT22927302`,
    merchants: merchantsOf(seed, ['ТОВ «Приклад»']),
    descriptionKey: 'errorDescription',
    receiptInfo: true,
    unsupported: [],
    maskStyle: 'stars',
    amountSeparator: '.',
    timeZone: 'Europe/Kyiv',
    clockSkewMs: 0,
    journalEntriesMax: 500,
    firstInvoice: 1,
    invoiceReset: false,
    declinesInJournal: false,
    onLinkLoss: 'finish',
    lateInterrupt: 'reverse',
    subMerchants: [],
    cardTimeoutMs: 60_000,
    pinTimeoutMs: 60_000,
    adjustTimeoutMs: 25_000,
    powerOffMs: 5_000,
    lateAnswerMs: 60_000,
    slowMs: 30_000,
    clockJumpMs: 2 * 3_600_000,
    seed,
    ...overrides,
  };
}

/** Shops by name at the indices 1, 2, 9, 10, …, around the instalment services' fixed places. */
export function merchantsOf(seed: number, shops: readonly string[]): readonly MerchantProfile[] {
  const places = shops.map((name, at): [string, string] => [
    String(at < 2 ? at + 1 : at + 7),
    name,
  ]);
  const all = [...places, ...Object.entries(INSTALMENT_MERCHANTS)];
  return all.map(([index, name]) => ({ index, name, tid: tidOf(seed, 0, index) }));
}

/** Eight characters, as host systems have them: device, then merchant. */
export function tidOf(seed: number, generation: number, index: string): string {
  const device = (hash(seed, generation) % 36 ** 5).toString(36).toUpperCase().padStart(5, '0');
  return `S${device}${index.padStart(2, '0')}`;
}

/** A small deterministic mix of two integers (an integer hash after Wellons), 32 bits. */
export function hash(a: number, b: number): number {
  let x = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97) >>> 0;
  return (x ^ (x >>> 15)) >>> 0;
}
