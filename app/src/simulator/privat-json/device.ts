// The body of the terminal: power, clock, links, screen, reader. What it does on a method is told
// by card-flow, reports and services; terminal.ts puts them together.
import { TERMINAL_REMARKS_MAX, TERMINAL_WAITING_LINKS_MAX } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SimulatorSettings } from '../../ports/simulators.ts';
import type { Card } from './cards.ts';
import { ArmedFaults, type FaultName } from './faults.ts';
import { encodeReply, FrameReader, type Incoming, type Params, type Reply } from './frames.ts';
import type { Journal } from './journal.ts';
import { type MerchantProfile, type TerminalProfile, tidOf } from './profile.ts';

/** The terminal's end of a connection, whatever carries it. */
export interface Link {
  send(bytes: Uint8Array): void;
  close(): void;
}

/** What the carrier tells the terminal. */
export interface Port {
  receive(chunk: Uint8Array): void;
  gone(): void;
}

/** LastStatMsgCode of the specification, table 1.3. */
export type StatusCode = '0' | '1' | '3' | '6' | '9' | '10' | '11';

export type Stage =
  | 'working'
  | 'card'
  | 'adjust'
  /** The PIN enters itself. */
  | 'pin'
  /** Somebody has to type it. */
  | 'pin-entry'
  | 'authorising'
  | 'authorised';

/** One ordinary method that is being done. */
export interface Exchange {
  readonly method: string;
  readonly params: Params;
  readonly connection: Connection;
  readonly faults: ReadonlySet<FaultName>;
  stage: Stage;
  interrupted: boolean;
  card: Card | null;
  /** What somebody typed: never the digits. Null where nobody did. */
  pin: 'right' | 'wrong' | null;
  /** Set while the terminal waits for a card, a corrected sum or a typed text. */
  wake: ((event: Wake) => void) | null;
}

export type Wake =
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'corrected'; readonly amount: number; readonly discount: number }
  | { readonly kind: 'pin'; readonly pin: 'right' | 'wrong' }
  | { readonly kind: 'cancel' };

export interface Connection {
  readonly link: Link;
  readonly reader: FrameReader;
  /** A client that nobody will ever answer. */
  mute: boolean;
  open: boolean;
  requests: number;
  /** What a client sent while another held the terminal. */
  backlog: Uint8Array[];
}

/**
 * INVARIANTS: at most one connection is served and at most one exchange runs; a timer of an
 * exchange does nothing once that exchange has ended or power was cut.
 */
export class Device {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults = new ArmedFaults();
  readonly #remarks = new Map<string, number>();
  profile: TerminalProfile;
  settings: Required<SimulatorSettings>;
  powered = true;
  status: StatusCode = '0';
  screen = IDLE_SCREEN;
  running: Exchange | null = null;
  /** Presented before anybody asked for a card. */
  cardInReader: Card | null = null;
  /** Wrong PINs in a row by card number: the bank's memory, which a power cut does not touch. */
  readonly wrongPins = new Map<string, number>();
  active: Connection | null = null;
  waiting: Connection[] = [];
  #clockJumpMs = 0;
  #powerCuts = 0;

  constructor(
    clock: Clock,
    journal: Journal,
    profile: TerminalProfile,
    settings: Required<SimulatorSettings>,
  ) {
    this.clock = clock;
    this.journal = journal;
    this.profile = profile;
    this.settings = settings;
  }

  /** The terminal's own clock. */
  now(): number {
    return this.clock.now() + this.profile.clockSkewMs + this.#clockJumpMs;
  }

  jumpClock(ms: number): void {
    this.#clockJumpMs += ms;
  }

  /** Calls back after `ms`, at once where that is 0, if the exchange still runs then. */
  step(exchange: Exchange, ms: number, next: () => void): void {
    if (ms <= 0) {
      if (this.running === exchange) next();
      return;
    }
    this.clock.after(ms, () => {
      if (this.running === exchange) next();
    });
  }

  /** A share of the time that an answer takes where nobody touches anything. */
  share(exchange: Exchange, fraction: number): number {
    const slow = exchange.faults.has('slow') ? this.profile.slowMs : 0;
    return Math.round((this.settings.answerAfterMs + slow) * fraction);
  }

  /** False where the fault that waits at this status has cut the power. */
  enterStatus(exchange: Exchange, status: StatusCode, screen: string): boolean {
    this.status = status;
    this.screen = screen;
    const powerCut: Partial<Record<StatusCode, FaultName>> = {
      '1': 'power-cut-at-card',
      '3': 'power-cut-at-authorisation',
    };
    const fault = powerCut[status];
    if (fault !== undefined && exchange.faults.has(fault)) {
      this.powerCut(this.profile.powerOffMs);
      return false;
    }
    const drop = `link-drop-at-${status}`;
    if ([...exchange.faults].some((name) => name === drop)) this.drop(exchange.connection);
    return this.running === exchange;
  }

  endExchange(exchange: Exchange, screen: string): void {
    if (this.running !== exchange) return;
    this.running = null;
    exchange.wake = null;
    this.status = '0';
    this.screen = screen;
  }

  send(connection: Connection, reply: Reply, straySpaces = false): void {
    const { descriptionKey } = this.profile;
    this.sendBytes(connection, encodeReply(reply, { descriptionKey, straySpaces }));
  }

  sendBytes(connection: Connection, bytes: Uint8Array): void {
    if (connection.open && !connection.mute) connection.link.send(bytes);
  }

  /** The terminal closes a link by itself. */
  drop(connection: Connection): void {
    if (!connection.open) return;
    connection.open = false;
    connection.link.close();
    this.forget(connection);
  }

  /** A link is gone; the client that waited longest is served next. */
  forget(connection: Connection): void {
    connection.open = false;
    connection.backlog = [];
    this.waiting = this.waiting.filter((one) => one !== connection);
    if (this.active !== connection) return;
    this.active = null;
    this.#onLinkLoss(connection);
  }

  #onLinkLoss(connection: Connection): void {
    const exchange = this.running;
    if (exchange?.connection !== connection || this.profile.onLinkLoss !== 'cancel') return;
    const decided = exchange.stage === 'authorising' || exchange.stage === 'authorised';
    if (!decided) this.endExchange(exchange, IDLE_SCREEN);
  }

  /** Everything but the journal is lost; no link can be made for `offMs`. */
  powerCut(offMs: number): void {
    this.powered = false;
    this.#powerCuts += 1;
    const cut = this.#powerCuts;
    const exchange = this.running;
    if (exchange !== null) this.endExchange(exchange, '');
    this.screen = '';
    this.cardInReader = null;
    const links = [...this.waiting, ...(this.active === null ? [] : [this.active])];
    this.waiting = [];
    this.active = null;
    for (const connection of links) this.drop(connection);
    // A second cut while power is off decides anew when it comes back.
    const restart = (): void => {
      if (cut !== this.#powerCuts) return;
      this.powered = true;
      this.screen = IDLE_SCREEN;
    };
    if (offMs <= 0) restart();
    else this.clock.after(offMs, restart);
  }

  admit(link: Link): Connection {
    const taken = this.faults.take('connect');
    if (taken.has('terminal-replaced')) this.#becomeAnother();
    const connection: Connection = {
      link,
      reader: new FrameReader(),
      mute: taken.has('second-client-silent'),
      open: true,
      requests: 0,
      backlog: [],
    };
    if (connection.mute) return connection;
    if (this.active === null) this.active = connection;
    else if (this.waiting.length < TERMINAL_WAITING_LINKS_MAX) this.waiting.push(connection);
    else connection.mute = true;
    return connection;
  }

  #becomeAnother(): void {
    this.journal.replaceDevice(this.profile.firstInvoice);
    this.cardInReader = null;
    if (this.running !== null) this.endExchange(this.running, IDLE_SCREEN);
  }

  /** Firmware and device as GetTerminalInfo tells them; another device has another serial number. */
  version(): string {
    const { generation } = this.journal;
    const { version } = this.profile;
    if (generation === 0) return version;
    return version.replace(/\d+$/, (serial) =>
      String(Number(serial) + generation).padStart(serial.length, '0'),
    );
  }

  /** Merchants with the ids of the device that stands here by its journal. */
  merchants(): readonly MerchantProfile[] {
    const { generation } = this.journal;
    if (generation === 0) return this.profile.merchants;
    const { seed, merchants } = this.profile;
    return merchants.map((one) => ({ ...one, tid: tidOf(seed, generation, one.index) }));
  }

  /** The merchant of an index, `0` and nothing being the default; null where there is none. */
  merchant(index: string): MerchantProfile | null {
    const merchants = this.merchants();
    if (index === '0' || index === '') return merchants[0] ?? null;
    return merchants.find((one) => one.index === index) ?? null;
  }

  /** Notes something that the till did against the specification. */
  remark(text: string): void {
    const count = this.#remarks.get(text) ?? 0;
    if (count > 0 || this.#remarks.size < TERMINAL_REMARKS_MAX) this.#remarks.set(text, count + 1);
  }

  forgetRemarks(): void {
    this.#remarks.clear();
  }

  remarks(): readonly { readonly text: string; readonly count: number }[] {
    return [...this.#remarks].map(([text, count]) => ({ text, count }));
  }
}

export const IDLE_SCREEN = 'ПриватБанк. Готовий до роботи';

/** Frames of a connection in turn, until it is closed on the way. */
export function readFrames(
  connection: Connection,
  chunk: Uint8Array,
  handle: (incoming: Incoming) => void,
): void {
  for (const incoming of connection.reader.push(chunk)) {
    if (!connection.open || connection.mute) return;
    handle(incoming);
  }
}
