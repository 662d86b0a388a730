// The knobs of simulated terminals, for the demonstration and for certification.
import type { TerminalId } from '../domain/ids.ts';

export interface SimulatorState {
  readonly terminal: TerminalId;
  /** `tcp://127.0.0.1:port` where it listens. */
  readonly address: string;
  readonly screen: string;
  readonly busy: boolean;
  readonly card: SimulatedCard | null;
  readonly settings: SimulatorSettings;
  /** Newest last; what the terminal believes has happened. */
  readonly journal: readonly Readonly<Record<string, string | number | boolean | null>>[];
  /** Faults that wait for the next exchange. */
  readonly faults: readonly string[];
}

export interface SimulatedCard {
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
}

export interface SimulatorControl {
  list(): readonly SimulatorState[];
  find(terminal: TerminalId): SimulatorState | null;
  /** Names and meaning of the faults that `fault` takes. */
  faults(): readonly { readonly name: string; readonly description: string }[];
  /** Arms a fault for the next exchange (or `times` of them). False where it is not known. */
  fault(terminal: TerminalId, name: string, times: number): boolean;
  clearFaults(terminal: TerminalId): boolean;
  /** Presents a card; null = a good one. */
  presentCard(terminal: TerminalId, card: Partial<SimulatedCard> | null): boolean;
  /** The customer presses the red button. */
  pressCancel(terminal: TerminalId): boolean;
  /** A sale made on the terminal without a till. */
  standaloneSale(terminal: TerminalId, amount: number): boolean;
  /** Cuts power; the journal survives, everything else starts anew after `offMs`. */
  powerCut(terminal: TerminalId, offMs: number): boolean;
  configure(terminal: TerminalId, settings: Partial<SimulatorSettings>): boolean;
}
