// The library's process and the line that it opens: started again after each loss with growing
// pauses, opened anew before use because the terminal drops an idle line without a word.
import type { Instant } from '../../domain/ids.ts';
import { LIBRARY_RESIDENT_BYTES_MAX, RECONNECT_MS } from '../../domain/limits.ts';
import {
  type BankLibrary,
  type Call,
  type CodeFunction,
  LibraryError,
  type LibraryFactory,
} from '../../ports/bank-library.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { LinkState } from '../../ports/terminal-driver.ts';
import { createMutex } from '../wire/mutex.ts';
import {
  ECR_STATUS_NORMAL,
  ERROR_LANGUAGES,
  LAST_RESULT,
  LOGGING_LEVELS,
  MAC_AES,
  RETURN_CODES,
  TERM_STATUS_TEXTS,
} from './enumerations.ts';
import type { BposOptions } from './options.ts';
import { question, textValue, type Tools, value, work } from './waiting.ts';

export interface LineContext {
  /** Of the terminal, for the library's log. */
  readonly owner: string;
  readonly openCall: Call;
  readonly factory: LibraryFactory | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly options: BposOptions;
  /** Runs on an open line from time to time while nobody else uses it; false = it did not answer. */
  readonly onIdle: (tools: Tools) => Promise<boolean>;
}

export type Used<T> =
  | { kind: 'used'; value: T }
  /** Somebody else had the line for the whole wait. */
  | { kind: 'busy' }
  /** The line could not be had, or the library went away while the action used it. */
  | { kind: 'unavailable'; reason: string };

/** The line cannot be had; the message is for the administrator. */
class LineError extends Error {
  override readonly name = 'LineError';
}

/**
 * INVARIANTS
 * - One process of the library at a time, used by one holder of the mutex at a time.
 * - After a lost answer the process is ended: its state is not known, and nothing stale is sent.
 */
export class Line {
  readonly #context: LineContext;
  readonly #stop = new AbortController();
  readonly #mutex;
  readonly #listeners = new Set<() => void>();
  #state: LinkState;
  #library: BankLibrary | null = null;
  #isOpen = false;
  #heardAt = Number.NEGATIVE_INFINITY;
  #wake = new AbortController();
  #running: Promise<void> | null = null;
  #checkedAt = Number.NEGATIVE_INFINITY;
  /** What somebody should look at, as of the last heartbeat. */
  #alarm: string | null = null;
  lastSeen: Instant | null = null;

  constructor(context: LineContext) {
    this.#context = context;
    this.#mutex = createMutex(context.clock);
    this.#state = { kind: 'connecting', since: context.clock.now() };
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the driver stops'));
    await this.#discard();
    await this.#running;
    this.#listeners.clear();
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Runs `action` on an open line; `tools.lost()` ends the process afterwards. */
  async use<T>(waitMs: number, action: (tools: Tools) => Promise<T>): Promise<Used<T>> {
    const release = await this.#mutex.acquire(waitMs);
    if (release === null) return { kind: 'busy' };
    try {
      return await this.#used(action);
    } finally {
      release();
    }
  }

  /** Looks at the terminal soon, although the last look is not long ago. */
  checkSoon(): void {
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    this.#wake.abort(new Error('a look is due'));
  }

  async #used<T>(action: (tools: Tools) => Promise<T>): Promise<Used<T>> {
    const { options } = this.#context;
    let isLost = false;
    let tools: Tools;
    try {
      tools = await this.#opened(() => {
        isLost = true;
      });
    } catch (error) {
      if (!(error instanceof LineError || error instanceof LibraryError)) throw error;
      await this.#discard();
      this.#offline(error.message);
      return { kind: 'unavailable', reason: error.message };
    }
    try {
      const result = await action(tools);
      if (!isLost) {
        this.#heard();
        const alarm = this.#alarm === null ? {} : { alarm: this.#alarm };
        this.#become({ kind: 'ready', since: this.#context.clock.now(), ...alarm });
      }
      return { kind: 'used', value: result };
    } catch (error) {
      if (!(error instanceof LibraryError)) throw error;
      isLost = true;
      return { kind: 'unavailable', reason: error.message };
    } finally {
      if (isLost) await this.#discard();
      else if (options.heartbeatMs === 0) await this.#closeLine();
    }
  }

  /** A library with an open line that was heard of lately. */
  async #opened(lost: () => void): Promise<Tools> {
    const { clock, options } = this.#context;
    const library = await this.#loaded();
    const tools = { library, clock, options, lost };
    const fresh = clock.monotonic() - this.#heardAt < options.linkFreshMs;
    if (this.#isOpen && fresh) return tools;
    await this.#closeLine();
    await this.#open(tools);
    this.#isOpen = true;
    this.#heard();
    return tools;
  }

  async #loaded(): Promise<BankLibrary> {
    const { factory, owner, log } = this.#context;
    if (this.#stop.signal.aborted) throw new LineError('stopped');
    if (factory === null) throw new LineError('this build has no place for the bank’s library');
    const current = this.#library;
    if (current !== null) {
      const replaced = current.fingerprint !== factory.current()?.fingerprint;
      if (!replaced && current.residentBytes <= LIBRARY_RESIDENT_BYTES_MAX) return current;
      log.info('library-restarted', { replaced, bytes: current.residentBytes });
      await this.#discard();
    }
    const library = await factory.start(owner, this.#stop.signal);
    this.#library = library;
    if (this.#stop.signal.aborted) await this.#discard();
    void library.exited.then((exit) => this.#ended(library, exit.signal ?? `code ${exit.code}`));
    await this.#prepare(library);
    return library;
  }

  async #prepare(library: BankLibrary): Promise<void> {
    const { options } = this.#context;
    const say = (call: Call): Promise<number> =>
      library.call<CodeFunction>(call.name, call.args, options.callTimeoutMs);
    await say({ name: 'InitializeBPOS', args: [] });
    if (library.has('SetErrorLang')) {
      await say({ name: 'SetErrorLang', args: [ERROR_LANGUAGES[options.errorLanguage]] });
    }
    if (options.logging !== 'none' && library.has('useLogging')) {
      await say({ name: 'useLogging', args: [LOGGING_LEVELS[options.logging], library.logFile] });
    }
    if (options.macKey === '') return;
    const code = library.has('UseMac')
      ? await say({ name: 'UseMac', args: [MAC_AES, options.macKey] })
      : -1;
    if (code !== 0) throw new LineError('the library does not take the key of authentication');
  }

  async #open(tools: Tools): Promise<void> {
    const { openCall, options } = this.#context;
    const { library } = tools;
    if (!library.has(openCall.name)) throw new LineError(`the library has no ${openCall.name}`);
    const code = await library.call<CodeFunction>(
      openCall.name,
      openCall.args,
      options.openTimeoutMs,
    );
    const began = tools.clock.monotonic();
    const look = (): Promise<number> => library.call('LastResult', [], options.callTimeoutMs);
    let result = await look();
    // Some libraries go on opening after the call has returned.
    while (result === LAST_RESULT.inProgress) {
      if (code !== 0 || tools.clock.monotonic() - began > options.openTimeoutMs) break;
      await tools.clock.sleep(options.pollMs);
      result = await look();
    }
    if (code !== 0 || result !== LAST_RESULT.success) {
      const text = await textValue(tools, 'LastErrorDescription');
      const meaning =
        RETURN_CODES[code] ?? (code === 0 ? 'the terminal does not answer' : `code ${code}`);
      throw new LineError([meaning, text].filter((part) => part !== null).join(': '));
    }
    if (options.application === '') return;
    const selected = library.has('SelectApp')
      ? await library.call(
          'SelectApp',
          [options.application, options.applicationIndex],
          options.callTimeoutMs,
        )
      : -1;
    if (selected !== 0)
      throw new LineError(`the application ${options.application} cannot be selected`);
  }

  async #closeLine(): Promise<void> {
    this.#isOpen = false;
    try {
      await this.#library?.call('CommClose', [], this.#context.options.callTimeoutMs);
    } catch (error) {
      // A process that does not even close its line is replaced at the next use.
      if (!(error instanceof LibraryError)) throw error;
      await this.#discard();
    }
  }

  async #discard(): Promise<void> {
    const library = this.#library;
    this.#library = null;
    this.#isOpen = false;
    await library?.close();
  }

  /** The process is gone and nobody ended it: the loop starts another. */
  #ended(library: BankLibrary, how: string): void {
    if (this.#library !== library) return;
    this.#library = null;
    this.#isOpen = false;
    this.#offline(`the library’s process ended: ${how}`);
    this.#wake.abort(new Error('the library is gone'));
  }

  async #run(): Promise<void> {
    const { clock, random, options } = this.#context;
    const { signal } = this.#stop;
    let pause: number = RECONNECT_MS.first;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const found = await this.#idleTurn();
      const rest = {
        answered: options.heartbeatMs || options.idleCheckMs,
        silent: pause * (0.5 + random.fraction() / 2),
        // Whoever has the line now will say whether the terminal answers.
        busy: RECONNECT_MS.first,
      }[found];
      if (found === 'answered') pause = RECONNECT_MS.first;
      if (found === 'silent') pause = Math.min(pause * 2, RECONNECT_MS.longest);
      // Woken, stopped or rested: the loop looks again.
      const sleeping = AbortSignal.any([signal, this.#wake.signal]);
      await clock.sleep(rest, sleeping).catch(() => undefined);
      if (this.#wake.signal.aborted) await clock.sleep(pause, signal).catch(() => undefined);
    }
    this.#offline('stopped');
  }

  async #idleTurn(): Promise<'answered' | 'silent' | 'busy'> {
    const { clock, options, onIdle } = this.#context;
    const since = clock.monotonic() - this.#checkedAt;
    // Without heartbeats every turn is a look.
    const due = options.heartbeatMs === 0 || since >= options.idleCheckMs;
    const used = await this.use(0, async (tools) => {
      const looks = due || this.#state.kind !== 'ready';
      const answered = looks ? await onIdle(tools) : await this.#beat(tools);
      if (answered && due) this.#checkedAt = clock.monotonic();
      if (!answered) tools.lost();
      return answered;
    });
    if (used.kind === 'busy') return 'busy';
    if (used.kind === 'unavailable') return 'silent';
    if (!used.value) this.#offline('the terminal does not answer');
    return used.value ? 'answered' : 'silent';
  }

  /** Says that the till is there, and hears how the terminal is. */
  async #beat(tools: Tools): Promise<boolean> {
    if (!tools.library.has('ExchangeStatuses')) return true;
    const call = { name: 'ExchangeStatuses', args: [ECR_STATUS_NORMAL] } as const;
    const ending = await work(tools, question(call, tools.options.queryTimeoutMs));
    if (ending.kind === 'success') {
      this.#alarm = TERM_STATUS_TEXTS[(await value(tools, 'TermStatus')) ?? 0] ?? null;
    }
    return ending.kind !== 'lost';
  }

  #heard(): void {
    this.#heardAt = this.#context.clock.monotonic();
    this.lastSeen = this.#context.clock.now();
  }

  #offline(reason: string): void {
    const { clock, log } = this.#context;
    // A terminal that stays away is told of once.
    if (this.#state.kind !== 'offline') log.warn('link-offline', { reason });
    const since = this.#state.kind === 'offline' ? this.#state.since : clock.now();
    this.#become({ kind: 'offline', since, reason });
  }

  #become(next: LinkState): void {
    const before = this.#state;
    const same = before.kind === next.kind && detailOf(before) === detailOf(next);
    if (same) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}

function detailOf(state: LinkState): string | null {
  switch (state.kind) {
    case 'connecting':
      return null;
    case 'ready':
      return state.alarm ?? null;
    case 'offline':
      return state.reason;
  }
}
