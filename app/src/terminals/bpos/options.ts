// What an administrator may set for a terminal behind the bank's library, as one table.
import { type OptionIssue, type OptionValue, readOptions } from '../wire/options.ts';
import { ACCOUNTS, ERROR_LANGUAGES, LOGGING_LEVELS } from './enumerations.ts';

const milliseconds = (value: number, min: number, max: number, description: string) =>
  ({ type: 'integer', min, max, default: value, description }) as const;

const NUMBERS = {
  pollMs: milliseconds(250, 5, 2_000, 'How often the state is read while the terminal works.'),
  stallMs: milliseconds(
    20_000,
    100,
    120_000,
    'A terminal that shows nothing new for so long is asked whether it is there.',
  ),
  callTimeoutMs: milliseconds(
    15_000,
    100,
    60_000,
    'A function that does not return for so long is taken for hung; 6 s are documented.',
  ),
  openTimeoutMs: milliseconds(30_000, 100, 180_000, 'Longest opening of the line to the terminal.'),
  queryTimeoutMs: milliseconds(
    20_000,
    100,
    120_000,
    'Longest answer to a question that waits for no card and no bank.',
  ),
  reportTimeoutMs: milliseconds(180_000, 100, 310_000, 'Longest report or settlement.'),
  confirmTimeoutMs: milliseconds(30_000, 100, 120_000, 'Longest answer to the confirmation.'),
  cancelGraceMs: milliseconds(
    5_000,
    10,
    60_000,
    'Wait for the end after a cancel at the deadline.',
  ),
  settleMs: milliseconds(
    90_000,
    0,
    600_000,
    'How long the journal must stay the same before it is believed after a lost answer: by then the terminal has taken back what was not confirmed.',
  ),
  turnWaitMs: milliseconds(
    15_000,
    100,
    60_000,
    'How long an operation waits for an idle check to end.',
  ),
  idleCheckMs: milliseconds(60_000, 20, 3_600_000, 'How often an idle terminal is looked at.'),
  heartbeatMs: milliseconds(
    0,
    0,
    14_000,
    'Keeps the line open and sends a heartbeat this often (8000 for terminals that drop it after 15 s); 0 opens it anew for each operation.',
  ),
  linkFreshMs: milliseconds(
    10_000,
    0,
    15_000,
    'An open line older than this is opened anew before use; the terminal drops idle ones after 15 s.',
  ),
  applicationIndex: { type: 'integer', min: 0, max: 255, default: 0, description: 'Its index.' },
} as const;

const keys = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[]; // its keys

export const OPTIONS = {
  ...NUMBERS,
  errorLanguage: {
    type: 'choice',
    choices: keys(ERROR_LANGUAGES),
    default: 'uk',
    description: 'Language of the library’s own texts.',
  },
  logging: {
    type: 'choice',
    choices: keys(LOGGING_LEVELS),
    default: 'none',
    description: 'The library’s own log in the data folder; for the bank’s support only.',
  },
  application: {
    type: 'text',
    lengthMax: 15,
    default: '',
    description: 'Application on the terminal to select; empty for the only one.',
  },
  macKey: {
    type: 'secret',
    lengthMax: 64,
    default: '',
    description: 'Key of message authentication in hexadecimal, where the bank gave one.',
  },
  confirm: {
    type: 'choice',
    choices: ['all-but-void', 'purchase-and-refund'],
    default: 'all-but-void',
    description: 'Which operations wait for our confirmation on this terminal.',
  },
  askSignature: {
    type: 'boolean',
    default: false,
    description: 'Ask the till whether the signature is right before a sale is confirmed.',
  },
  cashbackScenario: {
    type: 'choice',
    choices: ['2', '6'],
    default: '2',
    description: 'Which bank’s scenario gives cash with a purchase.',
  },
  instalmentService: {
    type: 'text',
    lengthMax: 64,
    default: '',
    description:
      'Service of the bank for instalments, e.g. 0109//1/{parts}; empty where there is none.',
  },
  account: {
    type: 'choice',
    choices: keys(ACCOUNTS),
    default: 'default',
    description: 'Account of the card for balance, deposit and cash advance.',
  },
  printReports: {
    type: 'boolean',
    default: false,
    description: 'The terminal prints the totals as well.',
  },
  printReference: {
    type: 'boolean',
    default: false,
    description: 'The till’s reference is printed on the terminal’s receipt.',
  },
} as const;

export type BposOptions = Readonly<Record<keyof typeof NUMBERS, number>> & {
  readonly errorLanguage: keyof typeof ERROR_LANGUAGES;
  readonly logging: keyof typeof LOGGING_LEVELS;
  readonly application: string;
  readonly macKey: string;
  readonly confirm: 'all-but-void' | 'purchase-and-refund';
  readonly askSignature: boolean;
  readonly cashbackScenario: '2' | '6';
  readonly instalmentService: string;
  readonly account: keyof typeof ACCOUNTS;
  readonly printReports: boolean;
  readonly printReference: boolean;
};

const MAC_KEY = /^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64})$/;

/** The options with defaults filled in, or everything that is wrong with them. */
export function parseOptions(
  given: Readonly<Record<string, OptionValue>>,
): { kind: 'options'; options: BposOptions } | { kind: 'issues'; issues: readonly OptionIssue[] } {
  const { values, issues } = readOptions(OPTIONS, given);
  const options = values as unknown as BposOptions; // the table made them
  if (options.macKey !== '' && !MAC_KEY.test(options.macKey)) {
    issues.push({ path: 'macKey', message: 'must be 32, 48 or 64 hexadecimal digits' });
  }
  return issues.length > 0 ? { kind: 'issues', issues } : { kind: 'options', options };
}
