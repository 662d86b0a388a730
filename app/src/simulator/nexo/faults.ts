// Faults that can be armed on a simulated nexo terminal, by name.
import { defaultKnobs, type Knobs, type PaymentScript } from './script.ts';
import type { NexoTerminal } from './terminal.ts';

type Fault =
  /** Of so many next payments, reversals or readings of a card. */
  | { readonly description: string; readonly script: PaymentScript }
  /** Of so many next answers, counted by a knob. */
  | { readonly description: string; readonly counter: 'loginBusy' | 'paymentBusy' | 'statusBusy' }
  /** Until faults are cleared. */
  | { readonly description: string; readonly knobs: Partial<Knobs> };

export const FAULTS: Readonly<Record<string, Fault>> = {
  'lost-answer': {
    description: 'The payment is done, its answer never arrives.',
    script: { lost: 'answer' },
  },
  'lost-request': {
    description: 'The request never arrives; nothing happens.',
    script: { lost: 'request' },
  },
  'status-500': {
    description: 'The payment is done, the answer is HTTP 500.',
    script: { lost: 'status-500' },
  },
  'garbage-answer': {
    description: 'The payment is done, the answer is no XML.',
    script: { lost: 'garbage' },
  },
  'foreign-answer': {
    description: 'The payment is done, the answer belongs to another request.',
    script: { lost: 'other-service-id' },
  },
  'customer-cancel': {
    description: 'The customer presses the red button.',
    script: { verdict: 'Cancel' },
  },
  'bare-failure': {
    description: 'A decline without the parts that the schema demands.',
    script: { verdict: 'Refusal', bareFailure: true },
  },
  'slow-customer': {
    description: 'The customer waits with his card for a minute, or until an abort.',
    script: { holdMs: 60_000 },
  },
  'late-approval': {
    description: 'Approved at once, but told ten seconds later; an abort comes too late.',
    script: { holdMs: 10_000, holdAt: 'after-authorisation' },
  },
  'other-sum': {
    description: 'The answer names another sum than the paper of what was asked.',
    script: { sumInAnswer: 1 },
  },
  'reboot-before-card': {
    description: 'The terminal restarts before a card; nothing happened.',
    script: { reboot: 'before-card' },
  },
  'reboot-after-authorisation': {
    description: 'The terminal restarts after the bank’s yes; its journal knows of it.',
    script: { reboot: 'after-authorisation' },
  },
  'device-out': {
    description: 'Something of the terminal fails in the middle: DeviceOut.',
    script: { verdict: 'DeviceOut' },
  },
  busy: { description: 'Payments are answered with Busy.', counter: 'paymentBusy' },
  'login-busy': { description: 'Logins are answered with Busy.', counter: 'loginBusy' },
  'status-busy': {
    description: 'Questions about a transaction are answered as unfinished.',
    counter: 'statusBusy',
  },
  'login-refused': {
    description: 'Logins are refused until faults are cleared.',
    knobs: { loginRefused: 'not registered' },
  },
  'status-older': {
    description: 'Questions are answered with the transaction before.',
    knobs: { statusOlder: true },
  },
  'status-plain-only': {
    description: 'Questions with a reference are not understood.',
    knobs: { statusPlainOnly: true },
  },
  'reversal-fails': {
    description: 'Reversals are refused.',
    knobs: { reversalFails: true },
  },
};

export function arm(terminal: NexoTerminal, name: string, times: number): boolean {
  const fault = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (fault === undefined) return false;
  if ('script' in fault) {
    for (let n = 0; n < times; n += 1) terminal.scripts.push({ ...fault.script, fault: name });
  } else if ('counter' in fault) terminal.knobs[fault.counter] += times;
  else Object.assign(terminal.knobs, fault.knobs);
  return true;
}

/** What waits, in order, then what lasts. */
export function armed(terminal: NexoTerminal): readonly string[] {
  const waiting = terminal.scripts.map(({ fault }) => fault ?? 'scripted');
  const lasting = Object.entries(FAULTS).flatMap(([name, fault]) => {
    if ('counter' in fault) return terminal.knobs[fault.counter] > 0 ? [name] : [];
    if (!('knobs' in fault)) return [];
    const set = Object.entries(fault.knobs).every(
      ([knob, value]) => terminal.knobs[knob as keyof Knobs] === value, // the keys of the table
    );
    return set ? [name] : [];
  });
  return [...waiting, ...lasting];
}

/** The manners of its maker, which are no faults, stay. */
export function clear(terminal: NexoTerminal): void {
  const { knobs } = terminal;
  const fresh = defaultKnobs();
  terminal.scripts.length = 0;
  for (const fault of Object.values(FAULTS)) {
    if ('counter' in fault) knobs[fault.counter] = 0;
    if (!('knobs' in fault)) continue;
    const names = Object.keys(fault.knobs) as (keyof Knobs)[]; // the keys of the table
    Object.assign(knobs, Object.fromEntries(names.map((name) => [name, fresh[name]])));
  }
}
