// Holds a till's request until the operation is final, within its patience.
import type { OperationId } from '../domain/ids.ts';
import { isFinal, type Operation } from '../domain/operation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from './journal.ts';

interface Waiting {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly find: () => Operation | null;
}

/** The durable row when it is final, after `ms`, or when `signal` aborts; null if there is none. */
export async function waitUntilFinal(
  { journal, clock, find }: Waiting,
  id: OperationId,
  ms: number,
  signal: AbortSignal,
): Promise<Operation | null> {
  const first = find();
  if (first === null || isFinal(first.state) || ms <= 0 || signal.aborted) return first;
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      forget();
      unsubscribe();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const forget = clock.after(ms, finish);
    const unsubscribe = journal.subscribe(id, (_event, operation) => {
      if (isFinal(operation.state)) finish();
    });
    signal.addEventListener('abort', finish, { once: true });
  });
  return find();
}
