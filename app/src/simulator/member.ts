// What the fleet needs of a simulated terminal, whatever protocol it speaks.
import type { SimulatedCard, SimulatorSettings, SimulatorState } from '../ports/simulators.ts';

export interface Described {
  readonly name: string;
  readonly description: string;
}

export interface SimulatedMember {
  /** Where it listens, as a till reaches it. */
  readonly address: string;
  readonly faults: readonly Described[];
  readonly cards: readonly Described[];
  state(): Omit<SimulatorState, 'terminal' | 'address'>;
  fault(name: string, times: number): boolean;
  clearFaults(): void;
  presentCard(card: Partial<SimulatedCard>): boolean;
  /** False where it does not wait for one, as where its protocol has no such step. */
  enterPin(pin: string): boolean;
  pressCancel(): boolean;
  standaloneSale(amount: number): boolean;
  powerCut(offMs: number): void;
  configure(settings: Partial<SimulatorSettings>): boolean;
  /** Back to what its address says, without armed faults, remarks or a card. */
  reset(): void;
  /** Its power goes too, so that nothing of it outlives the fleet. */
  close(): Promise<void>;
}
