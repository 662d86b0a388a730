// What every façade (REST, SOAP, pages, nexo, relay) may ask of the appliance: one verb each.
// Façades translate; nothing about money is decided outside of these.
import type { Answer } from '../domain/event.ts';
import type { MessageCode, Refusal } from '../domain/failures.ts';
import type { Instant, OperationId, TerminalId } from '../domain/ids.ts';
import type { MinorUnits } from '../domain/money.ts';
import type { FinalState, Operation } from '../domain/operation.ts';
import type { OperationPage, OperationQuery, StoredEvent } from '../ports/ledger.ts';
import type { DriverCapabilities, DriverTest, TerminalIdentity } from '../ports/terminal-driver.ts';
import type { OperationBody } from './request-schema.ts';
import type { KeyLimits, Role, TerminalSettings } from './settings-schema.ts';

/** Who asks: the name of a key or a person, what it may do. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  readonly limits: KeyLimits;
}

export type Started =
  /** `operation` is durable as accepted or further; `repeated` = the id was known. */
  | { kind: 'operation'; operation: Operation; repeated: boolean }
  | { kind: 'refused'; refusal: Refusal };

export type Done =
  | { kind: 'operation'; operation: Operation }
  | { kind: 'refused'; refusal: Refusal };

export type LinkName = 'connecting' | 'ready' | 'busy' | 'unresolved' | 'offline' | 'disabled';

export interface TerminalView {
  readonly settings: TerminalSettings;
  readonly capabilities: DriverCapabilities;
  readonly link: LinkName;
  readonly since: Instant;
  /** Why it is offline, or what to look at while it works; null otherwise. */
  readonly reason: string | null;
  readonly current: OperationId | null;
  readonly unresolved: OperationId | null;
  readonly queued: number;
  readonly lastSeen: Instant | null;
  readonly clockSkewMs: number | null;
  readonly identity: TerminalIdentity | null;
}

export type TerminalChange =
  | { kind: 'terminal'; terminal: TerminalView; created: boolean }
  | { kind: 'removed' }
  | { kind: 'refused'; refusal: Refusal };

/** A person's verdict on an `unknown`. */
export interface Verdict {
  readonly verdict: FinalState;
  readonly name: string;
  readonly reason: string;
  /** What was really taken, where the slip shows another sum; null = the asked sum. */
  readonly amount: MinorUnits | null;
}

export interface Gateway {
  /** Starts the operation or returns the known one (money rules, 3). */
  start(who: Principal, id: OperationId, body: OperationBody): Promise<Started>;
  /** The operation as it stands, or null; also null where `who` may not see its terminal. */
  find(who: Principal, id: OperationId): Operation | null;
  /** Place in the queue, from 1; null while it is not queued. */
  queuePosition(id: OperationId): number | null;
  /** Resolves with the operation when final, after `ms`, or when `signal` aborts. */
  wait(who: Principal, id: OperationId, ms: number, signal: AbortSignal): Promise<Operation | null>;
  list(who: Principal, query: OperationQuery): OperationPage;
  events(who: Principal, id: OperationId, after: number): readonly StoredEvent[];
  /** Calls back with every later event of the operation, durable ones after they are durable. */
  subscribe(
    id: OperationId,
    listener: (event: StoredEvent, operation: Operation) => void,
  ): () => void;
  /** The same for all operations: dashboards, metrics, outbox. */
  subscribeAll(listener: (event: StoredEvent, operation: Operation) => void): () => void;

  cancel(who: Principal, id: OperationId): Promise<Done>;
  answer(who: Principal, id: OperationId, answer: Answer): Promise<Done>;
  resolve(who: Principal, id: OperationId, verdict: Verdict): Promise<Done>;
  /** A waiting till went away: a queued operation leaves the queue, anything else goes on. */
  abandon(id: OperationId): Promise<void>;

  terminals(who: Principal): readonly TerminalView[];
  terminal(who: Principal, id: TerminalId): TerminalView | null;
  putTerminal(who: Principal, settings: TerminalSettings): Promise<TerminalChange>;
  removeTerminal(who: Principal, id: TerminalId): Promise<TerminalChange>;
  testTerminal(who: Principal, id: TerminalId, signal: AbortSignal): Promise<DriverTest | Refusal>;

  health(): Health;
  /** Counts since the start, for `/metrics`. */
  counters(): Counters;
}

export interface Health {
  readonly ok: boolean;
  readonly parts: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly reason: string | null;
  }[];
}

export interface Counters {
  readonly operations: readonly {
    readonly kind: string;
    readonly state: string;
    readonly count: number;
  }[];
  readonly refusals: readonly { readonly code: MessageCode; readonly count: number }[];
  readonly unresolved: number;
  readonly open: number;
  readonly ledgerBacklog: number;
  readonly lastCommitMs: number | null;
  readonly lookups: { readonly decided: number; readonly ambiguous: number };
}
