// The ledger as the appliance sees it: appends go to the writer's thread in groups, reads stay here.
import type { Worker } from 'node:worker_threads';
import type { OperationId } from '../../domain/ids.ts';
import { COMMIT_BATCH_MAX, LEDGER_BACKLOG_MAX, LEDGER_PROBE_MS } from '../../domain/limits.ts';
import type { Operation } from '../../domain/operation.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  type Ledger,
  LedgerError,
  type LedgerHealth,
  type LedgerWrite,
  type OperationPage,
  type OperationQuery,
  type StoredEvent,
} from '../../ports/ledger.ts';
import type { Log } from '../../ports/log.ts';
import type { Outbox } from '../../ports/outbox.ts';
import { outboxOver } from './outbox.ts';
import { pack, type Packed } from './packing.ts';
import type { FromWriter, ToWriter, WriterAnswer, WriterCondition } from './protocol.ts';
import { Reader } from './reader.ts';
import { startWriter } from './start-writer.ts';

export interface LedgerOptions {
  /** Made where it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The writer's thread is gone: end the process, the next start recovers. Called once. */
  readonly onFailure: (error: Error) => void;
}

export interface StoredLedger extends Ledger {
  /** Copies the whole ledger to a new file while it is in use; rejects where the file exists. */
  backup(target: string): Promise<void>;
  readonly outbox: Outbox;
  /** Commits since the start: many appends may share one. */
  commits(): number;
}

/** Rejects with LedgerError where the ledger is damaged, locked or from a newer version. */
export async function openLedger(options: LedgerOptions): Promise<StoredLedger> {
  const worker = startWriter({ folder: options.folder, createdAt: options.clock.now() });
  const condition = await whenReady(worker);
  try {
    return new ThreadedLedger(options, worker, new Reader(options.folder), condition);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

interface Call {
  readonly writes: readonly LedgerWrite[];
  readonly packed: readonly Packed[];
  readonly resolve: (stored: readonly StoredEvent[]) => void;
  readonly reject: (error: Error) => void;
}

interface Batch {
  readonly calls: readonly Call[];
  readonly sentAt: number;
}

interface Waiter {
  readonly resolve: (changed: boolean) => void;
  readonly reject: (error: Error) => void;
}

/**
 * INVARIANTS
 * - At most one batch is with the writer; `#queue` waits behind it, in call order.
 * - `#backlog` counts the writes of `#queue` and of the batch.
 * - After `#end` nothing is sent, and nobody waits.
 */
class ThreadedLedger implements StoredLedger {
  readonly outbox: Outbox;
  readonly #options: LedgerOptions;
  readonly #worker: Worker;
  readonly #reader: Reader;
  readonly #waiters = new Map<number, Waiter>();
  readonly #gone: Promise<void>;
  #queue: Call[] = [];
  #batch: Batch | null = null;
  #sending = false;
  #backlog = 0;
  #condition: WriterCondition;
  #lastCommitMs: number | null = null;
  #commits = 0;
  #nextWaiter = 1;
  #stopProbe: (() => void) | null = null;
  #ended: LedgerError | null = null;
  #closing: Promise<void> | null = null;
  #whenIdle: (() => void) | null = null;

  constructor(options: LedgerOptions, worker: Worker, reader: Reader, condition: WriterCondition) {
    this.#options = options;
    this.#worker = worker;
    this.#reader = reader;
    this.#condition = condition;
    this.outbox = outboxOver(
      () => this.#reading().outbox,
      (change) => this.#ask((id) => ({ kind: 'outbox', id, change })).answer,
    );
    worker.on('message', (message: FromWriter) => this.#heard(message));
    worker.on('error', (error) => this.#failed(error));
    this.#gone = new Promise((resolve) => {
      worker.on('exit', (code) => {
        this.#failed(new Error(`the ledger's writer ended with ${code}`));
        resolve();
      });
    });
    this.#take(condition);
  }

  append(writes: readonly LedgerWrite[]): Promise<readonly StoredEvent[]> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (this.#closing !== null) return Promise.reject(closed());
    if (this.#backlog + writes.length > LEDGER_BACKLOG_MAX) {
      const detail = `${this.#backlog} writes wait for the disk`;
      return Promise.reject(new LedgerError('backlog', detail));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ writes, packed: writes.map(pack), resolve, reject });
      this.#backlog += writes.length;
      this.#sendSoon();
    });
  }

  find(id: OperationId): Operation | null {
    return this.#reading().find(id);
  }

  list(query: OperationQuery): OperationPage {
    return this.#reading().list(query);
  }

  events(id: OperationId, after: number): readonly StoredEvent[] {
    return this.#reading().events(id, after);
  }

  open(): readonly Operation[] {
    return this.#reading().open();
  }

  health(): LedgerHealth {
    const backlog = this.#backlog;
    return { ...this.#condition, backlog, lastCommitMs: this.#lastCommitMs };
  }

  commits(): number {
    return this.#commits;
  }

  async ping(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw asError(signal.reason);
    const { id, answer } = this.#ask((waiter) => ({ kind: 'ping', id: waiter }));
    const abandon = (): void => {
      this.#waiters.get(id)?.reject(asError(signal.reason));
      this.#waiters.delete(id);
    };
    signal.addEventListener('abort', abandon, { once: true });
    await answer.finally(() => signal.removeEventListener('abort', abandon));
  }

  async backup(target: string): Promise<void> {
    await this.#ask((id) => ({ kind: 'backup', id, target })).answer;
  }

  /** Waits for what was appended; a disk that hangs is waited for as long as the caller likes. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#idle();
    this.#stopProbe?.();
    const lives = this.#ended === null;
    if (lives) this.#end(closed());
    // The writer goes last: only it can bring the log into the table.
    this.#reader.close();
    if (lives) this.#say({ kind: 'close' });
    await this.#gone;
  }

  /** Resolves when no call waits; nothing is appended any more. */
  async #idle(): Promise<void> {
    if (this.#batch === null && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /**
   * When the promises of this turn are through, so that its appends share a commit: a payment's
   * acceptance and its start, which comes some promises later, cost one fsync and not two.
   */
  #sendSoon(): void {
    if (this.#batch !== null || this.#sending) return;
    this.#sending = true;
    const send = (): void => {
      this.#sending = false;
      this.#send();
    };
    // Asked for by a microtask, the next tick comes after the last of them.
    queueMicrotask(() => process.nextTick(send));
  }

  #send(): void {
    if (this.#batch !== null || this.#queue.length === 0 || this.#ended !== null) return;
    let writes = 0;
    let count = 0;
    for (const call of this.#queue) {
      writes += call.writes.length;
      if (count > 0 && writes > COMMIT_BATCH_MAX) break;
      count += 1;
    }
    const calls = this.#queue.splice(0, count);
    this.#batch = { calls, sentAt: this.#options.clock.monotonic() };
    this.#say({
      kind: 'commit',
      calls: calls.map(({ packed }) => packed.map(({ write }) => write)),
    });
  }

  #heard(message: FromWriter): void {
    switch (message.kind) {
      case 'committed':
        this.#take(message.condition);
        this.#settle(message);
        return;
      case 'answered':
        this.#take(message.condition);
        this.#answer(message.id, message.answer);
        return;
      case 'ready':
      case 'refused':
        return; // heard by whenReady, before this object was made
    }
  }

  #settle({ results }: Extract<FromWriter, { kind: 'committed' }>): void {
    const batch = this.#batch;
    if (batch === null) throw new Error('the writer answered a batch that nobody sent');
    this.#batch = null;
    this.#commits += 1;
    this.#lastCommitMs = this.#options.clock.monotonic() - batch.sentAt;
    for (const [index, call] of batch.calls.entries()) {
      this.#backlog -= call.writes.length;
      const result = results[index];
      if (result?.kind === 'written') {
        for (const { operation, write } of call.packed) {
          this.#reader.wrote(operation, write.row.row.length);
        }
        call.resolve(storedEvents(call.writes, result.links));
      } else {
        for (const { operation } of call.packed) this.#reader.forget(operation.id);
        call.reject(new LedgerError(result?.code ?? 'io', result?.detail ?? 'no answer'));
      }
    }
    if (this.#queue.length > 0) this.#sendSoon();
    else this.#whenIdle?.();
  }

  /** While the disk refuses, the writer is asked to try again from time to time. */
  #take(condition: WriterCondition): void {
    if (condition.writable !== this.#condition.writable) {
      const fields = { writable: condition.writable, reason: condition.reason };
      if (condition.writable) this.#options.log.info('ledger-writable-again', fields);
      else this.#options.log.error('ledger-not-writable', fields);
    }
    this.#condition = condition;
    if (condition.writable || this.#stopProbe !== null || this.#ended !== null) return;
    this.#stopProbe = this.#options.clock.after(LEDGER_PROBE_MS, () => {
      this.#stopProbe = null;
      // A writer that is gone is reported elsewhere; the answer comes through #take.
      this.#ask((id) => ({ kind: 'ping', id })).answer.catch(() => undefined);
    });
  }

  #ask(message: (id: number) => ToWriter): { id: number; answer: Promise<boolean> } {
    const id = this.#nextWaiter++;
    if (this.#ended !== null) return { id, answer: Promise.reject(this.#ended) };
    const answer = new Promise<boolean>((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
    });
    this.#say(message(id));
    return { id, answer };
  }

  #answer(id: number, answer: WriterAnswer): void {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (answer.kind === 'done') waiter?.resolve(answer.changed);
    else waiter?.reject(new LedgerError(answer.code, answer.detail));
  }

  #failed(error: Error): void {
    if (this.#ended !== null) return;
    const fault = new LedgerError('io', "the ledger's writer is gone", error);
    this.#end(fault);
    this.#options.log.error('ledger-writer-gone', {}, error);
    this.#options.onFailure(fault);
  }

  #end(why: LedgerError): void {
    this.#ended = why;
    this.#condition = { writable: false, reason: why.message };
    this.#stopProbe?.();
    const calls = [...(this.#batch?.calls ?? []), ...this.#queue];
    this.#batch = null;
    this.#queue = [];
    this.#backlog = 0;
    for (const call of calls) call.reject(why);
    this.#whenIdle?.();
    for (const waiter of this.#waiters.values()) waiter.reject(why);
    this.#waiters.clear();
  }

  #reading(): Reader {
    if (this.#closing !== null && this.#ended !== null) throw closed();
    return this.#reader;
  }

  #say(message: ToWriter): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(message);
  }
}

function storedEvents(
  writes: readonly LedgerWrite[],
  links: readonly { readonly seq: number; readonly hash: string }[],
): readonly StoredEvent[] {
  return writes.map(({ event, operation }, index) => {
    const link = links[index];
    if (link === undefined) throw new Error('the writer answered with too few links');
    return { seq: link.seq, operation: operation.id, event, hash: link.hash };
  });
}

function whenReady(worker: Worker): Promise<WriterCondition> {
  return new Promise((resolve, reject) => {
    const heard = (message: FromWriter): void => {
      if (message.kind === 'ready') settle(() => resolve(message.condition));
      if (message.kind === 'refused') {
        settle(() => reject(new LedgerError(message.code, message.detail)));
      }
    };
    const failed = (error: Error): void => {
      settle(() => reject(new LedgerError('io', "the ledger's writer did not start", error)));
    };
    const ended = (code: number): void => failed(new Error(`it ended with ${code}`));
    const settle = (action: () => void): void => {
      worker.off('message', heard).off('error', failed).off('exit', ended);
      action();
    };
    worker.on('message', heard).on('error', failed).on('exit', ended);
  });
}

function closed(): LedgerError {
  return new LedgerError('closed', 'the ledger is closed');
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
