// One lane per terminal: one exchange at a time, a bounded queue, and the gate.
import type { Answer, DecidedOutcome } from '../domain/event.ts';
import type { MessageCode } from '../domain/failures.ts';
import type { OperationId, TerminalId } from '../domain/ids.ts';
import {
  OPERATION_DEADLINE_MS,
  LEDGER_RETRY_MS,
  QUEUE_DEADLINE_MS,
  QUEUE_LENGTH_MAX,
  STOP_CONCLUDE_MS,
} from '../domain/limits.ts';
import { KINDS, type Operation } from '../domain/operation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { TerminalDriver } from '../ports/terminal-driver.ts';
import { LedgerError } from '../ports/ledger.ts';
import { runExchange } from './exchange.ts';
import type { Journal } from './journal.ts';
import { recover } from './recovery.ts';
import type { TerminalSettings } from './settings-schema.ts';

export interface LaneContext {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** Told after each look at a terminal's journal, for the metrics. */
  readonly lookedUp: (decided: boolean) => void;
}

/** An operation on its way through the exchange. */
export interface Run {
  readonly operation: Operation;
  readonly original: Operation | null;
  /** Aborts when the till asked to cancel. */
  readonly cancel: AbortController;
  /** Aborts at the deadline, and when the appliance stops. */
  readonly end: AbortController;
  /** Set while the terminal waits for the till. */
  answer: ((answer: Answer) => Promise<void>) | null;
  /** Its acceptance is not in the ledger: nothing may be sent or written for it. */
  discarded: boolean;
}

interface Waiting {
  readonly run: Run;
  forget: () => void;
  /** Its end is on the way to the disk; it is not started any more. */
  leaving: boolean;
}

export type Admission = 'free' | 'queue' | 'busy' | 'unresolved';

/**
 * INVARIANTS
 * - At most one exchange (operation or look at the journal) uses the driver at a time.
 * - The queue is first come, first served, and holds at most QUEUE_LENGTH_MAX.
 * - The gate is closed exactly while `#unresolved` is not empty; it is filled from the ledger at
 *   start, so it survives everything that the ledger survives.
 */
export class TerminalLane {
  readonly id: TerminalId;
  readonly driver: TerminalDriver;
  settings: TerminalSettings;
  readonly #context: LaneContext;
  #holder: { kind: 'run'; run: Run } | { kind: 'look-up' } | null = null;
  readonly #queue: Waiting[] = [];
  readonly #lookUps: (() => void)[] = [];
  readonly #unresolved = new Map<OperationId, AbortController>();
  #stopping = false;
  #held = false;
  #idle: (() => void)[] = [];
  readonly #readyListeners = new Set<() => void>();

  constructor(settings: TerminalSettings, driver: TerminalDriver, context: LaneContext) {
    this.id = settings.id as TerminalId; // the settings' schema is the brand
    this.settings = settings;
    this.driver = driver;
    this.#context = context;
    driver.onLinkChange(() => {
      if (driver.link().kind === 'ready') for (const listener of this.#readyListeners) listener();
    });
  }

  /** Calls back whenever the link becomes ready; the returned function ends it. */
  onReady(listener: () => void): () => void {
    this.#readyListeners.add(listener);
    return () => this.#readyListeners.delete(listener);
  }

  get current(): OperationId | null {
    return this.#holder?.kind === 'run' ? this.#holder.run.operation.id : null;
  }

  get unresolved(): OperationId | null {
    return this.#unresolved.keys().next().value ?? null;
  }

  get busy(): boolean {
    return this.#holder !== null || this.#queue.length > 0;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** From 1; null while the operation does not wait here. */
  position(id: OperationId): number | null {
    const index = this.#queue.findIndex((waiting) => waiting.run.operation.id === id);
    return index < 0 ? null : index + 1;
  }

  /** While its settings change the lane takes nobody; the returned function ends that. */
  hold(): () => void {
    this.#held = true;
    return () => {
      this.#held = false;
    };
  }

  /** What would happen to a new operation; the order of checks is gate, then busy. */
  admission(gated: boolean, patient: boolean): Admission {
    if (gated && this.#unresolved.size > 0) return 'unresolved';
    if (this.#held) return 'busy';
    // Payments that wait behind a closed gate hold nobody up whom the gate lets through.
    if (this.#holder === null && this.#lookUps.length === 0 && this.#runnable() === undefined) {
      return 'free';
    }
    return patient && this.#queue.length < QUEUE_LENGTH_MAX ? 'queue' : 'busy';
  }

  /** Takes an accepted operation: runs it now, or queues it where `admission` said so. */
  take(operation: Operation, original: Operation | null): void {
    const run: Run = {
      operation,
      original,
      cancel: new AbortController(),
      end: new AbortController(),
      answer: null,
      discarded: false,
    };
    if (operation.state === 'accepted' && this.#holder === null) {
      void this.#perform(run);
      return;
    }
    const waiting: Waiting = { run, forget: () => undefined, leaving: false };
    this.#queue.push(waiting);
    waiting.forget = this.#context.clock.after(QUEUE_DEADLINE_MS, () => {
      void this.#expire(waiting, 'failed', 'queue-deadline');
    });
  }

  /** The acceptance of this operation was not written: it was never here. */
  discard(operation: Operation): void {
    const index = this.#queue.findIndex(({ run }) => run.operation === operation);
    const [waiting] = index < 0 ? [] : this.#queue.splice(index, 1);
    waiting?.forget();
    const run = this.#holder?.kind === 'run' ? this.#holder.run : null;
    if (run?.operation !== operation) return;
    run.discarded = true;
    run.end.abort(new Error('the acceptance was not written'));
  }

  /** Takes an unresolved operation from the ledger: closes the gate and begins to look it up. */
  takeUnresolved(operation: Operation, original: Operation | null): void {
    const control = new AbortController();
    this.#unresolved.set(operation.id, control);
    if (this.#stopping) return;
    void recover(this, operation.id, original, control.signal, this.#context);
  }

  /** A resolution is on disk: the gate opens, the next one may go. */
  release(id: OperationId): void {
    this.#unresolved.get(id)?.abort(new Error('resolved'));
    this.#unresolved.delete(id);
    this.#next();
  }

  /** True where the request to cancel was handed on, or the operation left the queue. */
  async cancel(id: OperationId): Promise<boolean> {
    if (await this.#leaveQueue(id, 'cancelled', 'cancelled-by-till')) return true;
    const run = this.#holder?.kind === 'run' ? this.#holder.run : null;
    if (run?.operation.id !== id || !this.driver.capabilities.cancel) return false;
    run.cancel.abort(new Error('cancel requested'));
    return true;
  }

  async abandon(id: OperationId): Promise<void> {
    const waiting = this.#queue.find(({ run }) => run.operation.id === id);
    if (waiting === undefined) return;
    waiting.forget();
    await this.#expire(waiting, 'cancelled', 'left-queue');
  }

  /** Hands the till's answer to the terminal; false where nothing was asked. */
  async answer(id: OperationId, answer: Answer): Promise<boolean> {
    const run = this.#holder?.kind === 'run' ? this.#holder.run : null;
    if (run?.operation.id !== id || run.answer === null) return false;
    await run.answer(answer);
    return true;
  }

  /** Waits for its turn and looks at the journal; never beside an exchange. */
  async lookUpTurn<T>(look: () => Promise<T>): Promise<T> {
    if (this.#holder !== null) await new Promise<void>((turn) => this.#lookUps.push(turn));
    this.#holder = { kind: 'look-up' };
    try {
      return await look();
    } finally {
      this.#holder = null;
      this.#next();
    }
  }

  /** No new exchange starts; resolves when the running one ended or `graceMs` passed. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    for (const control of this.#unresolved.values()) control.abort(new Error('stopping'));
    for (const { run } of this.#queue.slice()) {
      await this.#leaveQueue(run.operation.id, 'failed', 'gateway-stopping').catch(
        // The next life finds it waiting in the ledger, and nothing was sent.
        (error: unknown) => this.#notLeft(run.operation.id, error),
      );
    }
    await this.#untilIdle(graceMs);
    await this.driver.stop();
    // Without its link the exchange ends as lost; that conclusion still goes into the ledger.
    await this.#untilIdle(STOP_CONCLUDE_MS);
  }

  async #untilIdle(ms: number): Promise<void> {
    if (this.#holder === null) return;
    const ended = new Promise<void>((resolve) => this.#idle.push(resolve));
    await Promise.race([ended, this.#context.clock.sleep(ms)]);
  }

  async #perform(run: Run): Promise<void> {
    this.#holder = { kind: 'run', run };
    const { clock } = this.#context;
    const forget = clock.after(OPERATION_DEADLINE_MS, () =>
      run.end.abort(new Error('deadline-passed')),
    );
    const conclusion = await runExchange(this, run, this.#context);
    forget();
    if (conclusion.kind === 'unknown') this.takeUnresolved(conclusion.operation, run.original);
    this.#holder = null;
    this.#next();
  }

  /** The next look-up, else the first in the queue that the gate lets through. */
  #next(): void {
    if (this.#holder !== null) return;
    const lookUp = this.#lookUps.shift();
    if (lookUp !== undefined) {
      // The turn is taken before anybody else can come between.
      this.#holder = { kind: 'look-up' };
      lookUp();
      return;
    }
    for (const resolve of this.#idle.splice(0)) resolve();
    if (this.#stopping) return;
    const waiting = this.#runnable();
    if (waiting === undefined) return;
    this.#queue.splice(this.#queue.indexOf(waiting), 1);
    waiting.forget();
    void this.#perform(waiting.run);
  }

  /** The first in the queue that the gate lets through. */
  #runnable(): Waiting | undefined {
    const closed = this.#unresolved.size > 0;
    return this.#queue.find(
      ({ run, leaving }) => !leaving && (!closed || !KINDS[run.operation.request.kind].gated),
    );
  }

  /** Ends the waiting; again and again while the ledger cannot be written. */
  async #expire(waiting: Waiting, kind: 'cancelled' | 'failed', code: MessageCode): Promise<void> {
    const { id } = waiting.run.operation;
    try {
      await this.#leaveQueue(id, kind, code);
    } catch (error) {
      this.#notLeft(id, error);
      if (!this.#queue.includes(waiting)) return;
      waiting.forget = this.#context.clock.after(LEDGER_RETRY_MS, () => {
        void this.#expire(waiting, kind, code);
      });
    }
  }

  #notLeft(id: OperationId, error: unknown): void {
    this.#context.log.error('queue-not-left', { operation: id, terminal: this.id }, error);
    if (!(error instanceof LedgerError)) throw error;
  }

  /**
   * False where it does not wait here. Certain: nothing was sent. Where the end cannot be written
   * it keeps its place.
   */
  async #leaveQueue(
    id: OperationId,
    kind: 'cancelled' | 'failed',
    code: MessageCode,
  ): Promise<boolean> {
    const waiting = this.#queue.find(({ run, leaving }) => !leaving && run.operation.id === id);
    if (waiting === undefined) return false;
    waiting.leaving = true;
    const outcome: DecidedOutcome = { kind, code, terminalText: null, result: null };
    const event = { kind: 'concluded', at: this.#context.clock.now(), outcome } as const;
    try {
      await this.#context.journal.record({ id, event }).durable;
    } catch (error) {
      waiting.leaving = false;
      this.#next();
      throw error;
    }
    waiting.forget();
    const index = this.#queue.indexOf(waiting);
    if (index >= 0) this.#queue.splice(index, 1);
    return true;
  }
}
