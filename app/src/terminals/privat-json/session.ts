// One connection to the terminal and its two lanes: ordinary methods one at a time, service
// messages beside them.
import type { Instant } from '../../domain/ids.ts';
import { FRAME_BYTES_MAX } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { BytePipe, CloseReason } from '../../ports/transport.ts';
import {
  advance,
  type ExchangeEnding,
  type ExchangeInput,
  type ExchangeState,
} from '../wire/exchange-machine.ts';
import { createNulFramer } from '../wire/nul-frames.ts';
import {
  decode,
  encodeHandshakePing,
  encodeMethod,
  encodeService,
  type Incoming,
  type Reply,
} from './codec.ts';
import type { Params } from './fields.ts';
import { type Method, type Service, SERVICES } from './messages.ts';

export interface OrdinaryRequest {
  readonly method: Method;
  readonly params: Params;
  readonly top?: object;
  /** Ends the wait as `deadline-passed`. */
  readonly signal: AbortSignal | null;
  readonly timeoutMs: number | null;
  /** The first ping of a connection, with its 0x00 in front. */
  readonly handshake?: boolean;
  /** Called just before the first byte leaves. */
  readonly onSending?: () => void;
}

export type ServiceEnding =
  | { kind: 'answered'; params: Params; error: boolean | null }
  | { kind: 'not-implemented' }
  | { kind: 'silent' }
  | { kind: 'cut' };

interface Ordinary {
  readonly method: Method;
  state: ExchangeState<Reply>;
  readonly end: (ending: ExchangeEnding<Reply>) => void;
}

interface Pending {
  readonly reply: readonly string[];
  readonly end: (ending: ServiceEnding) => void;
}

/**
 * INVARIANTS
 * - A reply is the answer of the ordinary method that waits and was sent on this connection; one
 *   that comes before our first byte, or while nothing waits, belongs to nobody.
 * - After a lost exchange the connection is closed: its late answer has no way in.
 * - Two sends are at least `gapMs` apart, and nothing is sent once the pipe is closed.
 */
export class Session {
  readonly #pipe: BytePipe;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #gapMs: number;
  readonly #end = new AbortController();
  #ordinary: Ordinary | null = null;
  #services: Pending[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #lastSentAt = Number.NEGATIVE_INFINITY;
  /** When anything was last heard; null before the first byte. */
  heardAt: Instant | null = null;
  #heardAtMonotonic = Number.NEGATIVE_INFINITY;

  constructor(pipe: BytePipe, clock: Clock, log: Log, gapMs: number) {
    this.#pipe = pipe;
    this.#clock = clock;
    this.#log = log;
    this.#gapMs = gapMs;
    const framer = createNulFramer(FRAME_BYTES_MAX);
    pipe.onData((chunk) => {
      this.heardAt = clock.now();
      this.#heardAtMonotonic = clock.monotonic();
      for (const frame of framer.push(chunk)) {
        if (!this.isOpen) return;
        this.#take(frame.kind === 'frame' ? decode(frame.bytes) : OVERSIZED);
      }
    });
    void pipe.closed.then(() => this.#cut());
  }

  get isOpen(): boolean {
    return !this.#end.signal.aborted;
  }

  /** How long nothing was heard. */
  get silentMs(): number {
    return this.#clock.monotonic() - this.#heardAtMonotonic;
  }

  get closed(): Promise<CloseReason> {
    return this.#pipe.closed;
  }

  close(): void {
    this.#cut();
    this.#pipe.close();
  }

  /** Sends an ordinary method and waits for its own end. Never rejects. */
  exchange(request: OrdinaryRequest): Promise<ExchangeEnding<Reply>> {
    if (this.#ordinary !== null) throw new Error('an ordinary method is running already');
    return new Promise((resolve) => {
      const onAbort = (): void => this.#ordinaryInput({ kind: 'deadline' });
      const forget =
        request.timeoutMs === null
          ? null
          : this.#clock.after(request.timeoutMs, () => this.#ordinaryInput({ kind: 'deadline' }));
      this.#ordinary = {
        method: request.method,
        state: { kind: 'before' },
        end: (ending) => {
          forget?.();
          request.signal?.removeEventListener('abort', onAbort);
          this.#ordinary = null;
          if (ending.kind === 'lost') this.close();
          resolve(ending);
        },
      };
      request.signal?.addEventListener('abort', onAbort, { once: true });
      if (!this.isOpen) this.#ordinaryInput({ kind: 'cut' });
      else if (request.signal?.aborted === true) onAbort();
      else void this.#sendOrdinary(this.#ordinary, request);
    });
  }

  /** The terminal works on nothing of ours any more: the answer is lost. */
  giveUp(): void {
    this.#ordinaryInput({ kind: 'silence' });
  }

  /** Sends a service message and waits for its answer. Never rejects. */
  service(msgType: Service, params: Params, timeoutMs: number): Promise<ServiceEnding> {
    return new Promise((resolve) => {
      if (!this.isOpen) {
        resolve({ kind: 'cut' });
        return;
      }
      let ended = false;
      const pending: Pending = {
        reply: SERVICES[msgType].reply,
        end: (ending) => {
          ended = true;
          forget();
          this.#services = this.#services.filter((one) => one !== pending);
          resolve(ending);
        },
      };
      const forget = this.#clock.after(timeoutMs, () => pending.end({ kind: 'silent' }));
      void this.#send(encodeService(msgType, params), () => {
        if (!ended) this.#services.push(pending);
        return !ended;
      }).then((sent) => (sent ? undefined : pending.end({ kind: 'cut' })));
    });
  }

  async #sendOrdinary(ordinary: Ordinary, request: OrdinaryRequest): Promise<void> {
    const bytes =
      request.handshake === true
        ? encodeHandshakePing()
        : encodeMethod(request.method, request.params, request.top);
    const sent = await this.#send(bytes, () => {
      if (this.#ordinary !== ordinary) return false;
      request.onSending?.();
      this.#ordinaryInput({ kind: 'sending' });
      return true;
    });
    if (!sent && this.#ordinary === ordinary) this.#ordinaryInput({ kind: 'write-failed' });
  }

  /** False where it was not sent or not wholly sent. `before` runs when the turn has come. */
  #send(bytes: Uint8Array, before: () => boolean): Promise<boolean> {
    const turn = this.#turn.then(async () => {
      try {
        const wait = this.#lastSentAt + this.#gapMs - this.#clock.monotonic();
        if (wait > 0) await this.#clock.sleep(wait, this.#end.signal);
        if (!this.isOpen || !before()) return false;
        this.#lastSentAt = this.#clock.monotonic();
        await this.#pipe.write(bytes);
        return true;
      } catch (error) {
        this.#log.debug('send-failed', { reason: String(error) });
        return false;
      }
    });
    this.#turn = turn;
    return turn;
  }

  #take(incoming: Incoming): void {
    const ordinary = this.#ordinary;
    switch (incoming.kind) {
      case 'reply':
        if (ordinary?.state.kind === 'sent' && ordinary.method === incoming.reply.method) {
          this.#ordinaryInput({ kind: 'answer', answer: incoming.reply });
        } else {
          this.#log.warn('answer-to-nobody', { method: incoming.reply.method });
        }
        return;
      case 'service': {
        const pending = this.#services.find((one) => one.reply.includes(incoming.msgType));
        if (pending === undefined) this.#log.debug('service-unasked', { type: incoming.msgType });
        pending?.end({ kind: 'answered', params: incoming.params, error: incoming.error });
        return;
      }
      case 'busy':
        this.#ordinaryInput({ kind: 'busy' });
        return;
      case 'not-implemented': {
        // It does not name what it refuses. A service message in flight is the only certain
        // suspect; an ordinary method wrongly spared ends by its own answer or its deadline.
        const [oldest] = this.#services;
        if (oldest !== undefined) oldest.end({ kind: 'not-implemented' });
        else this.#ordinaryInput({ kind: 'not-implemented' });
        return;
      }
      case 'unreadable': {
        const ours = ordinary?.method ?? '';
        const foreign = incoming.begins !== null && !incoming.names.includes(ours);
        this.#log.warn('frame-unreadable', { begins: incoming.begins, foreign });
        if (!foreign) this.#ordinaryInput({ kind: 'unreadable' });
        return;
      }
    }
  }

  #ordinaryInput(input: ExchangeInput<Reply>): void {
    const ordinary = this.#ordinary;
    if (ordinary === null) return;
    ordinary.state = advance(ordinary.state, input);
    if (ordinary.state.kind === 'ended') ordinary.end(ordinary.state.ending);
  }

  #cut(): void {
    if (!this.isOpen) return;
    this.#end.abort(new Error('the connection is closed'));
    this.#ordinaryInput({ kind: 'cut' });
    for (const pending of this.#services) pending.end({ kind: 'cut' });
  }
}

const OVERSIZED: Incoming = { kind: 'unreadable', begins: null, names: [] };
