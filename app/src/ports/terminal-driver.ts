// What every terminal protocol offers to its lane. One driver object per terminal; it owns the link.
import type { Expectation, TerminalFacts, Watermark } from '../domain/evidence.ts';
import type { Answer } from '../domain/event.ts';
import type { Instant } from '../domain/ids.ts';
import type { Currency, MinorUnits } from '../domain/money.ts';
import type { Operation, OperationKind, Question } from '../domain/operation.ts';
import type { Outcome, TransactionResult } from '../domain/outcome.ts';

/** The link as the driver sees it; `busy` and `unresolved` are added by the lane. */
export type LinkState =
  | { kind: 'connecting'; since: Instant }
  /** `alarm`: payments work, but somebody should look at something. */
  | { kind: 'ready'; since: Instant; alarm?: string }
  | { kind: 'offline'; since: Instant; reason: string };

export interface TerminalIdentity {
  readonly vendor: string | null;
  readonly model: string | null;
  readonly firmware: string | null;
  /** Which device this is; compared after a loss. */
  readonly terminalId: string | null;
  /** Merchant index → name, as the terminal tells it. */
  readonly merchants: Readonly<Record<string, string>>;
  /** Merchant index → terminal id of that merchant. */
  readonly merchantTerminalIds: Readonly<Record<string, string>>;
}

export interface DriverCapabilities {
  readonly kinds: readonly OperationKind[];
  /** Instalment products by name. */
  readonly instalments: readonly string[];
  readonly services: readonly string[];
  readonly cancel: boolean;
  readonly adjust: boolean;
}

/** What the lane hands to a driver for one exchange. */
export interface Exchange {
  readonly operation: Operation;
  /** The operation that `of` names, already checked to be usable. */
  readonly original: Operation | null;
  /** Aborts at the operation's deadline or when the appliance stops. */
  readonly signal: AbortSignal;
  /** Aborts when the till asked to cancel; the exchange goes on until its own answer. */
  readonly cancelRequested: AbortSignal;
  /**
   * Makes `running` durable. Must be awaited before the first byte of the operation itself leaves
   * the box; a driver that returns without calling it states that nothing was sent.
   */
  started(watermark: Watermark | null): Promise<void>;
  /** Makes the terminal's yes durable; awaited before a Confirm (two-phase protocols). */
  confirming(approvedAmount: MinorUnits, result: TransactionResult): Promise<void>;
  /** A live text for the cashier. Never throws, never waits. */
  display(status: string, text: string): void;
  cardSeen(mask: string): void;
  /** Asks the till or a rule; null when nobody answered within the question's deadline. */
  ask(question: Question): Promise<Answer | null>;
}

export interface TerminalDriver {
  readonly capabilities: DriverCapabilities;
  /** Begins to connect and to keep the link and the watermark fresh. */
  start(): void;
  /** Closes the link; running exchanges end with `unknown`. */
  stop(): Promise<void>;
  /**
   * Closes the line, and opens it no sooner than after `ms`: the box's own address is about to
   * change. A terminal that serves one line at a time would wait for the old one. Absent where no
   * line is kept open. The lane calls it only while nothing runs.
   */
  rest?(ms: number): void;
  link(): LinkState;
  identity(): TerminalIdentity | null;
  /** Terminal clock minus ours; null where never measured. */
  clockSkewMs(): number | null;
  lastSeen(): Instant | null;
  /** Calls back on every change of `link()`. */
  onLinkChange(listener: () => void): void;
  /** Runs one exchange; the lane calls it for one operation at a time. Does not throw. */
  perform(exchange: Exchange): Promise<Outcome>;
  /** What the terminal's journal may say about this operation (kinds, sums, merchant). */
  expectation(operation: Operation, original: Operation | null): Expectation;
  /**
   * Reads the journal after a loss. Sends no operation. Resolves with null while the terminal
   * cannot be asked (offline, busy); the lane tries again later. `original` is the operation that
   * `of` names: after a lost void its receipt is read too.
   */
  lookUp(
    operation: Operation,
    signal: AbortSignal,
    original?: Operation | null,
  ): Promise<TerminalFacts | null>;
  /** A quiet probe for «test this terminal»: never dials the bank, never asks the customer. */
  test(signal: AbortSignal): Promise<DriverTest>;
}

export interface DriverTest {
  readonly ok: boolean;
  readonly steps: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
  }[];
}

/** What a driver needs to know of a terminal's settings. */
export interface TerminalSetup {
  readonly id: string;
  readonly driver: string;
  /** A URL: `tcp://host:port`, `serial:///dev/…?baud=115200`, `sim://…`. */
  readonly address: string;
  readonly currency: Currency;
  readonly defaultMerchant: number;
  readonly merchants: readonly { readonly index: number; readonly name: string }[];
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** All drivers of the product, by name. */
export interface DriverCatalog {
  readonly names: readonly string[];
  /** What is wrong with these settings, field by field; empty when nothing is. */
  check(setup: TerminalSetup): readonly { readonly path: string; readonly message: string }[];
  /** Options that are secrets: they are kept apart from the settings, and shown as «set». */
  readonly secretOptions?: (driver: string) => readonly string[];
  /**
   * One form for addresses that mean the same peer, to refuse two terminals at one address; null
   * where every terminal with it is a device of its own (simulated ones).
   */
  normaliseAddress(address: string): string | null;
  /** A driver, not yet started. Only for settings that `check` found nothing wrong with. */
  create(setup: TerminalSetup): TerminalDriver;
}
