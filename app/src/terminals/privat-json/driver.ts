// The driver of one PrivatBank terminal: link, lane's turn, idle checks.
import type { Expectation, TerminalFacts } from '../../domain/evidence.ts';
import type { Instant } from '../../domain/ids.ts';
import {
  KINDS,
  needsTerminal,
  type Operation,
  type OperationKind,
} from '../../domain/operation.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type {
  DriverCapabilities,
  DriverTest,
  Exchange,
  LinkState,
  TerminalDriver,
  TerminalIdentity,
  TerminalSetup,
} from '../../ports/terminal-driver.ts';
import type { Transport } from '../../ports/transport.ts';
import { createMutex } from '../wire/mutex.ts';
import { type Core, createKnownTransactions, readWatermark } from './core.ts';
import type { Params } from './fields.ts';
import { completeIdentity, readLists } from './identity.ts';
import { Link } from './link.ts';
import { expectationOf, lookUp } from './look-up.ts';
import { NAMED_SERVICES, PARTLY_SUFFIX, PRODUCTS } from './messages.ts';
import type { PrivatJsonOptions } from './options.ts';
import { perform } from './perform.ts';
import type { Session } from './session.ts';

export interface PrivatJsonParts {
  readonly setup: TerminalSetup;
  readonly options: PrivatJsonOptions;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the shop: receipts show local time. */
  readonly timeZone: string;
}

const kinds = Object.keys(KINDS) as OperationKind[]; // the keys of the table
const CAPABILITIES: DriverCapabilities = {
  kinds: kinds.filter(needsTerminal),
  instalments: Object.keys(PRODUCTS).flatMap((name) => [name, `${name}${PARTLY_SUFFIX}`]),
  services: Object.keys(NAMED_SERVICES),
  cancel: true,
  adjust: true,
};

export function createPrivatJsonDriver(parts: PrivatJsonParts): TerminalDriver {
  return new PrivatJsonDriver(parts);
}

/**
 * INVARIANTS
 * - The ordinary lane is used by whoever holds `core.mutex`; idle checks only take it when free.
 * - Between a loss and the look at the journal nothing but the handshake is sent.
 */
class PrivatJsonDriver implements TerminalDriver {
  readonly capabilities = CAPABILITIES;
  readonly #core: Core;
  readonly #random: Random;
  #cancelTick: (() => void) | null = null;
  #stopped = false;

  constructor(parts: PrivatJsonParts) {
    const { setup, transport, clock, random, log, options, timeZone } = parts;
    this.#random = random;
    const link = new Link({
      address: setup.address,
      transport,
      clock,
      random,
      log,
      options,
      onConnected: (session, identified) => this.#connected(session, identified),
    });
    this.#core = {
      setup,
      options,
      timeZone,
      clock,
      log,
      link,
      mutex: createMutex(clock),
      identity: null,
      identified: {},
      identityComplete: false,
      unanswered: new Set(),
      clockSkewMs: null,
      watermark: null,
      watermarkFingerprint: null,
      watermarkStale: false,
      watermarkReadAt: Number.NEGATIVE_INFINITY,
      watermarkSilences: 0,
      receiptInfoMissing: false,
      known: createKnownTransactions(),
      lastReplies: new Map(),
      // What an earlier process lost may still be answered to this one.
      lostAt: clock.monotonic(),
      lost: null,
      quiet: false,
    };
  }

  start(): void {
    this.#core.link.start();
    // A thousand terminals that are connected together are not asked together.
    this.#tickAfter(this.#core.options.pingEveryMs * this.#random.fraction());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick?.();
    await this.#core.link.stop();
  }

  rest(ms: number): void {
    this.#core.link.rest(ms);
  }

  link(): LinkState {
    return this.#core.link.state;
  }

  identity(): TerminalIdentity | null {
    return this.#core.identity;
  }

  clockSkewMs(): number | null {
    return this.#core.clockSkewMs;
  }

  lastSeen(): Instant | null {
    return this.#core.link.lastSeen;
  }

  onLinkChange(listener: () => void): void {
    this.#core.link.onChange(listener);
  }

  async perform(exchange: Exchange): Promise<Outcome> {
    const outcome = await perform(this.#core, exchange);
    if (this.#core.watermarkStale && !this.#core.quiet) void this.#check();
    return outcome;
  }

  expectation(operation: Operation, original: Operation | null): Expectation {
    return expectationOf(this.#core, operation, original);
  }

  lookUp(
    operation: Operation,
    signal: AbortSignal,
    original?: Operation | null,
  ): Promise<TerminalFacts | null> {
    return lookUp(this.#core, operation, original ?? null, signal);
  }

  async test(signal: AbortSignal): Promise<DriverTest> {
    const { link, mutex, options } = this.#core;
    const steps: DriverTest['steps'][number][] = [];
    const note = (name: string, ok: boolean, detail: string): boolean => {
      steps.push({ name, ok, detail });
      return ok;
    };
    const session = await link.ready(options.pingTimeoutMs, signal);
    const why = link.state.kind === 'offline' ? link.state.reason : link.state.kind;
    if (!note('connect', session !== null, session === null ? why : 'connected')) {
      return { ok: false, steps };
    }
    const release = await mutex.acquire(options.readyWaitMs);
    if (release === null) {
      note('ping', true, 'an operation is running');
      return { ok: true, steps };
    }
    try {
      if (session !== null) {
        note('ping', ...(await this.#pinged(session)));
        const identified = await session.service('identify', {}, options.pingTimeoutMs);
        note('identify', identified.kind !== 'silent' && identified.kind !== 'cut', this.#named());
      }
    } finally {
      release();
    }
    return { ok: steps.every((step) => step.ok), steps };
  }

  #named(): string {
    const { identity } = this.#core;
    return [identity?.vendor, identity?.model, identity?.firmware].filter(Boolean).join(' ');
  }

  async #pinged(session: Session): Promise<[boolean, string]> {
    const { pingTimeoutMs } = this.#core.options;
    const ping = { method: 'PingDevice', params: {}, signal: null } as const;
    const ending = await session.exchange({ ...ping, timeoutMs: pingTimeoutMs });
    const alive = ending.kind === 'answered' || ending.kind === 'busy';
    return [alive, alive ? ending.kind : 'no answer'];
  }

  /** Who it is, and where its journal ends; after a loss only what the service lane tells. */
  async #connected(session: Session, identified: Params): Promise<void> {
    const core = this.#core;
    await readLists(core, session, identified);
    if (core.quiet) return;
    await completeIdentity(core, session);
    if (session.isOpen) await readWatermark(core, session);
  }

  #tickAfter(ms: number): void {
    if (this.#stopped) return;
    this.#cancelTick = this.#core.clock.after(ms, () => {
      void this.#check().then(() => this.#tickAfter(this.#core.options.pingEveryMs));
    });
  }

  /**
   * One quiet question to an idle terminal: where its journal ends, or whether it is alive. One
   * that was heard not long ago is alive, and the next customer need not wait for the proof.
   */
  async #check(): Promise<void> {
    const core = this.#core;
    const { pingEveryMs, watermarkEveryMs } = core.options;
    const { session } = core.link;
    const release = session === null || core.quiet ? null : core.mutex.tryAcquire();
    if (session === null || release === null) return;
    try {
      const age = core.clock.monotonic() - core.watermarkReadAt;
      if (core.watermarkStale || age >= watermarkEveryMs) {
        await readWatermark(core, session);
      } else if (session.silentMs >= pingEveryMs / 2) {
        await this.#pinged(session);
      }
    } finally {
      release();
    }
  }
}
