// A simulated terminal of a small protocol as one of the fleet: `sim://concert?answerAfterMs=1500&…`.
import { createServer, type Server, type Socket } from 'node:net';
import {
  SIMULATOR_DELAY_MS_MAX,
  SIMULATOR_JOURNAL_SHOWN,
  TERMINAL_WAITING_LINKS_MAX,
} from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SimulatorSettings, SimulatorState } from '../../ports/simulators.ts';
import type { Described, SimulatedMember } from '../member.ts';
import { cardOf, CARDS, isCardName, masked } from './cards.ts';
import { Desk } from './desk.ts';
import { type DeskEntry, fileJournal } from './journal.ts';
import { DeskLink } from './link.ts';

export interface DeskProtocol {
  /** As in `sim://name`. */
  readonly name: string;
  readonly faults: readonly Described[];
  /** Talks to one client until it is gone. */
  talk(link: DeskLink, desk: Desk): Promise<void>;
}

export interface DeskParts {
  readonly clock: Clock;
  /** Null keeps the journal in memory. */
  readonly journalFolder: string | null;
  readonly onFailure: (cause: unknown) => void;
}

/** Rejects with RangeError where the address names another option or value. */
export async function openDeskMember(
  id: string,
  address: string,
  protocol: DeskProtocol,
  parts: DeskParts,
): Promise<SimulatedMember> {
  const settings = readSettings(address, protocol.name);
  const { clock, journalFolder, onFailure } = parts;
  const file = journalFolder === null ? null : fileJournal(journalFolder, `${id}.${protocol.name}`);
  const desk = new Desk(clock, file, onFailure);
  const counter = new Counter(protocol, desk, onFailure);
  await counter.listen();
  const member = new DeskMember(protocol, desk, counter, settings);
  member.reset();
  return member;
}

/** INVARIANT: without power nobody is listened to. */
class Counter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(protocol: DeskProtocol, desk: Desk, onFailure: (cause: unknown) => void) {
    this.#server = createServer((socket) => {
      if (!desk.powered) return void socket.destroy();
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      protocol
        .talk(new DeskLink(socket, desk.clock), desk)
        .catch(onFailure)
        .finally(() => socket.end());
    });
  }

  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('it does not listen');
    return `tcp://127.0.0.1:${address.port}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(
        { host: '127.0.0.1', port: 0, backlog: TERMINAL_WAITING_LINKS_MAX },
        resolve,
      );
    });
  }

  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): Promise<void> {
    this.dropAll();
    return new Promise((resolve) => void this.#server.close(() => resolve()));
  }
}

/** INVARIANT: while it has no power it answers nothing, and one timer at most ends that. */
class DeskMember implements SimulatedMember {
  readonly faults: readonly Described[];
  readonly cards = Object.entries(CARDS).map(([name, { description }]) => ({ name, description }));
  readonly #desk: Desk;
  readonly #counter: Counter;
  readonly #initial: SimulatorSettings;
  #cancelPower: () => void = () => undefined;

  constructor(protocol: DeskProtocol, desk: Desk, counter: Counter, initial: SimulatorSettings) {
    this.faults = protocol.faults;
    this.#desk = desk;
    this.#counter = counter;
    this.#initial = initial;
  }

  get address(): string {
    return this.#counter.address;
  }

  state(): Omit<SimulatorState, 'terminal' | 'address'> {
    const { screen, busy, powered, card, settings, entries, faults, remarks } = this.#desk;
    return {
      screen,
      busy,
      powered,
      card:
        card === null
          ? null
          : { pan: masked(card.pan), brand: card.brand, hostCode: hostCode(card.code) },
      settings,
      journal: entries.slice(-SIMULATOR_JOURNAL_SHOWN).map(shown),
      faults: [...faults],
      remarks: counted(remarks),
    };
  }

  fault(name: string, times: number): boolean {
    if (!this.faults.some((fault) => fault.name === name)) return false;
    for (let n = 0; n < times; n += 1) this.#desk.faults.push(name);
    return true;
  }

  clearFaults(): void {
    this.#desk.faults.length = 0;
  }

  presentCard(presented: Parameters<SimulatedMember['presentCard']>[0]): boolean {
    const card = cardOf(presented);
    return card !== null && this.#desk.present(card);
  }

  /** These protocols tell a till nothing of a PIN: the customer has typed it with the card. */
  enterPin(): boolean {
    return false;
  }

  pressCancel(): boolean {
    return this.#desk.stop();
  }

  standaloneSale(amount: number): boolean {
    return this.#desk.sell(amount);
  }

  powerCut(offMs: number): void {
    this.#cancelPower();
    this.#desk.darken();
    this.#counter.dropAll();
    this.#cancelPower = this.#desk.clock.after(offMs, () => {
      this.#desk.powered = true;
    });
  }

  configure(settings: Partial<SimulatorSettings>): boolean {
    const { answerAfterMs, autoCard, defaultCard, adjust, askPin } = settings;
    if (answerAfterMs !== undefined && !isDelay(answerAfterMs)) return false;
    if (defaultCard !== undefined && !isCardName(defaultCard)) return false;
    // Nothing of these protocols lets a terminal ask for another sum, or tell that it wants a PIN.
    if (adjust === true || askPin === true) return false;
    this.#desk.settings = {
      ...this.#desk.settings,
      ...(answerAfterMs === undefined ? {} : { answerAfterMs }),
      ...(autoCard === undefined ? {} : { autoCard }),
      ...(defaultCard === undefined ? {} : { defaultCard }),
    };
    return true;
  }

  reset(): void {
    this.clearFaults();
    this.#desk.remarks.length = 0;
    this.#desk.card = null;
    this.configure(this.#initial);
  }

  async close(): Promise<void> {
    this.#cancelPower();
    this.#desk.darken();
    await this.#counter.close();
  }
}

function shown(entry: DeskEntry): SimulatorState['journal'][number] {
  const { invoice, kind, status, amount, rrn, code, batch, at, standalone, pan } = entry;
  return {
    invoice: String(invoice),
    type: `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`,
    status,
    amount,
    rrn,
    responseCode: hostCode(code),
    card: masked(pan),
    batch: String(batch),
    terminalTime: new Date(at).toISOString(),
    standalone,
  };
}

function hostCode(code: number): string {
  return String(code).padStart(4, '0');
}

function counted(texts: readonly string[]): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => ({ text, count }));
}

function isDelay(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= SIMULATOR_DELAY_MS_MAX;
}

const OPTIONS: readonly string[] = ['answerAfterMs', 'autoCard', 'card'];

function readSettings(address: string, protocol: string): SimulatorSettings {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== 'sim:' || url.hostname !== protocol) {
    throw new RangeError(`not the address of a simulated ${protocol} terminal: ${address}`);
  }
  const asked = Object.fromEntries(url.searchParams);
  const unknown = Object.keys(asked).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`no such option of a simulated terminal: ${unknown}`);
  }
  const { autoCard = '1', card = 'good', answerAfterMs = '0' } = asked;
  if (!isCardName(card)) throw new RangeError(`no card of this name: ${card}`);
  const delay = answerAfterMs.trim() === '' ? Number.NaN : Number(answerAfterMs);
  if (!isDelay(delay)) throw new RangeError(`not a duration in milliseconds: ${answerAfterMs}`);
  return { answerAfterMs: delay, autoCard: yes(autoCard), defaultCard: card };
}

function yes(value: string): boolean {
  if (value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false') return false;
  throw new RangeError(`yes is 1 or true, no is 0 or false: ${value}`);
}
