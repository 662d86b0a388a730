// Many simulated terminals in one process, by the names that the appliance gives them.
import { SIMULATOR_JOURNAL_SHOWN } from '../domain/limits.ts';
import type { TerminalId } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  SimulatedCard,
  SimulatorControl,
  SimulatorSettings,
  SimulatorState,
} from '../ports/simulators.ts';
import { isDelay, parseSimulatorAddress, seedOf } from './address.ts';
import { fileStore } from './journal-file.ts';
import { CARDS, type Card, isCardName, mask } from './privat-json/cards.ts';
import { FAULTS } from './privat-json/faults.ts';
import type { JournalRecord, Transaction } from './privat-json/journal.ts';
import { defaultProfile, type TerminalProfile } from './privat-json/profile.ts';
import { listen, type TerminalServer } from './privat-json/server.ts';
import { dateAndTime, invoiceText } from './privat-json/slip.ts';
import { PrivatJsonTerminal } from './privat-json/terminal.ts';

export interface FleetOptions {
  readonly clock: Clock;
  /** Folder of the journals; null keeps them in memory. */
  readonly journalFolder: string | null;
  /** A journal could not be written; its terminal is silent from then on. */
  readonly onFailure: (terminal: string, cause: unknown) => void;
}

export interface AddOptions {
  readonly profile?: Partial<TerminalProfile>;
  readonly settings?: Partial<SimulatorSettings>;
  /** 0 = any free one. */
  readonly port?: number;
  readonly host?: string;
  readonly onRecord?: (record: JournalRecord) => void;
}

interface Member {
  readonly terminal: PrivatJsonTerminal;
  readonly server: TerminalServer | null;
  /** What it was made from: an address or explicit options. */
  readonly origin: string | null;
  readonly initial: Required<SimulatorSettings>;
}

/** INVARIANTS: one terminal a name; `add`, `open` and `remove` of all names run one after another. */
export class SimulatorFleet implements SimulatorControl {
  readonly #options: FleetOptions;
  readonly #members = new Map<string, Member>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Starts a terminal behind a TCP port and resolves with its `tcp://` address. */
  add(id: string, options: AddOptions = {}): Promise<string> {
    return this.#inTurn(async () => {
      if (this.#members.has(id)) throw new RangeError(`there is a simulated terminal ${id}`);
      return this.#start(id, options, null);
    });
  }

  /**
   * Resolves a `sim://privat-json?…` address: starts the terminal at the first call, and anew
   * where the address has changed. Rejects with RangeError where the address is wrong.
   */
  open(id: string, address: string): Promise<string> {
    return this.#inTurn(async () => {
      const known = this.#members.get(id);
      if (known?.origin === address && known.server !== null) return known.server.address;
      const options = parseSimulatorAddress(id, address);
      if (known !== undefined) await this.#stop(id);
      return this.#start(id, options, address);
    });
  }

  /** A terminal without a port, for links in memory. */
  addInMemory(id: string, options: AddOptions = {}): PrivatJsonTerminal {
    if (this.#members.has(id)) throw new RangeError(`there is a simulated terminal ${id}`);
    const terminal = this.#make(id, options);
    const initial = terminal.device.settings;
    this.#members.set(id, { terminal, server: null, origin: null, initial });
    return terminal;
  }

  terminal(id: string): PrivatJsonTerminal | null {
    return this.#members.get(id)?.terminal ?? null;
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(() => this.#stop(id));
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const id of this.#members.keys()) await this.#stop(id);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => null);
    return result;
  }

  async #start(id: string, options: AddOptions, origin: string | null): Promise<string> {
    const terminal = this.#make(id, options);
    const server = await listen(terminal, options.port, options.host);
    const initial = terminal.device.settings;
    this.#members.set(id, { terminal, server, origin, initial });
    return server.address;
  }

  async #stop(id: string): Promise<void> {
    const member = this.#members.get(id);
    this.#members.delete(id);
    // Power is cut so that no timer of the terminal outlives it.
    member?.terminal.powerCut(0);
    await member?.server?.close();
  }

  #make(id: string, options: AddOptions): PrivatJsonTerminal {
    const { clock, journalFolder, onFailure } = this.#options;
    const store =
      journalFolder === null
        ? {}
        : { store: fileStore(journalFolder, id, (cause) => onFailure(id, cause)) };
    return new PrivatJsonTerminal({
      clock,
      profile: defaultProfile(options.profile?.seed ?? seedOf(id), options.profile),
      ...store,
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      ...(options.onRecord === undefined ? {} : { onRecord: options.onRecord }),
    });
  }

  list(): readonly SimulatorState[] {
    return [...this.#members].map(([id, member]) => stateOf(id, member));
  }

  find(terminal: TerminalId): SimulatorState | null {
    const member = this.#members.get(terminal);
    return member === undefined ? null : stateOf(terminal, member);
  }

  faults(): readonly { readonly name: string; readonly description: string }[] {
    return Object.entries(FAULTS).map(([name, { description }]) => ({ name, description }));
  }

  cards(): readonly { readonly name: string; readonly description: string }[] {
    return Object.entries(CARDS).map(([name, { description }]) => ({ name, description }));
  }

  fault(terminal: TerminalId, name: string, times: number): boolean {
    return this.terminal(terminal)?.fault(name, times) ?? false;
  }

  clearFaults(terminal: TerminalId): boolean {
    const found = this.terminal(terminal);
    found?.device.faults.clear();
    return found !== null;
  }

  presentCard(terminal: TerminalId, card: Partial<SimulatedCard> | null): boolean {
    const described = cardOf(card ?? {});
    return described !== null && (this.terminal(terminal)?.presentCard(described) ?? false);
  }

  pressCancel(terminal: TerminalId): boolean {
    return this.terminal(terminal)?.pressCancel() ?? false;
  }

  standaloneSale(terminal: TerminalId, amount: number): boolean {
    return this.terminal(terminal)?.standaloneSale(amount) ?? false;
  }

  powerCut(terminal: TerminalId, offMs: number): boolean {
    const found = this.terminal(terminal);
    if (found === null || !isDelay(offMs)) return false;
    found.powerCut(offMs);
    return true;
  }

  configure(terminal: TerminalId, settings: Partial<SimulatorSettings>): boolean {
    const found = this.terminal(terminal);
    if (found === null) return false;
    const { answerAfterMs, defaultCard } = settings;
    if (answerAfterMs !== undefined && !isDelay(answerAfterMs)) return false;
    if (defaultCard !== undefined && !isCardName(defaultCard)) return false;
    found.configure(settings);
    return true;
  }

  reset(terminal: TerminalId): boolean {
    const member = this.#members.get(terminal);
    if (member === undefined) return false;
    const { device } = member.terminal;
    device.faults.clear();
    device.forgetRemarks();
    device.cardInReader = null;
    member.terminal.configure(member.initial);
    return true;
  }
}

/** Null where a card of this name is not known. */
function cardOf(card: Partial<SimulatedCard>): Card | null {
  const name = card.name ?? 'good';
  if (!isCardName(name)) return null;
  const { pan, brand, hostCode } = card;
  return {
    ...CARDS[name],
    ...(pan === undefined ? {} : { pan }),
    ...(brand === undefined ? {} : { brand }),
    ...(hostCode === undefined ? {} : { hostCode }),
  };
}

function stateOf(id: string, { terminal, server }: Member): SimulatorState {
  const { device } = terminal;
  const card = device.running?.card ?? device.cardInReader;
  return {
    terminal: id as TerminalId, // the fleet's names are the appliance's
    address: server?.address ?? `mem://${id}`,
    screen: device.screen,
    busy: device.running !== null,
    powered: device.powered,
    card:
      card === null
        ? null
        : { pan: mask(card.pan, 'stars'), brand: card.brand, hostCode: card.hostCode },
    settings: device.settings,
    journal: device.journal.transactions
      .slice(-SIMULATOR_JOURNAL_SHOWN)
      .map((transaction) => shown(transaction, device.profile.timeZone)),
    faults: device.faults.names(),
    remarks: device.remarks(),
  };
}

const STATUS_NAMES = { '1': 'approved', '2': 'declined', '3': 'reversed', '4': 'voided' } as const;

function shown(
  transaction: Transaction,
  timeZone: string,
): Readonly<Record<string, string | number | boolean | null>> {
  const { date, time } = dateAndTime(transaction.at, timeZone);
  return {
    invoice: invoiceText(transaction.invoice),
    batch: String(transaction.batch),
    kind: transaction.kind,
    status: STATUS_NAMES[transaction.status],
    amount: transaction.amount,
    responseCode: transaction.responseCode,
    rrn: transaction.rrn,
    authCode: transaction.approvalCode,
    card: mask(transaction.pan, 'stars'),
    brand: transaction.brand,
    merchant: transaction.merchant,
    terminalId: transaction.tid,
    terminalTime: `${date} ${time}`,
    voids: transaction.voids === null ? null : invoiceText(transaction.voids),
    standalone: transaction.standalone,
  };
}
