// ServiceIDs. Those of operations follow from the operation's id, so that a transaction can be
// asked for by its full reference after a crash, when nothing else of it is known.
import type { OperationId } from '../../domain/ids.ts';
import type { Operation } from '../../domain/operation.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Category, Reference } from './messages.ts';

/** What an operation sends: itself, and what may follow from it. */
export type Step = 'operation' | 'reversal' | 'acquisition';

/** SPEC: at most ten characters, unique within a login. The first digit keeps the two kinds apart. */
export function serviceIdOf(operation: OperationId, step: Step, attempt: number): string {
  const number = hash(`${step} ${attempt} ${operation}`);
  return `${1 + (number % 8)}${String(Math.floor(number / 8) % 1_000_000_000).padStart(9, '0')}`;
}

/** What a question or an abort has to name. */
export function referenceOf(
  operation: Operation,
  step: Step,
  category: Category,
  attempt: number,
): Reference {
  return { category, serviceId: serviceIdOf(operation.id, step, attempt) };
}

/** For logins, questions and aborts: one after another, beginning with the second of the start. */
export function createServiceIds(clock: Clock): () => string {
  let next = Math.floor(clock.now() / 1_000) % 1_000_000_000;
  return () => {
    next = (next + 1) % 1_000_000_000;
    return `9${String(next).padStart(9, '0')}`;
  };
}

/** 53 bits of the text, well spread; not a secret. */
function hash(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
