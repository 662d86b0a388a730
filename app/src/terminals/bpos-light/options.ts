// What an administrator may set for a B-POS light terminal, as one table.
import { type OptionIssue, type OptionValue, readOptions } from '../wire/options.ts';

export const OPTIONS = {
  merchantIds: {
    type: 'text',
    lengthMax: 200,
    default: '',
    description: 'Ids of the merchants as the bank gave them, by comma: that of merchant 1 first.',
  },
  trustCodeOnly: {
    type: 'boolean',
    default: false,
    description:
      'Believe a bare code 0000 without sum and reference. Only where the terminal can give none.',
  },
  ackTimeoutMs: {
    type: 'integer',
    min: 100,
    max: 30_000,
    default: 3_000,
    description: 'Longest wait for the acknowledgement of a request.',
  },
  confirmTimeoutMs: {
    type: 'integer',
    min: 500,
    max: 120_000,
    default: 30_000,
    description: 'Longest answer to the confirmation.',
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

export interface BposLightOptions {
  readonly merchantIds: string;
  readonly trustCodeOnly: boolean;
  readonly ackTimeoutMs: number;
  readonly confirmTimeoutMs: number;
  readonly turnWaitMs: number;
  readonly checkEveryMs: number;
}

export function parseOptions(
  given: Readonly<Record<string, OptionValue>>,
):
  | { kind: 'options'; options: BposLightOptions }
  | { kind: 'issues'; issues: readonly OptionIssue[] } {
  const { values, issues } = readOptions(OPTIONS, given);
  if (/[;=\0]/.test(String(values['merchantIds']))) {
    issues.push({ path: 'merchantIds', message: 'must not contain ; or =' });
  }
  if (issues.length > 0) return { kind: 'issues', issues };
  return { kind: 'options', options: values as unknown as BposLightOptions }; // the table made them
}

/** The text id of a merchant; null where none is set for this index. */
export function merchantIdOf(options: BposLightOptions, index: number): string | null {
  const ids = options.merchantIds.split(',').map((id) => id.trim());
  const id = ids[Math.max(index, 1) - 1] ?? '';
  return id === '' ? null : id;
}
