// A simulated PrivatBank terminal without sockets: bytes in, bytes out, driven by a clock.
import { FRAME_BYTES_MAX } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SimulatorSettings } from '../../ports/simulators.ts';
import { answer, errorReply } from './answer.ts';
import { writeAmount } from './amounts.ts';
import { addForeignSale, addStandaloneSale, readCard } from './card-flow.ts';
import { type Card, hostText, mask } from './cards.ts';
import { isFinancial, type Method, methodOf } from './catalogue.ts';
import {
  type Connection,
  Device,
  type Exchange,
  type Link,
  type Port,
  readFrames,
} from './device.ts';
import { type FaultName, isFaultName } from './faults.ts';
import { type Incoming, type Params, serviceReply } from './frames.ts';
import { Journal, type JournalRecord, type JournalStore, memoryStore } from './journal.ts';
import { fail, startCardMethod, startVoid, text } from './money-methods.ts';
import { typePin } from './pin.ts';
import { defaultProfile, type TerminalProfile } from './profile.ts';
import { startReport } from './reports.ts';
import { answerService } from './services.ts';

export interface TerminalOptions {
  readonly clock: Clock;
  readonly profile?: TerminalProfile;
  readonly settings?: Partial<SimulatorSettings>;
  readonly store?: JournalStore;
  /** Sees everything that enters the journal; tests compare it with what we believe. */
  readonly onRecord?: (record: JournalRecord) => void;
}

export const DEFAULT_SETTINGS: Required<SimulatorSettings> = {
  answerAfterMs: 0,
  autoCard: true,
  defaultCard: 'good',
  adjust: false,
  askPin: false,
};

export class PrivatJsonTerminal {
  readonly device: Device;

  constructor(options: TerminalOptions) {
    const profile = options.profile ?? defaultProfile(1);
    const store = options.store ?? memoryStore();
    const journal = new Journal(store, profile.firstInvoice, options.onRecord);
    const settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.device = new Device(options.clock, journal, profile, settings);
  }

  /** A client connects; null while the terminal has no power. */
  connect(link: Link): Port | null {
    if (!this.device.powered) return null;
    const connection = this.device.admit(link);
    return {
      receive: (chunk) => this.#receive(connection, chunk),
      gone: () => {
        if (!connection.open) return;
        this.device.forget(connection);
        this.#serveNext();
      },
    };
  }

  #receive(connection: Connection, chunk: Uint8Array): void {
    if (!connection.open || connection.mute) return;
    if (this.device.active === null) this.#serveNext();
    if (this.device.active === connection) {
      readFrames(connection, chunk, (incoming) => this.#take(connection, incoming));
      if (this.device.active === null) this.#serveNext();
      return;
    }
    const held = connection.backlog.reduce((sum, part) => sum + part.length, 0);
    if (held + chunk.length <= FRAME_BYTES_MAX) connection.backlog.push(Uint8Array.from(chunk));
  }

  /** The client that waited longest is served, beginning with what it has sent already. */
  #serveNext(): void {
    const { device } = this;
    while (device.powered && device.active === null) {
      const next = device.waiting.shift();
      if (next === undefined) return;
      device.active = next;
      const chunks = next.backlog;
      next.backlog = [];
      for (const chunk of chunks) {
        readFrames(next, chunk, (incoming) => this.#take(next, incoming));
      }
    }
  }

  #take(connection: Connection, incoming: Incoming): void {
    const { device } = this;
    if (incoming.kind === 'garbage') {
      device.remark(`unreadable frame: ${incoming.detail.slice(0, 80)}`);
      return;
    }
    const { params } = incoming;
    const method = incoming.method.trim();
    this.#inspect(connection, method, incoming);
    connection.requests += 1;
    if (method === 'ServiceMessage') answerService(device, connection, params);
    else this.#takeOrdinary(connection, method, params);
  }

  /** What a certification laboratory would note about the till. */
  #inspect(connection: Connection, method: string, request: Incoming & { kind: 'request' }): void {
    const { device } = this;
    const { params, top, leadingNul } = request;
    if (connection.requests === 0 && method === 'PingDevice' && !leadingNul) {
      device.remark('the handshake PingDevice came without its leading NUL');
    }
    if (leadingNul && (connection.requests > 0 || method !== 'PingDevice')) {
      device.remark('a leading NUL stood before another frame than the handshake');
    }
    if (top['step'] !== 0) device.remark('step is not the integer 0');
    const wrong = Object.entries(params).find(([, value]) => typeof value !== 'string');
    if (wrong !== undefined) device.remark(`parameter ${wrong[0].slice(0, 40)} is not a string`);
  }

  #takeOrdinary(connection: Connection, name: string, params: Params): void {
    const { device } = this;
    if (device.running !== null) {
      device.remark(`${name.slice(0, 40)} came while ${device.running.method} ran`);
      device.send(connection, serviceReply('deviceBusy'));
      return;
    }
    const method = methodOf(name);
    if (method === null || this.#lacks(name)) {
      device.send(connection, serviceReply('methodNotImplemented'));
      return;
    }
    const financial = isFinancial(method);
    const early = financial ? device.faults.takeFirst('request') : null;
    if (early !== null && !this.#passes(early, connection, name, params)) return;
    const faults = financial ? device.faults.take('money') : new Set<FaultName>();
    this.#begin(this.#exchange(connection, name, params, faults), method);
  }

  #lacks(name: string): boolean {
    const { profile } = this.device;
    if (profile.unsupported.includes(name)) return true;
    return name === 'GetReceiptInfo' && !profile.receiptInfo;
  }

  #exchange(
    connection: Connection,
    method: string,
    params: Params,
    faults: ReadonlySet<FaultName>,
  ): Exchange {
    return {
      method,
      params,
      connection,
      faults,
      stage: 'working',
      interrupted: false,
      card: null,
      pin: null,
      wake: null,
    };
  }

  /** Faults that strike before the terminal takes the request up; true where it still does. */
  #passes(fault: FaultName, connection: Connection, name: string, params: Params): boolean {
    const { device } = this;
    switch (fault) {
      case 'silence':
        connection.mute = true;
        return false;
      case 'busy':
        device.send(connection, serviceReply('deviceBusy'));
        return false;
      case 'not-implemented':
        device.send(connection, serviceReply('methodNotImplemented'));
        return false;
      case 'power-cut-before':
        device.powerCut(device.profile.powerOffMs);
        return false;
      case 'link-drop-before':
        device.drop(connection);
        return false;
      case 'no-paper':
      case 'journal-full': {
        const exchange = this.#exchange(connection, name, params, new Set());
        device.running = exchange;
        fail(device, exchange, fault === 'no-paper' ? '1005' : '1003');
        return false;
      }
      case 'foreign-receipt-instead': {
        const kopecks = Number(text(params, 'amount').replace(/[.,]/, ''));
        addForeignSale(device, Number.isSafeInteger(kopecks) ? kopecks : 0);
        return false;
      }
      case 'request-lost':
        return false;
      default:
        return true;
    }
  }

  #begin(exchange: Exchange, method: Method): void {
    const { device } = this;
    const { connection } = exchange;
    if (method.does === 'report' && method.report === 'receipt-info') {
      const lookup = device.faults.takeFirst('lookup');
      if (lookup !== null) {
        this.#failLookup(exchange, lookup);
        return;
      }
    }
    device.running = exchange;
    switch (method.does) {
      case 'card':
        startCardMethod(device, exchange, method);
        return;
      case 'void':
        startVoid(device, exchange, method.partly);
        return;
      case 'report':
        startReport(device, exchange, method.report);
        return;
      case 'balance':
        this.#balance(exchange);
        return;
      case 'read':
        readCard(device, exchange, (card) => {
          const pan = mask(card.pan, device.profile.maskStyle);
          this.#done(exchange, { ...method.fields, pan, responseCode: '0000' });
        });
        return;
      case 'type':
        device.step(exchange, device.share(exchange, 1), () => {
          this.#done(exchange, { [method.field]: method.typed, responseCode: '0000' });
        });
        return;
      case 'check-host':
        device.step(exchange, device.share(exchange, 1), () => {
          this.#done(exchange, { code: '00', responseCode: '0000' });
        });
        return;
      case 'info':
        this.#done(exchange, { version: device.version() });
        return;
      case 'ping':
        device.endExchange(exchange, device.screen);
        device.send(connection, {
          method: 'PingDevice',
          params: { code: '00', responseCode: '0000' },
          error: false,
          description: '',
        });
        return;
    }
  }

  #done(exchange: Exchange, params: Readonly<Record<string, string>>): void {
    const reply = { method: exchange.method, params, error: false, description: '' };
    answer(this.device, exchange, reply, '');
  }

  #balance(exchange: Exchange): void {
    const { device } = this;
    readCard(device, exchange, (card: Card) => {
      const method = exchange.method;
      device.step(exchange, device.share(exchange, 0.4), () => {
        if (card.hostCode === '0000') {
          const balance = writeAmount(card.balance, device.profile.amountSeparator);
          this.#done(exchange, { balance, code: '00', responseCode: '0000' });
          return;
        }
        const failed = errorReply(method, '0001', hostText(card.hostCode));
        const params = { balance: 'unknown', code: '01', responseCode: '0001' };
        answer(device, exchange, { ...failed, params }, '');
      });
    });
  }

  #failLookup(exchange: Exchange, fault: FaultName): void {
    const { device } = this;
    const { connection } = exchange;
    if (fault === 'no-receipt-info') device.send(connection, serviceReply('methodNotImplemented'));
    if (fault === 'lookup-busy') device.send(connection, serviceReply('deviceBusy'));
    if (fault !== 'lookup-cut') return;
    const cut = new Set<FaultName>(['cut-frame']);
    const exchangeToCut = this.#exchange(connection, exchange.method, exchange.params, cut);
    device.running = exchangeToCut;
    startReport(device, exchangeToCut, 'receipt-info');
  }

  /** A card is held to the reader, now or before anybody asks for it. */
  presentCard(card: Card): boolean {
    const { device } = this;
    if (!device.powered) return false;
    const exchange = device.running;
    if (exchange?.stage === 'card' && exchange.wake !== null) {
      exchange.wake({ kind: 'card', card });
      return true;
    }
    if (exchange !== null) return false;
    device.cardInReader = card;
    return true;
  }

  /** Somebody types a PIN; false where nobody is asked for one, or where it is none. */
  enterPin(pin: string): boolean {
    return typePin(this.device, pin);
  }

  /** The red button; false where there is nothing left to cancel. */
  pressCancel(): boolean {
    const { wake } = this.device.running ?? { wake: null };
    if (wake === null) {
      const held = this.device.cardInReader !== null;
      this.device.cardInReader = null;
      return held;
    }
    wake({ kind: 'cancel' });
    return true;
  }

  standaloneSale(amount: number): boolean {
    const { device } = this;
    if (!device.powered || device.running !== null) return false;
    if (!Number.isSafeInteger(amount) || amount <= 0) return false;
    return addStandaloneSale(device, amount, () => {});
  }

  powerCut(offMs: number): void {
    this.device.powerCut(offMs);
  }

  /** False where no fault has this name or `times` is not a count. */
  fault(name: string, times = 1): boolean {
    if (!isFaultName(name) || !Number.isSafeInteger(times) || times < 1) return false;
    this.device.faults.arm(name, times);
    return true;
  }

  configure(settings: Partial<SimulatorSettings>): void {
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    this.device.settings = { ...this.device.settings, ...Object.fromEntries(given) };
  }
}
