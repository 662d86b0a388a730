// Counts since the start, for the metrics.
import type { OperationEvent } from '../domain/event.ts';
import type { MessageCode } from '../domain/failures.ts';
import { isFinal, type Operation } from '../domain/operation.ts';
import type { LedgerHealth } from '../ports/ledger.ts';
import type { Counters } from './gateway.ts';

/** INVARIANT: an operation is counted once for each state that an event moved it to. */
export class Tally {
  readonly #operations = new Map<string, { kind: string; state: string; count: number }>();
  readonly #refusals = new Map<MessageCode, number>();
  readonly #lookups = { decided: 0, ambiguous: 0 };

  saw(event: OperationEvent, operation: Operation): void {
    const ends =
      event.kind === 'concluded' || event.kind === 'resolved' || event.kind === 'reversed';
    if (!ends && event.kind !== 'accepted' && event.kind !== 'lost') return;
    const state = isFinal(operation.state) || event.kind === 'lost' ? operation.state : 'accepted';
    const { kind } = operation.request;
    const row = this.#operations.get(`${kind} ${state}`) ?? { kind, state, count: 0 };
    row.count += 1;
    this.#operations.set(`${kind} ${state}`, row);
  }

  refused(code: MessageCode): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  lookedUp(decided: boolean): void {
    this.#lookups[decided ? 'decided' : 'ambiguous'] += 1;
  }

  /** `open` are the operations that are not final. */
  counters({ backlog, lastCommitMs }: LedgerHealth, open: readonly Operation[]): Counters {
    return {
      operations: [...this.#operations.values()],
      refusals: [...this.#refusals].map(([code, count]) => ({ code, count })),
      unresolved: open.filter(({ state }) => state === 'unknown').length,
      open: open.length,
      ledgerBacklog: backlog,
      lastCommitMs,
      lookups: { ...this.#lookups },
    };
  }
}
