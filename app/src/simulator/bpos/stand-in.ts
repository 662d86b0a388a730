// The terminal behind the demonstration's stand-in of the bank's library, as one of the fleet:
// `sim://bpos?answerAfterMs=1500`. The stand-in runs in a process of its own and keeps its terminal in
// files; here its script is written and its journal is read.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SIMULATOR_DELAY_MS_MAX, SIMULATOR_JOURNAL_SHOWN } from '../../domain/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SimulatorSettings, SimulatorState } from '../../ports/simulators.ts';
import type { Described, SimulatedMember } from '../member.ts';

/** Each is what the stand-in's next operation is told. */
export const FAULTS: Readonly<Record<string, { description: string; word: string }>> = {
  declined: { description: 'Declined: 51, no money on it.', word: 'decline 51' },
  cancelled: { description: 'The customer presses the red button.', word: 'error 1001' },
  busy: { description: 'The terminal is busy with something else.', word: 'busy' },
  adjust: { description: 'A Bonus+ card: the till is asked for the sum.', word: 'adjust' },
  signature: { description: 'The cashier must check the signature.', word: 'signature' },
  'crash-before-purchase': {
    description: 'The library crashes before the terminal hears of the sale.',
    word: 'crash-before-purchase',
  },
  'crash-in-purchase': {
    description: 'The library crashes when the sale has begun.',
    word: 'crash-in-purchase',
  },
  'crash-in-wait': {
    description: 'The library crashes while the customer stands there.',
    word: 'crash-in-wait',
  },
  'crash-before-confirm': {
    description: 'The library crashes before it confirms; the terminal takes the money back.',
    word: 'crash-before-confirm',
  },
  'crash-after-confirm': {
    description: 'The library crashes after it confirmed; the money has moved.',
    word: 'crash-after-confirm',
  },
  'hang-in-purchase': {
    description: 'The library does not return from the call.',
    word: 'hang-in-purchase',
  },
  'lost-after-approval': {
    description: 'The line is lost after the bank’s yes.',
    word: 'lost-after-approval',
  },
  'confirm-lost': {
    description: 'The confirmation is taken, its answer never arrives.',
    word: 'confirm-lost',
  },
  'wrong-amount': {
    description: 'The answer names another sum than was asked.',
    word: 'wrong-amount',
  },
  'bare-answer': { description: 'A yes without its signs.', word: 'no-signs' },
  'stale-answer': {
    description: 'The library shows the transaction before for this one.',
    word: 'stale',
  },
};

/** A sale goes through so many states. */
const STEPS = 4;
const STEP_MS_MIN = 5;
/** Without a confirmation the sale is taken back; a shop's terminal waits a minute. */
const CONFIRM_WAIT_MS = 3_000;
const STATUSES = ['', 'approved', 'declined', 'reversed', 'voided'] as const;
const TYPES: Readonly<Record<string, string>> = {
  '1': 'Purchase',
  '2': 'Refund',
  '3': 'Void',
  '4': 'Completion',
  '7': 'Deposit',
  '10': 'Instalment',
  '11': 'CashAdvance',
  '14': 'Cashback',
};

export function standInFolder(journalFolder: string, id: string): string {
  return join(journalFolder, `${id}.stand-in`);
}

/** Throws RangeError where the address names another option or value. */
export function openStandInTerminal(
  id: string,
  address: string,
  parts: { readonly clock: Clock; readonly journalFolder: string },
): SimulatedMember {
  const settings = readSettings(address);
  const folder = standInFolder(parts.journalFolder, id);
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, 'dark'), { force: true });
  const member = new StandInTerminal(folder, parts.clock, settings);
  member.reset();
  return member;
}

/** INVARIANT: one timer at most brings the power back. */
class StandInTerminal implements SimulatedMember {
  readonly address = 'sim://bpos';
  readonly faults: readonly Described[] = Object.entries(FAULTS).map(([name, { description }]) => ({
    name,
    description,
  }));
  readonly cards: readonly Described[] = [];
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #initial: SimulatorSettings;
  #settings: SimulatorSettings;
  #powered = true;
  #cancelPower: () => void = () => undefined;

  constructor(folder: string, clock: Clock, settings: SimulatorSettings) {
    this.#folder = folder;
    this.#clock = clock;
    this.#initial = settings;
    this.#settings = settings;
  }

  state(): Omit<SimulatorState, 'terminal' | 'address'> {
    const [head = '', , ...entries] = this.#lines('journal');
    const busy = head.split(' ')[2] === '1';
    return {
      screen: busy ? 'STAND-IN: SALE' : 'STAND-IN: NO MONEY MOVES',
      busy,
      powered: this.#powered,
      card: null,
      settings: this.#settings,
      journal: entries.slice(-SIMULATOR_JOURNAL_SHOWN).map(entryOf),
      faults: this.#lines('once'),
      remarks: [],
    };
  }

  fault(name: string, times: number): boolean {
    const fault = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
    if (fault === undefined) return false;
    const armed = Array.from({ length: times }, () => fault.word);
    this.#write('once', [...this.#lines('once'), ...armed]);
    return true;
  }

  clearFaults(): void {
    this.#write('once', []);
  }

  /** Its customers bring their own. */
  presentCard(): boolean {
    return false;
  }

  enterPin(): boolean {
    return false;
  }

  pressCancel(): boolean {
    if (!this.state().busy) return false;
    this.#write('cancel', []);
    return true;
  }

  standaloneSale(): boolean {
    return false;
  }

  powerCut(offMs: number): void {
    this.#cancelPower();
    this.#powered = false;
    this.#write('dark', []);
    this.#cancelPower = this.#clock.after(offMs, () => {
      this.#powered = true;
      rmSync(join(this.#folder, 'dark'), { force: true });
    });
  }

  configure(settings: Partial<SimulatorSettings>): boolean {
    const { answerAfterMs, autoCard, defaultCard, adjust, askPin } = settings;
    if (answerAfterMs !== undefined && !isDelay(answerAfterMs)) return false;
    if (autoCard === false || adjust === true || askPin === true) return false;
    if (defaultCard !== undefined && defaultCard !== 'good') return false;
    if (answerAfterMs !== undefined) this.#settings = { ...this.#settings, answerAfterMs };
    const step = Math.max(STEP_MS_MIN, Math.round(this.#settings.answerAfterMs / STEPS));
    this.#write('script', [`step-ms ${step}`, `confirm-timeout-ms ${CONFIRM_WAIT_MS}`]);
    return true;
  }

  reset(): void {
    this.clearFaults();
    this.configure(this.#initial);
  }

  close(): Promise<void> {
    this.#cancelPower();
    return Promise.resolve();
  }

  #write(name: string, lines: readonly string[]): void {
    writeFileSync(join(this.#folder, name), lines.map((line) => `${line}\n`).join(''));
  }

  #lines(name: string): string[] {
    try {
      const text = readFileSync(join(this.#folder, name), 'utf8');
      return text.split('\n').filter((line) => line !== '');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
      throw cause;
    }
  }
}

/** A line of the stand-in's journal. */
function entryOf(line: string): SimulatorState['journal'][number] {
  const [invoice, type, status, amount, add, merchant, batch, confirmed, at, rrn] = line.split(' ');
  return {
    invoice: invoice ?? null,
    type: TYPES[type ?? ''] ?? null,
    status: STATUSES[Number(status)] ?? null,
    amount: Number(amount),
    addAmount: Number(add),
    merchant: merchant ?? null,
    batch: batch ?? null,
    confirmed: confirmed === '1',
    terminalTime: new Date(Number(at)).toISOString(),
    rrn: rrn === '-' ? null : (rrn ?? null),
  };
}

function isDelay(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= SIMULATOR_DELAY_MS_MAX;
}

function readSettings(address: string): SimulatorSettings {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url?.protocol !== 'sim:' || url.hostname !== 'bpos') {
    throw new RangeError(`not the address of the stand-in: ${address}`);
  }
  const asked = Object.fromEntries(url.searchParams);
  const unknown = Object.keys(asked).find((name) => name !== 'answerAfterMs');
  if (unknown !== undefined) {
    throw new RangeError(`no such option of a simulated terminal: ${unknown}`);
  }
  const delay = Number(asked['answerAfterMs'] ?? '0');
  if (!isDelay(delay)) throw new RangeError('not a duration in milliseconds');
  return { answerAfterMs: delay, autoCard: true, defaultCard: 'good' };
}
