// The operations with a scripted terminal and a faulty disk, through one process life after another.
import { operationId, type OperationId, terminalId } from '../../app/src/domain/ids.ts';
import type { Operation } from '../../app/src/domain/operation.ts';
import { createGateway, type RunningGateway } from '../../app/src/operations/create-gateway.ts';
import type { Done, Principal, Started, Verdict } from '../../app/src/operations/gateway.ts';
import {
  type OperationBody,
  operationBodySchema,
} from '../../app/src/operations/request-schema.ts';
import type {
  KeyLimits,
  Role,
  TerminalSettings,
} from '../../app/src/operations/settings-schema.ts';
import { terminalSchema } from '../../app/src/operations/settings-schema.ts';
import { FakeClock } from './fake-clock.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { FaultyLedger, type FaultyLedgerOptions } from './faulty-ledger.ts';
import { MemorySettings } from './memory-settings.ts';
import { MortalClock } from './mortal-clock.ts';
import { Prng } from './prng.ts';
import { QuietLog } from './quiet-log.ts';
import { settled } from './settled.ts';
import { ScriptedCatalog, type ScriptedDriver } from './scripted-driver.ts';

export const NO_LIMITS: KeyLimits = { terminals: null, kinds: null, amountMax: null };

export function principal(role: Role, limits: Partial<KeyLimits> = {}): Principal {
  return { name: `${role}-key`, role, limits: { ...NO_LIMITS, ...limits } };
}

export const TILL = principal('till');
export const SUPERVISOR = principal('supervisor');
export const ADMINISTRATOR = principal('administrator');
export const AUDITOR = principal('auditor');

export const VERDICT: Verdict = {
  verdict: 'approved',
  name: 'Olena',
  reason: 'the slip is in the drawer',
  amount: null,
};

export interface WorldOptions {
  readonly terminals?: readonly (string | Partial<TerminalSettings>)[];
  readonly ledger?: FaultyLedgerOptions;
  /** Prepares each driver before its lane sees it, in every life. */
  readonly prepare?: (driver: ScriptedDriver) => void;
}

/** Settings of a terminal for the scripted driver. */
export function terminal(given: string | Partial<TerminalSettings>): TerminalSettings {
  const own = typeof given === 'string' ? { id: given } : given;
  return terminalSchema.parse({ driver: 'scripted', address: `memory://${own.id}`, ...own });
}

export class World {
  readonly clock = new FakeClock();
  readonly disk = new FaultyDisk();
  readonly settings: MemorySettings;
  readonly random = new Prng(1);
  readonly #options: WorldOptions;
  #life: Life | null = null;

  static async boot(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    await world.boot();
    return world;
  }

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.settings = new MemorySettings({
      terminals: (options.terminals ?? ['till-1']).map(terminal),
    });
  }

  /** Starts the next process life on what the disk holds. */
  async boot(): Promise<void> {
    const clock = new MortalClock(this.clock);
    const ledger = new FaultyLedger(this.disk, clock, this.#options.ledger);
    const catalog = new ScriptedCatalog(clock);
    catalog.prepare = this.#options.prepare ?? (() => undefined);
    const log = new QuietLog();
    const starting = createGateway({ ledger, settings: this.settings, catalog, clock, log });
    await this.clock.runUntil(settled(starting), 60_000, 'the start of the gateway');
    this.#life = { clock, ledger, catalog, log, gateway: await starting };
  }

  /** The power goes: unsynced writes, driver, lanes and waiting tills are gone. */
  powerCut(): void {
    this.disk.powerCut(this.random);
    this.#living.clock.die();
    this.#life = null;
  }

  /** The power goes and comes back. */
  async restart(): Promise<void> {
    this.powerCut();
    await this.boot();
  }

  get #living(): Life {
    if (this.#life === null) throw new Error('the gateway is not running');
    return this.#life;
  }

  get gateway(): RunningGateway {
    return this.#living.gateway;
  }

  get ledger(): FaultyLedger {
    return this.#living.ledger;
  }

  get log(): QuietLog {
    return this.#living.log;
  }

  get catalog(): ScriptedCatalog {
    return this.#living.catalog;
  }

  driver(id = 'till-1'): ScriptedDriver {
    const driver = this.#living.catalog.drivers.get(id);
    if (driver === undefined) throw new Error(`no driver of ${id}`);
    return driver;
  }

  /** Lets what is ready run and the disk sync, without moving the terminal's time much. */
  async tick(ms = 5): Promise<void> {
    await this.clock.advance(ms);
  }

  /** Settles a promise while time runs; throws where it takes more than `limitMs`. */
  async settled<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    await this.clock.runUntil(settled(promise), limitMs, 'the promise');
    return promise;
  }

  start(id: string, body: unknown, who: Principal = TILL): Promise<Started> {
    return this.settled(this.startNow(id, body, who));
  }

  /** Without moving time: for requests that run side by side. */
  startNow(id: string, body: unknown, who: Principal = TILL): Promise<Started> {
    return this.gateway.start(who, operationId(id), parsed(body));
  }

  purchase(id: string, changes: Record<string, unknown> = {}, who = TILL): Promise<Started> {
    return this.start(id, { kind: 'purchase', amount: 12_345, ...changes }, who);
  }

  /** Runs until the operation is final or unknown, and returns its row. */
  async ended(id: string, limitMs = 3_600_000): Promise<Operation> {
    const done = (): boolean => {
      const state = this.ledger.find(operationId(id))?.state;
      return (
        state !== undefined && !['accepted', 'queued', 'running', 'confirming'].includes(state)
      );
    };
    await this.clock.runUntil(done, limitMs, `the end of ${id}`);
    return this.row(id);
  }

  /** Runs until the operation is in this state. */
  async until(id: string, state: Operation['state'], limitMs = 3_600_000): Promise<Operation> {
    const reached = await this.clock.runUntil(
      () => this.ledger.find(operationId(id))?.state === state,
      limitMs,
      `${id} ${state}`,
    );
    if (!reached) throw new Error(`${id} is ${this.row(id).state}, not ${state}`);
    return this.row(id);
  }

  row(id: string): Operation {
    const row = this.ledger.find(operationId(id));
    if (row === null) throw new Error(`no operation ${id}`);
    return row;
  }

  kinds(id: string): string[] {
    return this.ledger.events(operationId(id), 0).map(({ event }) => event.kind);
  }

  cancel(id: string, who: Principal = TILL): Promise<Done> {
    return this.settled(this.gateway.cancel(who, operationId(id)));
  }

  resolve(id: string, verdict: Partial<Verdict> = {}, who = SUPERVISOR): Promise<Done> {
    return this.settled(this.gateway.resolve(who, operationId(id), { ...VERDICT, ...verdict }));
  }

  view(id = 'till-1') {
    const view = this.gateway.terminal(ADMINISTRATOR, terminalId(id));
    if (view === null) throw new Error(`no terminal ${id}`);
    return view;
  }
}

interface Life {
  readonly clock: MortalClock;
  readonly ledger: FaultyLedger;
  readonly catalog: ScriptedCatalog;
  readonly log: QuietLog;
  readonly gateway: RunningGateway;
}

function parsed(body: unknown): OperationBody {
  return operationBodySchema.parse(body);
}

/** The refusal's code, or the operation's state: what the till is told, in one word. */
export function word(answer: Started | Done): string {
  return answer.kind === 'refused' ? answer.refusal.code : answer.operation.state;
}

export function refusalOf(answer: { readonly kind: string }): {
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
} {
  if (answer.kind !== 'refused') throw new Error(`not refused: ${JSON.stringify(answer)}`);
  return (answer as Extract<Started, { kind: 'refused' }>).refusal; // checked above
}

export function oid(id: string): OperationId {
  return operationId(id);
}
