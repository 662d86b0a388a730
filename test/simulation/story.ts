// One seed, one story: tills, terminals, weather and a person around the real gateway.
import { operationId } from '../../app/src/domain/ids.ts';
import { isFinal, type Operation } from '../../app/src/domain/operation.ts';
import type { RunningGateway } from '../../app/src/operations/create-gateway.ts';
import type { TerminalView } from '../../app/src/operations/gateway.ts';
import type { DriverCatalog } from '../../app/src/ports/terminal-driver.ts';
import { defaultProfile } from '../../app/src/simulator/privat-json/profile.ts';
import { PrivatJsonTerminal } from '../../app/src/simulator/privat-json/terminal.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { FaultyDisk } from '../kit/faulty-disk.ts';
import { MemoryNetwork } from '../kit/memory-transport.ts';
import { MemorySettings } from '../kit/memory-settings.ts';
import { Prng } from '../kit/prng.ts';
import { settled } from '../kit/settled.ts';
import { ADMINISTRATOR } from '../kit/world.ts';
import { checkEnd } from './invariants.ts';
import { addressOf, Life } from './life.ts';
import { personDecides } from './person.ts';
import { Till, type Told } from './till.ts';
import { Truth } from './truth.ts';
import { rage } from './weather.ts';
import { WishList } from './wishes.ts';

/** A broken rule: the message says which, and what was seen. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export interface StoryOptions {
  readonly seed: number;
  /** Canary: the ledger acknowledges beginnings before they are synced. */
  readonly skipFirstSync?: boolean;
  /** Canary: wraps the drivers. */
  readonly wrap?: (catalog: DriverCatalog) => DriverCatalog;
  readonly trace?: (line: string) => void;
}

export interface StoryStats {
  readonly operations: number;
  readonly powerCuts: number;
  readonly byEvidence: number;
  readonly byPerson: number;
  /** Why a person had to decide. */
  readonly ambiguous: readonly string[];
  readonly states: readonly string[];
}

/** Longest time that the tills' part of a story may take. */
const STORY_MS = 6 * 3_600_000;
/** After everything works again: time for every deadline, and for the journal to be read thrice. */
const CALM_MS = 1_300_000;

/** Every link is up again: the longest pause between two attempts, and a handshake. */
const LINK_MS = 120_000;

export class Story {
  readonly clock: FakeClock;
  readonly random: Prng;
  readonly disk = new FaultyDisk();
  readonly truth = new Truth();
  readonly network: MemoryNetwork;
  readonly terminals = new Map<string, PrivatJsonTerminal>();
  readonly wishes: WishList;
  readonly settings: MemorySettings;
  readonly told: Told[] = [];
  readonly options: StoryOptions;
  /** Reasons for which a person decided. */
  readonly ambiguous: string[] = [];
  calm = false;
  powerCuts = 0;
  #life: Life | null = null;
  #violation: Violation | null = null;

  constructor(options: StoryOptions) {
    this.options = options;
    this.random = new Prng(options.seed);
    this.clock = new FakeClock({ settle: drained });
    const { random } = this;
    const slow = random.chance(0.2) ? 300 : 5;
    const [smallest, largest] = random.chance(0.15) ? [1, 40] : [4_096, 4_096];
    this.network = new MemoryNetwork({
      clock: this.clock,
      delayMs: () => random.between(0, slow),
      pieceBytes: () => random.between(smallest, largest),
    });
    const ids = Array.from({ length: random.between(1, 2) }, (_, index) => `pos-${index + 1}`);
    this.wishes = new WishList(random, ids);
    for (const [index, id] of ids.entries()) this.#install(id, options.seed * 2 + index);
    this.settings = new MemorySettings({ terminals: ids.map((id) => this.#settingsOf(id)) });
  }

  trace(line: () => string): void {
    this.options.trace?.(`${(this.clock.monotonic() / 1000).toFixed(3).padStart(9)} ${line()}`);
  }

  fail(message: string): void {
    this.trace(() => `VIOLATION ${message}`);
    this.#violation ??= new Violation(message);
  }

  get life(): Life | null {
    return this.#life?.alive === true ? this.#life : null;
  }

  async run(): Promise<StoryStats> {
    const { random } = this;
    this.boot();
    const tills = Array.from({ length: random.between(1, 3) }, (_, index) => new Till(this, index));
    const works = tills.map((till) => till.work());
    for (const work of works) {
      work.catch((error: unknown) => this.fail(`a till failed: ${stackOf(error)}`));
    }
    const worked = works.map(settled);
    const weather = rage(this);
    weather.catch((error: unknown) => this.fail(`the weather failed: ${stackOf(error)}`));
    const cleared = settled(weather);
    await this.#until(() => worked.every((done) => done()), STORY_MS, 'the end of the tills’ work');
    this.calm = true;
    await this.#until(cleared, CALM_MS, 'the end of the weather');
    await this.#settle();
    await this.#stop();
    checkEnd(this);
    if (this.#violation !== null) throw this.#violation;
    return this.#stats();
  }

  /** Starts the process on what the disk holds. */
  boot(): void {
    const life = new Life({
      clock: this.clock,
      disk: this.disk,
      network: this.network,
      random: this.random,
      settings: this.settings,
      skipFirstSync: this.options.skipFirstSync ?? false,
      wrap: this.options.wrap ?? ((catalog) => catalog),
    });
    this.#life = life;
    this.trace(() => `boot, ${this.disk.commits.length} commits on disk`);
    life.start().then(
      () => this.#watch(life),
      (error: unknown) => this.fail(`the gateway does not start: ${stackOf(error)}`),
    );
    void life.died.then(() => this.#outage());
  }

  #outage(): void {
    this.powerCuts += 1;
    this.trace(() => 'power cut of the gateway');
    this.clock.after(this.random.between(200, 20_000), () => this.boot());
  }

  /** Asks the living gateway; `gone` where there is none, or it dies before it answers. */
  async ask<T>(question: (gateway: RunningGateway) => Promise<T>): Promise<T | 'gone'> {
    const { life } = this;
    const gateway = life?.gateway ?? null;
    if (life === null || gateway === null) return 'gone';
    return Promise.race([question(gateway), life.died]);
  }

  /** Open operations of the living ledger; null while the process is down. */
  open(): readonly Operation[] | null {
    const { life } = this;
    return life === null || life.gateway === null ? null : life.ledger.open();
  }

  #watch(life: Life): void {
    if (this.options.trace === undefined) return;
    life.gateway?.subscribeAll(({ event }, operation) => {
      const { code } = operation.message;
      this.trace(() => `ledger ${operation.id} ${event.kind} → ${operation.state} (${code})`);
    });
  }

  #install(id: string, seed: number): void {
    const { random, clock, truth } = this;
    const terminal = new PrivatJsonTerminal({
      clock,
      profile: defaultProfile(seed, {
        receiptInfo: random.chance(0.9),
        declinesInJournal: random.chance(0.3),
        invoiceReset: random.chance(0.4),
        onLinkLoss: random.chance(0.7) ? 'finish' : 'cancel',
        lateInterrupt: random.chance(0.7) ? 'reverse' : 'stand',
        clockSkewMs: random.chance(0.2) ? random.between(-7_200_000, 7_200_000) : 0,
        maskStyle: random.chance(0.5) ? 'stars' : 'crosses',
        amountSeparator: random.chance(0.8) ? '.' : ',',
        firstInvoice: random.chance(0.5) ? 1 : random.between(2, 900),
      }),
      settings: { answerAfterMs: random.pick([0, 300, 3_000, 12_000]) },
      onRecord: (record) => {
        truth.record(id, record);
        this.trace(() => `${id} journal ${JSON.stringify(record).slice(0, 160)}`);
      },
    });
    this.terminals.set(id, terminal);
    this.network.listen(addressOf(id), (end) => {
      const link = {
        send: (bytes: Uint8Array) => {
          this.trace(() => `${id} says ${frameOf(bytes)}`);
          end.send(bytes);
        },
        close: () => end.close(),
      };
      const port = terminal.connect(link);
      if (port === null) return null;
      const note = truth.listener(id);
      return {
        receive: (chunk) => {
          this.trace(() => `${id} hears ${frameOf(chunk)}`);
          note(chunk);
          port.receive(chunk);
        },
        gone: () => port.gone(),
      };
    });
    // Sales of the morning, so that most journals are not empty.
    if (random.chance(0.8)) terminal.standaloneSale(777);
  }

  #settingsOf(id: string): object {
    const { random } = this;
    return {
      id,
      driver: 'privat-json',
      address: addressOf(id),
      loyalty: { answer: random.pick(['ask-till', 'keep-sum']) },
      options: {
        handshake: random.chance(0.8) ? 'single' : 'reference',
        pauseAfterPingMs: random.pick([0, 1_000]),
        statusPollMs: random.pick([500, 1_000, 3_000]),
        pingEveryMs: random.pick([20_000, 600_000]),
        watermarkEveryMs: random.pick([60_000, 900_000]),
      },
    };
  }

  /** Faults end, everything has power: what can be found out is found out, the rest by a person. */
  async #settle(): Promise<void> {
    this.disk.full = false;
    this.disk.failing = 0;
    if (this.life !== null) this.life.cutAfterSteps = null;
    for (const [id, terminal] of this.terminals) {
      terminal.device.faults.clear();
      this.network.refuse(addressOf(id), false);
    }
    this.trace(() => 'calm');
    const resolved = (): boolean => this.open()?.length === 0;
    const limit = this.clock.monotonic() + CALM_MS;
    await this.#until(
      () => resolved() || this.clock.monotonic() >= limit,
      CALM_MS + 3_600_000,
      'the resolution of what can be resolved',
    );
    for (const operation of this.open() ?? []) await this.#decide(operation);
    await this.#until(() => this.#views().every(({ link }) => link === 'ready'), LINK_MS, 'a link');
    const left = this.open()?.map(({ id, state }) => `${id} ${state}`);
    if (left?.length !== 0) this.fail(`open at the end: ${left?.join(', ')}`);
  }

  async #decide(operation: Operation): Promise<void> {
    if (operation.state !== 'unknown') {
      this.fail(`${operation.id} is ${operation.state} long after everything works again`);
      return;
    }
    if (operation.evidence === null || !operation.message.code.startsWith('evidence-')) {
      this.fail(`${operation.id} was not looked up: ${operation.message.code}`);
    }
    await this.#within(personDecides(this, operation), 60_000, 'the decision of a person');
  }

  #views(): readonly TerminalView[] {
    return this.life?.gateway?.terminals(ADMINISTRATOR) ?? [];
  }

  async #stop(): Promise<void> {
    const { life } = this;
    if (life === null || life.gateway === null) {
      this.fail('the gateway is not running at the end');
      return;
    }
    for (const { settings, unresolved } of this.#views()) {
      if (unresolved !== null) this.fail(`the gate of ${settings.id} is closed by nothing`);
    }
    await this.#within(life.gateway.stop(), 60_000, 'the stop of the gateway');
    // What the links still have on their way.
    await this.clock.advance(10_000);
    if (life.clock.pending > 0) this.fail(`${life.clock.pending} timers are left after the stop`);
  }

  async #within<T>(promise: Promise<T>, limitMs: number, name: string): Promise<T> {
    await this.#until(settled(promise), limitMs, name);
    return promise;
  }

  async #until(condition: () => boolean, limitMs: number, name: string): Promise<void> {
    const done = (): boolean => this.#violation !== null || condition();
    try {
      await this.clock.runUntil(done, limitMs, name);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
    if (this.#violation !== null) throw this.#violation;
    if (!condition()) throw new Violation(`${name} was not reached: no timer is set`);
  }

  #stats(): StoryStats {
    const rows = this.wishes
      .all()
      .map(({ id }) => this.#life?.ledger.find(operationId(id)) ?? null)
      .filter((row) => row !== null);
    return {
      operations: rows.length,
      powerCuts: this.powerCuts,
      byEvidence: rows.filter(({ resolution }) => resolution?.by === 'evidence').length,
      byPerson: this.ambiguous.length,
      ambiguous: this.ambiguous,
      states: rows.filter(({ state }) => isFinal(state)).map(({ state }) => state),
    };
  }

  /** The rows of the last life. */
  get rows(): readonly Operation[] {
    return this.#life?.ledger.all() ?? [];
  }
}

function frameOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8').replaceAll('\0', '␀');
  return text.replace(/"receipt":"[^"]*"/, '"receipt":"…"').slice(0, 400);
}

/** Runs every microtask that is ready: the tick queue is served when there is none left. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
