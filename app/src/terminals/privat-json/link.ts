// Keeps the one connection that the terminal allows: the vendor's handshake, again after each
// loss, with growing pauses.
import type { Instant } from '../../domain/ids.ts';
import { RECONNECT_MS } from '../../domain/limits.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { LinkState } from '../../ports/terminal-driver.ts';
import type { Transport } from '../../ports/transport.ts';
import { flag, type Params, text } from './fields.ts';
import type { PrivatJsonOptions } from './options.ts';
import { Session } from './session.ts';

export interface LinkContext {
  readonly address: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly options: PrivatJsonOptions;
  /** Runs on each new connection before anybody else may use it. */
  readonly onConnected: (session: Session, identified: Params) => Promise<void>;
}

/** INVARIANT: at most one pipe is open at any time. */
export class Link {
  readonly #context: LinkContext;
  readonly #stop = new AbortController();
  readonly #listeners = new Set<() => void>();
  #state: LinkState;
  #session: Session | null = null;
  #lastSeen: Instant | null = null;
  #running: Promise<void> | null = null;
  /** On the monotonic clock: not opened before. */
  #restsUntil = 0;

  constructor(context: LinkContext) {
    this.#context = context;
    this.#state = { kind: 'connecting', since: context.clock.now() };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the driver stops'));
    this.#session?.close();
    await this.#running;
    this.#listeners.clear();
  }

  rest(ms: number): void {
    this.#restsUntil = this.#context.clock.monotonic() + ms;
    this.#session?.close();
  }

  get state(): LinkState {
    return this.#state;
  }

  get lastSeen(): Instant | null {
    return this.#session?.heardAt ?? this.#lastSeen;
  }

  /** The open session, where the link is ready. */
  get session(): Session | null {
    return this.#state.kind === 'ready' && this.#session?.isOpen === true ? this.#session : null;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** The session as soon as there is one; null after `ms` or when the signal aborts. */
  async ready(ms: number, signal: AbortSignal): Promise<Session | null> {
    if (this.session !== null || signal.aborted) return this.session;
    return new Promise((resolve) => {
      const done = (): void => {
        if (this.session === null && !signal.aborted && !expired) return;
        forget();
        signal.removeEventListener('abort', done);
        this.#listeners.delete(done);
        resolve(this.session);
      };
      let expired = false;
      const forget = this.#context.clock.after(ms, () => {
        expired = true;
        done();
      });
      signal.addEventListener('abort', done, { once: true });
      this.#listeners.add(done);
    });
  }

  async #run(): Promise<void> {
    const { clock, random, log } = this.#context;
    const { signal } = this.#stop;
    let pause: number = RECONNECT_MS.first;
    while (!signal.aborted) {
      try {
        const session = await this.#connect();
        pause = RECONNECT_MS.first;
        this.#become({ kind: 'ready', since: clock.now() });
        const reason = await session.closed;
        log.info('link-closed', { reason: reason.kind });
        this.#become({ kind: 'connecting', since: clock.now() });
      } catch (error) {
        if (signal.aborted) break;
        const reason = error instanceof Error ? error.message : String(error);
        // A terminal that stays away is told of once.
        if (this.#state.kind !== 'offline') log.warn('link-offline', { reason });
        const since = this.#state.kind === 'offline' ? this.#state.since : clock.now();
        this.#become({ kind: 'offline', since, reason });
      } finally {
        this.#lastSeen = this.#session?.heardAt ?? this.#lastSeen;
        this.#session?.close();
        this.#session = null;
      }
      const jittered = pause * (0.5 + random.fraction() / 2);
      pause = Math.min(pause * 2, RECONNECT_MS.longest);
      const rest = this.#restsUntil - clock.monotonic();
      await clock.sleep(Math.max(jittered, rest), signal).catch(() => undefined); // aborted: the loop ends
    }
    this.#become({ kind: 'offline', since: clock.now(), reason: 'stopped' });
  }

  /** SPEC 3.1: ping, identify, keep open; each on a connection of its own in the reference scheme. */
  async #connect(): Promise<Session> {
    const { options, clock, onConnected } = this.#context;
    const apart = options.handshake === 'reference';
    let session = await this.#open();
    await this.#ping(session);
    if (apart) await this.#close(session);
    await clock.sleep(options.pauseAfterPingMs, this.#stop.signal);
    if (apart) session = await this.#open();
    const identified = await this.#identify(session);
    if (apart) {
      await this.#close(session);
      session = await this.#open();
    }
    await onConnected(session, identified);
    if (!session.isOpen) throw new Error('the connection broke after the handshake');
    return session;
  }

  async #open(): Promise<Session> {
    const { address, transport, clock, log, options } = this.#context;
    const pipe = await transport.open(address, this.#stop.signal);
    const session = new Session(pipe, clock, log, options.sendGapMs);
    this.#session = session;
    if (this.#stop.signal.aborted) session.close();
    return session;
  }

  async #close(session: Session): Promise<void> {
    session.close();
    await session.closed;
    this.#lastSeen = session.heardAt ?? this.#lastSeen;
  }

  /** A terminal that is busy has answered too. */
  async #ping(session: Session): Promise<void> {
    const ending = await session.exchange({
      method: 'PingDevice',
      params: {},
      signal: this.#stop.signal,
      timeoutMs: this.#context.options.pingTimeoutMs,
      handshake: true,
    });
    if (ending.kind !== 'answered' && ending.kind !== 'busy') {
      throw new Error('the terminal accepts the connection and does not answer');
    }
  }

  async #identify(session: Session): Promise<Params> {
    const { options } = this.#context;
    const ending = await session.service('identify', {}, options.pingTimeoutMs);
    if (ending.kind === 'not-implemented' && !options.requireIdentify) return {};
    if (ending.kind !== 'answered') throw new Error('the terminal does not identify itself');
    const known = flag(text(ending.params, 'result')) === true;
    if (!known && options.requireIdentify)
      throw new Error('the terminal refuses to identify itself');
    return ending.params;
  }

  #become(state: LinkState): void {
    const changed =
      state.kind !== this.#state.kind ||
      (state.kind === 'offline' &&
        this.#state.kind === 'offline' &&
        state.reason !== this.#state.reason);
    this.#state = state;
    if (changed) for (const listener of this.#listeners) listener();
  }
}
