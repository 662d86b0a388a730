// What an administrator may set for a Caisse-AP terminal, as one table.
import { type OptionIssue, type OptionValue, readOptions } from '../wire/options.ts';

export const OPTIONS = {
  tillId: {
    type: 'text',
    lengthMax: 12,
    default: '012345678901',
    description: 'Who asks: the identification that the terminal expects (tag CJ).',
  },
  position: {
    type: 'integer',
    min: 1,
    max: 99,
    default: 1,
    description: 'Number of this till (tag CA).',
  },
  trustCodeOnly: {
    type: 'boolean',
    default: false,
    description: 'Believe a yes without an authorisation number. Only where there can be none.',
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

export interface CaisseApOptions {
  readonly tillId: string;
  readonly position: number;
  readonly trustCodeOnly: boolean;
  readonly answerTimeoutMs: number;
  readonly turnWaitMs: number;
  readonly checkEveryMs: number;
}

export function parseOptions(
  given: Readonly<Record<string, OptionValue>>,
):
  | { kind: 'options'; options: CaisseApOptions }
  | { kind: 'issues'; issues: readonly OptionIssue[] } {
  const { values, issues } = readOptions(OPTIONS, given);
  if (!/^\d{1,12}$/.test(String(values['tillId']))) {
    issues.push({ path: 'tillId', message: 'must be at most 12 digits' });
  }
  if (issues.length > 0) return { kind: 'issues', issues };
  return { kind: 'options', options: values as unknown as CaisseApOptions }; // the table made them
}
