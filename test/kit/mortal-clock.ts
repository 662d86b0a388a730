// The clock of one process life: when the life ends, its timers never fire and its sleeps never
// return, as after a power cut.
import type { Instant } from '../../app/src/domain/ids.ts';
import type { Clock } from '../../app/src/ports/clock.ts';

/** INVARIANT: nothing that was set through this clock runs after `die`. */
export class MortalClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<() => void>();
  /** Takes back what the sleeps of this life hear of; Node keeps a composite signal while it has one. */
  readonly #deaf = new Set<() => void>();
  readonly #onStep: () => void;
  #alive = true;

  /** `onStep` hears of each timer that is set: a point where a test may cut the power. */
  constructor(clock: Clock, onStep: () => void = () => undefined) {
    this.#clock = clock;
    this.#onStep = onStep;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Timers of this life that are set. */
  get pending(): number {
    return this.#timers.size;
  }

  die(): void {
    this.#alive = false;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const leave of this.#deaf) leave();
    this.#deaf.clear();
  }

  now(): Instant {
    return this.#clock.now();
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  trusted(): boolean {
    return this.#clock.trusted();
  }

  after(ms: number, callback: () => void): () => void {
    this.#onStep();
    if (!this.#alive) return () => undefined;
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(asError(signal.reason));
        return;
      }
      const leave = (): void => {
        signal?.removeEventListener('abort', onAbort);
        this.#deaf.delete(leave);
      };
      const onAbort = (): void => {
        cancel();
        leave();
        if (this.#alive) reject(asError(signal?.reason));
      };
      const cancel = this.after(ms, () => {
        leave();
        resolve();
      });
      if (!this.#alive) return;
      this.#deaf.add(leave);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
