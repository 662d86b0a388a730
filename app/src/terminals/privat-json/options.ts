// What an administrator may set for a terminal of this protocol, as one table.
import { type OptionIssue, type OptionValue, readOptions } from '../wire/options.ts';

export const OPTIONS = {
  handshake: {
    type: 'choice',
    choices: ['reference', 'single'],
    default: 'reference',
    description:
      'How to connect: the vendor’s reference scheme of three connections, or ping and identify on one.',
  },
  pauseAfterPingMs: {
    type: 'integer',
    min: 0,
    max: 10_000,
    default: 1_000,
    description: 'Pause after the handshake’s ping; Verifone needs 3000 to 5000.',
  },
  sendGapMs: {
    type: 'integer',
    min: 0,
    max: 2_000,
    default: 100,
    description: 'Least time between two messages to the terminal (SPEC: 0.1 s).',
  },
  readyWaitMs: {
    type: 'integer',
    min: 0,
    max: 30_000,
    default: 3_000,
    description: 'How long an operation waits for the link before it fails as offline.',
  },
  statusPollMs: {
    type: 'integer',
    min: 100,
    max: 10_000,
    default: 500,
    description: 'How often the status is read while an operation runs.',
  },
  queryTimeoutMs: {
    type: 'integer',
    min: 500,
    max: 60_000,
    default: 15_000,
    description: 'Longest answer to a query that waits for no card and no bank.',
  },
  pingTimeoutMs: {
    type: 'integer',
    min: 500,
    max: 60_000,
    default: 5_000,
    description: 'Longest answer to a ping or to a service message.',
  },
  pingEveryMs: {
    type: 'integer',
    min: 1_000,
    max: 3_600_000,
    default: 20_000,
    description: 'How often an idle terminal is asked whether it is alive (quietly).',
  },
  watermarkEveryMs: {
    type: 'integer',
    min: 5_000,
    max: 3_600_000,
    default: 60_000,
    description: 'How often the last receipt of an idle terminal is read.',
  },
  silenceMs: {
    type: 'integer',
    min: 5_000,
    max: 310_000,
    default: 45_000,
    description: 'A terminal that told statuses and then none for so long has lost the operation.',
  },
  idleAnswerMs: {
    type: 'integer',
    min: 2_000,
    max: 310_000,
    default: 10_000,
    description: 'A terminal that says it is idle for so long will not send the answer any more.',
  },
  facepay: {
    type: 'boolean',
    default: false,
    description: 'Let the customer pay by face on terminals with a camera.',
  },
  subMerchant: {
    type: 'text',
    lengthMax: 32,
    default: '',
    description: 'Sub-merchant as registered at the bank; empty where there is none.',
  },
  trustCodeOnly: {
    type: 'boolean',
    default: false,
    description:
      'Believe a bare code 0000 without looking at the receipt. Only where the terminal can give none.',
  },
  printReceipts: {
    type: 'boolean',
    default: false,
    description: 'Receipt copies and journals are printed by the terminal as well.',
  },
  requireIdentify: {
    type: 'boolean',
    default: false,
    description: 'Refuse a terminal whose answer to identify is not result=true.',
  },
} as const;

export interface PrivatJsonOptions {
  readonly handshake: 'reference' | 'single';
  readonly pauseAfterPingMs: number;
  readonly sendGapMs: number;
  readonly readyWaitMs: number;
  readonly statusPollMs: number;
  readonly queryTimeoutMs: number;
  readonly pingTimeoutMs: number;
  readonly pingEveryMs: number;
  readonly watermarkEveryMs: number;
  readonly silenceMs: number;
  readonly idleAnswerMs: number;
  readonly facepay: boolean;
  readonly subMerchant: string;
  readonly trustCodeOnly: boolean;
  readonly printReceipts: boolean;
  readonly requireIdentify: boolean;
}

/** The options with defaults filled in, or everything that is wrong with them. */
export function parseOptions(
  given: Readonly<Record<string, OptionValue>>,
):
  | { kind: 'options'; options: PrivatJsonOptions }
  | { kind: 'issues'; issues: readonly OptionIssue[] } {
  const { values, issues } = readOptions(OPTIONS, given);
  if (issues.length > 0) return { kind: 'issues', issues };
  return { kind: 'options', options: values as unknown as PrivatJsonOptions }; // the table made them
}
