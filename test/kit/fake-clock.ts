// A clock that a test holds still and moves by hand. Timers fire in the order of their due time,
// equal ones in the order they were set, so that the same test runs the same way every time.
import type { Instant } from '../../app/src/domain/ids.ts';
import type { Clock } from '../../app/src/ports/clock.ts';

interface Timer {
  readonly due: number;
  readonly order: number;
  callback: (() => void) | null;
}

export interface FakeClockOptions {
  /** Wall clock at the start; 2026-01-05T10:00:00Z, a Monday, unless given. */
  readonly startsAt?: Instant;
  /**
   * Lets everything that is ready run, between two timers. The default waits one turn of the event
   * loop, which runs all microtasks; a world with other queues brings its own.
   */
  readonly settle?: () => Promise<void>;
}

/**
 * INVARIANTS: `monotonic()` never goes back; inside a callback both clocks show the moment the
 * timer was due; a cancelled timer never fires.
 */
export class FakeClock implements Clock {
  #elapsed = 0;
  #wallOffset: Instant;
  #order = 0;
  #live = 0;
  #trusted = true;
  readonly #heap: Timer[] = [];
  readonly #settle: () => Promise<void>;

  constructor(options: FakeClockOptions = {}) {
    this.#wallOffset = options.startsAt ?? Date.UTC(2026, 0, 5, 10, 0, 0);
    this.#settle = options.settle ?? oneTurn;
  }

  now(): Instant {
    return this.#wallOffset + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  trusted(): boolean {
    return this.#trusted;
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = {
      due: this.#elapsed + Math.max(0, ms),
      order: this.#order++,
      callback,
    };
    this.#live += 1;
    push(this.#heap, timer);
    return () => {
      if (timer.callback === null) return;
      timer.callback = null;
      this.#live -= 1;
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(asError(signal.reason));
        return;
      }
      const onAbort = (): void => {
        cancel();
        reject(asError(signal?.reason));
      };
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  setTrusted(trusted: boolean): void {
    this.#trusted = trusted;
  }

  /** Moves the wall clock alone, as NTP or a hand does; durations do not notice. */
  jump(ms: number): void {
    this.#wallOffset += ms;
  }

  /** Timers that are set and not cancelled. */
  get pending(): number {
    return this.#live;
  }

  /** Milliseconds until the next timer; null where none is set. */
  nextDueMs(): number | null {
    const next = this.#peek();
    return next === null ? null : next.due - this.#elapsed;
  }

  /** Lets everything that is ready run, without moving time. */
  settle(): Promise<void> {
    return this.#settle();
  }

  /** Moves time on by `ms`; fires what falls due, and lets each timer's consequences run first. */
  async advance(ms: number): Promise<void> {
    const target = this.#elapsed + ms;
    await this.#settle();
    while (this.#fireNext(target)) await this.#settle();
    this.#elapsed = Math.max(this.#elapsed, target);
    await this.#settle();
  }

  /** As `advance` for code without promises: nothing is awaited in between. */
  advanceSync(ms: number): void {
    const target = this.#elapsed + ms;
    while (this.#fireNext(target));
    this.#elapsed = Math.max(this.#elapsed, target);
  }

  /** Moves from timer to timer until none is set; throws where that takes more than `limitMs`. */
  async runUntilIdle(limitMs = 3_600_000): Promise<void> {
    await this.runUntil(() => false, limitMs, 'idle');
  }

  /**
   * Moves from timer to timer until `condition` holds or no timer is set; throws where it takes
   * more than `limitMs` of fake time. Returns whether the condition holds.
   */
  async runUntil(
    condition: () => boolean,
    limitMs = 3_600_000,
    name = 'the condition',
  ): Promise<boolean> {
    const target = this.#elapsed + limitMs;
    await this.#settle();
    while (!condition()) {
      if (this.#peek() === null) return condition();
      if (!this.#fireNext(target)) throw new Error(`${name} was not reached in ${limitMs} ms`);
      await this.#settle();
    }
    return true;
  }

  #fireNext(target: number): boolean {
    const timer = this.#peek();
    if (timer === null || timer.due > target) return false;
    pop(this.#heap);
    this.#elapsed = Math.max(this.#elapsed, timer.due);
    const callback = timer.callback;
    timer.callback = null;
    this.#live -= 1;
    callback?.();
    return true;
  }

  #peek(): Timer | null {
    while (this.#heap[0]?.callback === null) pop(this.#heap);
    return this.#heap[0] ?? null;
  }
}

function oneTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

function push(heap: Timer[], timer: Timer): void {
  let index = heap.length;
  heap.push(timer);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(timer, heap[parent]!)) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (!before(heap[child]!, last)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
}
