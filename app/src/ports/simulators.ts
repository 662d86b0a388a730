// The knobs of simulated terminals, for the demonstration and for certification.
import type { TerminalId } from '../domain/ids.ts';

export interface SimulatorState {
  readonly terminal: TerminalId;
  /** `tcp://127.0.0.1:port`, or with `http://`, where it listens. */
  readonly address: string;
  readonly screen: string;
  readonly busy: boolean;
  readonly card: SimulatedCard | null;
  readonly settings: SimulatorSettings;
  /** Newest last; what the terminal believes has happened. */
  readonly journal: readonly Readonly<Record<string, string | number | boolean | null>>[];
  /** Faults that wait for the next exchange. */
  readonly faults: readonly string[];
  /** What the till did against the specification, as a certification laboratory notes it. */
  readonly remarks?: readonly { readonly text: string; readonly count: number }[];
  /** False while a power cut lasts. */
  readonly powered?: boolean;
  /** True while it waits for `enterPin`. */
  readonly awaitsPin?: boolean;
}

/** Presented as `{ name }` of a known card, or field by field on top of a good one. */
export interface SimulatedCard {
  /** A card of `cards()`; null or missing where it was described field by field. */
  readonly name?: string | null;
  /** Masked. */
  readonly pan: string;
  readonly brand: string;
  /** Host's answer: `0000`, `0051`, … */
  readonly hostCode: string;
}

export interface SimulatorSettings {
  /** From request to answer where nobody touches anything. */
  readonly answerAfterMs: number;
  /** A card is presented by itself; otherwise it waits for `card`. */
  readonly autoCard: boolean;
  /** Name of the card that is presented by itself; `good` unless set. */
  readonly defaultCard?: string;
  /** The terminal asks the till for a corrected sum on every purchase. */
  readonly adjust?: boolean;
  /** After the card of a payment it waits for `enterPin`; otherwise the PIN enters itself. */
  readonly askPin?: boolean;
}

export interface SimulatorControl {
  list(): readonly SimulatorState[];
  find(terminal: TerminalId): SimulatorState | null;
  /** Names and meaning of the faults that `fault` takes: of this terminal, else of most. */
  faults(terminal?: TerminalId): readonly { readonly name: string; readonly description: string }[];
  /** Names and meaning of the cards that can be presented: to this terminal, else to most. */
  cards(terminal?: TerminalId): readonly { readonly name: string; readonly description: string }[];
  /** Arms a fault for the next exchange (or `times` of them). False where it is not known. */
  fault(terminal: TerminalId, name: string, times: number): boolean;
  clearFaults(terminal: TerminalId): boolean;
  /** Presents a card; null = a good one. False where the name is not known or nobody can take it. */
  presentCard(terminal: TerminalId, card: Partial<SimulatedCard> | null): boolean;
  /**
   * The customer types a PIN of 4 to 12 digits, which is kept and told nowhere. `0000` is wrong on
   * every card. False where the terminal does not wait for one.
   */
  enterPin(terminal: TerminalId, pin: string): boolean;
  /** The customer presses the red button. */
  pressCancel(terminal: TerminalId): boolean;
  /** A sale made on the terminal without a till. */
  standaloneSale(terminal: TerminalId, amount: number): boolean;
  /** Cuts power; the journal survives, everything else starts anew after `offMs`. */
  powerCut(terminal: TerminalId, offMs: number): boolean;
  /** False where the terminal is not simulated or a value is out of bounds. */
  configure(terminal: TerminalId, settings: Partial<SimulatorSettings>): boolean;
  /** Back to an idle terminal without armed faults, remarks or settings of its own. */
  reset(terminal: TerminalId): boolean;
}
