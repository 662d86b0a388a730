// A terminal driver that does what the test's script says.
import type { Expectation, TerminalFacts, Watermark } from '../../app/src/domain/evidence.ts';
import { minorUnits } from '../../app/src/domain/money.ts';
import { amountOf, KINDS, type Operation } from '../../app/src/domain/operation.ts';
import { EMPTY_RESULT, type Outcome, unknownOutcome } from '../../app/src/domain/outcome.ts';
import type { Clock } from '../../app/src/ports/clock.ts';
import type {
  DriverCapabilities,
  DriverCatalog,
  DriverTest,
  Exchange,
  LinkState,
  TerminalDriver,
  TerminalIdentity,
  TerminalSetup,
} from '../../app/src/ports/terminal-driver.ts';

/** What one exchange does; `clock` is the driver's. */
export type Script = (exchange: Exchange, clock: Clock) => Promise<Outcome>;

export function watermarkAt(readAt: number): Watermark {
  return { readAt, terminalId: 'S1234501', batch: '7', lastInvoice: '41', clockSkewMs: 0 };
}

/** What a terminal tells that has done nothing since the watermark. */
export const IDLE_FACTS: TerminalFacts = {
  readAt: 0,
  idle: true,
  terminalId: 'S1234501',
  batch: '7',
  lastInvoice: '41',
  newer: [],
  complete: true,
};

export const EVERYTHING: DriverCapabilities = {
  kinds: Object.keys(KINDS) as DriverCapabilities['kinds'], // the keys of the table
  instalments: ['parts'],
  services: ['top-up'],
  cancel: true,
  adjust: true,
};

export function approved(operation: Operation, amount = amountOf(operation.request)): Outcome {
  return {
    kind: 'approved',
    code: 'approved',
    approvedAmount: amount,
    discount: null,
    bonus: null,
    result: { ...EMPTY_RESULT, rrn: '014721258513', authCode: '611506', invoice: '42' },
  };
}

export function declined(): Outcome {
  return {
    kind: 'declined',
    code: 'insufficient-funds',
    terminalText: 'НЕДОСТАТНЬО КОШТІВ',
    result: null,
  };
}

/** Starts, takes `ms`, and approves what was asked. */
export function approvesAfter(ms: number): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    await clock.sleep(ms);
    return approved(exchange.operation);
  };
}

/** Starts, takes `ms`, and ends with this. */
export function endsWith(outcome: Outcome, ms = 10): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    await clock.sleep(ms);
    return outcome;
  };
}

/** Starts and loses the answer after `ms`. */
export function losesAnswer(ms = 10): Script {
  return endsWith(unknownOutcome('lost-answer'), ms);
}

/** Starts and answers only when the operation's time is up. */
export function neverAnswers(): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    await aborted(exchange.signal);
    return unknownOutcome('deadline-passed');
  };
}

/** Starts, and obeys a request to cancel within `ms` of it; else never answers. */
export function cancellable(ms = 10): Script {
  return async (exchange, clock) => {
    await exchange.started(watermarkAt(clock.now()));
    await aborted(exchange.cancelRequested);
    await clock.sleep(ms);
    return { kind: 'cancelled', code: 'cancelled-by-till', terminalText: null, result: null };
  };
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export class ScriptedDriver implements TerminalDriver {
  capabilities: DriverCapabilities = EVERYTHING;
  readonly setup: TerminalSetup;
  readonly #clock: Clock;
  readonly #listeners: (() => void)[] = [];
  #link: LinkState = { kind: 'connecting', since: 0 };
  /** The script of each next exchange; the last one stays. */
  scripts: Script[] = [approvesAfter(10)];
  /** Exchanges so far, in order. */
  readonly performed: Exchange[] = [];
  /** Looks at the journal so far. */
  lookUps = 0;
  /** What a look brings; it is stamped with the time of the look, its entries with our start. */
  facts: (operation: Operation, signal: AbortSignal) => Promise<TerminalFacts | null> = () =>
    Promise.resolve(null);
  /** Exchanges and looks that run now; more than one is a broken promise of the lane. */
  running = 0;
  mostAtOnce = 0;
  stopped = false;

  constructor(setup: TerminalSetup, clock: Clock) {
    this.setup = setup;
    this.#clock = clock;
  }

  start(): void {
    this.setLink('ready');
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.#ending.abort(new Error('driver stopped'));
    this.setLink('offline');
    return Promise.resolve();
  }

  readonly #ending = new AbortController();

  link(): LinkState {
    return this.#link;
  }

  setLink(kind: 'connecting' | 'ready' | 'offline'): void {
    const since = this.#clock.now();
    this.#link = kind === 'offline' ? { kind, since, reason: 'unplugged' } : { kind, since };
    for (const listener of this.#listeners) listener();
  }

  identity(): TerminalIdentity | null {
    return null;
  }

  clockSkewMs(): number | null {
    return 0;
  }

  lastSeen(): number | null {
    return null;
  }

  onLinkChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async perform(exchange: Exchange): Promise<Outcome> {
    this.performed.push(exchange);
    const script = this.scripts.length > 1 ? this.scripts.shift() : this.scripts[0];
    if (script === undefined) throw new Error('no script');
    return this.#alone(() =>
      Promise.race([
        script(exchange, this.#clock),
        aborted(this.#ending.signal).then(() => unknownOutcome('link-cut')),
      ]),
    );
  }

  expectation(operation: Operation, _original: Operation | null): Expectation {
    const amount = amountOf(operation.request);
    const { request } = operation;
    return {
      kind: request.kind,
      amounts: [amount, operation.adjusted?.amount ?? null].filter((sum) => sum !== null),
      currency: request.currency,
      merchantTerminalId: null,
      startedAt: operation.startedAt ?? operation.createdAt,
      cardMask: operation.seen.cardMask,
      voids: 'invoice' in request ? request.invoice : null,
    };
  }

  async lookUp(operation: Operation, signal: AbortSignal): Promise<TerminalFacts | null> {
    this.lookUps += 1;
    const facts = await this.#alone(() => this.facts(operation, signal));
    if (facts === null) return null;
    const newer = facts.newer.map((entry) => ({ ...entry, at: entry.at ?? operation.startedAt }));
    return { ...facts, newer, readAt: this.#clock.now() };
  }

  test(): Promise<DriverTest> {
    return this.#alone(() => Promise.resolve({ ok: true, steps: [] }));
  }

  async #alone<T>(run: () => Promise<T>): Promise<T> {
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    try {
      return await run();
    } finally {
      this.running -= 1;
    }
  }
}

/** Makes a ScriptedDriver for each terminal and keeps the latest one by the terminal's id. */
export class ScriptedCatalog implements DriverCatalog {
  readonly names = ['scripted'];
  readonly drivers = new Map<string, ScriptedDriver>();
  readonly made: ScriptedDriver[] = [];
  readonly #clock: Clock;
  /** Prepares each driver before its lane sees it. */
  prepare: (driver: ScriptedDriver) => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  check(setup: TerminalSetup): readonly { path: string; message: string }[] {
    return this.names.includes(setup.driver)
      ? []
      : [{ path: 'driver', message: `no driver ${setup.driver}` }];
  }

  normaliseAddress(address: string): string {
    return address.toLowerCase();
  }

  create(setup: TerminalSetup): ScriptedDriver {
    const driver = new ScriptedDriver(setup, this.#clock);
    this.prepare(driver);
    this.drivers.set(setup.id, driver);
    this.made.push(driver);
    return driver;
  }
}

/** Facts with one newer transaction of this sum. */
export function factsWith(
  amount: number,
  status: 'approved' | 'declined' | 'reversed' = 'approved',
): TerminalFacts {
  return {
    ...IDLE_FACTS,
    lastInvoice: '42',
    newer: [
      {
        kinds: ['purchase'],
        status,
        amount: minorUnits(amount),
        invoice: '42',
        merchantTerminalId: null,
        at: null,
        cardMask: null,
        voids: null,
        result: { ...EMPTY_RESULT, rrn: '014721258513', invoice: '42' },
      },
    ],
  };
}
