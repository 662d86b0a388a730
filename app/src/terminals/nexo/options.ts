// What an administrator may set for a nexo terminal, as one table.
import { type OptionIssue, type OptionValue, readOptions } from '../wire/options.ts';

export const OPTIONS = {
  style: {
    type: 'choice',
    choices: ['default', 'light'],
    default: 'default',
    description:
      'default: the terminal calls back with its display, questions and events. light: it never calls.',
  },
  poiId: {
    type: 'text',
    lengthMax: 32,
    default: '',
    description: 'POIID under which the terminal is registered; it selects its parameters.',
  },
  saleId: {
    type: 'text',
    lengthMax: 32,
    default: 'Tillgate',
    description: 'SaleID of this gateway; keep it, transactions are found again by it.',
  },
  language: {
    type: 'text',
    lengthMax: 2,
    default: 'en',
    description: 'Language of texts for the cashier, two small letters (sv, no, fi, da, en).',
  },
  allowedAddresses: {
    type: 'text',
    lengthMax: 200,
    default: '',
    description:
      'Addresses from which the terminal may call, separated by commas; else the address of the terminal.',
  },
  readyWaitMs: {
    type: 'integer',
    min: 0,
    max: 60_000,
    default: 5_000,
    description: 'How long an operation waits for the login before it fails as offline.',
  },
  loginRetryMs: {
    type: 'integer',
    min: 50,
    max: 60_000,
    default: 3_000,
    description: 'Pause before a login that the terminal answered with Busy is sent again.',
  },
  busyRetries: {
    type: 'integer',
    min: 0,
    max: 10,
    default: 4,
    description: 'How often an operation that the terminal answered with Busy is offered again.',
  },
  busyRetryMs: {
    type: 'integer',
    min: 10,
    max: 10_000,
    default: 1_000,
    description: 'First pause before that; it grows by itself each time.',
  },
  queryTimeoutMs: {
    type: 'integer',
    min: 200,
    max: 120_000,
    default: 30_000,
    description: 'Longest answer to a login, logout or question about a transaction.',
  },
  abortTimeoutMs: {
    type: 'integer',
    min: 200,
    max: 60_000,
    default: 10_000,
    description: 'Longest answer to a request to abort.',
  },
  checkEveryMs: {
    type: 'integer',
    min: 1_000,
    max: 3_600_000,
    default: 60_000,
    description: 'How often an idle terminal is asked for its last transaction.',
  },
  busyAbortMs: {
    type: 'integer',
    min: 1_000,
    max: 3_600_000,
    default: 180_000,
    description:
      'After a lost answer: a transaction that is unfinished for so long is asked to abort.',
  },
  notFoundDecides: {
    type: 'boolean',
    default: true,
    description:
      'Within one login a transaction that the terminal does not know has never happened.',
  },
  notFoundAfterMs: {
    type: 'integer',
    min: 0,
    max: 310_000,
    default: 10_000,
    description: 'How long after its start a transaction must be unknown before that is believed.',
  },
  lastOnly: {
    type: 'boolean',
    default: true,
    description: 'The terminal takes back its very last transaction only.',
  },
  signatureMs: {
    type: 'integer',
    min: 1_000,
    max: 280_000,
    default: 60_000,
    description: 'How long the cashier may look at a signature where the terminal names no time.',
  },
  probe: {
    type: 'boolean',
    default: true,
    description: 'Try after the login whether the terminal knows diagnosis and reconciliation.',
  },
  reconciliation: {
    type: 'choice',
    choices: ['SaleReconciliation', 'AcquirerSynchronisation', 'AcquirerReconciliation'],
    default: 'SaleReconciliation',
    description: 'What a settlement asks for.',
  },
  reconciliationMs: {
    type: 'integer',
    min: 1_000,
    max: 300_000,
    default: 180_000,
    description: 'Longest answer to a settlement: the host works through a whole day.',
  },
  maintenanceFrom: {
    type: 'text',
    lengthMax: 5,
    default: '03:00',
    description:
      'When the terminal is logged out for maintenance each night, HH:MM; empty = never.',
  },
  maintenanceMinutes: {
    type: 'integer',
    min: 1,
    max: 720,
    default: 75,
    description: 'How long; terminals want an hour or more each day.',
  },
} as const;

export interface NexoOptions {
  readonly style: 'default' | 'light';
  readonly poiId: string;
  readonly saleId: string;
  readonly language: string;
  readonly allowedAddresses: string;
  readonly readyWaitMs: number;
  readonly loginRetryMs: number;
  readonly busyRetries: number;
  readonly busyRetryMs: number;
  readonly queryTimeoutMs: number;
  readonly abortTimeoutMs: number;
  readonly checkEveryMs: number;
  readonly busyAbortMs: number;
  readonly notFoundDecides: boolean;
  readonly notFoundAfterMs: number;
  readonly lastOnly: boolean;
  readonly signatureMs: number;
  readonly probe: boolean;
  readonly reconciliation: string;
  readonly reconciliationMs: number;
  readonly maintenanceFrom: string;
  readonly maintenanceMinutes: number;
}

/** The options with defaults filled in, or everything that is wrong with them. */
export function parseOptions(
  given: Readonly<Record<string, OptionValue>>,
): { kind: 'options'; options: NexoOptions } | { kind: 'issues'; issues: readonly OptionIssue[] } {
  const { values, issues } = readOptions(OPTIONS, given);
  const options = values as unknown as NexoOptions; // the table made them
  if (issues.length === 0) issues.push(...formIssues(options));
  return issues.length > 0 ? { kind: 'issues', issues } : { kind: 'options', options };
}

function formIssues(options: NexoOptions): OptionIssue[] {
  const checks: [path: keyof NexoOptions, ok: boolean, message: string][] = [
    ['poiId', /^[\x21-\x7e]+$/.test(options.poiId), 'must be the POIID of the terminal'],
    ['saleId', /^[\x21-\x7e]+$/.test(options.saleId), 'must be a name without spaces'],
    ['language', /^[a-z]{2}$/.test(options.language), 'must be two small letters'],
    [
      'maintenanceFrom',
      options.maintenanceFrom === '' || /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(options.maintenanceFrom),
      'must be HH:MM or empty',
    ],
  ];
  return checks.filter(([, ok]) => !ok).map(([path, , message]) => ({ path, message }));
}
