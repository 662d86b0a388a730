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
import { BPOS_LIGHT } from './bpos-light/terminal.ts';
import { openStandInTerminal } from './bpos/stand-in.ts';
import { CAISSE_AP } from './caisse-ap/terminal.ts';
import { CONCERT } from './concert/terminal.ts';
import { type DeskProtocol, openDeskMember } from './desk/member.ts';
import { fileStore } from './journal-file.ts';
import type { Described, SimulatedMember } from './member.ts';
import { openNexoMember } from './nexo/member.ts';
import { CARDS, type Card, isCardName, mask } from './privat-json/cards.ts';
import { FAULTS } from './privat-json/faults.ts';
import type { JournalRecord, Transaction } from './privat-json/journal.ts';
import { defaultProfile, type TerminalProfile } from './privat-json/profile.ts';
import { listen, type TerminalServer } from './privat-json/server.ts';
import { dateAndTime, invoiceText } from './privat-json/slip.ts';
import { PrivatJsonTerminal } from './privat-json/terminal.ts';

/** Small protocols: one kind of terminal, several ways to talk to it. */
const DESKS: readonly DeskProtocol[] = [BPOS_LIGHT, CONCERT, CAISSE_AP];

export interface FleetOptions {
  readonly clock: Clock;
  /** Folder of the journals; null keeps them in memory. */
  readonly journalFolder: string | null;
  /** A journal could not be written; its terminal is silent from then on. */
  readonly onFailure: (terminal: string, cause: unknown) => void;
  /** `http://host:port` that nexo terminals of the default style call; null = nobody listens. */
  readonly nexoCallBack?: () => string | null;
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
  /** Terminals of other protocols, by name, with the address that each was made from. */
  readonly #others = new Map<
    string,
    { readonly member: SimulatedMember; readonly origin: string }
  >();
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
   * Resolves a `sim://privat-json?…` address, or one of another protocol (`sim://nexo`, …): starts
   * the terminal at the first call, and anew where the address has changed. Rejects with RangeError
   * where it is wrong.
   */
  open(id: string, address: string): Promise<string> {
    return this.#inTurn(async () => {
      const other = this.#others.get(id);
      if (other?.origin === address) return other.member.address;
      const made = await this.#openOther(id, address);
      if (made !== null || other !== undefined) await this.#stop(id);
      if (made !== null) {
        this.#others.set(id, { member: made, origin: address });
        return made.address;
      }
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
      for (const id of [...this.#members.keys(), ...this.#others.keys()]) await this.#stop(id);
    });
  }

  /** Null where the address names no protocol but the first. */
  async #openOther(id: string, address: string): Promise<SimulatedMember | null> {
    const { clock, journalFolder, onFailure, nexoCallBack } = this.#options;
    const name = /^sim:\/\/([a-z-]+)(?:[/?#]|$)/i.exec(address.trim())?.[1]?.toLowerCase() ?? '';
    const desk = DESKS.find((protocol) => protocol.name === name);
    if (desk !== undefined) {
      const failed = (cause: unknown): void => onFailure(id, cause);
      return openDeskMember(id, address.trim(), desk, { clock, journalFolder, onFailure: failed });
    }
    if (name === 'bpos') {
      if (journalFolder === null) throw new RangeError('the stand-in keeps its terminal in files');
      return openStandInTerminal(id, address.trim(), { clock, journalFolder });
    }
    if (name !== 'nexo') return null;
    return openNexoMember(id, address, {
      clock,
      journalFolder,
      onFailure: (cause) => onFailure(id, cause),
      callBack: nexoCallBack ?? ((): null => null),
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
    const other = this.#others.get(id);
    this.#others.delete(id);
    await other?.member.close();
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
    return [
      ...[...this.#members].map(([id, member]) => stateOf(id, member)),
      ...[...this.#others].map(([id, { member }]) => otherState(id, member)),
    ];
  }

  find(terminal: TerminalId): SimulatorState | null {
    const other = this.#other(terminal);
    if (other !== null) return otherState(terminal, other);
    const member = this.#members.get(terminal);
    return member === undefined ? null : stateOf(terminal, member);
  }

  faults(terminal?: TerminalId): readonly Described[] {
    return (terminal === undefined ? null : this.#other(terminal))?.faults ?? listOf(FAULTS);
  }

  cards(terminal?: TerminalId): readonly Described[] {
    return (terminal === undefined ? null : this.#other(terminal))?.cards ?? listOf(CARDS);
  }

  #other(terminal: string): SimulatedMember | null {
    return this.#others.get(terminal)?.member ?? null;
  }

  fault(terminal: TerminalId, name: string, times: number): boolean {
    const other = this.#other(terminal);
    if (other !== null) return other.fault(name, times);
    return this.terminal(terminal)?.fault(name, times) ?? false;
  }

  clearFaults(terminal: TerminalId): boolean {
    const other = this.#other(terminal);
    other?.clearFaults();
    if (other !== null) return true;
    const found = this.terminal(terminal);
    found?.device.faults.clear();
    return found !== null;
  }

  presentCard(terminal: TerminalId, card: Partial<SimulatedCard> | null): boolean {
    const other = this.#other(terminal);
    if (other !== null) return other.presentCard(card ?? {});
    const described = cardOf(card ?? {});
    return described !== null && (this.terminal(terminal)?.presentCard(described) ?? false);
  }

  enterPin(terminal: TerminalId, pin: string): boolean {
    const other = this.#other(terminal);
    if (other !== null) return other.enterPin(pin);
    return this.terminal(terminal)?.enterPin(pin) ?? false;
  }

  pressCancel(terminal: TerminalId): boolean {
    const other = this.#other(terminal);
    if (other !== null) return other.pressCancel();
    return this.terminal(terminal)?.pressCancel() ?? false;
  }

  standaloneSale(terminal: TerminalId, amount: number): boolean {
    const other = this.#other(terminal);
    if (other !== null) return other.standaloneSale(amount);
    return this.terminal(terminal)?.standaloneSale(amount) ?? false;
  }

  powerCut(terminal: TerminalId, offMs: number): boolean {
    const other = this.#other(terminal);
    if (other !== null && isDelay(offMs)) {
      other.powerCut(offMs);
      return true;
    }
    const found = this.terminal(terminal);
    if (found === null || !isDelay(offMs)) return false;
    found.powerCut(offMs);
    return true;
  }

  configure(terminal: TerminalId, settings: Partial<SimulatorSettings>): boolean {
    const other = this.#other(terminal);
    if (other !== null) return other.configure(settings);
    const found = this.terminal(terminal);
    if (found === null) return false;
    const { answerAfterMs, defaultCard } = settings;
    if (answerAfterMs !== undefined && !isDelay(answerAfterMs)) return false;
    if (defaultCard !== undefined && !isCardName(defaultCard)) return false;
    found.configure(settings);
    return true;
  }

  reset(terminal: TerminalId): boolean {
    const other = this.#other(terminal);
    other?.reset();
    if (other !== null) return true;
    const member = this.#members.get(terminal);
    if (member === undefined) return false;
    const { device } = member.terminal;
    device.faults.clear();
    device.forgetRemarks();
    device.wrongPins.clear();
    device.cardInReader = null;
    member.terminal.configure(member.initial);
    return true;
  }
}

function listOf(table: Readonly<Record<string, { readonly description: string }>>): Described[] {
  return Object.entries(table).map(([name, { description }]) => ({ name, description }));
}

function otherState(id: string, member: SimulatedMember): SimulatorState {
  // The fleet's names are the appliance's.
  return { terminal: id as TerminalId, address: member.address, ...member.state() };
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
    awaitsPin: device.running?.stage === 'pin-entry',
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
