// What an administrator may set for a Concert terminal, as one table.
import { type OptionIssue, type OptionValue, readOptions } from '../wire/options.ts';

export const OPTIONS = {
  position: {
    type: 'integer',
    min: 1,
    max: 99,
    default: 1,
    description: 'Number of this till, as the terminal is set up.',
  },
  withReport: {
    type: 'boolean',
    default: true,
    description: 'Ask for the card’s data: without them a yes has no sign beyond its code.',
  },
  trustCodeOnly: {
    type: 'boolean',
    default: false,
    description: 'Believe a yes without the card’s data. Only where the terminal can give none.',
  },
  forceOnline: {
    type: 'boolean',
    default: false,
    description: 'The bank is always asked; otherwise the terminal decides.',
  },
  answerTimeoutMs: {
    type: 'integer',
    min: 5_000,
    max: 300_000,
    default: 180_000,
    description: 'Longest wait for the answer, the customer included.',
  },
  turnWaitMs: {
    type: 'integer',
    min: 100,
    max: 60_000,
    default: 5_000,
    description: 'How long an operation waits for an idle check to end.',
  },
  checkEveryMs: {
    type: 'integer',
    min: 1_000,
    max: 3_600_000,
    default: 60_000,
    description: 'How often an idle terminal is looked for.',
  },
} as const;

export interface ConcertOptions {
  readonly position: number;
  readonly withReport: boolean;
  readonly trustCodeOnly: boolean;
  readonly forceOnline: boolean;
  readonly answerTimeoutMs: number;
  readonly turnWaitMs: number;
  readonly checkEveryMs: number;
}

export function parseOptions(
  given: Readonly<Record<string, OptionValue>>,
):
  | { kind: 'options'; options: ConcertOptions }
  | { kind: 'issues'; issues: readonly OptionIssue[] } {
  const { values, issues } = readOptions(OPTIONS, given);
  if (issues.length > 0) return { kind: 'issues', issues };
  return { kind: 'options', options: values as unknown as ConcertOptions }; // the table made them
}
