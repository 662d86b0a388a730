// The driver of one nexo terminal: login, lane's turn, idle checks, maintenance.
import type { Expectation, TerminalFacts } from '../../domain/evidence.ts';
import type { Instant } from '../../domain/ids.ts';
import type { Operation, OperationKind } from '../../domain/operation.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { HttpClient } from '../../ports/http-client.ts';
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
import type { NexoMessage } from '../../xml/nexo/envelope.ts';
import { createMutex } from '../wire/mutex.ts';
import { type Core, readLast } from './core.ts';
import { answerDevice } from './device.ts';
import { identityOf, probe, skewOf } from './identity.ts';
import { createServiceIds } from './ids.ts';
import { NexoLink } from './link.ts';
import { expectationOf, lookUp } from './look-up.ts';
import { keepMaintenance } from './maintenance.ts';
import { type Category, logout } from './messages.ts';
import type { NexoOptions } from './options.ts';
import { perform } from './perform.ts';
import type { NexoSwitch } from './switch.ts';

export interface NexoParts {
  readonly setup: TerminalSetup;
  readonly options: NexoOptions;
  readonly http: HttpClient;
  readonly nexo: NexoSwitch;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the shop: nights are local. */
  readonly timeZone: string;
}

const ALWAYS: readonly OperationKind[] = ['purchase', 'refund', 'cashback', 'void'];
/** Kinds that a terminal has where it knows the message. */
const PROBED: readonly (readonly [Category, readonly OperationKind[]])[] = [
  ['Diagnosis', ['check-host', 'info']],
  ['GetTotals', ['totals']],
  ['Reconciliation', ['settlement', 'settlement-copy']],
  ['CardAcquisition', ['read-card']],
];

export function createNexoDriver(parts: NexoParts): TerminalDriver {
  return new NexoDriver(parts);
}

/**
 * INVARIANTS
 * - What must not be sent beside anything is sent by whoever holds `core.mutex`; aborts are not.
 * - After a loss nothing resets the terminal before the operation was looked up.
 */
class NexoDriver implements TerminalDriver {
  readonly #core: Core;
  readonly #nexo: NexoSwitch;
  #leaveSwitch: (() => void) | null = null;
  #cancelTick: (() => void) | null = null;
  #stopped = false;

  constructor(parts: NexoParts) {
    const { setup, options, http, clock, random, log, timeZone } = parts;
    this.#nexo = parts.nexo;
    const link = new NexoLink({
      address: setup.address,
      options,
      http,
      clock,
      random,
      log,
      nextServiceId: createServiceIds(clock),
      onLoggedIn: (message) => this.#loggedIn(message),
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
      clockSkewMs: null,
      last: null,
      lastStale: true,
      running: null,
      // SPEC 4.11: only the default style takes a card before there is a sum.
      known: new Set(options.style === 'default' ? ['CardAcquisition'] : []),
      probed: !options.probe,
      unsettled: false,
      announced: null,
      maintenance: { required: false, until: null, doneOn: '' },
    };
  }

  get capabilities(): DriverCapabilities {
    const { known } = this.#core;
    const probed = PROBED.flatMap(([category, kinds]) => (known.has(category) ? kinds : []));
    return {
      kinds: [...ALWAYS, ...probed],
      instalments: [],
      services: [],
      cancel: true,
      adjust: false,
    };
  }

  start(): void {
    const core = this.#core;
    if (core.options.style === 'default') {
      this.#leaveSwitch = this.#nexo.register({
        terminal: core.setup.id,
        poiId: core.options.poiId,
        addresses: addressesOf(core),
        answer: (message) => this.#heard(message),
        door: (door) =>
          core.link.alarm(
            'way-back',
            door.kind === 'open' ? null : `terminals cannot call this gateway: ${door.reason}`,
          ),
        announced: () => core.announced,
      });
    }
    core.link.start();
    this.#tickLater(FIRST_CHECK_MS);
  }

  async stop(): Promise<void> {
    const core = this.#core;
    this.#stopped = true;
    this.#cancelTick?.();
    // A POIID cannot change within a login, so an idle terminal is left logged out.
    const { session, state } = core.link;
    if (
      state.kind === 'ready' &&
      session.kind === 'in' &&
      core.running === null &&
      !core.unsettled
    ) {
      const timeoutMs = Math.min(core.options.queryTimeoutMs, LOGOUT_AT_STOP_MS);
      await core.link.ask({ category: 'Logout', body: logout(), timeoutMs });
    }
    this.#leaveSwitch?.();
    await core.link.stop();
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

  perform(exchange: Exchange): Promise<Outcome> {
    return perform(this.#core, exchange);
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
    const core = this.#core;
    const steps: DriverTest['steps'][number][] = [];
    const note = (name: string, ok: boolean, detail: string): void => {
      steps.push({ name, ok, detail });
    };
    const reached = await core.link.reachable(core.options.readyWaitMs, signal);
    const { state } = core.link;
    note('connect', reached, state.kind === 'offline' ? state.reason : state.kind);
    const release = reached ? core.mutex.tryAcquire() : null;
    if (release !== null) {
      const status = await readLast(core, signal);
      release();
      note('status', status.kind !== 'silent', status.kind);
    }
    if (core.options.style === 'default') {
      const alarm = core.link.alarmed('way-back');
      note('call-back', alarm === null, alarm ?? 'the terminal can call');
    }
    return { ok: steps.every((step) => step.ok), steps };
  }

  #heard(message: NexoMessage): ReturnType<typeof answerDevice> {
    // Whatever was wrong with the way back, it is not any more; an announcement proves nothing.
    if (message.header.messageCategory !== 'Transmit') this.#core.link.alarm('way-back', null);
    return answerDevice(this.#core, message);
  }

  #loggedIn(message: NexoMessage): void {
    const core = this.#core;
    core.identity = identityOf(message, core.setup);
    core.clockSkewMs = skewOf(message, core.clock.now());
    core.lastStale = true;
    core.maintenance.until = null;
    this.#tickLater(FIRST_CHECK_MS);
  }

  #tickLater(ms: number): void {
    this.#cancelTick?.();
    if (this.#stopped) return;
    this.#cancelTick = this.#core.clock.after(ms, () => {
      void this.#check()
        .catch((error: unknown) => this.#core.log.error('nexo-check-failed', {}, error))
        .then(() => this.#tickLater(this.#core.options.checkEveryMs));
    });
  }

  /** One quiet look at an idle terminal, and what can wait until it is idle. */
  async #check(): Promise<void> {
    const core = this.#core;
    if (this.#stopped || core.unsettled || core.link.state.kind !== 'ready') return;
    const release = core.mutex.tryAcquire();
    if (release === null) return;
    try {
      if (await keepMaintenance(core)) return;
      if (core.link.session.kind === 'adopted') {
        await core.link.loggedIn(core.options.readyWaitMs);
        return;
      }
      await readLast(core);
      if (!core.probed) await probe(core);
    } finally {
      release();
    }
  }
}

/** SPEC 4.1: right after a login the terminal is busy with its host. */
const FIRST_CHECK_MS = 1_000;
const LOGOUT_AT_STOP_MS = 2_000;

function addressesOf({ options, setup }: Core): readonly string[] {
  const given = options.allowedAddresses
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (given.length > 0) return given;
  const host = /^https?:\/\/([^:/]+)/i.exec(setup.address)?.[1] ?? '';
  if (host === 'localhost') return ['127.0.0.1'];
  return /^\d+(?:\.\d+){3}$/.test(host) ? [host] : [];
}
