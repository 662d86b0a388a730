// The way to one terminal: messages over HTTP, and the login that they need.
import type { Instant } from '../../domain/ids.ts';
import { RECONNECT_MS } from '../../domain/limits.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import { type HttpClient, HttpClientError } from '../../ports/http-client.ts';
import type { Log } from '../../ports/log.ts';
import type { LinkState } from '../../ports/terminal-driver.ts';
import {
  type NexoMessage,
  readNexo,
  type ResponseHead,
  responseOf,
} from '../../xml/nexo/envelope.ts';
import { type NexoNode, writeNexo } from '../../xml/nexo/write.ts';
import type { LostCode } from '../wire/exchange-machine.ts';
import {
  type Category,
  CONTENT_TYPE,
  headerOf,
  login,
  PATH,
  transactionStatus,
} from './messages.ts';
import type { NexoOptions } from './options.ts';

export interface LinkParts {
  /** `http://host:port`. */
  readonly address: string;
  readonly options: NexoOptions;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly nextServiceId: () => string;
  readonly onLoggedIn: (answer: NexoMessage) => void;
}

export interface Ask {
  readonly category: Category;
  readonly body: NexoNode;
  readonly serviceId?: string;
  /** Ends the wait as `deadline-passed`. */
  readonly signal?: AbortSignal;
  /** Null: as long as people need. */
  readonly timeoutMs: number | null;
  /** True for what must not be sent twice. */
  readonly once?: boolean;
}

export type Ending =
  | { kind: 'answered'; message: NexoMessage; response: ResponseHead }
  /** HTTP 204: taken, and nothing to say. */
  | { kind: 'taken' }
  /** Certain: no byte of it left. */
  | { kind: 'not-sent'; detail: string }
  | { kind: 'lost'; code: LostCode; detail: string };

/**
 * `adopted`: a login from before this process is still in force. `out`: logged out on purpose.
 */
export type Session =
  | { kind: 'none' }
  | { kind: 'adopted' }
  | { kind: 'in'; id: string }
  | { kind: 'out' };

/** What somebody should look at: the terminal’s way to us, its new address, a payment that stands. */
export type Alarm = 'way-back' | 'moved' | 'signature';

/**
 * INVARIANTS
 * - A login resets the terminal, so the first message of a process is a question, and a login
 *   follows only where that was refused or an operation needs one.
 * - One login or one first question is on its way at a time.
 */
export class NexoLink {
  readonly #parts: LinkParts;
  readonly #end = new AbortController();
  readonly #listeners: (() => void)[] = [];
  #reach: { kind: 'unknown' } | { kind: 'up' } | { kind: 'down'; reason: string } = {
    kind: 'unknown',
  };
  #since: Instant;
  #session: Session = { kind: 'none' };
  #loginWanted = false;
  #running: Promise<void> | null = null;
  #wakeUp: (() => void) | null = null;
  #woken = false;
  #waiting: (() => void)[] = [];
  readonly #alarms = new Map<Alarm, string>();
  lastSeen: Instant | null = null;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#since = parts.clock.now();
  }

  get session(): Session {
    return this.#session;
  }

  get state(): LinkState {
    const since = this.#since;
    if (this.#reach.kind === 'down') return { kind: 'offline', since, reason: this.#reach.reason };
    if (this.#reach.kind === 'unknown' || this.#session.kind === 'none') {
      return { kind: 'connecting', since };
    }
    const alarm = [...this.#alarms.values()].join('; ');
    return { kind: 'ready', since, ...(alarm === '' ? {} : { alarm }) };
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Shown with a link that works; null ends it. */
  alarm(name: Alarm, text: string | null): void {
    this.#change(() => {
      if (text === null) this.#alarms.delete(name);
      else this.#alarms.set(name, text);
    });
  }

  alarmed(name: Alarm): string | null {
    return this.#alarms.get(name) ?? null;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#end.abort(new Error('stopped'));
    this.#wake();
    for (const done of this.#waiting.splice(0)) done();
    await this.#running;
  }

  /** True once a login of this process is in force; false when `ms` passed first. */
  async loggedIn(ms: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#isIn()) return true;
    this.#loginWanted = true;
    this.#wake();
    return this.#until(() => this.#isIn(), ms, signal);
  }

  /** True once the terminal answers questions, whoever logged it in. */
  reachable(ms: number, signal?: AbortSignal): Promise<boolean> {
    return this.#until(() => this.state.kind === 'ready', ms, signal);
  }

  /** Logged out on purpose; the next operation, or `loggedIn`, logs in again. */
  loggedOut(): void {
    this.#change(() => {
      this.#session = { kind: 'out' };
    });
  }

  /** One message and its answer. Never rejects. */
  async ask(request: Ask): Promise<Ending> {
    const ending = await this.#exchange(request);
    if (ending.kind === 'answered' || ending.kind === 'taken') {
      this.lastSeen = this.#parts.clock.now();
      this.#change(() => {
        this.#reach = { kind: 'up' };
      });
      if (ending.kind === 'answered' && isRefused(ending.response)) this.#refused(request.category);
    } else if (request.category !== 'Abort' && !this.#end.signal.aborted) {
      this.#change(() => {
        this.#reach = { kind: 'down', reason: ending.detail };
      });
      this.#wake();
    }
    return ending;
  }

  #refused(category: Category): void {
    if (category === 'Login') return;
    this.#change(() => {
      this.#session = { kind: 'none' };
    });
    this.#loginWanted = true;
    this.#wake();
  }

  #isIn(): boolean {
    return this.#session.kind === 'in' && this.#reach.kind === 'up';
  }

  async #exchange(request: Ask): Promise<Ending> {
    const { options, address, http, clock } = this.#parts;
    const header = headerOf(
      request.category,
      request.serviceId ?? this.#parts.nextServiceId(),
      options,
    );
    const silence = new AbortController();
    const forget =
      request.timeoutMs === null
        ? (): void => undefined
        : clock.after(request.timeoutMs, () => silence.abort(new Error('no answer in time')));
    const signals = [this.#end.signal, silence.signal, ...(request.signal ? [request.signal] : [])];
    try {
      const answer = await http.post({
        url: `${address.replace(/\/+$/, '')}${PATH}`,
        body: new TextEncoder().encode(writeNexo(header, request.body)),
        contentType: CONTENT_TYPE,
        signal: AbortSignal.any(signals),
        fresh: request.once ?? false,
      });
      if (answer.status === 204) return { kind: 'taken' };
      if (answer.status !== 200) return unreadable(`HTTP status ${answer.status}`);
      const read = await readNexo(answer.body, charsetOf(answer.contentType));
      if (read.kind === 'refused') return unreadable(read.detail);
      return this.#checked(header, read.message);
    } catch (error) {
      if (!(error instanceof HttpClientError)) throw error;
      if (!error.sent) return { kind: 'not-sent', detail: error.message };
      const code = lostCode(error, request.signal, silence.signal);
      return { kind: 'lost', code, detail: error.message };
    } finally {
      forget();
    }
  }

  /** The answer must be one, and belong to the question: what it leaves out is not held against it. */
  #checked(asked: NexoMessage['header'], message: NexoMessage): Ending {
    const { header, body } = message;
    if (
      header.messageType !== 'Response' ||
      header.messageCategory !== asked.messageCategory ||
      !fits(header.serviceId, asked.serviceId) ||
      !fits(header.saleId, asked.saleId) ||
      !fits(header.poiId, asked.poiId)
    ) {
      return unreadable('the answer belongs to another request');
    }
    const response = responseOf(body);
    return response === null
      ? unreadable('the answer has no result')
      : { kind: 'answered', message, response };
  }

  /** Keeps the terminal reachable and logged in, as far as anybody needs it. */
  async #run(): Promise<void> {
    let pause = RECONNECT_MS.first;
    while (!this.#end.signal.aborted) {
      this.#woken = false;
      const step = await this.#step();
      if (step === 'done') pause = RECONNECT_MS.first;
      // What a failed step itself did must not cut its pause short.
      if (step === 'busy' || step === 'down') this.#woken = false;
      if (step === 'done') await this.#nap(null);
      if (step === 'busy') await this.#nap(this.#parts.options.loginRetryMs);
      if (step === 'down') {
        await this.#nap(pause * (0.75 + this.#parts.random.fraction() / 2));
        pause = Math.min(pause * 2, RECONNECT_MS.longest);
      }
    }
  }

  async #step(): Promise<'done' | 'busy' | 'down' | 'again'> {
    if (this.#loginWanted && !this.#isIn()) return this.#login();
    const known = this.#session.kind !== 'none';
    if (known && this.#reach.kind === 'up') return 'done';
    return this.#look();
  }

  /** A question about the last transaction: it changes nothing, and tells whether we are logged in. */
  async #look(): Promise<'done' | 'down' | 'again'> {
    const { options } = this.#parts;
    const ending = await this.ask({
      category: 'TransactionStatus',
      body: transactionStatus(null, options),
      timeoutMs: options.queryTimeoutMs,
    });
    if (ending.kind !== 'answered') return 'down';
    const refused = isRefused(ending.response);
    this.#change(() => {
      this.#reach = { kind: 'up' };
      if (!refused && this.#session.kind === 'none') this.#session = { kind: 'adopted' };
    });
    return refused ? 'again' : 'done';
  }

  async #login(): Promise<'done' | 'busy' | 'down'> {
    const { options, clock, log, nextServiceId, onLoggedIn } = this.#parts;
    const serviceId = nextServiceId();
    const ending = await this.ask({
      category: 'Login',
      body: login(options, clock.now()),
      serviceId,
      timeoutMs: options.queryTimeoutMs,
    });
    if (ending.kind !== 'answered') return 'down';
    const { result, condition, text } = ending.response;
    if (result === 'Success') {
      this.#loginWanted = false;
      this.#change(() => {
        this.#reach = { kind: 'up' };
        // The second of the day is in the id, but not the day.
        this.#session = { kind: 'in', id: `${serviceId} ${clock.now()}` };
      });
      log.info('nexo-logged-in', { style: options.style });
      onLoggedIn(ending.message);
      return 'done';
    }
    const reason = `login refused: ${[condition, text].filter(Boolean).join(', ')}`;
    if (condition !== 'Busy') log.warn('nexo-login-refused', { condition });
    this.#change(() => {
      this.#reach = condition === 'Busy' ? { kind: 'up' } : { kind: 'down', reason };
      if (this.#session.kind !== 'none') this.#session = { kind: 'none' };
    });
    return condition === 'Busy' ? 'busy' : 'down';
  }

  /** Null: until somebody needs something. */
  async #nap(ms: number | null): Promise<void> {
    if (this.#end.signal.aborted || this.#woken) return;
    await new Promise<void>((resolve) => {
      const forget = ms === null ? (): void => undefined : this.#parts.clock.after(ms, resolve);
      this.#wakeUp = () => {
        forget();
        resolve();
      };
    });
    this.#wakeUp = null;
  }

  #wake(): void {
    this.#woken = true;
    this.#wakeUp?.();
  }

  #until(check: () => boolean, ms: number, signal?: AbortSignal): Promise<boolean> {
    if (check() || ms === 0) return Promise.resolve(check());
    return new Promise((resolve) => {
      const done = (): void => {
        forget();
        signal?.removeEventListener('abort', done);
        this.#waiting = this.#waiting.filter((one) => one !== look);
        resolve(check());
      };
      const look = (): void => {
        if (check() || this.#end.signal.aborted) done();
      };
      const forget = this.#parts.clock.after(ms, done);
      signal?.addEventListener('abort', done, { once: true });
      this.#waiting.push(look);
      if (signal?.aborted === true || this.#end.signal.aborted) done();
    });
  }

  #change(apply: () => void): void {
    const before = this.state;
    apply();
    const after = this.state;
    if (before.kind !== after.kind) this.#since = this.#parts.clock.now();
    for (const look of this.#waiting) look();
    const same =
      before.kind === after.kind && JSON.stringify(before) === JSON.stringify(this.state);
    if (!same) for (const listener of this.#listeners) listener();
  }
}

/** SPEC: Swedbank says NotAllowed where nobody is logged in, the standard LoggedOut. */
function isRefused({ result, condition }: ResponseHead): boolean {
  return result === 'Failure' && (condition === 'NotAllowed' || condition === 'LoggedOut');
}

function fits(theirs: string | null, ours: string | null): boolean {
  return theirs === null || theirs === '' || theirs === ours;
}

function unreadable(detail: string): Ending {
  return { kind: 'lost', code: 'unreadable-answer', detail };
}

function lostCode(
  error: HttpClientError,
  ended: AbortSignal | undefined,
  silence: AbortSignal,
): LostCode {
  if (error.code === 'too-large') return 'unreadable-answer';
  if (error.code !== 'aborted') return 'link-cut';
  if (ended?.aborted === true) return 'deadline-passed';
  return silence.aborted ? 'lost-answer' : 'link-cut';
}

function charsetOf(contentType: string | null): string | null {
  return /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1] ?? null;
}
