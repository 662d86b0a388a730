// Tills that hold their request open until an operation is final.
import type { OperationId } from '../../domain/ids.ts';
import { isFinal, type Operation } from '../../domain/operation.ts';
import type { Gateway, Principal } from '../../operations/gateway.ts';
import type { Log } from '../../ports/log.ts';

export interface Hold {
  readonly who: Principal;
  readonly id: OperationId;
  readonly waitSeconds: number;
  readonly gone: AbortSignal;
  readonly hurry: AbortSignal;
  /** True for the request that started the operation: its going away leaves the queue. */
  readonly starts: boolean;
}

/**
 * INVARIANT: `#starters` counts the requests that started an operation and still wait for it; only
 * when the last of them is gone may a queued operation be given up. A till whose connection
 * dropped asks again on a new one, and the old one must not take its place away.
 */
export class WaitingTills {
  readonly #gateway: Gateway;
  readonly #log: Log;
  readonly #starters = new Map<OperationId, number>();

  constructor(gateway: Gateway, log: Log) {
    this.#gateway = gateway;
    this.#log = log;
  }

  /** The operation when it is final, when patience ends, or when the server stops. */
  async hold(hold: Hold): Promise<Operation | null> {
    const { who, id, waitSeconds, gone, hurry } = hold;
    const first = this.#gateway.find(who, id);
    if (first === null || isFinal(first.state) || waitSeconds === 0) return first;
    if (!hold.starts) return this.#gateway.wait(who, id, waitSeconds * 1_000, hurry);
    this.#starters.set(id, (this.#starters.get(id) ?? 0) + 1);
    let last: Operation | null;
    let alone: boolean;
    try {
      last = await this.#gateway.wait(who, id, waitSeconds * 1_000, hurry);
    } finally {
      const left = (this.#starters.get(id) ?? 1) - 1;
      alone = left === 0;
      if (alone) this.#starters.delete(id);
      else this.#starters.set(id, left);
    }
    if (gone.aborted && alone && last !== null && !isFinal(last.state)) await this.#giveUp(id);
    return last;
  }

  async #giveUp(id: OperationId): Promise<void> {
    try {
      await this.#gateway.abandon(id);
    } catch (error) {
      // The place in the queue stays; its own deadline ends it.
      this.#log.error('abandon-failed', { operation: id }, error);
    }
  }
}
