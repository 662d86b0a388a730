// What a role and the limits of a key allow.
import { type Refusal, refuse } from '../domain/failures.ts';
import type { Operation } from '../domain/operation.ts';
import type { Principal } from './gateway.ts';
import type { OperationBody } from './request-schema.ts';
import type { Role } from './settings-schema.ts';

/** What somebody may want, by the roles that may. */
const RIGHTS = {
  read: ['administrator', 'supervisor', 'till', 'auditor'],
  start: ['administrator', 'supervisor', 'till'],
  resolve: ['administrator', 'supervisor'],
  configure: ['administrator'],
} as const satisfies Record<string, readonly Role[]>;
export type Right = keyof typeof RIGHTS;

export function may(who: Principal, right: Right): boolean {
  return (RIGHTS[right] as readonly Role[]).includes(who.role);
}

export function forbidden(right: Right): Refusal {
  return refuse('forbidden', `this key's role may not ${right}`, { right });
}

/** Null where the key's limits allow this request. */
export function beyondLimits(who: Principal, body: OperationBody): Refusal | null {
  const { kinds, amountMax } = who.limits;
  const elsewhere = body.terminal === undefined ? null : beyondTerminals(who, body.terminal);
  if (elsewhere !== null) return elsewhere;
  if (kinds !== null && !kinds.includes(body.kind)) {
    return refuse('forbidden', `this key may not start ${body.kind}`, { limit: 'kinds' });
  }
  // A cashback takes the goods and the cash from the card.
  const cash = 'cash' in body ? body.cash : 0;
  const amount = ('amount' in body ? (body.amount ?? 0) : 0) + cash;
  if (amountMax !== null && amount > amountMax) {
    return refuse('forbidden', `this key's largest amount is ${amountMax}`, { limit: 'amountMax' });
  }
  return null;
}

/** Null where the key's limits allow this terminal, which need not be set up. */
export function beyondTerminals(who: Principal, terminal: string): Refusal | null {
  if (seesTerminal(who, terminal)) return null;
  return refuse('forbidden', 'this key may not use that terminal', { limit: 'terminals' });
}

/** Whether the key's limits let it see a terminal's operations. */
export function seesTerminal(who: Principal, terminal: string): boolean {
  return who.limits.terminals === null || who.limits.terminals.includes(terminal);
}

export function visible(who: Principal, operation: Operation | null): Operation | null {
  if (operation === null || !may(who, 'read')) return null;
  return seesTerminal(who, operation.request.terminal) ? operation : null;
}
