// The closed table of everything Tillgate can say about an operation or a request, in order of
// precedence. Texts and remedies for people are looked up by code in `texts/`, never matched.

/** Who has to act: shown to administrators, counted in metrics. */
export type Blame = 'nobody' | 'till' | 'cashier' | 'customer' | 'terminal' | 'bank' | 'gateway';

interface Row {
  /** HTTP status where the code refuses a request; null where it describes an operation. */
  readonly http: number | null;
  readonly blame: Blame;
}

const refusal = (http: number, blame: Blame): Row & { http: number } => ({ http, blame });
const message = (blame: Blame): Row & { http: null } => ({ http: null, blame });

/** Refusals come first: the order is the order of checks at the door (money rules, 3). */
export const MESSAGES = {
  // Refusals: no operation is left behind, the same id may be sent again.
  unauthenticated: refusal(401, 'till'),
  'too-many-requests': refusal(429, 'till'),
  forbidden: refusal(403, 'till'),
  'too-large': refusal(413, 'till'),
  'invalid-request': refusal(400, 'till'),
  'unknown-operation': refusal(404, 'till'),
  'id-reused': refusal(409, 'till'),
  'unknown-terminal': refusal(404, 'till'),
  'unsupported-by-terminal': refusal(422, 'till'),
  'terminal-unresolved': refusal(409, 'nobody'),
  'terminal-busy': refusal(409, 'nobody'),
  'not-cancellable': refusal(409, 'till'),
  'ledger-unavailable': refusal(503, 'gateway'),

  // Where an operation stands while it is open.
  accepted: message('nobody'),
  queued: message('nobody'),
  running: message('nobody'),
  confirming: message('nobody'),
  'waiting-for-adjustment': message('till'),
  'waiting-for-confirmation': message('cashier'),

  // Approved.
  approved: message('nobody'),
  'approved-partially': message('nobody'),
  /** A report or another kind without money was done. */
  done: message('nobody'),
  reversed: message('nobody'),

  // Declined: certain, by bank, card or rule of the scheme.
  'declined-by-bank': message('bank'),
  'insufficient-funds': message('customer'),
  'expired-card': message('customer'),
  'wrong-pin': message('customer'),
  'pin-tries-exceeded': message('customer'),
  'limit-exceeded': message('customer'),
  'card-blocked': message('customer'),
  'card-not-permitted': message('customer'),
  /** «Картка не обслуговується»: with Bonus+ the merchant index must be 0. */
  'card-not-served': message('till'),
  'declined-by-card': message('customer'),
  'invalid-card': message('customer'),
  'issuer-unavailable': message('bank'),
  /** Host code 96: cryptography or system fault; load the terminal's parameters anew. */
  'system-fault': message('bank'),
  'no-host': message('bank'),

  // Cancelled: certain, a person stopped it.
  'cancelled-at-terminal': message('customer'),
  'cancelled-by-till': message('till'),
  'left-queue': message('till'),
  /** The answer to a question (signature, adjusted sum) was «no». */
  'refused-by-cashier': message('cashier'),

  // Failed: certain, the terminal never started it.
  'terminal-offline': message('terminal'),
  'terminal-busy-itself': message('terminal'),
  'terminal-refused': message('terminal'),
  'journal-full': message('terminal'),
  'out-of-paper': message('terminal'),
  'terminal-keys': message('bank'),
  'card-reader': message('terminal'),
  'method-missing': message('terminal'),
  'journal-empty': message('nobody'),
  'original-not-usable': message('till'),
  'gateway-restarted-before-start': message('gateway'),
  'gateway-stopping': message('gateway'),
  'queue-deadline': message('till'),
  /** A report whose answer was lost: nothing moved, ask again. */
  'no-answer-no-money': message('terminal'),
  /** The journal proves that the terminal never did it. */
  'never-happened': message('nobody'),

  // Unknown: do not repeat the payment; evidence or a person decides.
  'lost-answer': message('terminal'),
  'link-cut': message('terminal'),
  'send-failed': message('terminal'),
  'deadline-passed': message('terminal'),
  'gateway-restarted': message('gateway'),
  'unreadable-answer': message('terminal'),
  'contradictory-answer': message('terminal'),
  'unlisted-code': message('terminal'),
  /** Code 1008: the terminal says this transaction was completed already. */
  'already-complete': message('terminal'),
  'confirm-lost': message('terminal'),
  'driver-fault': message('gateway'),

  // Unknown, and the journal was read but does not decide.
  'evidence-none-matches': message('nobody'),
  'evidence-several-match': message('nobody'),
  'evidence-batch-closed': message('nobody'),
  'evidence-terminal-replaced': message('nobody'),
  'evidence-journal-empty': message('nobody'),
  'evidence-no-watermark': message('nobody'),
  'evidence-incomplete': message('nobody'),
} as const satisfies Record<string, Row>;

export type MessageCode = keyof typeof MESSAGES;

/** Codes that refuse a request before an operation exists. */
export type RefusalCode = {
  [C in MessageCode]: (typeof MESSAGES)[C]['http'] extends number ? C : never;
}[MessageCode];

/** A refusal as a value: the code, and facts that the façade may show (names, times, fields). */
export interface Refusal {
  readonly code: RefusalCode;
  /** One English sentence for the programmer at the till; the title is looked up by language. */
  readonly detail: string;
  /** Extra members of the problem document, e.g. `operation`, `bodyHash`, `errors`. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export function refuse(
  code: RefusalCode,
  detail: string,
  facts: Readonly<Record<string, unknown>> = {},
): Refusal {
  return { code, detail, facts };
}
