// One client of a simulated terminal: its bytes one by one, as a serial line brings them.
import type { Socket } from 'node:net';
import type { Clock } from '../../ports/clock.ts';

/** A client that sends more before it is read is no till. */
const HELD_BYTES_MAX = 64 * 1024;

export type Heard = number | 'silence' | 'closed';

/** INVARIANT: one read waits at a time. */
export class DeskLink {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #held: number[] = [];
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('data', (chunk: Buffer) => {
      if (this.#held.length + chunk.length > HELD_BYTES_MAX) return void socket.destroy();
      this.#held.push(...chunk);
      this.#wake();
    });
    socket.on('error', () => undefined); // `close` follows
    socket.once('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Without `ms` it waits until a byte or the end comes. */
  async next(ms: number | null = null, signal: AbortSignal | null = null): Promise<Heard> {
    const end = ms === null ? Number.POSITIVE_INFINITY : this.#clock.monotonic() + ms;
    for (;;) {
      const byte = this.#held.shift();
      if (byte !== undefined) return byte;
      if (this.#closed) return 'closed';
      const left = end - this.#clock.monotonic();
      if (left <= 0 || signal?.aborted === true) return 'silence';
      await this.#arrival(left, signal);
    }
  }

  /** Exactly `count` bytes, each within `gapMs`; null otherwise. */
  async take(count: number, gapMs: number): Promise<readonly number[] | null> {
    const bytes: number[] = [];
    while (bytes.length < count) {
      const byte = await this.next(gapMs);
      if (typeof byte !== 'number') return null;
      bytes.push(byte);
    }
    return bytes;
  }

  send(...bytes: readonly number[]): void {
    if (!this.#closed) this.#socket.write(Uint8Array.from(bytes));
  }

  drop(): void {
    this.#socket.destroy();
  }

  #arrival(ms: number, signal: AbortSignal | null): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        forget();
        signal?.removeEventListener('abort', done);
        this.#wake = () => undefined;
        resolve();
      };
      const forget = Number.isFinite(ms) ? this.#clock.after(ms, done) : () => undefined;
      signal?.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
