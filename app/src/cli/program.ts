// What every command of `tillgate` is given and gives back.
import type { Clock, Random } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

export interface Surroundings {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** One line to standard output; resolves when it may take the next. */
  print(line: string): Promise<void>;
  /** One line to standard error. */
  complain(line: string): void;
  /** A passphrase that nobody sees; null where it was asked `twice` and the answers differ. */
  secret(question: string, twice: boolean): Promise<string | null>;
}

/** Exit codes: 0 done, 1 done and the answer is bad, 2 asked wrongly. */
export type ExitCode = 0 | 1 | 2;

/** The arguments do not say what to do; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
