// Everything that can go wrong by name, one sentence each. Several may be armed at once.

/** When a fault is used up: by the next … */
type Trigger =
  /** financial exchange, before the terminal takes it up */
  | 'request'
  /** financial exchange that the terminal takes up */
  | 'money'
  /** GetReceiptInfo */
  | 'lookup'
  /** connection */
  | 'connect'
  /** interrupt */
  | 'interrupt';

const on = <T extends Trigger>(trigger: T, description: string) => ({ trigger, description });

export const FAULTS = {
  'request-lost': on('request', 'The request never reaches the terminal, which stays silent.'),
  silence: on('request', 'The terminal hangs: nothing on this connection is answered any more.'),
  busy: on('request', 'The terminal refuses with deviceBusy and does nothing.'),
  'not-implemented': on('request', 'The firmware refuses with methodNotImplemented.'),
  'power-cut-before': on('request', 'Power fails as the request arrives; nothing has happened.'),
  'link-drop-before': on('request', 'The link breaks as the request arrives; nothing happens.'),
  'no-paper': on('request', 'The printer is out of paper: 1005, nothing happens.'),
  'journal-full': on('request', 'The journal is full: 1003, nothing happens.'),
  'foreign-receipt-instead': on(
    'request',
    'Our request is lost, and a sale of another sum, made without a till, takes the next number.',
  ),

  slow: on('money', 'Everything takes half a minute longer.'),
  'clock-jump': on('money', "The terminal's own clock jumps two hours ahead before the sale."),
  'host-unreachable': on('money', 'The bank cannot be reached: 1004, no money moves.'),
  'unlisted-code': on('money', 'The bank declines with a code that no table lists (0777).'),
  partial: on('money', 'The bank approves half of the sum (0010).'),
  'charged-other': on('money', 'The terminal takes 1.00 more than asked, and says so everywhere.'),
  'link-drop-at-9': on('money', 'The link breaks while the terminal waits for a card (status 9).'),
  'link-drop-at-1': on('money', 'The link breaks as the card is read (status 1).'),
  'link-drop-at-11': on('money', 'The link breaks while a corrected sum is awaited (status 11).'),
  'link-drop-at-6': on('money', 'The link breaks while the PIN is entered (status 6).'),
  'link-drop-at-3': on('money', 'The link breaks during authorisation (status 3).'),
  'link-drop-at-10': on(
    'money',
    'The link breaks after the verdict, before the reply (status 10).',
  ),
  'power-cut-at-card': on('money', 'Power fails as the card is read; no money moves.'),
  'power-cut-at-authorisation': on(
    'money',
    'Power fails during authorisation; the bank takes the sale back by itself.',
  ),
  'power-cut-after-approval': on(
    'money',
    'Power fails when the approval is in the journal and the reply is not yet sent.',
  ),
  'batch-closed': on('money', 'The terminal settles by itself right after the sale.'),
  'foreign-receipt-after': on(
    'money',
    'A sale made without a till follows ours in the journal before the reply is due.',
  ),
  'reply-lost': on('money', 'The terminal does everything, but its reply never comes.'),
  'reply-lost-link-closed': on('money', 'The terminal does everything and drops the link.'),
  'late-answer': on('money', 'The reply comes a minute late, on whichever link is open then.'),
  contradictory: on('money', 'Declined with 0051, but the reply says error=false.'),
  'contradictory-error': on('money', 'Done with 0000, but the reply says error=true.'),
  'contradictory-status': on('money', 'Declined, but the reply says 0000 with trnStatus 2.'),
  'contradictory-unsigned': on('money', 'Done, but the reply has neither RRN nor approval code.'),
  'wrong-amount': on('money', 'The reply names 1.00 more than the journal holds.'),
  'unlisted-code-approved': on('money', 'Done, but the reply says error and an unlisted code.'),
  'already-complete': on('money', 'Done, but the reply says 1008: already complete.'),
  'code-only': on('money', 'The reply holds a responseCode and nothing else.'),
  'cut-frame': on('money', 'Half of the reply arrives, then the link breaks.'),
  'cut-frame-silent': on('money', 'Half of the reply arrives and the link stays open.'),
  'duplicate-frame': on('money', 'The reply arrives twice.'),
  'glued-frames': on('money', 'The reply is glued to a service message and split at odd places.'),
  'split-frame': on('money', 'The reply arrives byte by byte.'),
  'stray-spaces': on('money', 'The reply has stray spaces and another order of keys.'),
  'garbage-frame': on('money', 'A frame that is no JSON comes before the reply.'),
  'garbage-reply': on('money', 'A frame that is no JSON comes instead of the reply.'),

  'no-receipt-info': on('lookup', 'GetReceiptInfo is refused with methodNotImplemented.'),
  'lookup-silence': on('lookup', 'GetReceiptInfo is not answered.'),
  'lookup-busy': on('lookup', 'GetReceiptInfo is refused with deviceBusy.'),
  'lookup-cut': on('lookup', 'The link breaks in the middle of the answer to GetReceiptInfo.'),

  'second-client-silent': on('connect', 'The next connection is accepted and stays silent.'),
  'terminal-replaced': on(
    'connect',
    'From the next connection on, another device with other ids and an empty journal answers.',
  ),

  'approval-wins': on('interrupt', 'An interrupt is acknowledged, and the sale goes on anyway.'),
} as const satisfies Record<string, { trigger: Trigger; description: string }>;

export type FaultName = keyof typeof FAULTS;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/** One armed name may wait this many times; more is a mistake of the caller. */
const TIMES_MAX = 1_000_000;

/** Faults that wait for their trigger, in the order in which they were armed. */
export class ArmedFaults {
  readonly #armed = new Map<FaultName, number>();

  arm(name: FaultName, times: number): void {
    const total = (this.#armed.get(name) ?? 0) + Math.max(0, Math.trunc(times));
    if (total > 0) this.#armed.set(name, Math.min(TIMES_MAX, total));
  }

  clear(): void {
    this.#armed.clear();
  }

  names(): readonly FaultName[] {
    return [...this.#armed.keys()];
  }

  /** Uses up one of each fault that waits for this trigger. */
  take(trigger: Trigger): ReadonlySet<FaultName> {
    const taken = this.names().filter((name) => FAULTS[name].trigger === trigger);
    for (const name of taken) this.#useUp(name);
    return new Set(taken);
  }

  /** Uses up the one that was armed first. */
  takeFirst(trigger: Trigger): FaultName | null {
    const first = this.names().find((name) => FAULTS[name].trigger === trigger) ?? null;
    if (first !== null) this.#useUp(first);
    return first;
  }

  #useUp(name: FaultName): void {
    const left = (this.#armed.get(name) ?? 0) - 1;
    if (left > 0) this.#armed.set(name, left);
    else this.#armed.delete(name);
  }
}
