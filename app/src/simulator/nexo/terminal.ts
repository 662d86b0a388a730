// A simulated nexo terminal: its login, its journal, and which message it takes when.
import type { Clock } from '../../ports/clock.ts';
import { type Payment, WELCOME } from './course.ts';
import * as say from './messages.ts';
import { runPayment } from './payment.ts';
import { runReversal } from './reversal.ts';
import {
  defaultKnobs,
  defaultManner,
  type Knobs,
  type Manner,
  type PaymentScript,
} from './script.ts';
import { faultsOf, hasAnswer } from './schema.ts';
import { childOf, type Element, element, parse, XmlError } from './xml.ts';

export interface TerminalOptions {
  readonly clock: Clock;
  /** '' = the one that the first till calls it by. */
  readonly poiId: string;
  readonly serial?: string;
  readonly shop?: string;
  /** Between two steps of a payment. */
  readonly stepMs?: number;
  /** What it did before; the newest last. */
  readonly journal?: readonly Filed[];
  /** On disk before anybody is told. */
  readonly onFiled?: (filed: Filed) => void;
}

/** To the till: posts a message and resolves with the answer's body, null where there is none. */
export type CallBack = (text: string) => Promise<string | null>;

export interface Filed {
  readonly header: say.Header;
  readonly body: Element;
  readonly ok: boolean;
}

/** `null` body = 204. `drop` = the connection is cut without an answer. */
export type Handled = { kind: 'answer'; status: number; body: string | null } | { kind: 'drop' };

/**
 * INVARIANTS
 * - What the customer’s bank did is in the journal before any answer about it leaves.
 * - One payment, reversal or card acquisition at a time; aborts, logins and questions come beside.
 */
export class NexoTerminal {
  poiId: string;
  readonly serial: string;
  readonly shop: string;
  readonly stepMs: number;
  readonly clock: Clock;
  readonly knobs: Knobs = defaultKnobs();
  /** For the next payments, in order. */
  readonly scripts: PaymentScript[] = [];
  readonly manner: Manner = defaultManner();
  readonly journal: Filed[];
  /** Every message of the till, and what a strict parser finds wrong in them. */
  readonly received: string[] = [];
  readonly faults: string[] = [];
  readonly sent: string[] = [];
  callBack: CallBack | null = null;
  style: 'default' | 'light' = 'light';
  saleId: string | null = null;
  running: Payment | null = null;
  /** Presented, and not taken away yet. */
  card: PaymentScript | null = null;
  screen = WELCOME;
  powered = true;
  logins = 0;
  maintenanceAllowed = false;
  /** Set by the server: the power goes, every connection with it. */
  onReboot: () => void = () => undefined;
  readonly onFiled: (filed: Filed) => void;
  #counter: number;
  #device = 0;

  constructor(options: TerminalOptions) {
    this.clock = options.clock;
    this.poiId = options.poiId;
    this.serial = options.serial ?? '1710001234';
    this.shop = options.shop ?? 'Кав’ярня «Åsa»';
    this.stepMs = options.stepMs ?? 5;
    this.journal = [...(options.journal ?? [])];
    this.onFiled = options.onFiled ?? ((): void => undefined);
    // Two lives of a terminal give no number twice.
    this.#counter = Math.max(8_778_880_000, ...this.journal.map(numberOf));
  }

  now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  nextNumber(): number {
    this.#counter += 1;
    return this.#counter;
  }

  async handle(text: string): Promise<Handled> {
    if (!this.powered) return { kind: 'drop' };
    this.received.push(text);
    let message: Element;
    try {
      message = parse(text);
    } catch (error) {
      if (error instanceof XmlError) return { kind: 'answer', status: 400, body: null };
      throw error;
    }
    const faults = faultsOf(message);
    this.faults.push(...faults);
    const header = say.readHeader(message);
    const body = message.children.find(({ name }) => name !== 'MessageHeader') ?? null;
    if (header.type === 'Request' && !hasAnswer(header.category)) return this.#reject(header, text);
    if (faults.length > 0 && header.type === 'Request') {
      const first = `MessageFormat ${faults[0] ?? ''}`;
      return this.refuse(header, body, 'MessageFormat', first);
    }
    if (this.poiId === '') this.poiId = header.poiId;
    if (header.poiId !== this.poiId || body === null) {
      return this.refuse(header, body, 'NotAllowed', 'POIID');
    }
    return this.#dispatch(header, body);
  }

  #dispatch(header: say.Header, body: Element): Promise<Handled> | Handled {
    switch (header.category) {
      case 'Login':
        return this.#answer(header, this.#login(header, body));
      case 'Diagnosis':
        return this.#service(header, body, () => this.#diagnosis(body));
      case 'Abort':
        this.#abort(header, body);
        return { kind: 'answer', status: 204, body: null };
      default:
        break;
    }
    if (this.saleId !== header.saleId) {
      return this.refuse(header, body, 'NotAllowed', 'login required');
    }
    switch (header.category) {
      case 'Logout':
        this.saleId = null;
        this.maintenanceAllowed = body.attributes['MaintenanceAllowed'] === 'true';
        return this.#answer(header, element('LogoutResponse', {}, [say.response(null)]));
      case 'TransactionStatus':
        return this.#answer(header, this.#status(header, body));
      case 'Payment':
        return this.#occupied(header, body) ?? runPayment(this, header, body);
      case 'Reversal':
        return this.#occupied(header, body) ?? runReversal(this, header, body);
      case 'EnableService':
        return this.#answer(header, element('EnableServiceResponse', {}, [say.response(null)]));
      case 'CardAcquisition':
        return this.#occupied(header, body) ?? runPayment(this, header, body);
      case 'GetTotals':
      case 'Reconciliation':
        return this.#service(header, body, () => this.#totals(header, body));
      default:
        return this.refuse(header, body, 'UnavailableService');
    }
  }

  /** Answered with Busy, or nothing in the way. */
  #occupied(header: say.Header, body: Element): Handled | null {
    const busy = this.running !== null || this.knobs.paymentBusy > 0;
    if (!busy) return null;
    this.knobs.paymentBusy = Math.max(0, this.knobs.paymentBusy - 1);
    return this.refuse(header, body, 'Busy');
  }

  #login(header: say.Header, body: Element): Element {
    this.logins += 1;
    if (this.knobs.loginBusy > 0) {
      this.knobs.loginBusy -= 1;
      return say.failure('Login', 'Busy', 'updating parameters');
    }
    if (this.knobs.loginRefused !== null) {
      return say.failure('Login', 'Refusal', this.knobs.loginRefused);
    }
    // A login resets the terminal, whatever it was doing.
    this.running?.reset();
    this.saleId = header.saleId;
    this.maintenanceAllowed = false;
    const capabilities = childOf(body, 'SaleTerminalData', 'SaleCapabilities')?.text ?? '';
    this.style = capabilities.trim() === 'PrinterReceipt' ? 'light' : 'default';
    return say.loginResponse(this.now(), this.serial, this.knobs.standard30);
  }

  #service(header: say.Header, body: Element, answer: () => Element): Handled {
    if (!this.knobs.services) return this.refuse(header, body, 'UnavailableService');
    return this.#answer(header, answer());
  }

  #diagnosis(body: Element): Element {
    const hosts =
      body.attributes['HostDiagnosisFlag'] === 'true'
        ? [
            element('HostStatus', {
              AcquirerID: '1',
              IsReachableFlag: String(this.knobs.hostReachable),
            }),
          ]
        : [];
    return element('DiagnosisResponse', {}, [
      say.response(null),
      element('POIStatus', {
        GlobalStatus: 'OK',
        PrinterStatus: 'OK',
        CommunicationOKFlag: 'true',
      }),
      ...hosts,
    ]);
  }

  #totals(header: say.Header, body: Element): Element {
    const done = this.journal.filter(
      ({ ok, header: { category } }) => ok && category === 'Payment',
    );
    const sum = done.reduce((total, filed) => {
      const amounts = childOf(filed.body, 'PaymentResult', 'AmountsResp')?.attributes;
      return total + (say.minor(amounts?.['AuthorizedAmount'] ?? '0') ?? 0);
    }, 0);
    const type = body.attributes['ReconciliationType'];
    return element(
      `${header.category}Response`,
      { ReconciliationType: type ?? null, POIReconciliationID: '17' },
      [
        say.response(null),
        element('TransactionTotals', { PaymentInstrumentType: 'Card', PaymentCurrency: 'SEK' }, [
          element('PaymentTotals', {
            TransactionType: 'Debit',
            TransactionCount: String(done.length),
            TransactionAmount: say.decimal(sum),
          }),
        ]),
      ],
    );
  }

  #abort(header: say.Header, body: Element): void {
    const reference = childOf(body, 'MessageReference')?.attributes ?? {};
    const { running } = this;
    const asked = reference['ServiceID'];
    if (running !== null && running.header.serviceId === asked) {
      running.abort();
      return;
    }
    const done = this.journal.some((filed) => filed.header.serviceId === asked);
    this.tellEvent(header.saleId, done ? 'Completed' : 'Reject', `abort of ${asked ?? '?'}`);
  }

  #status(header: say.Header, body: Element): Element {
    const { knobs } = this;
    const reference = childOf(body, 'MessageReference')?.attributes ?? null;
    if (this.running !== null || knobs.statusBusy > 0) {
      if (this.running === null) knobs.statusBusy -= 1;
      return say.failure('TransactionStatus', knobs.unfinished);
    }
    if (reference !== null && knobs.statusPlainOnly) {
      return say.failure('TransactionStatus', 'MessageFormat', 'MessageReference');
    }
    const own = this.journal.filter((filed) => filed.header.saleId === header.saleId);
    const found = knobs.statusOlder ? own.at(-2) : own.findLast((filed) => fits(filed, reference));
    if (found === undefined) return say.failure('TransactionStatus', 'NotFound');
    return element('TransactionStatusResponse', {}, [
      say.response(null),
      element('RepeatedMessageResponse', {}, [
        say.headerElement({ ...found.header, type: 'Response' }),
        found.body,
      ]),
    ]);
  }

  /** Power off and on: the login is gone, the journal stays. */
  reboot(): void {
    this.saleId = null;
    this.running?.cut();
    this.running = null;
    this.card = null;
    this.screen = WELCOME;
    this.onReboot();
  }

  answer(header: say.Header, body: Element): Handled {
    return this.#answer(header, body);
  }

  /** Nothing was begun. */
  refuse(
    header: say.Header,
    body: Element | null,
    condition: string,
    text: string | null = null,
  ): Handled {
    if (this.knobs.bareRefusals) {
      return this.#answer(header, say.failure(header.category, condition, text));
    }
    const poiTransaction = (): Element =>
      say.transactionId('POITransactionID', String(this.nextNumber()), this.now());
    const response = say.response(condition, text);
    return this.#answer(header, say.refusal(header, body, response, poiTransaction));
  }

  /** Of a kind that has no answer here. */
  #reject(header: say.Header, rejected: string): Handled {
    const body = say.rejection(this.now(), `UnavailableService: ${header.category}`, rejected);
    const event = { messageClass: 'Event', category: 'Event', type: 'Notification' } as const;
    const text = say.messageText({ ...header, ...event }, body);
    this.sent.push(text);
    return { kind: 'answer', status: 200, body: text };
  }

  #answer(header: say.Header, body: Element): Handled {
    const text = say.messageText({ ...header, type: 'Response' }, body);
    this.sent.push(text);
    return { kind: 'answer', status: 200, body: text };
  }

  /** Posts a message of class Device or Event; null where the till does not take calls. */
  async tell(
    category: string,
    saleId: string,
    body: Element,
    type: 'Request' | 'Notification' = 'Request',
  ): Promise<Element | null> {
    if (this.style === 'light' || this.callBack === null) return null;
    this.#device = (this.#device % 9_999) + 1;
    const header: say.Header = {
      messageClass: type === 'Notification' ? 'Event' : 'Device',
      category,
      type,
      serviceId: String(this.#device),
      deviceId: type === 'Notification' ? null : String(this.#device),
      saleId,
      poiId: this.poiId,
    };
    const text = say.messageText(header, body);
    this.sent.push(text);
    const reply = await this.callBack(text);
    if (reply === null) return null;
    this.received.push(reply);
    const answer = parse(reply);
    this.faults.push(...faultsOf(answer));
    return answer;
  }

  tellEvent(saleId: string, event: string, details: string, maintenance = false): void {
    const body = say.eventNotification(this.now(), event, details, maintenance);
    void this.tell('Event', saleId, body, 'Notification').catch(() => null);
  }
}

function numberOf({ body }: Filed): number {
  const id = childOf(body, 'POIData', 'POITransactionID')?.attributes['TransactionID'];
  return Number(id ?? 0) || 0;
}

function fits(filed: Filed, reference: Readonly<Record<string, string>> | null): boolean {
  const { header } = filed;
  return (
    reference === null ||
    (same(reference['MessageCategory'], header.category) &&
      same(reference['ServiceID'], header.serviceId) &&
      same(reference['SaleID'], header.saleId) &&
      same(reference['POIID'], header.poiId))
  );
}

function same(theirs: string | undefined, ours: string | null): boolean {
  return theirs === undefined || theirs === ours;
}
