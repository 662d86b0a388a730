// A simulated nexo terminal as one of the fleet: `sim://nexo?style=light&answerAfterMs=1500&…`.
import { join } from 'node:path';
import { SIMULATOR_DELAY_MS_MAX, SIMULATOR_JOURNAL_SHOWN } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SimulatorSettings, SimulatorState } from '../../ports/simulators.ts';
import { lineJournal } from '../line-journal.ts';
import type { SimulatedMember } from '../member.ts';
import { CARDS, type CardName, isCardName, scriptOf } from './cards.ts';
import { arm, armed, clear, FAULTS } from './faults.ts';
import * as say from './messages.ts';
import { standaloneBody } from './payment.ts';
import type { PaymentScript } from './script.ts';
import { callTill, listenNexo, type NexoTerminalServer } from './server.ts';
import { type Filed, NexoTerminal } from './terminal.ts';
import { childOf } from './xml.ts';

/** What an address may say besides; all of it is left out most of the time. */
interface Origin {
  /** `light`: it calls nobody, even where the till asks for it. */
  readonly style: 'default' | 'light';
  /** '' = the one that the till calls it by. */
  readonly poiId: string;
  /** Diagnosis, totals and reconciliation are known. */
  readonly services: boolean;
  readonly settings: SimulatorSettings;
}

export interface MemberParts {
  readonly clock: Clock;
  readonly journalFolder: string | null;
  readonly onFailure: (cause: unknown) => void;
  /** Where the till listens at this moment; null = nowhere. */
  readonly callBack: () => string | null;
}

/** Rejects with RangeError where the address names another option or value. */
export async function openNexoMember(
  id: string,
  address: string,
  parts: MemberParts,
): Promise<SimulatedMember> {
  const origin = readOrigin(address);
  const { clock, journalFolder } = parts;
  const file =
    journalFolder === null ? null : lineJournal<Filed>(join(journalFolder, `${id}.nexo-journal`));
  const terminal: NexoTerminal = new NexoTerminal({
    clock,
    poiId: origin.poiId,
    stepMs: STEP_MS,
    journal: file?.load() ?? [],
    onFiled: (filed) => {
      try {
        file?.write(filed);
      } catch (cause) {
        // Nobody may be told of what is not on disk: the terminal looks as if it hung.
        terminal.powered = false;
        terminal.reboot();
        parts.onFailure(cause);
      }
    },
  });
  terminal.knobs.services = origin.services;
  if (origin.style === 'default') {
    terminal.callBack = (text) => {
      const till = parts.callBack();
      return till === null ? Promise.reject(new Error('no till listens')) : callTill(till)(text);
    };
  }
  const member = new NexoMember(terminal, await listenNexo(terminal), origin.settings);
  member.reset();
  return member;
}

/** Between two texts: readable, and a payment is done in a second. */
const STEP_MS = 60;

const FAULT_LIST = described(FAULTS);
const CARD_LIST = described(CARDS);

/** INVARIANT: while it has no power it answers nothing, and one timer at most ends that. */
class NexoMember implements SimulatedMember {
  readonly faults = FAULT_LIST;
  readonly cards = CARD_LIST;
  readonly #terminal: NexoTerminal;
  readonly #server: NexoTerminalServer;
  readonly #initial: SimulatorSettings;
  #cardName: CardName = 'good';
  #cancelPower: () => void = () => undefined;

  constructor(terminal: NexoTerminal, server: NexoTerminalServer, initial: SimulatorSettings) {
    this.#terminal = terminal;
    this.#server = server;
    this.#initial = initial;
  }

  get address(): string {
    return this.#server.address;
  }

  state(): Omit<SimulatorState, 'terminal' | 'address'> {
    const terminal = this.#terminal;
    const { manner, card } = terminal;
    return {
      screen: terminal.screen,
      busy: terminal.running !== null,
      powered: terminal.powered,
      card: card === null ? null : cardState(card),
      settings: {
        answerAfterMs: manner.answerAfterMs,
        autoCard: manner.autoCard,
        defaultCard: this.#cardName,
      },
      journal: terminal.journal.slice(-SIMULATOR_JOURNAL_SHOWN).map(journalEntry),
      faults: armed(terminal),
      remarks: counted(terminal.faults),
    };
  }

  fault(name: string, times: number): boolean {
    return arm(this.#terminal, name, times);
  }

  clearFaults(): void {
    clear(this.#terminal);
  }

  presentCard(presented: Parameters<SimulatedMember['presentCard']>[0]): boolean {
    const card = scriptOf(presented);
    const terminal = this.#terminal;
    if (card === null || !terminal.powered || terminal.card !== null) return false;
    terminal.card = card;
    terminal.running?.present();
    return true;
  }

  /** The displays of its payments tell of a PIN that types itself. */
  enterPin(): boolean {
    return false;
  }

  pressCancel(): boolean {
    const { running } = this.#terminal;
    running?.cancel();
    return running !== null;
  }

  standaloneSale(amount: number): boolean {
    const terminal = this.#terminal;
    if (terminal.running !== null || !terminal.powered) return false;
    const header: say.Header = {
      messageClass: 'Service',
      category: 'Payment',
      type: 'Request',
      serviceId: null,
      deviceId: null,
      saleId: '',
      poiId: terminal.poiId,
    };
    const filed = { header, body: standaloneBody(terminal, amount), ok: true };
    terminal.onFiled(filed);
    terminal.journal.push(filed);
    return true;
  }

  powerCut(offMs: number): void {
    const terminal = this.#terminal;
    this.#cancelPower();
    terminal.powered = false;
    terminal.reboot();
    this.#cancelPower = terminal.clock.after(offMs, () => {
      terminal.powered = true;
    });
  }

  configure(settings: Partial<SimulatorSettings>): boolean {
    const { answerAfterMs, autoCard, defaultCard, adjust, askPin } = settings;
    const { manner } = this.#terminal;
    if (answerAfterMs !== undefined && !isDelay(answerAfterMs)) return false;
    if (defaultCard !== undefined && !isCardName(defaultCard)) return false;
    // Nothing of this protocol lets a terminal ask for another sum; its PIN types itself.
    if (adjust === true || askPin === true) return false;
    if (answerAfterMs !== undefined) manner.answerAfterMs = answerAfterMs;
    if (autoCard !== undefined) manner.autoCard = autoCard;
    if (defaultCard !== undefined) {
      this.#cardName = defaultCard;
      manner.card = scriptOf({ name: defaultCard }) ?? {};
    }
    return true;
  }

  reset(): void {
    const terminal = this.#terminal;
    clear(terminal);
    terminal.faults.length = 0;
    terminal.card = null;
    this.configure(this.#initial);
  }

  async close(): Promise<void> {
    this.#cancelPower();
    this.#terminal.powered = false;
    this.#terminal.reboot();
    await this.#server.close();
  }
}

function cardState(card: PaymentScript): SimulatorState['card'] {
  const { pan = CARDS.good.pan, brand = CARDS.good.brand, verdict = 'Success' } = card;
  return { pan: `${pan.slice(0, 6)}******${pan.slice(-4)}`, brand, hostCode: verdict };
}

function journalEntry({ header, body, ok }: Filed): SimulatorState['journal'][number] {
  const amounts = childOf(body, 'PaymentResult', 'AmountsResp')?.attributes;
  const response = childOf(body, 'Response')?.attributes;
  const sale = childOf(body, 'SaleData', 'SaleTransactionID')?.attributes;
  const poi = childOf(body, 'POIData', 'POITransactionID')?.attributes;
  const type = childOf(body, 'PaymentResult')?.attributes['PaymentType'] ?? 'Normal';
  return {
    invoice: poi?.['TransactionID'] ?? null,
    kind: header.category === 'Payment' && type === 'Refund' ? 'Refund' : header.category,
    status: ok ? 'approved' : 'declined',
    amount: amounts === undefined ? null : say.minor(amounts['AuthorizedAmount'] ?? ''),
    responseCode: response?.['ErrorCondition'] ?? response?.['Result'] ?? null,
    reference: sale?.['TransactionID'] ?? null,
    serviceId: header.serviceId,
    terminalTime: poi?.['TimeStamp'] ?? null,
    standalone: header.saleId === '',
  };
}

function counted(texts: readonly string[]): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => ({ text, count }));
}

function described(
  table: Readonly<Record<string, { readonly description: string }>>,
): SimulatedMember['faults'] {
  return Object.entries(table).map(([name, { description }]) => ({ name, description }));
}

function isDelay(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= SIMULATOR_DELAY_MS_MAX;
}

function readOrigin(address: string): Origin {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== 'sim:' || url.hostname !== 'nexo') {
    throw new RangeError(`not the address of a simulated nexo terminal: ${address}`);
  }
  const asked = Object.fromEntries(url.searchParams);
  const unknown = Object.keys(asked).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`no such option of a simulated terminal: ${unknown}`);
  }
  const { style = 'default', poiId = '', services, autoCard, card = 'good', answerAfterMs } = asked;
  if (style !== 'default' && style !== 'light') throw new RangeError('style: default, light');
  if (!isCardName(card)) throw new RangeError(`no card of this name: ${card}`);
  const delay = Number(answerAfterMs ?? '0');
  if (!isDelay(delay)) throw new RangeError(`not a duration in milliseconds: ${answerAfterMs}`);
  return {
    style,
    poiId,
    services: yes(services ?? '0'),
    settings: { answerAfterMs: delay, autoCard: yes(autoCard ?? '1'), defaultCard: card },
  };
}

const OPTIONS: readonly string[] = [
  'style',
  'poiId',
  'services',
  'autoCard',
  'card',
  'answerAfterMs',
];

function yes(value: string): boolean {
  if (value === '1' || value === 'true') return true;
  if (value === '0' || value === 'false') return false;
  throw new RangeError(`yes is 1 or true, no is 0 or false: ${value}`);
}
