// Runs seeds and adds up what the stories were about.
import type { DriverCatalog } from '../../app/src/ports/terminal-driver.ts';
import { Story, type StoryOptions, type StoryStats } from './story.ts';

export interface Failure {
  readonly seed: number;
  readonly message: string;
}

export async function runSeed(options: StoryOptions): Promise<StoryStats | Failure> {
  try {
    return await new Story(options).run();
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed: options.seed, message };
  }
}

export function isFailure(result: StoryStats | Failure): result is Failure {
  return 'message' in result;
}

export class Totals {
  seeds = 0;
  operations = 0;
  powerCuts = 0;
  byEvidence = 0;
  byPerson = 0;
  readonly reasons = new Map<string, number>();
  readonly states = new Map<string, number>();

  add(stats: StoryStats): void {
    this.seeds += 1;
    this.operations += stats.operations;
    this.powerCuts += stats.powerCuts;
    this.byEvidence += stats.byEvidence;
    this.byPerson += stats.byPerson;
    for (const reason of stats.ambiguous) count(this.reasons, reason);
    for (const state of stats.states) count(this.states, state);
  }

  toString(): string {
    const { seeds, operations, powerCuts, byEvidence, byPerson } = this;
    return [
      `${seeds} seeds, ${operations} operations (${list(this.states)}), ${powerCuts} power cuts,`,
      `${byEvidence} resolved by evidence, ${byPerson} by a person (${list(this.reasons)})`,
    ].join(' ');
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function list(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([name, times]) => `${name} ${times}`).join(', ');
}

/** Canary: drivers that take a lost answer for a «no». */
export function lostIsDeclined(catalog: DriverCatalog): DriverCatalog {
  return {
    names: catalog.names,
    check: (setup) => catalog.check(setup),
    normaliseAddress: (address) => catalog.normaliseAddress(address),
    create: (setup) => {
      const driver = catalog.create(setup);
      const perform = driver.perform.bind(driver);
      driver.perform = async (exchange) => {
        const outcome = await perform(exchange);
        return outcome.kind === 'unknown' ? { ...outcome, kind: 'declined' } : outcome;
      };
      return driver;
    },
  };
}
