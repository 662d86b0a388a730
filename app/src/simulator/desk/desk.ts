// The terminal behind a small protocol: its customer, its bank, its journal. It knows no bytes.
import type { SimulatorSettings } from '../../ports/simulators.ts';
import type { Clock } from '../../ports/clock.ts';
import { CARDS, type DeskCard, isCardName } from './cards.ts';
import type { DeskEntry, DeskJournal } from './journal.ts';

export type Asked = Pick<DeskEntry, 'kind' | 'amount'>;
export type Ended =
  | { kind: 'done'; entry: DeskEntry }
  /** The red button, the till, or a customer who went away. */
  | { kind: 'stopped' };

export const WELCOME = 'WELCOME';
/** Without a card for so long, the customer has gone away. */
const CARD_WAIT_MS = 60_000;
const CODE_OK = 0;
const CODE_STOPPED = 1001;

/**
 * INVARIANTS
 * - One customer at a time.
 * - An entry is on disk before anybody is told of it.
 */
export class Desk {
  readonly clock: Clock;
  readonly entries: DeskEntry[];
  settings: SimulatorSettings = { answerAfterMs: 0, autoCard: true, defaultCard: 'good' };
  screen = WELCOME;
  powered = true;
  card: DeskCard | null = null;
  batch = 1;
  /** Armed, in order: each is taken once. */
  readonly faults: string[] = [];
  /** What the till did against the protocol. */
  readonly remarks: string[] = [];
  readonly #journal: DeskJournal | null;
  readonly #onFailure: (cause: unknown) => void;
  #running: { present: () => void; stop: () => void } | null = null;

  constructor(clock: Clock, journal: DeskJournal | null, onFailure: (cause: unknown) => void) {
    this.clock = clock;
    this.#journal = journal;
    this.#onFailure = onFailure;
    this.entries = [...(journal?.load() ?? [])];
    this.batch = this.entries.at(-1)?.batch ?? 1;
  }

  get busy(): boolean {
    return this.#running !== null;
  }

  /** True once for each time that it was armed. */
  takes(fault: string): boolean {
    const at = this.faults.indexOf(fault);
    if (at < 0) return false;
    this.faults.splice(at, 1);
    return true;
  }

  remark(text: string): void {
    if (this.remarks.length < REMARKS_KEPT) this.remarks.push(text);
  }

  present(card: DeskCard): boolean {
    if (!this.powered || this.card !== null) return false;
    this.card = card;
    this.#running?.present();
    return true;
  }

  /** False where nobody is served. */
  stop(): boolean {
    this.#running?.stop();
    return this.#running !== null;
  }

  /** Serves one customer; `signal` is the till that does not want it any more. */
  async serve(asked: Asked, signal: AbortSignal): Promise<Ended> {
    if (this.busy) return { kind: 'stopped' };
    this.screen = `${asked.kind.toUpperCase()} ${(asked.amount / 100).toFixed(2)}`;
    const card = await this.#cardFor(signal);
    this.card = null;
    this.#running = null;
    this.screen = WELCOME;
    if (card === null || card.code === CODE_STOPPED || !this.powered) return { kind: 'stopped' };
    const entry = this.#entryOf(asked, card);
    return this.file(entry) ? { kind: 'done', entry } : { kind: 'stopped' };
  }

  /** A sale without a till. */
  sell(amount: number): boolean {
    if (this.busy || !this.powered) return false;
    const entry = this.#entryOf({ kind: 'purchase', amount }, CARDS.good);
    return this.file({ ...entry, standalone: true });
  }

  find(invoice: number): DeskEntry | null {
    return this.entries.find((entry) => entry.invoice === invoice) ?? null;
  }

  /** False where it could not be written: from then on the terminal is as if it hung. */
  file(entry: DeskEntry): boolean {
    try {
      this.#journal?.write(entry);
    } catch (cause) {
      this.powered = false;
      this.#onFailure(cause);
      return false;
    }
    const at = this.entries.findIndex(({ invoice }) => invoice === entry.invoice);
    if (at < 0) this.entries.push(entry);
    else this.entries[at] = entry;
    return true;
  }

  ofBatch(): readonly DeskEntry[] {
    return this.entries.filter(({ batch }) => batch === this.batch);
  }

  /** The power goes: whoever is served is not served any more. */
  darken(): void {
    this.powered = false;
    this.#running?.stop();
    this.card = null;
    this.screen = WELCOME;
  }

  #cardFor(signal: AbortSignal): Promise<DeskCard | null> {
    const { answerAfterMs, autoCard, defaultCard = 'good' } = this.settings;
    const own = isCardName(defaultCard) ? CARDS[defaultCard] : CARDS.good;
    return new Promise((resolve) => {
      const end = (card: DeskCard | null): void => {
        forget();
        signal.removeEventListener('abort', stop);
        resolve(card);
      };
      const stop = (): void => end(null);
      const wait = autoCard || this.card !== null ? answerAfterMs : CARD_WAIT_MS;
      const forget = this.clock.after(wait, () => end(this.card ?? (autoCard ? own : null)));
      const present = (): void => {
        if (!autoCard) end(this.card);
      };
      this.#running = { present, stop };
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
  }

  #entryOf({ kind, amount }: Asked, { pan, brand, code }: DeskCard): DeskEntry {
    const invoice = Math.max(0, ...this.entries.map((entry) => entry.invoice)) + 1;
    const at = this.clock.now();
    const approved = code === CODE_OK;
    return {
      invoice,
      kind,
      amount,
      status: approved ? 'approved' : 'declined',
      code,
      rrn: approved ? String(700_000 + invoice).padStart(12, '0') : '',
      authCode: approved ? String(611_000 + (invoice % 1_000)).padStart(6, '0') : '',
      pan,
      brand,
      batch: this.batch,
      at,
      standalone: false,
    };
  }
}

const REMARKS_KEPT = 200;
